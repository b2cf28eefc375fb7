"""Checks of the account: the right one, and its region open."""

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    error,
    ok,
    unknown,
)
from bookstore_ops.preflight.context import Context


def _allowed(context: Context) -> Outcome:
    policy, answer = context.policy(), context.cloud().identity()
    found = str(answer["Account"])
    if found != policy.account_id:
        return error(
            f"these credentials are of account {found}, "
            f"but {policy.name} is account {policy.account_id}",
            why=f"you are {answer['Arn']}",
            next_step=_of_the_right_account(context),
        )
    return ok(f"account {found}, the one of {policy.name}")


def _of_the_right_account(context: Context) -> str:
    policy, access = context.policy(), context.cloud().access
    keys = access is not None and access.method == "env"
    unset = "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"
    if keys and policy.profile:
        return f"{unset}   (these keys come before profile {policy.profile})"
    if policy.role_arn:
        return f"correct role_arn or account_id in environments/{policy.name}.toml"
    return (
        (f"{unset}; " if keys else "") + f"export AWS_PROFILE=a-profile-of-{policy.account_id}   "
        f"(or set profile in environments/{policy.name}.toml)"
    )


def _alias(context: Context) -> Outcome:
    from botocore.exceptions import BotoCoreError, ClientError

    iam = context.cloud().client("iam")
    try:
        aliases = iam.list_account_aliases()["AccountAliases"]
    except (BotoCoreError, ClientError) as cause:
        return unknown(
            "AWS does not say the account's alias",
            why=str(cause),
            next_step=_let("iam:ListAccountAliases"),
        )
    return ok(f"its alias is {aliases[0]}" if aliases else "the account has no alias")


def _region(context: Context) -> Outcome:
    from botocore.exceptions import BotoCoreError, ClientError

    region = context.policy().region
    ec2 = context.cloud().client("ec2")
    try:
        found = ec2.describe_regions(RegionNames=[region], AllRegions=True)["Regions"]
    except ClientError as cause:
        if cause.response["Error"]["Code"] == "InvalidParameterValue":
            return _no_region(context, region)
        return unknown(
            "AWS does not say its regions", why=str(cause), next_step=_let("ec2:DescribeRegions")
        )
    except BotoCoreError as cause:
        return unknown("AWS does not say its regions", why=str(cause))
    if not found:
        return _no_region(context, region)
    if found[0].get("OptInStatus") == "not-opted-in":
        return error(
            f"{region} is not enabled in this account",
            why="it is one of the regions that have to be opted into",
            next_step=f"aws account enable-region --region-name {region}",
        )
    return ok(f"{region} is enabled")


def _no_region(context: Context, region: str) -> Outcome:
    return error(
        f"AWS knows no region {region}",
        next_step=f"correct region in environments/{context.name}.toml",
    )


def _let(action: str) -> str:
    return f"let your role call {action}, or leave this check out with --skip"


CHECKS = (
    Check(
        "BS501",
        Group.ACCOUNT,
        "The account is the one allowed",
        "`account_id` in the environment's file names the one account that may be touched. Every "
        "command that touches AWS refuses another.",
        "Use a profile of the right account.",
        _allowed,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
    ),
    Check(
        "BS502",
        Group.ACCOUNT,
        "The account's alias",
        "Shows the name that the account goes by. Unknown where `iam:ListAccountAliases` is "
        "denied.",
        "Nothing needs to be mended.",
        _alias,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
    ),
    Check(
        "BS503",
        Group.ACCOUNT,
        "The region is enabled",
        "Some regions have to be opted into, account by account.",
        "`aws account enable-region --region-name REGION`. It takes some minutes.",
        _region,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
    ),
)
