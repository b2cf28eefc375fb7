"""bsops support."""

import os
from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.approval import Approval
from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Gather what somebody needs who is asked for help.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_support)
    group.command("bundle", epilog="Example:  bsops support bundle prod --list")(
        with_common(bundle)
    )
    app.add_typer(group, name="support")


def _support() -> None:
    """Gather what somebody needs who is asked for help."""


def bundle(
    common: Common,
    env: EnvironmentArgument = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run", metavar="RUN", help="That run's events, as bsops history --json names it."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")
    ] = None,
    list_: Annotated[
        bool, typer.Option("--list", help="List what would be in it; write nothing.")
    ] = False,
    account_ids: Annotated[
        bool, typer.Option("--account-ids", help="Leave the numbers of AWS accounts in it.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Write versions, doctor's findings, journal, the last run's events to one zip, masked.

    With ENV, the last run is that environment's, and doctor asks its AWS.
    """
    from bookstore_ops.operations.support.bundling import Asked, gather, target_of, write_bundle
    from bookstore_ops.ui.support_view import show_before, show_list, show_written

    terminal = common.terminal
    terminal.banner()
    asked = Asked(
        common.workspace,
        env or os.environ.get("BSOPS_ENV") or None,
        run,
        common.sandbox,
        common.terraform_bin,
        account_ids,
    )
    found = gather(asked, terminal.say, terminal.warn)
    if list_:
        show_list(terminal, found)
        return
    show_before(terminal, found)
    target = target_of(found, output)
    packed = write_bundle(found, target, Approval(yes, None).asking(terminal))
    show_written(terminal, found, target, packed)
