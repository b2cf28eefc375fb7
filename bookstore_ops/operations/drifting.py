"""What changed outside Terraform, and whether that matters.

A refreshing plan meets two kinds of differences between the state and AWS. After nearly every
apply AWS has filled in what nobody set: an alarm's period, the policy that another resource put
on a queue, the time of a backup. And there are changes by hand. What tells them apart is the plan
itself: a difference counts if the configuration says otherwise, so that the next apply would take
it back. Terraform and the provider decide that with all they know: computed attributes, dynamic
blocks, ``ignore_changes``. (The plan's ``configuration`` cannot: it lacks dynamic blocks and
``ignore_changes``; a refresh-only plan has no side to hold the differences against.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from bookstore_ops.environments import IgnoredDrift
from bookstore_ops.operations.planning import PlanResult, make_plan
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.adapter import PlanOptions
from bookstore_ops.terraform.plan import Action, Plan, ResourceChange, covers, overlap
from bookstore_ops.terraform.process import Watch


@dataclass(frozen=True)
class Ignored:
    """A difference that the environment's file tells to pass over."""

    change: ResourceChange
    rule: IgnoredDrift


@dataclass(frozen=True)
class Drift:
    """What differs: ``changed`` counts, ``ignored`` and ``settled`` do not.

    ``expired`` are rules whose day has gone, ``idle`` those that match nothing now.
    """

    changed: tuple[ResourceChange, ...]
    ignored: tuple[Ignored, ...]
    settled: tuple[ResourceChange, ...]
    expired: tuple[IgnoredDrift, ...]
    idle: tuple[IgnoredDrift, ...]


def find_drift(session: Session, options: PlanOptions, watch: Watch) -> Drift:
    """Read every resource and say what changed outside Terraform; nothing is saved.

    Raises:
        BsopsError: the plan failed or was interrupted.
    """
    plan = plan_and_forget(session, options, watch)
    return sort_out(plan, session.environment.drift.ignore, datetime.now(UTC).date())


def plan_and_forget(session: Session, options: PlanOptions, watch: Watch) -> Plan:
    """The details of a plan of which no file is kept.

    Raises:
        BsopsError: the plan failed or was interrupted.
    """
    with TemporaryDirectory(prefix=".passing-", dir=session.plans) as directory:
        result = make_plan(
            session, options, watch, out=Path(directory) / "passing.tfplan", policies=False
        )
    return result.plan or Plan()


def plan_acceptance(session: Session, options: PlanOptions, watch: Watch) -> PlanResult:
    """A saved plan that changes the state alone, so that it says what AWS says.

    Raises:
        BsopsError: the plan failed or was interrupted.
    """
    return make_plan(session, replace(options, refresh_only=True), watch, details=False)


def sort_out(plan: Plan, rules: Sequence[IgnoredDrift], today: date) -> Drift:
    """Part the plan's drift by the rules that hold ``today``."""
    valid = [rule for rule in rules if rule.until >= today]
    changed: list[ResourceChange] = []
    ignored: list[Ignored] = []
    for change in plan.drift:
        rest = change
        for rule in valid:
            hit = _part(rest, rule, matching=True)
            if hit is not None:
                ignored.append(Ignored(hit, rule))
                left = _part(rest, rule, matching=False)
                if left is None:
                    break
                rest = left
        else:
            changed.append(rest)
    used = {id(one.rule) for one in ignored}
    return Drift(
        changed=tuple(changed),
        ignored=tuple(ignored),
        settled=plan.settled,
        expired=tuple(rule for rule in rules if rule.until < today),
        idle=tuple(rule for rule in valid if id(rule) not in used),
    )


def _part(change: ResourceChange, rule: IgnoredDrift, *, matching: bool) -> ResourceChange | None:
    """What of a change the rule speaks of, or what it leaves; None where that is nothing."""
    speaks = covers(rule.address, change.address)
    if not speaks or rule.attribute is None:
        return change if speaks == matching else None
    if change.action is Action.DELETE:
        # One attribute of what is gone is no reason to pass over its end.
        return None if matching else change
    kept = tuple(
        attribute
        for attribute in change.attributes
        if overlap(attribute.path, rule.attribute) == matching
    )
    return replace(change, attributes=kept) if kept else None
