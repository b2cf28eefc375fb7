"""The options every command shares, given to each as one value."""

import inspect
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer

from bookstore_ops.errors import UsageError
from bookstore_ops.ui.terminal import Terminal

if TYPE_CHECKING:
    from bookstore_ops.environments import Environment
    from bookstore_ops.operations.request import AskCode, Request
    from bookstore_ops.workspace import Workspace


_SHARED: dict[str, tuple[Any, Any]] = {
    "sandbox": (
        Annotated[
            bool,
            typer.Option("--sandbox", envvar="BSOPS_SANDBOX", help="Use the embedded fake AWS."),
        ],
        False,
    ),
    "workspace": (
        Annotated[
            Path | None,
            typer.Option(
                "--workspace",
                metavar="DIR",
                envvar="BSOPS_WORKSPACE",
                help="The workspace, instead of the one found by walking up.",
            ),
        ],
        None,
    ),
    "terraform_bin": (
        Annotated[
            str | None,
            typer.Option(
                "--terraform-bin",
                metavar="PATH",
                envvar="BSOPS_TERRAFORM_BIN",
                help="Terraform or OpenTofu to run; 'embedded' for the one in a wheel.",
            ),
        ],
        None,
    ),
    "json": (Annotated[bool, typer.Option("--json", help="Print JSON on stdout.")], False),
    "quiet": (Annotated[bool, typer.Option("--quiet", "-q", help="Say only what matters.")], False),
    "verbose": (Annotated[bool, typer.Option("--verbose", "-v", help="Say more.")], False),
}


@dataclass(frozen=True)
class Common:
    """What was given to the options that every command shares.

    ``region``: where the environment's region is gone, the one to work in instead.
    """

    terminal: Terminal
    sandbox: bool
    workspace: Path | None
    terraform_bin: str | None
    region: str | None = None

    def in_region(self, region: str) -> "Common":
        """The same where the environment is worked on in that region."""
        return replace(self, region=region)

    def in_sandbox(self, sandbox: bool) -> "Common":
        """The same where something that began there, or did not, goes on.

        Raises:
            UsageError: the sandbox was asked for, and it began outside of it.
        """
        if self.sandbox and not sandbox:
            raise UsageError(
                "this did not begin in the sandbox, and cannot go on there",
                next_step="the same command without --sandbox (or unset BSOPS_SANDBOX)",
            )
        self.terminal.sandbox = sandbox
        return replace(self, sandbox=sandbox)

    def leaving(self, workspace: "Workspace", name: str | None) -> dict[str, str]:
        """What a page must know of a move: its ``region`` is still the one to leave."""
        if self.region is None:
            return {}
        return {"region": replace(self, region=None).environment(workspace, name).region}

    def find_workspace(self) -> "Workspace":
        """The workspace named, or the nearest one upwards."""
        from bookstore_ops.workspace import find_workspace

        return find_workspace(self.workspace)

    def environment(self, workspace: "Workspace", name: str | None) -> "Environment":
        """The environment meant; a person is asked where several are possible."""
        from bookstore_ops.environments import moved_to
        from bookstore_ops.operations.targets import resolve_environment

        choose = self._choose if self.terminal.interactive else None
        environment = resolve_environment(workspace, name, os.environ, choose)
        self.terminal.environment = environment.name
        return moved_to(environment, self.region) if self.region else environment

    def request(self, command: str, environment: str | None) -> "Request":
        """This command on that environment."""
        workspace = self.find_workspace()
        self.terminal.banner()
        return self.request_in(workspace, command, environment)

    def request_in(
        self, workspace: "Workspace", command: str, environment: str | None
    ) -> "Request":
        """The same in a workspace that is known already, without a word to the operator."""
        from bookstore_ops.operations.request import Request

        return Request(
            workspace,
            self.environment(workspace, environment),
            command,
            sandbox=self.sandbox,
            terraform_bin=self.terraform_bin,
            ask_code=self.ask_code,
        )

    @property
    def ask_code(self) -> "AskCode | None":
        """Asks for a code of an MFA device; None where nobody is there."""
        if not self.terminal.interactive:
            return None
        return lambda device: self.terminal.ask(f"MFA code of {device}", flag="keys of the role")

    def locked_environment(self, named: str | None) -> str | None:
        """The environment to unlock: the one meant, else the one that is locked.

        None: no environment is locked. Where several are, a person is asked.
        """
        from bookstore_ops.operations.locking import read_all, the_locked

        if named or os.environ.get("BSOPS_ENV"):
            return named or os.environ["BSOPS_ENV"]
        workspace = self.find_workspace()
        self.terminal.say("looking for the environment that is locked")
        reports = read_all(
            workspace, lambda name: self.request_in(workspace, "unlock", name), self.terminal.warn
        )
        locked = the_locked(reports)
        if len(locked) < 2:
            return next(iter(locked), None)
        if not self.terminal.interactive:
            raise UsageError(
                f"{len(locked)} environments are locked: {', '.join(locked)}",
                why="one is unlocked at a time",
                next_step=f"bsops unlock {locked[0]}",
            )
        return self._choose("Which environment?", locked)

    def _choose(self, question: str, names: Sequence[str]) -> str:
        chosen = self.terminal.choose(question, names, flag="the environment's name")
        if chosen is None:
            raise UsageError("no environment was chosen", next_step=f"name one, e.g. {names[0]}")
        return chosen


def with_common(
    function: Callable[..., int | None], *, sandbox: bool = False
) -> Callable[..., int]:
    """Make a typer command of ``function(common, …)``: the shared options follow its own.

    ``sandbox``: the command is about the sandbox, whether ``--sandbox`` is given or not.
    """
    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]

    def run(**given: Any) -> int:
        shared = {name: given.pop(name) for name in _SHARED}
        shared["sandbox"] |= sandbox
        terminal = Terminal(
            json=shared["json"],
            quiet=shared["quiet"],
            verbose=shared["verbose"],
            sandbox=shared["sandbox"],
        )
        CURRENT.append(terminal)
        common = Common(terminal, shared["sandbox"], shared["workspace"], shared["terraform_bin"])
        return function(common, **given) or 0

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [p.replace(annotation=hints[p.name], kind=keyword) for p in own]
    parameters += [
        inspect.Parameter(name, keyword, annotation=annotation, default=default)
        for name, (annotation, default) in _SHARED.items()
    ]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    run.__doc__ = function.__doc__
    run.__name__ = function.__name__
    return run


# The terminal of the command under way, so that its errors come out the way it was asked to speak.
CURRENT: list[Terminal] = []


def current_terminal() -> Terminal:
    """The terminal of the command under way; a plain one where none has begun."""
    return CURRENT[-1]


def complete_environment(incomplete: str) -> list[str]:
    """The environments that begin so, for the shell."""
    from bookstore_ops.environments import environment_names
    from bookstore_ops.errors import BsopsError
    from bookstore_ops.workspace import find_workspace

    try:
        names = environment_names(find_workspace())
    except BsopsError:
        return []
    return [name for name in names if name.startswith(incomplete)]


EnvironmentArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="ENV",
        show_default=False,
        help="The environment: dev, staging, prod, …",
        autocompletion=complete_environment,
    ),
]

# Where other arguments follow it, it cannot be left out.
RequiredEnvironmentArgument = Annotated[
    str,
    typer.Argument(
        metavar="ENV",
        show_default=False,
        help="The environment: dev, staging, prod, …",
        autocompletion=complete_environment,
    ),
]
