"""Changing a state: look, ask, keep a copy, change, look again.

Each kind of change is a :class:`Proposal`; what they share is here.
"""

import shlex
from dataclasses import dataclass
from typing import Protocol

from bookstore_ops.environments import nearest
from bookstore_ops.errors import (
    BsopsError,
    Interrupted,
    OperationFailed,
    Refused,
    UsageError,
)
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.freezing import check_freeze
from bookstore_ops.operations.guards import state_confirmation
from bookstore_ops.operations.overriding import Overrides
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.store import (
    Present,
    backups,
    read_present,
    restore_command,
    take_backup,
)
from bookstore_ops.states.backups import Backup
from bookstore_ops.states.comparison import Comparison
from bookstore_ops.terraform.adapter import Run
from bookstore_ops.terraform.plan import Plan
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.records import discard_plans
from bookstore_ops.terraform.state import StateSummary


class Proposal(Protocol):
    """A change that was looked at and not made yet."""

    @property
    def present(self) -> Present:
        """The state it was made on."""

    @property
    def doing(self) -> str:
        """What it is, for errors: ``moving a to b``."""

    @property
    def question(self) -> str:
        """What the operator is asked, without the question mark."""

    @property
    def nothing_to_do(self) -> str:
        """Why there is nothing to do; empty where there is."""

    @property
    def lines(self) -> list[str]:
        """What would be done, line by line."""

    @property
    def remarks(self) -> list[str]:
        """What the operator should know beside it."""

    @property
    def preview(self) -> Plan | None:
        """What a plan says of it, where one was made."""

    def run(self, session: Session, watch: Watch) -> Run | None:
        """Do it; None where it was done without Terraform.

        Raises:
            BsopsError: it was not done.
        """

    def verify(self, after: StateSummary) -> str:
        """What is wrong with the state that came of it; empty where nothing is."""


@dataclass(frozen=True)
class StateChange:
    """What became of a state. ``undo`` is the command that brings back what was before."""

    before: StateSummary | None
    after: StateSummary
    backup: Backup | None
    undo: str | None
    remarks: tuple[str, ...] = ()

    @property
    def compared(self) -> Comparison:
        """Which addresses came and which went."""
        return Comparison(self.before, self.after)


def confirm_change(
    session: Session, proposal: Proposal, confirm: Confirm, overrides: Overrides | None
) -> None:
    """Ask before a state is changed; not during a freeze.

    ``overrides``: None where the state is mended, to say again what there is. That must not wait.

    Raises:
        Refused: there is a freeze, the answer was no, or nobody can be asked.
    """
    if overrides is not None:
        session.result.reason = overrides.reason
        check_freeze(session, overrides)
    sandbox = session.server is not None
    if not confirm(state_confirmation(session.environment, proposal.question, sandbox=sandbox)):
        raise Refused(
            f"the state of {session.environment.name} was not changed",
            why="it was not confirmed",
            next_step=session.command_line("state list"),
        )


def carry_out(session: Session, proposal: Proposal, watch: Watch) -> StateChange:
    """Keep a copy of the state, make the change, and look at what the state has become.

    Raises:
        BsopsError: it was not made; the error says whether the state was changed.
    """
    present = proposal.present
    backup = take_backup(session, present)
    undo = restore_command(session, backup)
    run = proposal.run(session, watch)
    if run is not None and not run.may_go_on:
        raise _explained(session, proposal, run, undo, watch)
    now = read_present(session, watch)
    if now.summary is None:
        raise OperationFailed(
            f"{proposal.doing}: it was done, but the state cannot be read back",
            why=now.problem or f"there is nothing at {now.backend.describe()}",
            next_step=undo or session.command_line("state versions"),
        )
    if backup is not None:
        backup = backups(session).replaced(backup, now.summary)
    session.result.serial = now.summary.serial
    # What was planned before was planned on a state that is history.
    discard_plans(session.plans)
    wrong = proposal.verify(now.summary)
    if wrong:
        raise OperationFailed(
            f"{proposal.doing}: what is stored now is not what was meant",
            why=wrong,
            next_step=undo or session.command_line("state versions"),
        )
    return StateChange(present.summary, now.summary, backup, undo, tuple(proposal.remarks))


def _explained(
    session: Session, proposal: Proposal, run: Run, undo: str | None, watch: Watch
) -> BsopsError:
    failure = session.failure(run, f"{proposal.doing} failed")
    why = "\n".join(filter(None, (failure.why, _left(session, proposal, undo, watch))))
    if isinstance(failure, Interrupted):
        return Interrupted(
            failure.signal_number,
            f"{proposal.doing} was interrupted",
            why=why,
            next_step=f"bsops {shlex.join(session.request.arguments)}",
        )
    return type(failure)(failure.what, why=why, next_step=failure.next_step)


def _left(session: Session, proposal: Proposal, undo: str | None, watch: Watch) -> str:
    """What a failed change has left of the state, in words."""
    try:
        content = read_present(session, watch).content
    except BsopsError:
        return "Whether the state was changed could not be read."
    if content == proposal.present.content:
        return "The state is as it was."
    return "The state has changed." + (f" To undo: {undo}" if undo else "")


def named_by(address: str, state: StateSummary) -> list[str]:
    """The instances an address stands for: itself, those of a resource, those in a module."""
    return sorted(
        known
        for known in state.addresses
        if known == address or known.startswith((f"{address}[", f"{address}."))
    )


def unknown_address(session: Session, state: StateSummary, address: str) -> UsageError:
    """The error for an address that the state does not have."""
    guess = nearest(address, sorted(state.addresses))
    return UsageError(
        f"the state of {session.environment.name} has no {address}",
        why=f"the nearest is {guess}" if guess else "no address comes near",
        next_step=f"{session.command_line('state list')}   (quote addresses that hold brackets)",
    )
