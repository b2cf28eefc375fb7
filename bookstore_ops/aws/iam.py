"""Asking IAM: who stands behind the credentials, and why it does not answer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from bookstore_ops.errors import BsopsError

_TRIES = 4
_PAUSE = 0.4
_THROTTLED = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded"})


class NotAsked(BsopsError):
    """IAM cannot be asked this, or not by this caller."""


class WithoutMfa(NotAsked):
    """IAM answers a user's session only where that began with MFA; STS answers it anyway.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
    """


@dataclass(frozen=True)
class Caller:
    """Whose policies are looked at; ``arn`` is None where none limits them: the root user."""

    arn: str | None


def find_caller(arn: str, iam: Any) -> Caller:
    """The user or role behind an ARN of sts:GetCallerIdentity.

    Raises:
        NotAsked: it is neither, or IAM does not tell the role.
    """
    kind, _, name = arn.split(":", 5)[5].partition("/")
    if kind == "root":
        return Caller(None)
    if kind == "user" and ":iam:" in arn:
        return Caller(arn)
    if kind != "assumed-role":
        raise NotAsked(
            "what this caller may do cannot be asked",
            why=f"{arn} is neither a user nor a role of IAM",
            next_step="look at the policies it was made with",
        )
    # The ARN of a session lacks its role's path, which those of SSO have.
    role = ask_iam("iam:GetRole", lambda: iam.get_role(RoleName=name.partition("/")[0]))
    return Caller(role["Role"]["Arn"])


T = TypeVar("T")


def ask_iam(action: str, call: Callable[[], T]) -> T:
    """What a call gives; one that is throttled is made again.

    Raises:
        WithoutMfa: the credentials, which STS takes, are a session's that began without MFA.
        NotAsked: it is denied, or AWS does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    for attempt in range(_TRIES):
        try:
            return call()
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _THROTTLED and attempt < _TRIES - 1:
                time.sleep(_PAUSE * 2**attempt)
                continue
            if code == "InvalidClientTokenId":
                raise WithoutMfa(
                    "IAM does not answer this session",
                    why="it answers a user's session only where that began with MFA",
                    next_step="aws sts get-session-token --serial-number ARN --token-code CODE",
                ) from error
            denied = code.startswith("AccessDenied")
            raise NotAsked(
                f"{action} is denied" if denied else f"{action} fails",
                why=str(error),
                next_step=f"let your role call {action}, or leave this check out with --skip"
                if denied
                else None,
            ) from error
        except BotoCoreError as error:
            raise NotAsked(f"{action} is not answered", why=str(error)) from error
    raise AssertionError  # the last attempt returns or raises
