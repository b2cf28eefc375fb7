"""The check of multi-factor authentication, as far as AWS tells of it."""

from typing import Any

from bookstore_ops.aws.iam import WithoutMfa, ask_iam
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    ok,
    skipped,
    warning,
)
from bookstore_ops.preflight.context import Context


def _mfa(context: Context) -> Outcome:
    if context.sandbox:
        return skipped("the sandbox knows no people")
    aws = context.cloud()
    iam, resource = aws.client("iam"), str(aws.identity()["Arn"]).split(":", 5)[5]
    if resource == "root":
        return _root(iam)
    kind, _, name = resource.rpartition("/")
    if not kind.startswith("user"):
        return skipped(
            "a role's session", why="whether it began with MFA, AWS tells to policies only"
        )
    if aws.access is not None and aws.access.is_temporary:
        return _session(context, name, iam)
    return _keys(context, name, iam)


def _root(iam: Any) -> Outcome:
    summary = ask_iam("iam:GetAccountSummary", iam.get_account_summary)["SummaryMap"]
    has = "with" if summary.get("AccountMFAEnabled") else "without"
    return warning(
        f"you are the account's root user, {has} MFA",
        why="nothing limits what its keys may do",
        next_step="aws iam list-access-keys   (delete them, and use SSO or a role)",
    )


def _session(context: Context, name: str, iam: Any) -> Outcome:
    try:
        ask_iam("iam:ListMFADevices", iam.list_mfa_devices)
    except WithoutMfa as refused:
        what = f"a session of user {name} that began without MFA"
        if not context.policy().protected:
            return ok(f"{what}; {context.name} is not protected")
        return warning(what, why=refused.why, next_step=refused.next_step)
    return ok(f"a session of user {name} that began with MFA")


def _keys(context: Context, name: str, iam: Any) -> Outcome:
    devices = ask_iam("iam:ListMFADevices", iam.list_mfa_devices)["MFADevices"]
    if not context.policy().protected:
        has = "has MFA" if devices else "has no MFA"
        return ok(f"keys of user {name}, who {has}; {context.name} is not protected")
    if not devices:
        return warning(
            f"long-lived keys of user {name}, who has no MFA; {context.name} is protected",
            why="whoever finds these keys needs nothing else",
            next_step=f"aws iam enable-mfa-device --user-name {name}   (or use SSO or a role)",
        )
    serial = devices[0]["SerialNumber"]
    return warning(
        f"long-lived keys of user {name}, which work without MFA; {context.name} is protected",
        why=f"a session from {serial} would carry it, and end by itself",
        next_step=f"aws sts get-session-token --serial-number {serial} --token-code CODE",
    )


CHECKS = (
    Check(
        "BS405",
        Group.CREDENTIALS,
        "A second factor stands behind the credentials",
        "Long-lived keys of a user are a warning on a protected environment: they work without "
        "MFA, even where the user has it. So is a user's session that began without it; IAM "
        "answers no such session. How that of a role or of an SSO login began AWS tells to "
        "policies only: it is skipped.",
        "Use a role or SSO, or a session from `aws sts get-session-token` with a code. To look "
        "needs `iam:ListMFADevices`.",
        _mfa,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
    ),
)
