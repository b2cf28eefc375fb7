"""The commands of `bsops backup`."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli.approval import Approval
from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument
from bookstore_ops.cli.options import ConfirmWords, DuringFreeze, Reason, Yes
from bookstore_ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from bookstore_ops.operations.backups.adopting import Adopted

StoreArgument = Annotated[
    str, typer.Argument(metavar="STORE", help="One store: rds, dynamodb/orders, redis, …")
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="BACKUP", help="A backup, as the list calls it."),
]
ToTime = Annotated[
    str | None,
    typer.Option("--to-time", metavar="TIME", help="A moment, ISO 8601 with its zone; or latest."),
]


class FailOn(StrEnum):
    """What makes the list fail."""

    MISSED = "missed"
    UNKNOWN = "unknown"


def list_(
    common: Common,
    env: EnvironmentArgument = None,
    store: Annotated[
        list[str] | None,
        typer.Option("--store", metavar="STORE", help="Only this store or kind: rds, dynamodb, …"),
    ] = None,
    all_: Annotated[
        bool, typer.Option("--all", help="Every backup, not the newest three of each store.")
    ] = False,
    fail_on: Annotated[
        FailOn | None,
        typer.Option(
            "--fail-on",
            show_default=False,
            help="Exit with 1 where an objective is missed; 'unknown': also where nobody can tell.",
        ),
    ] = None,
) -> int:
    """List all backups, and hold what each store would lose against its objective."""
    from bookstore_ops.operations.backups.listing import read_inventory
    from bookstore_ops.operations.backups.session import open_backup_session
    from bookstore_ops.ui.backup_view import show_inventory

    terminal = common.terminal
    request = common.request("backup list", env)
    with open_backup_session(request, terminal.say, warn=terminal.warn, journaled=False) as session:
        found = read_inventory(session, store or (), fail_on.value if fail_on else None)
        show_inventory(terminal, found, everything=all_)
        if found.failure is None:
            return 0
        terminal.error(found.failure)
        return int(found.failure.exit_code)


def create(
    common: Common,
    env: RequiredEnvironmentArgument,
    stores: Annotated[
        list[str],
        typer.Argument(metavar="STORE...", help="Stores or kinds: rds, dynamodb, redis, state, …"),
    ],
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="NAME", help="What to call it; one store only."),
    ] = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why; kept with the backup.")
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until they are ready; or leave.")
    ] = True,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> None:
    """Take a backup of stores now: snapshots, backups on demand, a copy of the state."""
    from bookstore_ops.operations.backups.making import Asked
    from bookstore_ops.operations.backups.making import create as take
    from bookstore_ops.operations.backups.session import open_backup_session
    from bookstore_ops.ui.backup_view import BackupWatch, show_made

    terminal = common.terminal
    request = common.request("backup create", env)
    with open_backup_session(request, terminal.say, warn=terminal.warn) as session:
        with BackupWatch(terminal) as watch:
            asked = Asked(stores, name, reason, wait)
            made = take(session, asked, Approval(yes, confirm).asking(terminal), watch)
        show_made(terminal, made, session.command_line("backup list"))


def restore(
    common: Common,
    env: RequiredEnvironmentArgument,
    store: StoreArgument,
    backup: From = None,
    moment: ToTime = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name",
            metavar="NAME",
            show_default="one that tells what it was made of",
            help="What to call the new one.",
        ),
    ] = None,
    adopt_it: Annotated[
        bool, typer.Option("--adopt", help="Let it take the place of the old one at once.")
    ] = False,
    during_freeze: DuringFreeze = False,
    reason: Reason = None,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Make a new one of a backup or of a moment, beside the old, which is not touched.

    Asked again after a kill it goes on. Says how to switch to it, and back.
    """
    from bookstore_ops.operations.backups.restoring import Wanted
    from bookstore_ops.operations.backups.restoring import restore as make
    from bookstore_ops.operations.backups.session import open_backup_session
    from bookstore_ops.operations.backups.switching import ways
    from bookstore_ops.ui.backup_view import BackupWatch, show_restored

    terminal = common.terminal
    request = common.request("backup restore", env)
    with open_backup_session(request, terminal.say, warn=terminal.warn) as session:
        with BackupWatch(terminal) as watch:
            wanted = Wanted(store, backup, moment, name, adopt_it)
            approval = Approval(yes, confirm)
            found, task = make(session, wanted, approval.asking(terminal), watch)
        show_restored(terminal, task, ways(session, found, task), adopted=adopt_it)
    if adopt_it:
        return adopt(common, env, store, task.target, during_freeze, reason, yes, confirm)
    return ExitCode.DONE


def adopt(
    common: Common,
    env: RequiredEnvironmentArgument,
    store: StoreArgument,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="What was restored, or what was there before.")
    ],
    during_freeze: DuringFreeze = False,
    reason: Reason = None,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Let what was restored take the place of the old one, or the old one take its place again.

    Then a plan tells what names it (roles, alarms, task definitions), and is applied.
    """
    from bookstore_ops.operations.backups.adopting import Agreed, Watchers
    from bookstore_ops.operations.backups.adopting import adopt as take_place
    from bookstore_ops.operations.backups.session import open_backup_session
    from bookstore_ops.operations.overriding import Overrides
    from bookstore_ops.ui.backup_view import BackupWatch, show_adopted
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("backup adopt", env)
    overrides = Overrides(reason, during_freeze=during_freeze)
    approval = Approval(yes, confirm, overrides=overrides)
    with open_backup_session(request, terminal.say, warn=terminal.warn) as session:

        def watching() -> LiveWatch:
            return LiveWatch(terminal, verb="show", environment=session.environment.name)

        with BackupWatch(terminal) as watch:
            agreed = Agreed(approval.asking(terminal), overrides)
            watchers = Watchers(watch, watching, terminal.warn)
            adopted = take_place(session, store, name, agreed, watchers)
        show_adopted(terminal, adopted)
    return _tell_followers(common, env, adopted, approval)


def _tell_followers(common: Common, env: str, adopted: "Adopted", approval: Approval) -> int:
    from bookstore_ops.cli.applying import carry_out
    from bookstore_ops.operations.applying import check_occasion
    from bookstore_ops.operations.backups.following import plan_followers, unreleased
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.terraform.adapter import PlanOptions
    from bookstore_ops.ui.backup_view import show_followed
    from bookstore_ops.ui.plan_result import show_plan_result
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    with open_session(common.request("apply", env), terminal.say, warn=terminal.warn) as session:
        name = session.environment.name
        check_occasion(session, None, approval.overrides)
        with LiveWatch(terminal, verb="plan", environment=name) as watch:
            planned = plan_followers(session, adopted.store, watch)
        result = None
        if planned.saved is not None:
            show_plan_result(terminal, planned, name, None)
            result = carry_out(
                terminal, session, planned.saved, PlanOptions(), approval, verb="apply"
            )
        services = unreleased(result) if result is not None else []
        show_followed(terminal, adopted, result, services, name)
        if result is not None and result.error is not None:
            terminal.error(result.error)
            return int(result.error.exit_code)
    return ExitCode.DONE


def verify(
    common: Common,
    env: RequiredEnvironmentArgument,
    store: StoreArgument,
    backup: From = None,
    moment: ToTime = None,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> None:
    """Prove that a backup can be restored: restore it, look at it, remove it, tell how long."""
    from bookstore_ops.operations.backups.restoring import Wanted
    from bookstore_ops.operations.backups.restoring import verify as prove
    from bookstore_ops.operations.backups.session import open_backup_session
    from bookstore_ops.ui.backup_view import BackupWatch, show_verified

    terminal = common.terminal
    request = common.request("backup verify", env)
    with open_backup_session(request, terminal.say, warn=terminal.warn) as session:
        with BackupWatch(terminal) as watch:
            wanted = Wanted(store, backup, moment)
            proof = prove(session, wanted, Approval(yes, confirm).asking(terminal), watch)
        show_verified(terminal, proof)


def copy(
    common: Common,
    env: RequiredEnvironmentArgument,
    backup: Annotated[
        str, typer.Argument(metavar="BACKUP", help="A backup, as the list calls it.")
    ],
    region: Annotated[
        str, typer.Option("--to-region", metavar="REGION", help="Where the copy shall be.")
    ],
    key: Annotated[
        str | None,
        typer.Option(
            "--kms-key",
            metavar="ARN",
            show_default="the tree's key there",
            help="A key of that region, for the copy of an encrypted snapshot.",
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="Wait until it is ready; or leave.")
    ] = True,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> None:
    """Copy a snapshot of the database, or a recovery point, to another region."""
    from bookstore_ops.operations.backups.copying import Copying
    from bookstore_ops.operations.backups.copying import copy as make
    from bookstore_ops.operations.backups.session import open_backup_session
    from bookstore_ops.ui.backup_view import BackupWatch, show_copied

    terminal = common.terminal
    request = common.request("backup copy", env)
    with open_backup_session(request, terminal.say, warn=terminal.warn) as session:
        with BackupWatch(terminal) as watch:
            asked = Copying(backup, region, key, wait)
            made = make(session, asked, Approval(yes, confirm).asking(terminal), watch)
        show_copied(terminal, made)
