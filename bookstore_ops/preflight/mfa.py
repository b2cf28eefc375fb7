"""The check of multi-factor authentication, as far as AWS tells of it."""

from typing import Any

from bookstore_ops.aws.simulation import ask_iam
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    ok,
    skipped,
    unknown,
    warning,
)
from bookstore_ops.preflight.context import Context


def _mfa(context: Context) -> Outcome:
    if context.sandbox:
        return skipped("the sandbox knows no people")
    aws = context.cloud()
    arn = str(aws.identity()["Arn"])
    resource = arn.split(":", 5)[5]
    if resource == "root":
        return _root(aws.client("iam"))
    if not resource.startswith("user/"):
        return skipped(
            "a session of a role", why="whether it began with MFA, AWS tells to policies only"
        )
    temporary = aws.access is not None and aws.access.is_temporary
    return _user(context, resource.rpartition("/")[2], aws.client("iam"), temporary=temporary)


def _root(iam: Any) -> Outcome:
    summary = ask_iam("iam:GetAccountSummary", iam.get_account_summary)["SummaryMap"]
    has = "with" if summary.get("AccountMFAEnabled") else "without"
    return warning(
        f"you are the account's root user, {has} MFA",
        why="nothing limits what its keys may do",
        next_step="aws iam create-role   (then delete the root user's keys, and use the role)",
    )


def _user(context: Context, name: str, iam: Any, *, temporary: bool) -> Outcome:
    devices = ask_iam("iam:ListMFADevices", iam.list_mfa_devices)["MFADevices"]
    keys = "a session" if temporary else "long-lived keys"
    if temporary and devices:
        return unknown(
            f"{keys} of user {name}, who has MFA: whether it began with it is not known",
            why="AWS tells it to policies only",
        )
    if not context.policy().protected:
        has = "has MFA" if devices else "has no MFA"
        return ok(f"{keys} of user {name}, who {has}; {context.name} is not protected")
    if not devices:
        return warning(
            f"{keys} of user {name}, who has no MFA; {context.name} is protected",
            why="whoever finds these keys needs nothing else",
            next_step=f"aws iam enable-mfa-device --user-name {name}   (or use a role or SSO)",
        )
    serial = devices[0]["SerialNumber"]
    return warning(
        f"{keys} of user {name} on a protected environment: they work without MFA",
        why=f"a session from {serial} would carry it, and end by itself",
        next_step=f"aws sts get-session-token --serial-number {serial} --token-code CODE",
    )


CHECKS = (
    Check(
        "BS405",
        Group.CREDENTIALS,
        "A second factor stands behind the credentials",
        "Long-lived keys of a user are a warning on a protected environment: they work without "
        "MFA, even where the user has it. Whether a session began with MFA AWS tells to policies "
        "only: for a user's session it is unknown, that of a role or an SSO login is skipped.",
        "Use a role or SSO, or a session from `aws sts get-session-token` with a code. To look "
        "needs `iam:ListMFADevices`.",
        _mfa,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
    ),
)
