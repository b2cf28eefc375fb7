"""Who AWS takes us for, found out beside what a command does before Terraform starts."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from bookstore_ops.aws.look import Answer, Look
from bookstore_ops.aws.refusals import CodeWanted
from bookstore_ops.errors import CredentialsError
from bookstore_ops.operations.request import Request, begin_look
from bookstore_ops.preflight.check import Once
from bookstore_ops.preflight.context import Aws, Context
from bookstore_ops.preflight.quick import stop_or_warn
from bookstore_ops.terraform.binary import locate_binary

# Those that work in AWS for as long as an apply takes; others are done in minutes.
_LONG = {"apply", "destroy"}


@dataclass
class Asking:
    """AWS being asked for a command. ``variables`` become those that Terraform gets."""

    request: Request
    variables: dict[str, str]
    context: Context
    look: Look

    def settle(self, warn: Callable[[str], None]) -> str:
        """Wait for the answer, make the quick checks; the account's ID.

        Raises:
            BsopsError: the command must not go on.
        """
        answer = self._answer()
        if answer.problem is not None:
            raise answer.problem
        context = replace(self.context, aws=_aws(answer))
        environment = self.request.environment
        strict = environment.protected and self.request.command in _LONG
        stop_or_warn(context, strict=strict, warn=warn)
        if answer.access is not None:
            self._adopt(answer.access.environ)
        return environment.account_id

    def _adopt(self, environ: Mapping[str, str]) -> None:
        """Change what the credentials change, and nothing that was added since they were sought."""
        before = self.look.asked.environ
        for name in before.keys() - environ.keys():
            self.variables.pop(name, None)
        self.variables.update({k: v for k, v in environ.items() if before.get(k) != v})

    def _answer(self) -> Answer:
        answer = self.look.answer()
        ask = self.request.ask_code
        if isinstance(answer.problem, CodeWanted) and ask is not None:
            self.look = Look(replace(self.look.asked, code=ask(answer.problem.serial)))
            return self.look.answer()
        return answer


def _aws(answer: Answer) -> Aws:
    def identity() -> dict[str, Any]:
        if answer.identity is None:
            raise CredentialsError("there are no credentials")
        return answer.identity

    return Aws(answer.access, answer.problem, Once(identity))


@contextmanager
def asking(request: Request, variables: dict[str, str]) -> Iterator[Asking]:
    """AWS is asked with the environment ``variables`` while the body goes on.

    Raises:
        Refused: the environment is protected and a variable would change what runs.
    """
    environment, workspace = request.environment, request.workspace
    context = Context(
        workspace,
        variables,
        Once(lambda: locate_binary(workspace, variables, named=request.terraform_bin)),
        name=environment.name,
        environment=environment,
    )
    made = Asking(request, variables, context, request.look or begin_look(request))
    try:
        yield made
    finally:
        made.look.abandon()
