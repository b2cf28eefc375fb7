"""The commands of `bsops release`."""

from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli.approval import Approval
from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument
from bookstore_ops.cli.options import ConfirmWords, Yes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bookstore_ops.operations.confirmation import Confirm
    from bookstore_ops.operations.releases.session import ReleaseSession
    from bookstore_ops.releases.driver import Watcher
    from bookstore_ops.releases.model import Release

ServiceArgument = Annotated[
    str, typer.Argument(metavar="SERVICE", help="A service: catalog, orders, inventory, …")
]
OptionalServiceArgument = Annotated[
    str | None,
    typer.Argument(metavar="SERVICE", show_default=False, help="One service only."),
]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait/--no-wait",
        help="Watch to the end; or leave once the first share of traffic has moved.",
    ),
]


class StrategyName(StrEnum):
    """How traffic moves."""

    BLUE_GREEN = "blue-green"
    CANARY = "canary"
    ROLLING = "rolling"


def status(
    common: Common,
    env: EnvironmentArgument = None,
    service: OptionalServiceArgument = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on looking until no release is under way.")
    ] = False,
) -> None:
    """Show the colours of each service: image, tasks, traffic, alarms, and its release."""
    from bookstore_ops.operations.releases.status import read_status
    from bookstore_ops.ui.release_view import show_status, watch_status

    terminal = common.terminal
    with _looking(common, "status", env) as held:
        if watch:
            watch_status(terminal, lambda: read_status(held, service))
        else:
            show_status(terminal, read_status(held, service))


def start(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    image: Annotated[
        str,
        typer.Option(
            "--image", metavar="IMAGE", help="A tag or digest in the service's repository."
        ),
    ],
    strategy: Annotated[
        StrategyName | None,
        typer.Option("--strategy", show_default="as releases.toml says", help="How traffic moves."),
    ] = None,
    wait: Wait = True,
    despite_alarms: Annotated[
        bool,
        typer.Option("--despite-alarms", help="Alarms that are raised already do not count."),
    ] = False,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Release an image to the idle colour, and move the traffic once it is well.

    A service that has one colour only has its tasks replaced, a few at a time: rolling.
    Exits with 1 where it failed and was rolled back, with 3 where it waits for a person.
    """
    from bookstore_ops.operations.releases.steering import Wanted
    from bookstore_ops.operations.releases.steering import start as begin

    wanted = Wanted(service, image, strategy.value if strategy else None, wait, despite_alarms)
    ask = _asking(common, yes, confirm)
    return _run(common, "start", env, lambda held, watch: begin(held, wanted, ask, watch))


def resume(
    common: Common, env: RequiredEnvironmentArgument, service: ServiceArgument, wait: Wait = True
) -> int:
    """Go on with a release that is paused, or whose bsops was killed."""
    from bookstore_ops.operations.releases.steering import resume as go_on

    return _run(common, "resume", env, lambda held, watch: go_on(held, service, watch, wait=wait))


def promote(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    full: Annotated[
        bool, typer.Option("--full", help="All steps that are left, not the present one only.")
    ] = False,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Take the step that is being watched for passed, and go on."""
    from bookstore_ops.operations.releases.steering import promote as pass_step

    ask = _asking(common, yes, confirm)
    return _run(
        common, "promote", env, lambda held, watch: pass_step(held, service, ask, watch, full=full)
    )


def pause(common: Common, env: RequiredEnvironmentArgument, service: ServiceArgument) -> int:
    """Leave a release where it is, whoever drives it."""
    from bookstore_ops.operations.releases.steering import pause as stop

    return _run(common, "pause", env, lambda held, _watch: stop(held, service))


def abort(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Give a release up: traffic back, the new colour asleep."""
    from bookstore_ops.operations.releases.turning import abort as give_up

    ask = _asking(common, yes, confirm)
    return _run(common, "abort", env, lambda held, watch: give_up(held, service, ask, watch))


def rollback(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: OptionalServiceArgument = None,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Go back to the last good image: at once while the old colour is still awake."""
    from bookstore_ops.operations.releases.turning import rollback as go_back

    ask = _asking(common, yes, confirm)
    return _run(common, "rollback", env, lambda held, watch: go_back(held, service, ask, watch))


def history(
    common: Common,
    env: EnvironmentArgument = None,
    service: OptionalServiceArgument = None,
) -> None:
    """List releases that are over; with --verbose, step by step."""
    from bookstore_ops.operations.releases.status import read_history
    from bookstore_ops.ui.release_view import show_history

    terminal = common.terminal
    with _looking(common, "history", env) as held:
        show_history(terminal, read_history(held, service), verbose=terminal.verbose)


def diff(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    image: Annotated[
        str | None,
        typer.Option("--image", metavar="IMAGE", help="As if this image were released."),
    ] = None,
) -> None:
    """Show what a release would change, or the one under way changes: image, sizes, settings."""
    from bookstore_ops.operations.releases.status import read_differences
    from bookstore_ops.ui.release_view import show_differences

    terminal = common.terminal
    with _looking(common, "diff", env) as held:
        show_differences(terminal, *read_differences(held, service, image))


@contextmanager
def _looking(common: Common, command: str, env: str | None) -> "Iterator[ReleaseSession]":
    """A session that changes nothing, and is not worth a line in the journal."""
    from bookstore_ops.operations.releases.session import open_release_session

    request, terminal = common.request(f"release {command}", env), common.terminal
    with open_release_session(request, terminal.say, warn=terminal.warn, journaled=False) as held:
        yield held


def _run(
    common: Common,
    command: str,
    env: str,
    work: "Callable[[ReleaseSession, Watcher], Release]",
) -> int:
    """Do it, show what became of the release, and exit as that asks for."""
    from bookstore_ops.operations.releases.session import open_release_session
    from bookstore_ops.ui.release_view import ReleaseWatch, show_release

    request, terminal = common.request(f"release {command}", env), common.terminal
    with open_release_session(request, terminal.say, warn=terminal.warn) as held:
        with ReleaseWatch(terminal) as watch:
            release = work(held, watch)
        show_release(terminal, release, error_follows=held.outcome is not None)
        if held.outcome is None:
            return 0
        terminal.error(held.outcome)
        return int(held.outcome.exit_code)


def _asking(common: Common, yes: bool, words: str | None) -> "Confirm":
    return Approval(yes, words).asking(common.terminal)
