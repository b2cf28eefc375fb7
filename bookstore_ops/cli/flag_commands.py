"""The commands of `bsops flags`."""

from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from bookstore_ops.cli.approval import Approval
from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument
from bookstore_ops.cli.options import ConfirmWords, Yes
from bookstore_ops.cli.release_commands import OptionalServiceArgument

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    from bookstore_ops.operations.flags.status import read_flags
    from bookstore_ops.ui.flag_view import show_flags

    with _session(common, "list", env, journaled=False) as session:
        show_flags(common.terminal, read_flags(session, service))


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
    from bookstore_ops.operations.flags.setting import set_flag
    from bookstore_ops.ui.flag_view import show_flag

    ask = _asking(common, yes, confirm)
    with _session(common, "set", env) as session:
        show_flag(common.terminal, set_flag(session, service, flag, values, ask))


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
    ask = _asking(common, yes, confirm)
    return _run(common, "rollout", env, lambda held, watch: roll_out(held, wanted, ask, watch))


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
        common, "resume", env, lambda held, watch: go_on(held, service, flag, watch, wait=wait)
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

    ask = _asking(common, yes, confirm)
    return _run(
        common, "promote", env, lambda held, watch: pass_step(held, service, flag, ask, watch)
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

    ask = _asking(common, yes, confirm)
    return _run(common, "abort", env, lambda held, watch: give_up(held, service, flag, ask, watch))


@contextmanager
def _session(
    common: Common, command: str, env: str | None, *, journaled: bool = True
) -> "Iterator[FlagSession]":
    from bookstore_ops.operations.flags.session import open_flag_session

    request, terminal = common.request(f"flags {command}", env), common.terminal
    with open_flag_session(
        request, terminal.say, warn=terminal.warn, journaled=journaled
    ) as session:
        yield session


def _run(
    common: Common,
    command: str,
    env: str,
    work: "Callable[[FlagSession, Watcher], Rollout]",
) -> int:
    """Do it, show what became of the rollout, and exit as that asks for."""
    from bookstore_ops.ui.flag_view import RolloutWatch, show_rollout

    terminal = common.terminal
    with _session(common, command, env) as session:
        with RolloutWatch(terminal) as watch:
            rollout = work(session, watch)
        show_rollout(terminal, rollout)
        if session.held.outcome is None:
            return 0
        terminal.error(session.held.outcome)
        return int(session.held.outcome.exit_code)


def _asking(common: Common, yes: bool, words: str | None) -> "Confirm":
    return Approval(yes, words).asking(common.terminal)
