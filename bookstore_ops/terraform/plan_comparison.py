"""A plan with what AWS says now, one with what the state remembers: where they differ, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from bookstore_ops.terraform.plan import Action, AttributeChange, Plan, ResourceChange


class Cause(StrEnum):
    """Where a planned difference comes from."""

    # Only the plan that reads AWS has it: somebody changed it there.
    DRIFT = "drift"
    # Both plans have it: the configuration was changed.
    CODE = "code"
    # Only the plan that does not read has it: AWS is already as the configuration says.
    HIDDEN = "hidden by drift"


@dataclass(frozen=True)
class Compared:
    """One difference; ``attribute`` is None where the whole resource comes or goes.

    ``refreshed`` and ``remembered`` are what either plan does to the resource.
    """

    address: str
    attribute: str | None
    cause: Cause
    refreshed: Action | None
    remembered: Action | None
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class Comparison:
    """Every difference of either plan, and both plans."""

    found: tuple[Compared, ...]
    refreshed: Plan
    remembered: Plan

    def count(self, cause: Cause) -> int:
        """How many resources have a difference of this cause."""
        return len({one.address for one in self.found if one.cause is cause})


def compare(refreshed: Plan, remembered: Plan) -> Comparison:
    """Hold two plans of the same configuration against each other."""
    ours = {change.address: change for change in refreshed.changes if _counts(change)}
    theirs = {change.address: change for change in remembered.changes if _counts(change)}
    found = [
        one
        for address in sorted({*ours, *theirs})
        for one in _resource(address, ours.get(address), theirs.get(address))
    ]
    return Comparison(tuple(found), refreshed, remembered)


def _counts(change: ResourceChange) -> bool:
    return change.action is not Action.READ


def _resource(
    address: str, ours: ResourceChange | None, theirs: ResourceChange | None
) -> Iterator[Compared]:
    actions = (ours.action if ours else None, theirs.action if theirs else None)
    attributes = {a.path: a for change in (theirs, ours) if change for a in change.attributes}
    if not attributes or not _same_kind(*actions):
        yield Compared(address, None, _cause(ours is not None, theirs is not None), *actions)
        return
    here = {a.path for a in ours.attributes} if ours else set()
    there = {a.path for a in theirs.attributes} if theirs else set()
    for path, attribute in sorted(attributes.items()):
        cause = _cause(path in here, path in there)
        yield Compared(address, path, cause, *actions, *_values(attribute))


def _same_kind(ours: Action | None, theirs: Action | None) -> bool:
    """Whether attributes tell the difference: not where one plan makes anew what the other has."""
    whole = {Action.CREATE, Action.DELETE}
    return not ({ours, theirs} & whole)


def _cause(ours: bool, theirs: bool) -> Cause:
    if ours and theirs:
        return Cause.CODE
    return Cause.DRIFT if ours else Cause.HIDDEN


def _values(attribute: AttributeChange) -> tuple[str | None, str | None]:
    return attribute.before, attribute.after
