"""What a run looks like while it goes on: pure functions from progress to lines."""

from bookstore_ops.terraform.progress import Progress, Step, StepState
from bookstore_ops.ui.actions import sign, style
from bookstore_ops.ui.text import (
    Line,
    Screen,
    Span,
    duration,
    line,
    plural,
    shorten,
    shorten_address,
)

_DOING = {
    "plan": "planning",
    "apply": "applying",
    "destroy": "destroying",
    "refresh": "refreshing",
    "import": "importing",
    "drift": "reading all of",
    "init": "initialising",
    "bootstrap": "bootstrapping",
}
_WORDS = {StepState.RUNNING: "run ", StepState.DONE: "done", StepState.FAILED: "FAIL"}
_STATE_STYLES = {StepState.RUNNING: "cyan", StepState.DONE: "green", StepState.FAILED: "bold red"}

# Reads that end at once would only flicker.
_WORTH_SHOWING = 1.0
_SLOWEST_SHOWN = 5
# Terraform's ten at once, failures, and a few that ended; what stood above stays in sight.
_MOST_STEPS = 16


def doing(verb: str) -> str:
    """``planning`` for ``plan``."""
    return _DOING.get(verb, f"running {verb} on")


def takes_long(verb: str) -> bool:
    """Whether a log should say that it began."""
    return verb in _DOING


def reads(progress: Progress) -> list[Step]:
    """Everything that is only looked at: refreshed resources and data sources."""
    sources = (step for step in progress.steps.values() if step.action == "read")
    return [*progress.reads.values(), *sources]


def changes(progress: Progress) -> list[Step]:
    """Everything that is really changed."""
    return [step for step in progress.steps.values() if step.action != "read"]


def to_change(progress: Progress) -> int:
    """How many resources the plan changes, as far as the stream has told."""
    return sum(change.action not in {"noop", "read"} for change in progress.planned.values())


def totals(steps: list[Step], total: int) -> str:
    """``42 done, 3 running, 1 failed, 17 to go``."""
    count = {state: sum(step.state is state for step in steps) for state in StepState}
    parts = [f"{count[StepState.DONE]} done", f"{count[StepState.RUNNING]} running"]
    if count[StepState.FAILED]:
        parts.append(f"{count[StepState.FAILED]} failed")
    if total:
        parts.append(f"{max(total - len(steps), 0)} to go")
    return ", ".join(parts)


def reading(progress: Progress, heading: str, width: int, height: int) -> Screen:
    """A plan under way: how much was read, and what holds it up."""
    done = sum(step.state is not StepState.RUNNING for step in reads(progress))
    found = to_change(progress)
    parts = [heading, duration(progress.elapsed)]
    if done:
        parts.append(f"{done} read")
    if found:
        parts.append(f"{plural(found, 'change')} so far")
    screen = Screen([line(Span(shorten("  ".join(parts), width), "bold"))])
    now = progress.clock()
    slow = [step for step in progress.running() if step.elapsed(now) >= _WORTH_SHOWING]
    for step in slow[: max(min(height - 1, _SLOWEST_SHOWN), 0)]:
        screen.lines.append(_row((Span("  waiting for ", "cyan"),), step, now, width))
    return screen


def waiting(progress: Progress, heading: str, width: int) -> Screen:
    """Nothing has begun: the state's lock is waited for."""
    first = f"{heading}  {duration(progress.elapsed)}  waiting for the lock"
    screen = Screen([line(Span(shorten(first, width), "bold"))])
    if progress.holder:
        screen.add("  held by ", Span(shorten(progress.holder, width - 10), "yellow"))
    return screen


def changing(progress: Progress, heading: str, total: int, width: int, height: int) -> Screen:
    """An apply under way: failures, then what runs, then what ended last."""
    steps = changes(progress)
    first = shorten(f"{heading}  {duration(progress.elapsed)}", width)
    counts = shorten(totals(steps, total), width)
    screen = Screen([line(Span(first, "bold")), line(Span(counts, "bold"))])
    now = progress.clock()
    for step in _most_telling(steps, min(height - len(screen.lines), _MOST_STEPS)):
        state = Span(_WORDS[step.state], _STATE_STYLES[step.state])
        mark = Span(f" {sign(step.action):<3} ", style(step.action))
        screen.lines.append(_row((state, mark), step, now, width))
    return screen


def _most_telling(steps: list[Step], room: int) -> list[Step]:
    if room <= 0:
        return []
    by_state: dict[StepState, list[Step]] = {state: [] for state in StepState}
    for step in steps:
        by_state[step.state].append(step)
    failed = by_state[StepState.FAILED][-max(room // 2, 1) :]
    running = sorted(by_state[StepState.RUNNING], key=lambda step: step.started)
    done = sorted(by_state[StepState.DONE], key=lambda step: step.ended or 0, reverse=True)
    return [*failed, *running, *done][:room]


def _row(start: tuple[Span, ...], step: Step, now: float, width: int) -> Line:
    taken = sum(len(span.text) for span in start)
    time = duration(step.elapsed(now))
    room = max(width - taken - 2 - len(time), 8)
    return line(*start, shorten_address(step.address, room), Span(f"  {time}", "dim"))
