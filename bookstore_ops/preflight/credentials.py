"""Checks of who AWS takes us for, and how long."""

from datetime import UTC, datetime
from typing import Any

from bookstore_ops.aws.refusals import Unanswered, clock_skew, log_in
from bookstore_ops.errors import BsopsError, CredentialsError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import Journal
from bookstore_ops.preflight.check import (
    Check,
    Group,
    NotKnown,
    Outcome,
    Scope,
    error,
    failed,
    ok,
    unknown,
    warning,
)
from bookstore_ops.preflight.context import Context
from bookstore_ops.workspace import Workspace

# botocore's names: https://github.com/boto/botocore/blob/develop/botocore/credentials.py
_METHODS = {
    "env": "environment variables",
    "shared-credentials-file": "the shared credentials file",
    "config-file": "the AWS configuration file",
    "sso": "an SSO login",
    "assume-role": "a role that is assumed",
    "assume-role-with-web-identity": "a role assumed with a web identity",
    "custom-process": "a credential_process",
    "container-role": "the container's role",
    "iam-role": "the instance's role",
    "login": "an aws login session",
    "boto-config": "a boto configuration file",
}
# Before the first apply nothing is known of how long they take here.
_ASSUMED_SECONDS = 30 * 60
_APPLIES = 20
_SKEW_WARNING = 60.0
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
_SKEW_ERROR = 300.0


def _found(context: Context) -> Outcome:
    aws = context.cloud()
    if isinstance(aws.problem, CredentialsError) and not isinstance(aws.problem, Unanswered):
        return failed(aws.problem)
    if aws.problem is not None:
        raise aws.problem
    access = aws.access
    if access is None or access.credentials is None:
        return error(
            f"no AWS credentials for {context.name}",
            why="none in the environment, in a profile, or from this machine",
            next_step=f"{_log_in(context)}   (no AWS account at hand? add --sandbox)",
        )
    where = _METHODS.get(access.method, access.method)
    profile = access.environ.get("AWS_PROFILE")
    return ok(
        f"from {where}"
        + (f", profile {profile}" if profile else "")
        + (f", assuming {access.role_arn}" if access.role_arn else "")
    )


def _log_in(context: Context) -> str:
    access = context.cloud().access
    return log_in(
        context.policy(),
        access.environ if access else context.environ,
        access.profiles if access else {},
    )


def _accepted(context: Context) -> Outcome:
    aws = context.cloud()
    if aws.access is None or aws.access.credentials is None:
        raise NotKnown("not asked", why="see BS401")
    try:
        return ok(f"you are {aws.answer.get()['Arn']}")
    except BsopsError as refused:
        if isinstance(refused, Unanswered):
            return unknown(refused.what, why=refused.why, next_step=refused.next_step)
        return failed(refused)


def usual_apply_seconds(workspace: Workspace, name: str | None, *, sandbox: bool) -> float | None:
    """How long an apply usually takes at most: of the last ones, all but the slowest twentieth."""
    entries = Journal(workspace.journal).entries(name)
    took = sorted(
        entry.ended.elapsed_seconds
        for entry in [
            each
            for each in entries
            if each.started.command == "apply" and each.started.sandbox == sandbox
        ][-_APPLIES:]
        if entry.ended and entry.ended.outcome == "done"
    )
    return took[-1 - len(took) // _APPLIES] if took else None


def wanted_seconds(workspace: Workspace, name: str | None, *, sandbox: bool) -> float:
    """How long the credentials have to last."""
    return usual_apply_seconds(workspace, name, sandbox=sandbox) or _ASSUMED_SECONDS


def _lasting(context: Context) -> Outcome:
    aws = context.cloud()
    aws.identity()
    if aws.access is not None and aws.access.renewed:
        where = _METHODS.get(aws.access.method, aws.access.method)
        return ok(f"Terraform renews them by itself: they are from {where}")
    expires = aws.access.expires() if aws.access else None
    if expires is None:
        if aws.access is not None and aws.access.is_temporary:
            return unknown(
                "nothing says when these temporary credentials end",
                why="AWS_SESSION_TOKEN is set without AWS_CREDENTIAL_EXPIRATION",
                next_step="export AWS_CREDENTIAL_EXPIRATION=TIME   (or name a profile)",
            )
        return ok("these credentials do not expire")
    usual = usual_apply_seconds(context.workspace, context.name, sandbox=context.sandbox)
    left = (expires - context.probes.now()).total_seconds()
    if left <= 0:
        return error(f"the credentials expired at {_clock(expires)}", next_step=_log_in(context))
    need = usual or _ASSUMED_SECONDS
    takes = (
        f"an apply of {context.name} takes up to {_minutes(need)}"
        if usual
        else f"no apply of {context.name} so far: {_minutes(need)} are assumed"
    )
    until = f"they end at {_clock(expires)}, in {_minutes(left)}"
    if left < need:
        return warning(
            until,
            why=f"{takes}; one that loses its credentials cannot save its state",
            next_step=_log_in(context),
        )
    return ok(f"{until}; {takes}")


def _clock(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%H:%M UTC")


def _minutes(seconds: float) -> str:
    if seconds < 120:
        return f"{int(seconds)} s"
    hours, minutes = divmod(int(seconds) // 60, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def _skew(context: Context) -> Outcome:
    answer: dict[str, Any] = context.cloud().identity()
    skew = clock_skew(answer, answer["Received"])
    if skew is None:
        return unknown("AWS did not say what time it is")
    shown = f"this machine's clock is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}"
    next_step = "timedatectl status   (then let it follow a time server)"
    if abs(skew) >= _SKEW_ERROR:
        return error(
            shown, why="AWS refuses requests that are signed five minutes off", next_step=next_step
        )
    if abs(skew) >= _SKEW_WARNING:
        return warning(shown, why="AWS refuses requests from five minutes on", next_step=next_step)
    return ok("this machine's clock agrees with that of AWS")


CHECKS = (
    Check(
        "BS401",
        Group.CREDENTIALS,
        "Credentials are found",
        "Says where they come from: environment variables, a profile, an SSO login, a role, the "
        "container, the instance, or a `credential_process`. They are those that Terraform gets.",
        "Log in (`aws sso login --profile PROFILE`), or set `profile` in the environment's file.",
        _found,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
        runbook="plan-refused",
    ),
    Check(
        "BS402",
        Group.CREDENTIALS,
        "AWS accepts the credentials",
        "They may be there and have expired, or be of a key that was deleted. STS is asked.",
        "Log in again.",
        _accepted,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
    ),
    Check(
        "BS403",
        Group.CREDENTIALS,
        "The credentials outlast an apply",
        "Terraform cannot save its state once its credentials have ended. What is left of them is "
        "held against the last 20 applies of this environment in the journal: all but the slowest "
        "twentieth must fit. Before the first apply, 30 minutes are assumed. What Terraform renews "
        "by itself (the role of a container or an instance, say) never ends too soon. `apply` and "
        "`destroy` of a protected environment refuse credentials that end too soon; other commands "
        "warn.",
        "Log in again before you apply.",
        _lasting,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
    ),
    Check(
        "BS404",
        Group.CREDENTIALS,
        "The clock is right",
        "AWS refuses what is signed with a clock that is five minutes off, and says that the "
        "signature is wrong. From one minute on there is a warning.",
        "Let the clock follow a time server.",
        _skew,
        scope=Scope.AWS,
        exit_code=ExitCode.ENVIRONMENT,
    ),
)
