"""The commands of `bsops state` that change what Terraform knows, and nothing in AWS."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.approval import Approval
from bookstore_ops.cli.common import Common, RequiredEnvironmentArgument
from bookstore_ops.operations.overriding import Overrides

if TYPE_CHECKING:
    from bookstore_ops.operations.session import Session
    from bookstore_ops.operations.states.changes import Proposal
    from bookstore_ops.terraform.process import Watch

_Force = Annotated[
    bool,
    typer.Option("--force", help="Although lineage or serial say that it does not follow."),
]


def mv(
    common: Common,
    env: RequiredEnvironmentArgument,
    source: Annotated[
        str, typer.Argument(metavar="FROM", help="The address of a resource or of a module.")
    ],
    target: Annotated[str, typer.Argument(metavar="TO", help="Its new address.")],
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
    lock_timeout: options.LockTimeout = "0s",
) -> None:
    """Give a resource another address; it stays as it is."""
    from bookstore_ops.operations.states.addresses import propose_move

    _run(
        common,
        "mv",
        env,
        Approval(yes, confirm, overrides=Overrides(reason, during_freeze=during_freeze)),
        lambda session, watch: propose_move(session, source, target, watch, lock_timeout),
    )


def rm(
    common: Common,
    env: RequiredEnvironmentArgument,
    addresses: Annotated[
        list[str], typer.Argument(metavar="ADDRESS...", help="Resources or modules to forget.")
    ],
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
    lock_timeout: options.LockTimeout = "0s",
) -> None:
    """Forget resources; they go on existing, and Terraform no longer looks after them."""
    from bookstore_ops.operations.states.addresses import propose_removal

    _run(
        common,
        "rm",
        env,
        Approval(yes, confirm, overrides=Overrides(reason, during_freeze=during_freeze)),
        lambda session, watch: propose_removal(session, addresses, watch, lock_timeout),
    )


def import_(
    common: Common,
    env: RequiredEnvironmentArgument,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Where the tree has it; quote brackets.")
    ],
    identifier: Annotated[
        str, typer.Argument(metavar="ID", help="What AWS calls it, as the provider's page says.")
    ],
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
    lock_timeout: options.LockTimeout = "0s",
) -> None:
    """Take what exists in AWS into the state, after a look at what a plan says of it."""
    from bookstore_ops.operations.states.importing import propose_import

    _run(
        common,
        "import",
        env,
        Approval(yes, confirm, overrides=Overrides(reason, during_freeze=during_freeze)),
        lambda session, watch: propose_import(session, address, identifier, watch, lock_timeout),
        verb="plan",
    )


def push(
    common: Common,
    env: RequiredEnvironmentArgument,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A Terraform state.")],
    force: _Force = False,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
    lock_timeout: options.LockTimeout = "0s",
) -> None:
    """Store a state file in place of the stored state."""
    from bookstore_ops.operations.states.replacing import propose_push

    _run(
        common,
        "push",
        env,
        Approval(yes, confirm, overrides=Overrides(reason, during_freeze=during_freeze)),
        lambda session, watch: propose_push(
            session, file, watch, force=force, lock_timeout=lock_timeout
        ),
    )


def restore(
    common: Common,
    env: RequiredEnvironmentArgument,
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="BACKUP|VERSION-ID",
            show_default="the latest backup",
            help="A backup's name, or a version that S3 has kept.",
        ),
    ] = None,
    force: _Force = False,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
    lock_timeout: options.LockTimeout = "0s",
) -> None:
    """Make a backup or an earlier version the newest state."""
    from bookstore_ops.operations.states.restoring import propose_restoration

    _run(
        common,
        "restore",
        env,
        Approval(yes, confirm, overrides=Overrides(reason, during_freeze=during_freeze)),
        lambda session, watch: propose_restoration(
            session, source, watch, force=force, lock_timeout=lock_timeout
        ),
    )


def _run(
    common: Common,
    command: str,
    env: str,
    approval: Approval,
    propose: "Callable[[Session, Watch], Proposal]",
    *,
    verb: str = "show",
) -> None:
    """Look, show what would be done, ask, do it, say how to undo it."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.changes import carry_out, confirm_change
    from bookstore_ops.ui.state_changes import show_change, show_no_change, show_proposal
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request(f"state {command}", env)
    with open_session(request, terminal.say, warn=terminal.warn) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb=verb, environment=name) as watch:
            proposal = propose(session, watch)
        if proposal.nothing_to_do:
            show_no_change(terminal, name, command, proposal)
            return
        show_proposal(terminal, name, proposal)
        confirm_change(session, proposal, approval.asking(terminal), approval.overrides)
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            change = carry_out(session, proposal, watch)
        show_change(terminal, name, command, change)
