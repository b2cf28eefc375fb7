"""The errors an operator is expected to meet: what happened, why, and the next command."""

from typing import Self

from bookstore_ops.exit_codes import ExitCode


class BsopsError(Exception):
    """An expected failure. ``str()`` gives one line of what, one of why, one of what to do.

    ``what`` is a sentence about the operator's world, ``why`` the cause as far as it is known
    (it may quote Terraform or AWS and then hold several lines), ``next_step`` a command to type
    or an edit to make. None of the three ever holds a secret. ``runbook`` is the page that leads
    on from here, where there is one.
    """

    exit_code = ExitCode.FAILED
    runbook: str | None = None

    def __init__(self, what: str, *, why: str | None = None, next_step: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.next_step = next_step

    def leading_to(self, runbook: str) -> Self:
        """The same with a page, unless it has one already."""
        self.runbook = self.runbook or runbook
        return self

    def __str__(self) -> str:
        parts = (("", self.what), ("why:  ", self.why), ("next: ", self.next_step))
        return "\n".join(label + text for label, text in parts if text)


class OperationFailed(BsopsError):
    """Terraform, AWS or the sandbox did not do what was asked."""


class Refused(BsopsError):
    """A guard stopped the command before anything was changed."""

    exit_code = ExitCode.REFUSED


class StateLocked(BsopsError):
    """Somebody else holds the state."""

    exit_code = ExitCode.LOCKED


class CredentialsError(BsopsError):
    """No credentials, expired credentials, or the wrong account."""

    exit_code = ExitCode.CREDENTIALS
    runbook = "plan-refused"


class ConfigurationError(BsopsError):
    """A file the operator owns is missing or wrong."""

    exit_code = ExitCode.CONFIGURATION


class EnvironmentMissing(BsopsError):
    """A tool, provider, directory or permission this machine lacks."""

    exit_code = ExitCode.ENVIRONMENT


class UsageError(BsopsError):
    """The command line itself is wrong."""

    exit_code = ExitCode.USAGE


class Interrupted(BsopsError):
    """A signal ended the command; ``exit_code`` is 128 plus the signal's number."""

    def __init__(
        self,
        signal_number: int,
        what: str,
        *,
        why: str | None = None,
        next_step: str | None = None,
    ) -> None:
        super().__init__(what, why=why, next_step=next_step)
        self.signal_number = signal_number
        self.exit_code = ExitCode.for_signal(signal_number)
