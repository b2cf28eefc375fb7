"""What a run has done so far, folded from its events."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from bookstore_ops.terraform import events


class StepState(StrEnum):
    """Where the work on one resource stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass
class Step:
    """Work on one resource instance; times are seconds of the monotonic clock.

    ``before`` is what was done to it already: the other half of a replacement.
    """

    address: str
    action: str
    state: StepState
    started: float
    ended: float | None = None
    message: str = ""
    before: tuple[str, ...] = ()

    def elapsed(self, now: float) -> float:
        """Seconds since it began, or that it took."""
        return (self.ended or now) - self.started


@dataclass
class Progress:
    """A run as far as its events tell.

    ``reads`` are resources being refreshed, ``steps`` those being changed, both by address;
    ``planned`` holds the plan's changes in the order they came. ``awaits_lock``: nothing has
    begun, the state's lock is waited for; ``holder`` is what is known of who has it.
    """

    clock: Callable[[], float] = time.monotonic
    terraform_version: str = ""
    reads: dict[str, Step] = field(default_factory=dict)
    steps: dict[str, Step] = field(default_factory=dict)
    planned: dict[str, events.Planned] = field(default_factory=dict)
    drift: dict[str, events.Planned] = field(default_factory=dict)
    counts: events.Counts | None = None
    outputs: dict[str, events.OutputEvent] = field(default_factory=dict)
    diagnostics: list[events.Diagnostic] = field(default_factory=list)
    started: float = 0.0
    awaits_lock: bool = False
    holder: str = ""

    def __post_init__(self) -> None:
        self.started = self.clock()

    @property
    def errors(self) -> list[events.Diagnostic]:
        """The diagnostics that fail the run."""
        return [diagnostic for diagnostic in self.diagnostics if diagnostic.is_error]

    @property
    def warnings(self) -> list[events.Diagnostic]:
        """The diagnostics that do not."""
        return [diagnostic for diagnostic in self.diagnostics if not diagnostic.is_error]

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock() - self.started

    @property
    def begun(self) -> bool:
        """Whether Terraform has the state and works on it."""
        return bool(self.reads or self.steps or self.planned or self.drift)

    def running(self) -> list[Step]:
        """What is under way now, the slowest first."""
        steps = [*self.steps.values(), *self.reads.values()]
        under_way = [step for step in steps if step.state is StepState.RUNNING]
        return sorted(under_way, key=lambda step: step.started)

    def in_state(self, state: StepState) -> list[Step]:
        """The changes in one state, in the order they began."""
        return [step for step in self.steps.values() if step.state is state]

    def add(self, event: events.Event) -> None:  # noqa: C901  (one case for each event)
        """Fold one event in."""
        self.awaits_lock = isinstance(event, events.LockAwaited)
        match event:
            case events.Version():
                self.terraform_version = event.terraform
            case events.RefreshStart():
                self._begin(self.reads, event.hook, "read")
            case events.RefreshComplete():
                self._end(self.reads, event.hook, StepState.DONE)
            case events.ApplyStart():
                self._begin(self.steps, event.hook, event.hook.action)
            case events.ApplyComplete():
                self._end(self.steps, event.hook, StepState.DONE)
            case events.ApplyErrored():
                self._end(self.steps, event.hook, StepState.FAILED)
            case events.PlannedChange():
                self.planned[event.change.resource.addr] = event.change
            case events.ResourceDrift():
                self.drift[event.change.resource.addr] = event.change
            case events.ChangeSummary():
                self.counts = event.changes
            case events.Outputs():
                self.outputs = event.outputs
            case events.DiagnosticEvent():
                self._diagnose(event.diagnostic)
            case events.ApplyProgress() | events.LockAwaited():
                pass

    def _begin(self, steps: dict[str, Step], hook: events.Hook, action: str) -> None:
        address = hook.resource.addr
        half = steps.get(address)
        before = (*half.before, half.action) if half and half.state is StepState.DONE else ()
        steps[address] = Step(address, action, StepState.RUNNING, self.clock(), before=before)

    def _end(self, steps: dict[str, Step], hook: events.Hook, state: StepState) -> None:
        address = hook.resource.addr
        step = steps.setdefault(
            address, Step(address, hook.action, state, self.clock() - hook.elapsed_seconds)
        )
        step.state = state
        step.ended = self.clock()

    def _diagnose(self, diagnostic: events.Diagnostic) -> None:
        self.diagnostics.append(diagnostic)
        step = self.steps.get(diagnostic.address)
        if step and diagnostic.is_error:
            step.message = "\n".join(filter(None, (diagnostic.summary, diagnostic.detail)))
