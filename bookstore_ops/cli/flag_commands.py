"""The commands of `bsops flags`."""

from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli.approval import Approval
from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument
from bookstore_ops.cli.options import ConfirmWords, Yes
from bookstore_ops.cli.release_commands import OptionalServiceArgument

if TYPE_CHECKING:
    from collections.abc import Callable

    from bookstore_ops.flags.driver import Watcher
    from bookstore_ops.flags.model import Rollout
    from bookstore_ops.operations.confirmation import Confirm
    from bookstore_ops.operations.flags.session import FlagSession

ServiceArgument = Annotated[
    str, typer.Argument(metavar="SERVICE", help="The service that reads the flag.")
]
FlagArgument = Annotated[str, typer.Argument(metavar="FLAG", help="The flag.")]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait/--no-wait",
        help="Watch to the end; or leave once the first share of the customers has it.",
    ),
]


def list_(
    common: Common,
    env: EnvironmentArgument = None,
    service: OptionalServiceArgument = None,
) -> None:
    """Show each flag: on or off, its attributes, who reads it, and its rollout."""
    from bookstore_ops.operations.flags.session import open_flag_session
    from bookstore_ops.operations.flags.status import read_flags
    from bookstore_ops.ui.flag_view import show_flags

    terminal = common.terminal
    request = common.request("flags list", env)
    with open_flag_session(request, terminal.say, warn=terminal.warn, journaled=False) as session:
        show_flags(terminal, read_flags(session, service))


def set_(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    flag: FlagArgument,
    values: Annotated[
        list[str],
        typer.Argument(
            metavar="on|off|VALUE",
            help="On or off; a value of its attribute, ATTRIBUTE=VALUE where it has several; "
            "or both, as in 'on percent=100'.",
        ),
    ],
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> None:
    """Deploy a flag with other values, at once.

    A flag with the attribute percent is on for that share of the customers. On alone leaves the
    share as it is, and is refused where that is 0.
    """
    from bookstore_ops.operations.flags.session import open_flag_session
    from bookstore_ops.operations.flags.setting import set_flag
    from bookstore_ops.ui.flag_view import show_flag

    terminal = common.terminal
    request = common.request("flags set", env)
    with open_flag_session(request, terminal.say, warn=terminal.warn) as session:
        asking = _asking(common, yes, confirm)
        show_flag(terminal, set_flag(session, service, flag, values, asking))


def rollout(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    flag: FlagArgument,
    steps: Annotated[
        str | None,
        typer.Option(
            "--steps",
            metavar="PERCENT,…",
            show_default="as releases.toml says",
            help="Shares of the customers, the last being 100.",
        ),
    ] = None,
    wait: Wait = True,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Give a flag to a growing share of the customers, watching the service at each step.

    Exits with 1 where it failed and was set back, with 3 where it waits for a person.
    """
    from bookstore_ops.operations.flags.steering import Wanted, roll_out

    wanted = Wanted(service, flag, steps, wait)
    return _run(
        common,
        "flags rollout",
        env,
        lambda session, watch: roll_out(session, wanted, _asking(common, yes, confirm), watch),
    )


def resume(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    flag: FlagArgument,
    wait: Wait = True,
) -> int:
    """Go on with a rollout that is paused, or whose bsops was killed."""
    from bookstore_ops.operations.flags.steering import resume as go_on

    return _run(
        common,
        "flags resume",
        env,
        lambda session, watch: go_on(session, service, flag, watch, wait=wait),
    )


def promote(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    flag: FlagArgument,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Take the step that is being watched for passed, and go on."""
    from bookstore_ops.operations.flags.steering import promote as pass_step

    return _run(
        common,
        "flags promote",
        env,
        lambda session, watch: pass_step(
            session, service, flag, _asking(common, yes, confirm), watch
        ),
    )


def abort(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: ServiceArgument,
    flag: FlagArgument,
    yes: Yes = False,
    confirm: ConfirmWords = None,
) -> int:
    """Give a rollout up: the flag as it was before."""
    from bookstore_ops.operations.flags.steering import abort as give_up

    return _run(
        common,
        "flags abort",
        env,
        lambda session, watch: give_up(
            session, service, flag, _asking(common, yes, confirm), watch
        ),
    )


def _run(
    common: Common,
    command: str,
    env: str,
    work: "Callable[[FlagSession, Watcher], Rollout]",
) -> int:
    from bookstore_ops.operations.flags.session import open_flag_session
    from bookstore_ops.ui.flag_view import RolloutWatch, show_rollout

    terminal = common.terminal
    request = common.request(command, env)
    with open_flag_session(request, terminal.say, warn=terminal.warn) as session:
        with RolloutWatch(terminal) as watch:
            rollout = work(session, watch)
        show_rollout(terminal, rollout)
        if session.held.outcome is None:
            return 0
        terminal.error(session.held.outcome)
        return int(session.held.outcome.exit_code)


def _asking(common: Common, yes: bool, words: str | None) -> "Confirm":
    return Approval(yes, words).asking(common.terminal)
