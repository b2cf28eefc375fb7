"""The account of an apply: what was done, what was not, what is left behind."""

from collections.abc import Iterable, Iterator, Sequence

from bookstore_ops.terraform.events import OutputEvent, Planned
from bookstore_ops.terraform.ledger import Ledger
from bookstore_ops.terraform.masking import MASK, mask, render
from bookstore_ops.terraform.progress import Progress, Step, StepState
from bookstore_ops.ui.actions import sign, style
from bookstore_ops.ui.live_view import changes
from bookstore_ops.ui.text import Line, Screen, Span, duration, line, plural, prose, shorten, wrap

# Longer lists are in the journal; the failure must stay on the screen.
_MOST_LISTED = 10
# Names and URLs are there to be copied whole; documents are not.
_LONGEST_OUTPUT = 200
_LABEL = 7

_FAILED = Span("Failed", "bold red")
_IN_DOUBT = Span("In doubt: begun, not ended; check AWS", "bold yellow")
_NOT_STARTED = Span("Not started", "bold")
_APPLIED = Span("Applied", "green")

_DONE = {"create": "created", "update": "changed", "delete": "destroyed"}


def render_ledger(
    ledger: Ledger,
    *,
    environment: str,
    next_commands: Sequence[str],
    destroying: bool = False,
    width: int = 80,
    verbose: bool = False,
) -> Screen:
    """What a person must know to decide what to do after an apply that did not end well."""
    most = None if verbose else _MOST_LISTED
    applied = [step for step in ledger.applied if step.action != "read"]
    what = f"The {'destroy of' if destroying else 'apply to'} {environment}"
    screen = Screen([line(Span(f"{what} did not finish", "bold red"))])
    screen.extend(prose(_counts(ledger, len(applied)), width, "bold"))
    # The gravest last: the end of the output is what the terminal still shows.
    _listed(screen, _APPLIED, (_step(step, width) for step in applied), most)
    _listed(screen, _NOT_STARTED, (_planned(change) for change in ledger.not_started), most)
    _listed(screen, _IN_DOUBT, (_step(step, width) for step in ledger.in_doubt))
    _listed(screen, _FAILED, (_step(step, width) for step in ledger.failed))
    screen.add()
    screen.add(f"{'State':{_LABEL}}", *_state(ledger))
    screen.add(f"{'Lock':{_LABEL}}", *_lock(ledger))
    for index, command in enumerate(next_commands):
        screen.add(f"{'Next' if index == 0 else '':{_LABEL}}", Span(command, "bold green"))
    return screen


def ledger_document(ledger: Ledger) -> dict[str, object]:
    """The ledger for ``--json``."""
    state, lock = ledger.state, ledger.lock
    return {
        "applied": [_step_document(step) for step in ledger.applied],
        "failed": [_step_document(step) for step in ledger.failed],
        "in_doubt": [_step_document(step) for step in ledger.in_doubt],
        "not_started": [
            {"address": planned.resource.addr, "action": planned.action}
            for planned in ledger.not_started
        ],
        "state": {
            "saved": ledger.state_saved,
            "problem": ledger.state_problem,
            "errored_state": str(ledger.errored_state) if ledger.errored_state else None,
            "lineage": state.lineage if state else None,
            "serial": state.serial if state else None,
            "resources": state.resources if state else None,
        },
        "lock": lock
        and {
            "id": lock.id,
            "who": lock.who,
            "operation": lock.operation,
            "created": lock.created,
        },
    }


def render_success(progress: Progress, environment: str, *, verb: str = "apply") -> Screen:
    """One line for a run that did everything, and the outputs, secrets masked."""
    done = [step for step in changes(progress) if step.state is StepState.DONE]
    parts = [
        f"{count} {words}"
        for action, words in _DONE.items()
        if (count := sum(step.action == action for step in done))
    ]
    what = f": {', '.join(parts)}" if parts else ""
    word = {"apply": "Applied to", "destroy": "Destroyed"}.get(verb, f"Done ({verb}) in")
    text = f"{word} {environment} in {duration(progress.elapsed)}{what or ': nothing to change'}"
    screen = Screen([line(Span(text, "bold green"))])
    if progress.outputs:
        screen.extend(output_lines(progress.outputs, _LONGEST_OUTPUT))
    return screen


def output_lines(outputs: dict[str, OutputEvent], most: int | None = None) -> Iterator[Line]:
    """Name and value, in one line each; ``most`` is the longest value shown whole."""
    longest = max(map(len, outputs), default=0)
    for name, output in sorted(outputs.items()):
        value = MASK if output.sensitive else masked_output(name, output.value)
        yield line(f"  {name:{longest}}  ", value if most is None else shorten(value, most))


def masked_output(name: str, value: object) -> str:
    """An output's value in one line; what its name calls a secret is masked like an attribute."""
    shown = mask({name: value}, sensitive=False)[name]
    return MASK if shown == MASK else render(shown)


def _counts(ledger: Ledger, applied: int) -> str:
    parts = [f"{applied} applied", f"{len(ledger.failed)} failed"]
    if ledger.in_doubt:
        parts.append(f"{len(ledger.in_doubt)} in doubt")
    return ", ".join([*parts, f"{len(ledger.not_started)} not started"])


def _listed(
    screen: Screen, title: Span, entries: Iterable[Iterable[Line]], most: int | None = None
) -> None:
    every = list(entries)
    if not every:
        return
    screen.add()
    screen.add(title)
    for entry in every[:most]:
        screen.extend(entry)
    if most is not None and len(every) > most:
        screen.add(Span(f"  … {len(every) - most} more", "dim"))


def _step(step: Step, width: int) -> Iterator[Line]:
    took = f"  {duration(step.ended - step.started)}" if step.ended is not None else ""
    mark = Span(f"  {sign(step.action):<3} ", style(step.action))
    yield line(mark, step.address, Span(took, "dim"))
    for row in wrap(step.message, width, "      "):
        yield line(row)


def _planned(change: Planned) -> Iterator[Line]:
    yield line(Span(f"  {sign(change.action):<3} ", style(change.action)), change.resource.addr)


def _state(ledger: Ledger) -> tuple[str | Span, ...]:
    if ledger.errored_state:
        return (
            Span("NOT SAVED", "bold red"),
            f": keep {ledger.errored_state}, it is only there",
        )
    if ledger.state_problem:
        return (Span("CANNOT BE READ", "bold red"), f": {ledger.state_problem}")
    if ledger.state is None:
        return ("nothing saved yet",)
    held = plural(ledger.state.resources, "resource")
    return (Span("saved", "green"), f", serial {ledger.state.serial}, {held}")


def _lock(ledger: Ledger) -> tuple[str | Span, ...]:
    lock = ledger.lock
    if lock is None and ledger.state_problem:
        return (Span("not known", "bold yellow"),)
    if lock is None:
        return (Span("free", "green"),)
    since = f" since {lock.created}" if lock.created else ""
    doing = f" ({lock.operation})" if lock.operation else ""
    return (
        Span("HELD", "bold red"),
        f" by {lock.who or 'nobody named'}{doing}{since}, ID {lock.id}",
    )


def _step_document(step: Step) -> dict[str, object]:
    seconds = None if step.ended is None else round(step.ended - step.started, 1)
    return {
        "address": step.address,
        "action": step.action,
        "seconds": seconds,
        "message": step.message or None,
    }
