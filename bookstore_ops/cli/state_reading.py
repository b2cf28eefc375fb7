"""The commands of `bsops state` that change nothing."""

from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument


def list_(
    common: Common,
    env: EnvironmentArgument = None,
    prefix: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS-PREFIX", show_default=False, help="Only what begins so: module.vpc"
        ),
    ] = "",
) -> None:
    """List the addresses in the state."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.reading import list_state
    from bookstore_ops.ui.state_reading import show_listing
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state list", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            listing = list_state(session, watch, prefix)
        show_listing(terminal, name, listing, prefix)


def show(
    common: Common,
    env: RequiredEnvironmentArgument,
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The address; quote it, it holds brackets.")
    ],
) -> None:
    """Show what the state knows of one resource, secrets masked."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.reading import show_resource
    from bookstore_ops.ui.state_reading import show_attributes
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state show", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            resource = show_resource(session, watch, address)
        show_attributes(terminal, name, resource)


def pull(
    common: Common,
    env: EnvironmentArgument = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Write it there, for your eyes only; - for stdout.",
        ),
    ] = None,
) -> None:
    """Get the state as it is stored, secrets included."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.reading import pull_state
    from bookstore_ops.ui.state_reading import show_pulled
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state pull", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            pulled = pull_state(session, watch, out, seen=terminal.shows_results)
        show_pulled(terminal, name, pulled)


def backup(
    common: Common,
    env: EnvironmentArgument = None,
    list_them: Annotated[
        bool, typer.Option("--list", "-l", help="List the backups on this machine; take none.")
    ] = False,
) -> None:
    """Copy the state to this machine, or list the copies (the last 20 are kept)."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.store import backups, keep_copy
    from bookstore_ops.ui.state_reading import show_backup, show_backups
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state backup", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        if list_them:
            show_backups(terminal, name, backups(session).all())
            return
        with LiveWatch(terminal, verb="show", environment=name) as watch:
            saved = keep_copy(session, watch)
        show_backup(terminal, name, saved, session.command_line("state restore", saved.name))


def versions(
    common: Common,
    env: EnvironmentArgument = None,
    last: Annotated[
        int, typer.Option("--last", "-n", min=1, metavar="N", help="How many to look into.")
    ] = 10,
) -> None:
    """List the versions of the state that S3 keeps, deleted and damaged ones too."""
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.operations.states.reading import list_versions
    from bookstore_ops.ui.state_reading import show_versions
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    request = common.request("state versions", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        with LiveWatch(terminal, verb="show", environment=session.environment.name) as watch:
            place, found = list_versions(session, watch, last)
        show_versions(
            terminal,
            session.environment.name,
            place,
            found,
            restore=session.command_line("state restore", "VERSION-ID"),
            mend=session.command_line("bootstrap", "--repair"),
        )
