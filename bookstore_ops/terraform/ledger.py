"""What an apply did, what it did not, and what it left behind."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from bookstore_ops.locks.lock import Lock
from bookstore_ops.terraform.events import Planned
from bookstore_ops.terraform.progress import Progress, Step, StepState
from bookstore_ops.terraform.state import StateSummary


@dataclass(frozen=True)
class Ledger:
    """The account of one apply, for a person who must decide what to do next.

    ``in_doubt`` are changes that had begun when Terraform was stopped, or whose request it
    cancelled: AWS may or may not have made them. ``state`` is what the backend holds now (None:
    nothing, or it cannot be read; then ``state_problem`` says why); ``lock`` is a lock still
    held, ``errored_state`` the file Terraform leaves when it cannot write state to its backend.
    """

    applied: tuple[Step, ...]
    failed: tuple[Step, ...]
    in_doubt: tuple[Step, ...]
    not_started: tuple[Planned, ...]
    state: StateSummary | None = None
    state_problem: str | None = None
    lock: Lock | None = None
    errored_state: Path | None = None

    @property
    def complete(self) -> bool:
        """Whether everything planned was done and nothing is left to clear up."""
        undone = (*self.failed, *self.in_doubt, *self.not_started)
        return not undone and self.state_saved and self.lock is None

    @property
    def state_saved(self) -> bool:
        """Whether the backend's state can be read and nothing was left beside it."""
        return self.state_problem is None and self.errored_state is None


# An interrupt makes the provider drop the requests under way: such a change did not fail, it is
# unknown whether AWS made it.
_CANCELLED = re.compile(r"context canceled|operation was canceled|operation canceled")


def draw_up(progress: Progress, planned: tuple[Planned, ...]) -> Ledger:
    """The ledger of a finished or stopped run; ``planned`` are the saved plan's changes."""
    left = (_left_to_do(change, progress) for change in planned)
    not_started = tuple(change for change in left if change is not None)
    ended_badly = progress.in_state(StepState.FAILED)
    cancelled = [step for step in ended_badly if _CANCELLED.search(step.message)]
    return Ledger(
        applied=tuple(progress.in_state(StepState.DONE)),
        failed=tuple(step for step in ended_badly if step not in cancelled),
        in_doubt=(*progress.in_state(StepState.RUNNING), *cancelled),
        not_started=not_started,
    )


def _left_to_do(change: Planned, progress: Progress) -> Planned | None:
    """What of a planned change had not begun; of a replacement it may be the other half."""
    if change.action in {"noop", "read"}:
        return None
    step = progress.steps.get(change.resource.addr)
    if step is None:
        return change
    if change.action == "replace" and step.state is StepState.DONE and not step.before:
        return msgspec.structs.replace(
            change, action="create" if step.action == "delete" else "delete"
        )
    return None


def explain_doubts(ledger: Ledger) -> Ledger:
    """Say of each change in doubt what the state knows of it, and what follows."""
    if ledger.state_problem is not None:
        return ledger
    return replace(
        ledger, in_doubt=tuple(_explained(step, ledger.state) for step in ledger.in_doubt)
    )


def _explained(step: Step, state: StateSummary | None) -> Step:
    known = state.addresses if state else frozenset()
    tainted = state.tainted if state else frozenset()
    if step.address in tainted:
        message = "it is in the state, tainted: the next apply replaces it"
    elif step.address in known:
        message = "it is in the state: the next plan reads what became of it"
    elif step.action == "create":
        message = "it is not in the state: if AWS made it, import it before the next apply"
    else:
        message = "it is gone from the state"
    return replace(step, message=message)
