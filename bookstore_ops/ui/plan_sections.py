"""The sections of a plan, the gravest first."""

from collections.abc import Iterable, Iterator, Sequence

from bookstore_ops.terraform.plan import Action, OutputChange, Plan, ResourceChange
from bookstore_ops.ui.actions import sign, style
from bookstore_ops.ui.change_view import ChangeBlock, difference_lines
from bookstore_ops.ui.folding import Listing, Part, Section, by_service
from bookstore_ops.ui.text import Line, Span, line
from bookstore_ops.ui.values import Difference

# Heading, and the least room in lines where room is short.
_BY_ACTION = (
    (Action.DELETE, "to destroy", 10),
    (Action.REPLACE, "to replace", 12),
    (Action.FORGET, "to forget (stays in AWS)", 3),
    (Action.UPDATE, "to change", 10),
    (Action.CREATE, "to create", 8),
    (Action.MOVE, "to move (only a new address)", 3),
    (Action.IMPORT, "to import", 3),
    (Action.READ, "to read during apply", 2),
)
# So many to create are named; more are counted by service.
_FEW = 5
_DRIFT_ROOM = 6
_OUTPUTS_ROOM = 5


def sections(plan: Plan, width: int, *, everything: bool) -> Iterator[tuple[Part, int]]:
    """Each section with the least room it needs."""
    for action, words, least in _BY_ACTION:
        changes = sorted(plan.with_action(action), key=lambda change: not change.stateful)
        if not changes:
            continue
        title = line(Span(f"{len(changes)} {words}", style(action)))
        if action is Action.CREATE and len(changes) > _FEW and not everything:
            yield Listing(title, by_service(changes, width), sums_up=True), least
        else:
            yield Section(title, _blocks(changes, width, everything=everything)), least
    if plan.drift:
        title = line(Span(f"{len(plan.drift)} changed outside Terraform", "bold magenta"))
        blocks = _blocks(plan.drift, width, everything=everything, loss="GONE")
        yield Section(title, blocks), _DRIFT_ROOM
    if plan.outputs:
        rows = [row for output in plan.outputs for row in _output(output, width)]
        yield Listing(line(Span("Outputs", "bold")), rows), _OUTPUTS_ROOM


def _blocks(
    changes: Iterable[ResourceChange], width: int, *, everything: bool, loss: str = "DATA LOSS"
) -> Sequence[ChangeBlock]:
    return [ChangeBlock(change, width, everything=everything, loss=loss) for change in changes]


def _output(output: OutputChange, width: int) -> Iterator[Line]:
    difference = Difference(output.name, output.before, output.after)
    mark = Span(f"  {sign(output.action):<3} ", style(output.action))
    rows = difference_lines(difference, indent=6, width=width, signs=("", ""))
    for index, row in enumerate(rows):
        yield (mark, row[0]._replace(text=row[0].text[6:]), *row[1:]) if index == 0 else row
