"""What an operator asked for; it is known before what does it is loaded."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bookstore_ops.aws.look import Asked, Look
from bookstore_ops.environments import Environment
from bookstore_ops.errors import Refused
from bookstore_ops.terraform.environ import curate
from bookstore_ops.workspace import Workspace

AskCode = Callable[[str], str]


@dataclass(frozen=True)
class Request:
    """What an operator asked for, common to every command that runs Terraform.

    ``ask_code`` asks for a code of the MFA device named; None where nobody is there to type it.
    ``look``: AWS is being asked already.
    """

    workspace: Workspace
    environment: Environment
    command: str
    sandbox: bool = False
    terraform_bin: str | None = None
    arguments: Sequence[str] = field(default_factory=lambda: sys.argv[1:])
    ask_code: AskCode | None = None
    look: Look | None = None

    @property
    def slug(self) -> str:
        """The command in one word, for names: ``state-mv``."""
        return self.command.replace(" ", "-")

    def ahead(self) -> "Request":
        """The same, with AWS being asked from now on, while what runs Terraform is imported.

        Only for a command that touches AWS whatever comes.
        """
        try:
            return self if self.sandbox else replace(self, look=begin_look(self))
        except Refused:
            # Told once more where it goes into the journal.
            return self


def begin_look(request: Request) -> Look:
    """Begin to ask AWS who we are, with the environment that Terraform gets.

    Raises:
        Refused: the environment is protected and a variable would change what runs.
    """
    variables = curate(os.environ, request.environment, sandbox=None).variables
    seconds = 0.0
    if request.environment.role_arn:
        from bookstore_ops.preflight.credentials import wanted_seconds

        seconds = wanted_seconds(request.workspace, request.environment.name, sandbox=False)
    return Look(Asked(request.environment, variables, request.slug, seconds=seconds))
