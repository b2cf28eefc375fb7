"""A plan on one screen: what ends first, then what changes, then what begins."""

from collections.abc import Iterable, Sequence

from bookstore_ops.terraform.events import Planned
from bookstore_ops.terraform.plan import Action, Plan, ResourceChange
from bookstore_ops.terraform.progress import Progress
from bookstore_ops.terraform.services import service_of
from bookstore_ops.ui.folding import Part, allot
from bookstore_ops.ui.plan_sections import sections
from bookstore_ops.ui.text import Line, Screen, Span, line, plural, prose

_ACTIONS = [action for action in Action if action is not Action.NOOP]

# What a tall terminal shows at once; more than that nobody reads at night.
_MOST_LINES = 60

_COUNTED = (
    (Action.REPLACE, "to replace"),
    (Action.DELETE, "to destroy"),
    (Action.UPDATE, "to change"),
    (Action.CREATE, "to create"),
    (Action.FORGET, "to forget"),
    (Action.IMPORT, "to import"),
    (Action.MOVE, "to move"),
)


def render_plan(
    plan: Plan,
    *,
    environment: str,
    sandbox: bool,
    width: int,
    verbose: bool = False,
    more: str | None = None,
    notes: Sequence[str] = (),
) -> Screen:
    """The plan for ``environment`` in at most about sixty lines, or all of it with ``verbose``.

    ``more`` is the command that shows what was folded, ``notes`` are lines for the end.
    """
    screen = Screen([_heading(plan, environment, sandbox)])
    _warnings(screen, plan)
    folded = _fill(
        screen, list(sections(plan, width, everything=verbose)), width, everything=verbose
    )
    if verbose and plan.unrelated_drift:
        what = plural(plan.unrelated_drift, "resource")
        screen.add()
        screen.extend(prose(f"{what} differ only in what the tree leaves to AWS", width, "dim"))
    screen.add()
    screen.extend(prose(counts_line(plan, environment), width, "bold"))
    if folded:
        command = more or f"bsops show {environment} --verbose"
        screen.add(Span("Folded; all of it: ", "dim"), Span(command, "bold"))
    for note in notes:
        screen.add(note)
    return screen


def render_summary(
    progress: Progress,
    *,
    environment: str,
    sandbox: bool,
    width: int,
    verbose: bool = False,
    more: str | None = None,
    notes: Sequence[str] = (),
) -> Screen:
    """The same screen from the event stream alone: actions and addresses, no attributes."""
    return render_plan(
        planned_so_far(progress),
        environment=environment,
        sandbox=sandbox,
        width=width,
        verbose=verbose,
        more=more,
        notes=notes,
    )


def planned_so_far(progress: Progress) -> Plan:
    """The plan as the event stream tells it."""
    return plan_of(progress.planned.values(), errored=bool(progress.errors))


def plan_of(planned: Iterable[Planned], *, errored: bool = False) -> Plan:
    """A plan of which only actions and addresses are known."""
    changes = tuple(
        ResourceChange(
            address=one.resource.addr,
            module=one.resource.module,
            type=one.resource.resource_type,
            action=_action(one.action),
            reason=one.reason,
        )
        for one in planned
        if _action(one.action) is not Action.NOOP
    )
    return Plan(changes=changes, counts=_count(changes), errored=errored)


def counts_line(plan: Plan, environment: str) -> str:
    """``Plan: 3 to replace, 1 to destroy, 12 to change, 70 to create``."""
    parts = [
        f"{plan.counts[action]} {words}" for action, words in _COUNTED if action in plan.counts
    ]
    if plan.outputs:
        parts.append(f"{plural(len(plan.outputs), 'output')} to change")
    if parts:
        return f"Plan: {', '.join(parts)}"
    if plan.errored:
        return "Plan: incomplete"
    if plan.drift:
        return f"No changes to make; {len(plan.drift)} changed outside Terraform."
    return f"No changes. {environment} is as its configuration says."


def plan_document(plan: Plan) -> dict[str, object]:
    """The plan for ``--json``: what the screen shows, and all of it."""
    return {
        "errored": plan.errored,
        "counts": {
            action.value: plan.counts.get(action, 0) for action in Action if action != "noop"
        },
        "services": _by_service(plan.changes),
        "changes": [change_document(change) for change in plan.changes],
        "unrelated_drift": plan.unrelated_drift,
        "drift": [change_document(change) for change in plan.drift],
        "outputs": [
            {
                "name": output.name,
                "action": output.action.value,
                "before": output.before,
                "after": output.after,
            }
            for output in plan.outputs
        ],
    }


def _by_service(changes: Iterable[ResourceChange]) -> dict[str, dict[str, int]]:
    services: dict[str, dict[str, int]] = {}
    for change in changes:
        counts = services.setdefault(service_of(change.type), {})
        counts[change.action.value] = counts.get(change.action.value, 0) + 1
    return dict(sorted(services.items()))


def change_document(change: ResourceChange) -> dict[str, object]:
    """One change for ``--json``."""
    return {
        "address": change.address,
        "previous_address": change.previous_address or None,
        "module": change.module or None,
        "type": change.type,
        "action": change.action.value,
        "reason": change.reason or None,
        "stateful": change.stateful,
        "attributes": [
            {
                "path": attribute.path,
                "before": attribute.before,
                "after": attribute.after,
                "forces_replacement": attribute.forces_replacement,
            }
            for attribute in change.attributes
        ],
    }


def _action(word: str) -> Action:
    if word == "remove":  # the event stream's word for forget
        return Action.FORGET
    return Action(word) if word in set(Action) else Action.NOOP


def _count(changes: Iterable[ResourceChange]) -> dict[Action, int]:
    counts: dict[Action, int] = {}
    for change in changes:
        counts[change.action] = counts.get(change.action, 0) + 1
    return counts


def _heading(plan: Plan, environment: str, sandbox: bool) -> Line:
    banner = Span("SANDBOX ", "bold cyan") if sandbox else Span("")
    style = "bold red" if plan.errored else "bold"
    return line(banner, Span(f"Plan for {environment}", style))


def _warnings(screen: Screen, plan: Plan) -> None:
    if plan.errored:
        screen.add(Span("INCOMPLETE: Terraform stopped early", "bold red"))
    losing = [c for c in plan.changes if c.action.destroys and c.stateful]
    if losing:
        screen.add(Span(f"DATA LOSS in {plural(len(losing), 'resource')}", "bold red"))


def _fill(screen: Screen, parts: list[tuple[Part, int]], width: int, *, everything: bool) -> bool:
    if not parts:
        return False
    room = _MOST_LINES - len(screen.lines) - 4 - len(parts)
    wanted = [part.wanted(_MOST_LINES) for part, _ in parts]
    rooms = allot(wanted, [least for _, least in parts], room)
    any_folded = False
    for (part, _), lines in zip(parts, rooms, strict=True):
        rows, folded = part.lines(None if everything else lines, width)
        screen.add()
        screen.extend(rows)
        any_folded = any_folded or folded
    return any_folded
