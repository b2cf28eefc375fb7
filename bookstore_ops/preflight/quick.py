"""The quick checks that stand before every command that touches AWS: doctor's own."""

from collections.abc import Callable

from bookstore_ops.errors import BsopsError, CredentialsError, EnvironmentMissing
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight import account, credentials
from bookstore_ops.preflight.check import Check, Outcome, Status
from bookstore_ops.preflight.context import Context
from bookstore_ops.preflight.runner import Job, make

_FOUND, _ACCEPTED, _LASTING, _CLOCK = "BS401", "BS402", "BS403", "BS404"
_ALLOWED = "BS501"
# Not the region: STS is asked in it, and knows nobody where it is not enabled.
_QUICK = (_FOUND, _ACCEPTED, _ALLOWED, _LASTING, _CLOCK)
# Nothing runs where it is not known whose account it is.
_MUST_BE_KNOWN = {_FOUND, _ACCEPTED, _ALLOWED}


def stop_or_warn(context: Context, *, strict: bool, warn: Callable[[str], None]) -> None:
    """Make the quick checks on what AWS has answered already.

    ``strict``: credentials that may end too soon stop the command, too.

    Raises:
        CredentialsError: there are none, or they are of another account or end too soon.
        EnvironmentMissing: the clock is wrong.
    """
    known = {check.code: check for check in (*credentials.CHECKS, *account.CHECKS)}
    for code in _QUICK:
        check = known[code]
        outcome = make(Job(check, context)).outcome
        if outcome.status is Status.ERROR or (
            outcome.status is Status.UNKNOWN and code in _MUST_BE_KNOWN
        ):
            raise _error(check, outcome)
        if outcome.status is Status.WARNING:
            if strict and code == _LASTING:
                raise CredentialsError(
                    f"the credentials for {context.name} may end before an apply does: "
                    f"{outcome.what}",
                    why=outcome.why,
                    next_step=outcome.next_step,
                )
            warn(f"{_warning(code)}{outcome.what} ({outcome.why})")


def _warning(code: str) -> str:
    return "the credentials may end before an apply does: " if code == _LASTING else ""


def _error(check: Check, outcome: Outcome) -> BsopsError:
    kind = EnvironmentMissing if check.exit_code is ExitCode.ENVIRONMENT else CredentialsError
    return kind(outcome.what, why=outcome.why, next_step=outcome.next_step)
