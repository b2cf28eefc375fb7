"""bsops load."""

from typing import Annotated

import typer

from bookstore_ops.cli import options
from bookstore_ops.cli.common import Common, RequiredEnvironmentArgument, with_common
from bookstore_ops.cli.release_commands import ServiceArgument


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("load", epilog="Example:  bsops load staging catalog --rate 50 --for 2m")(
        with_common(load)
    )


def load(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    rate: Annotated[
        int, typer.Option("--rate", min=1, metavar="N", help="Requests a second, up to 200.")
    ],
    hold: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="How long, at that rate: 30s, 2m.")
    ],
    ramp: Annotated[
        str | None,
        typer.Option(
            "--ramp", metavar="DURATION", help="Grow to the rate first; that is not judged."
        ),
    ] = None,
    path: Annotated[
        str | None,
        typer.Option(
            "--path",
            metavar="PATH",
            show_default="that of its smoke check",
            help="What is asked for, always with GET: a path of the service.",
        ),
    ] = None,
    yes: options.Yes = False,
    confirm: options.ConfirmWords = None,
    during_freeze: options.DuringFreeze = False,
    reason: options.Reason = None,
) -> int:
    """Send a service requests at a constant rate, and hold it to its criteria.

    The criteria are its own of releases.toml: share of errors, p95. BSOPS_LOAD_TOKEN is sent as
    access token. Exits with 0 where they were held, with 1 where not, where an alarm was raised,
    or where this machine did not keep the rate.
    """
    from bookstore_ops.cli.approval import Approval
    from bookstore_ops.operations.loading.running import load as send
    from bookstore_ops.operations.loading.wanted import Wanted
    from bookstore_ops.operations.overriding import Overrides
    from bookstore_ops.operations.releases.session import open_release_session
    from bookstore_ops.ui.load_view import LoadWatch, show_load

    overrides = Overrides(reason, during_freeze=during_freeze)
    wanted = Wanted(service, rate, hold, ramp, path, overrides)
    request, terminal = common.request("load", env), common.terminal
    ask = Approval(yes, confirm, overrides=overrides).asking(terminal)
    with open_release_session(request, terminal.say, warn=terminal.warn) as held:
        with LoadWatch(terminal) as watch:
            done = send(held, wanted, ask, watch.live)
        show_load(terminal, request.environment.name, done)
        if held.outcome is None:
            return 0
        terminal.error(held.outcome)
        return int(held.outcome.exit_code)
