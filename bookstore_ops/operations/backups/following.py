"""What must learn of an adopted store: whatever names its id, its address or its resource id."""

import re

from bookstore_ops.backups.model import Store
from bookstore_ops.errors import Refused
from bookstore_ops.operations.applying import ApplyResult
from bookstore_ops.operations.planning import PlanResult, applicable, make_plan
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.store import whole_state
from bookstore_ops.terraform.adapter import PlanOptions
from bookstore_ops.terraform.events import Planned
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import dependents


def plan_followers(session: Session, store: Store, watch: Watch) -> PlanResult:
    """Plan what depends on the store's place in the state; there may be nothing to do.

    Raises:
        Refused: the plan holds other changes, too: who adopts a store has not asked for them.
        BsopsError: the plan failed, or the state cannot be read.
    """
    planned = make_plan(session, PlanOptions(), watch)
    _, content, _ = whole_state(session, watch)
    followers = dependents(content, store.address)
    others = [
        change.resource.addr
        for change in applicable(planned.progress)
        if change.resource.addr not in followers and not _mends(change, store)
    ]
    if others:
        raise Refused(
            f"nothing was applied: the plan does more than tell of {store.name}",
            why=f"{_some(others)}: that was to be done before already",
            next_step=f"{session.command_line('plan')}, then {session.command_line('apply')}",
        )
    return planned


def unreleased(result: ApplyResult) -> list[str]:
    """The services whose tasks run with what was told before: an apply does not restart them."""
    found = (
        re.search(r'\["([^"]+)"\]\.aws_ecs_task_definition\.', step.address)
        for step in result.ledger.applied
        if step.action != "delete"
    )
    return sorted({match[1] for match in found if match})


def _mends(change: Planned, store: Store) -> bool:
    """Whether it gives the adopted store itself what a restore leaves out."""
    return change.resource.addr == store.address and change.action == "update"


def _some(addresses: list[str]) -> str:
    shown = ", ".join(addresses[:3])
    return shown if len(addresses) <= 3 else f"{shown} and {len(addresses) - 3} more"
