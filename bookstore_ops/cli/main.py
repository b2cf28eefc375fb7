"""The entry point: builds the command line, runs it, and turns errors into exit codes."""

import atexit
import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Annotated

import typer
from typer.exceptions import TyperException

from bookstore_ops import __version__
from bookstore_ops.cli.common import CURRENT, current_terminal
from bookstore_ops.cli.plain_values import use_plain_values
from bookstore_ops.errors import BsopsError, Interrupted, UsageError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.ui.streams import open_closed
from bookstore_ops.ui.terminal import Terminal

# Each command's module and its line in `bsops --help`. Only the module of the command that was
# typed is imported; a test holds these lines against the commands' own.
COMMANDS = {
    "new": "Write a new workspace: tree, environments, runbooks.",
    "envs": "List the environments and where each stands.",
    "plan": "Show what an apply would change, and save it as a plan.",
    "apply": "Apply a saved plan; without one, plan first.",
    "destroy": "Destroy everything of an environment.",
    "show": "Show a saved plan, or what the state holds.",
    "drift": "Show what changed outside Terraform; exit 2 if anything did.",
    "graph": "Show what needs what: modules, or one resource and its surroundings.",
    "output": "Print the outputs of an environment.",
    "state": "Look into a state, change it, and get it back.",
    "import": "Take what exists in AWS into the state, after a look at what a plan says of it.",
    "timeouts": "List how long Terraform waits for each resource, or change it.",
    "tfvars": "Write an environment's values, check them, change one, compare two.",
    "policy": "List the policies, hold a plan against them, try them on their fixtures.",
    "init": "Initialise an environment's root (other commands do when needed).",
    "bootstrap": "Make the state bucket of an environment, and move its state there.",
    "validate": "Check the configuration of one environment, or of all.",
    "fmt": "Format the Terraform tree.",
    "lock": "Show who holds an environment's state, and whether they live.",
    "locks": "Show who holds the state of every environment.",
    "unlock": "Break a lock whose holder is dead.",
    "release": "Release an image of a service, watch it, go back.",
    "flags": "List feature flags, set one, give it to more and more customers.",
    "load": "Send a service requests at a constant rate, and hold it to its criteria.",
    "backup": "List backups of every store, take them, restore them beside the old, try them.",
    "dr": "Move to the other region: what is ready, what would be lost, the steps.",
    "idle": "List what of an environment costs money and does nothing, and what would end it.",
    "history": "List past runs: who, what, when, how it ended.",
    "doctor": "Check all that a run depends on: tools, workspace, values, credentials, state.",
    "support": "Gather what somebody needs who is asked for help.",
    "runbook": "Find a runbook, run it step by step, go on later, report.",
    "config": "Explain an environment's settings.",
    "sandbox": "Run the platform on this machine against a fake AWS.",
    "version": "Print the versions of bsops, Terraform and the provider.",
}

# `import` is no name that Python gives a module.
MODULES = {"import": "import_"}

# These ask AWS first, whatever else they do: whoever asks gets ready while they are loaded.
_ASK_AWS = {"plan", "apply", "destroy", "drift"}

# A command lives for seconds and lets go of little; to look for garbage as often as Python does
# takes a seventh of the time of a short one.
_GARBAGE = (200_000, 20, 20)

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_EPILOG = (
    "Start here, no AWS account needed:  bsops plan dev --sandbox. "
    "Exit codes: 0 done, 1 failed, 2 changes (--detailed-exitcode), 3 refused, 4 locked, "
    "5 credentials, 6 configuration, 7 tool missing, 64 usage, 70 bug, 129/130/143 signals."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run bsops and return its exit code; nothing is raised."""
    gc.set_threshold(*_GARBAGE)
    # Nothing is looked for once all is done: that would take a tenth of a second.
    atexit.register(gc.freeze)
    open_closed()
    words = list(sys.argv[1:] if arguments is None else arguments)
    CURRENT[:] = [Terminal(json="--json" in words)]
    _listen_for_signals()
    if _will_ask_aws(words):
        from bookstore_ops.aws.asker import begin_early

        begin_early()
    try:
        code = _run(words)
    except BsopsError as error:
        current_terminal().error(error)
        code = int(error.exit_code)
    except Exception as error:  # noqa: BLE001  (the last resort: a bug, reported as one)
        code = _report_bug(error)
    # The outcome stands: a signal from here on must not turn it into another.
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    current_terminal().close()
    return code


def _run(words: list[str]) -> int:
    use_plain_values()
    command = typer.main.get_command(build_app(_typed_commands(words)))
    try:
        code = command.main(args=words, prog_name="bsops", standalone_mode=False)
    except TyperException as error:
        if type(error).__name__ == "NoArgsIsHelpError":
            typer.echo(error.format_message())
            return ExitCode.DONE
        context = getattr(error, "ctx", None)
        raise UsageError(
            error.format_message(),
            next_step=f"{context.command_path if context else 'bsops'} --help",
        ) from error
    except typer.Abort:
        raise Interrupted(signal.SIGINT, "interrupted") from None
    return int(code or 0)


def build_app(typed: set[str]) -> typer.Typer:
    """The whole command line; of the commands not in ``typed`` only name and help."""
    app = typer.Typer(
        name="bsops",
        help="Operate the Bookstore platform on AWS: plan, apply, and the bad days.",
        epilog=_EPILOG,
        no_args_is_help=True,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def bsops(
        _version: Annotated[
            bool,
            typer.Option(
                "--version",
                callback=_print_version,
                is_eager=True,
                help="Print bsops's version and exit.",
            ),
        ] = False,
    ) -> None:
        """Operate the Bookstore platform on AWS: plan, apply, and the bad days."""

    for name, line in COMMANDS.items():
        if name in typed:
            import_module(f"bookstore_ops.cli.{MODULES.get(name, name)}").add(app)
        else:
            app.command(name, help=line)(_not_loaded)
    return app


def _not_loaded() -> None:
    """Stand in for a command that was not typed."""


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"bsops {__version__}")
        raise typer.Exit


def _typed_commands(words: list[str]) -> set[str]:
    # Completion passes the line typed so far in one of these variables.
    completing = os.environ.get("COMP_WORDS", "") + " " + os.environ.get("_TYPER_COMPLETE_ARGS", "")
    return {word for word in [*words, *completing.split()] if word in COMMANDS}


def _will_ask_aws(words: list[str]) -> bool:
    """A guess; where it is wrong, nothing is asked."""
    elsewhere = {"--sandbox", "--help", "-h"} & set(words) or os.environ.get("BSOPS_SANDBOX")
    return words[:1] != [] and words[0] in _ASK_AWS and not elsewhere


def _listen_for_signals() -> None:
    for number in _SIGNALS:
        # nohup: a lost terminal is no reason to stop.
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(number, "interrupted; nothing was under way")


def _report_bug(error: Exception) -> int:
    from bookstore_ops.cli.bug_report import write_bug_report

    path = write_bug_report(error)
    current_terminal().error(
        _Bug(
            f"this is a bug in bsops: {type(error).__name__}: {error}",
            why=f"the report is in {path}" if path else None,
            next_step="bsops support bundle   (it takes the report with it; attach it to an issue)",
        )
    )
    return ExitCode.BUG


class _Bug(BsopsError):
    exit_code = ExitCode.BUG
