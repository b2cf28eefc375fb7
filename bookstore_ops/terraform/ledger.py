"""What an apply did, what it did not, and what it left behind."""

from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.terraform.events import Planned
from bookstore_ops.terraform.progress import Progress, Step, StepState
from bookstore_ops.terraform.state import LockInfo, StateSummary


@dataclass(frozen=True)
class Ledger:
    """The account of one apply, for a person who must decide what to do next.

    ``in_doubt`` are changes that had begun when Terraform was stopped: AWS may or may not have
    made them. ``state`` is what the backend holds now (None: nothing, or it cannot be read;
    then ``state_problem`` says why); ``lock`` is a lock still held, ``errored_state`` the file
    that Terraform leaves when it cannot write state to its backend.
    """

    applied: tuple[Step, ...]
    failed: tuple[Step, ...]
    in_doubt: tuple[Step, ...]
    not_started: tuple[Planned, ...]
    state: StateSummary | None = None
    state_problem: str | None = None
    lock: LockInfo | None = None
    errored_state: Path | None = None

    @property
    def state_saved(self) -> bool:
        """Whether the backend's state can be read and nothing was left beside it."""
        return self.state_problem is None and self.errored_state is None


def draw_up(progress: Progress, planned: tuple[Planned, ...]) -> Ledger:
    """The ledger of a finished or stopped run; ``planned`` are the saved plan's changes."""
    not_started = tuple(
        change
        for change in planned
        if change.resource.addr not in progress.steps and change.action not in {"noop", "read"}
    )
    return Ledger(
        applied=tuple(progress.in_state(StepState.DONE)),
        failed=tuple(progress.in_state(StepState.FAILED)),
        in_doubt=tuple(progress.in_state(StepState.RUNNING)),
        not_started=not_started,
    )
