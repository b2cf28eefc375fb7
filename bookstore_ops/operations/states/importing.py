"""Taking what exists in AWS into a state.

The preview is a plan with an ``import`` block in a file of its own, of which nothing is applied:
applying it could also change the resource, or others that it needs. What is done is ``terraform
import``, which reads in AWS and writes the state alone; what the plan said of the resource is then
what the next apply would do, and is looked at again there.
"""

import os
from dataclasses import dataclass

from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.store import Present, no_whole_state, read_present
from bookstore_ops.states.import_block import import_block
from bookstore_ops.terraform.adapter import PlanOptions, Run
from bookstore_ops.terraform.plan import Action, Plan, read_plan
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary


@dataclass(frozen=True)
class Import:
    """What exists as ``identifier`` is to be ``address``; ``preview`` is what a plan says of it."""

    present: Present
    address: str
    identifier: str
    preview: Plan
    lock_timeout: str
    nothing_to_do: str = ""

    @property
    def doing(self) -> str:
        """See :class:`Proposal`."""
        return f"importing {self.address}"

    @property
    def question(self) -> str:
        """See :class:`Proposal`."""
        return f"Import {self.identifier} as {self.address}; in AWS nothing is changed. Go on"

    @property
    def lines(self) -> list[str]:
        """See :class:`Proposal`."""
        return [f"import  {self.identifier}  as  {self.address}"]

    @property
    def remarks(self) -> list[str]:
        """See :class:`Proposal`."""
        changes = [change for change in self.preview.changes if change.action is not Action.IMPORT]
        if not changes:
            return ["It is as the tree describes it: after the import nothing is left to change."]
        own = [change for change in changes if change.address == self.address]
        found = [
            "The import changes nothing in AWS. What the plan above shows beside it, the next "
            "apply would do."
        ]
        if any(change.action.destroys for change in own):
            found.append(
                f"The next apply would REPLACE {self.address}: mend the tree to fit what exists "
                "before you apply."
            )
        return found

    def run(self, session: Session, watch: Watch) -> Run:
        """See :class:`Proposal`."""
        return session.terraform.import_resource(
            self.address, self.identifier, watch, lock_timeout=self.lock_timeout
        )

    def verify(self, after: StateSummary) -> str:
        """See :class:`Proposal`."""
        return "" if self.address in after.addresses else f"it has no {self.address}"


def propose_import(
    session: Session, address: str, identifier: str, watch: Watch, lock_timeout: str
) -> Import:
    """Plan the import of one resource.

    Raises:
        Refused: the state has that address already.
        BsopsError: the tree has no such address, AWS no such thing, or the plan failed.
    """
    present = read_present(session, watch)
    if present.content is not None and present.summary is None:
        raise no_whole_state(session, present)
    if present.summary and address in present.summary.addresses:
        raise Refused(
            f"the state of {session.environment.name} has {address} already",
            why="an import never takes another resource's place",
            next_step=f"{session.command_line('state show', address)}   (is it the one?)",
        )
    return Import(
        present,
        address,
        identifier,
        _preview(session, address, identifier, watch, lock_timeout),
        lock_timeout,
    )


def _preview(
    session: Session, address: str, identifier: str, watch: Watch, lock_timeout: str
) -> Plan:
    options = PlanOptions(targets=[address], lock_timeout=lock_timeout)
    plan = session.plans / f".import-{os.getpid()}.tfplan"
    try:
        with import_block(session.root, address, identifier):
            run = session.terraform.plan(plan, options, watch)
        if not run.may_go_on:
            failure = session.failure(run, f"the import of {address} cannot be planned")
            if type(failure) is OperationFailed:
                again = session.command_line("import", address, identifier)
                raise OperationFailed(
                    failure.what, why=failure.why, next_step=f"mend the cause above, then: {again}"
                )
            raise failure
        shown, document = session.terraform.show(watch, plan)
    finally:
        plan.unlink(missing_ok=True)
    if not shown.may_go_on:
        raise session.failure(shown, "the plan of the import cannot be read back")
    found = read_plan(document)
    if address not in {change.address for change in found.changes}:
        raise OperationFailed(
            f"the plan does not speak of {address}",
            why="another command may have removed the import block meanwhile",
            next_step="run the command again",
        )
    return found
