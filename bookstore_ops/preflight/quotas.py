"""Checks of the account's quotas: what is used, and what the waiting plan makes, must fit.

Codes and names of the quotas are those of Service Quotas
(https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html).
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight import usage
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    Status,
    unknown,
)
from bookstore_ops.preflight.context import Aws, Context
from bookstore_ops.terraform import demand

# Other services of AWS warn from here on too.
_NEARLY = 0.8
_SECONDS = 12.0
# All checks ask Service Quotas at once; it may refuse some of them for that alone.
_AGAIN_AFTER = 1.0
_TOO_MANY = frozenset({"TooManyRequestsException", "ThrottlingException", "Throttling"})
_NO_ANSWER = "NoSuchResourceException"


@dataclass(frozen=True)
class Quota:
    """One quota: where Service Quotas keeps it, and what is counted, if need be zone by zone."""

    key: str
    service: str
    code: str
    noun: str
    zoned: bool = False


@dataclass(frozen=True)
class _Load:
    """What a quota has to bear; ``more`` is None where it is not known, for the reason ``why``."""

    noun: str
    used: float
    more: float | None
    why: str


_WORST_FIRST = (Status.ERROR, Status.UNKNOWN, Status.WARNING, Status.SKIPPED, Status.OK)


def _fits(
    context: Context,
    quotas: tuple[Quota, ...],
    count: Callable[[Aws], Mapping[str, float]],
    actions: tuple[str, ...],
) -> Outcome:
    from botocore.exceptions import BotoCoreError, ClientError

    aws = context.cloud()
    wanted = aws.demand.get()
    why = "the plan that waits does not tell what it takes"
    if wanted is None:
        why = f"what is to come is known after: {context.command('plan')}"
    nouns = " and ".join(quota.noun for quota in quotas)
    try:
        used = count(aws)
    except (BotoCoreError, ClientError) as cause:
        return unknown(
            f"{nouns}: what is used is not known", why=str(cause), next_step=_let(actions)
        )
    findings = [_find(context, aws, quota, _load(quota, used, wanted, why)) for quota in quotas]
    worst = min(findings, key=lambda each: _WORST_FIRST.index(each.status))
    alike = [each for each in findings if each.status is worst.status]
    steps = dict.fromkeys(each.next_step for each in alike if each.next_step)
    says = "; ".join(each.what for each in alike)
    return Outcome(worst.status, says, worst.why, " && ".join(steps) or None)


def _load(
    quota: Quota, used: Mapping[str, float], wanted: Mapping[str, float] | None, why: str
) -> _Load:
    planned = wanted or {}
    if not quota.zoned:
        return _Load(quota.noun, used.get(quota.key, 0.0), planned.get(quota.key), why)
    # What goes nobody knows where may go into the fullest zone.
    anywhere = demand.in_zone(quota.key, "")
    zones = sorted(key for key in {*used, *planned} - {anywhere} if key.startswith(anywhere))
    fullest = max(
        zones, key=lambda key: used.get(key, 0.0) + planned.get(key, 0.0), default=anywhere
    )
    more = sum(planned.get(key, 0.0) for key in {fullest, anywhere})
    zone = fullest.removeprefix(anywhere)
    noun = f"{quota.noun} in {zone}" if zone else quota.noun
    return _Load(noun, used.get(fullest, 0.0), None if wanted is None else more, why)


def _find(context: Context, aws: Aws, quota: Quota, load: _Load) -> Outcome:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        allowed = _allowed(aws, quota, has_defaults=not context.sandbox)
    except (BotoCoreError, ClientError) as cause:
        if context.sandbox:
            return Outcome(
                Status.SKIPPED, f"{load.noun}: {_figure(load.used)} used, and moto has no quota"
            )
        return Outcome(
            Status.UNKNOWN,
            f"{load.noun}: {_figure(load.used)} used, of how many is not known",
            str(cause),
            _let(("servicequotas:GetServiceQuota", "servicequotas:GetAWSDefaultServiceQuota")),
        )
    return _judge(context, quota, load, allowed)


def _allowed(aws: Aws, quota: Quota, *, has_defaults: bool) -> dict[str, Any]:
    """The quota as it was granted; where nothing ever was, the one that every account has."""
    from botocore.exceptions import ClientError

    client, of = aws.client("service-quotas"), {"ServiceCode": quota.service}
    try:
        return _ask(client.get_service_quota, **of, QuotaCode=quota.code)
    except ClientError as cause:
        if cause.response["Error"]["Code"] != _NO_ANSWER or not has_defaults:
            raise
    return _ask(client.get_aws_default_service_quota, **of, QuotaCode=quota.code)


def _ask(call: Callable[..., Any], **arguments: str) -> dict[str, Any]:
    from botocore.exceptions import ClientError

    try:
        answer = call(**arguments)
    except ClientError as cause:
        if cause.response["Error"]["Code"] not in _TOO_MANY:
            raise
        time.sleep(_AGAIN_AFTER)
        answer = call(**arguments)
    found: dict[str, Any] = answer["Quota"]
    return found


def _judge(context: Context, quota: Quota, load: _Load, allowed: Mapping[str, Any]) -> Outcome:
    limit, total = float(allowed["Value"]), load.used + (load.more or 0.0)
    says = f"{load.noun}: {_figure(load.used)} of {_figure(limit)} used"
    if load.more:
        says += f", {_figure(load.more)} more planned"
    if total > limit:
        why = f"AWS refuses what is beyond {_figure(limit)}, in the middle of an apply or after it"
        return Outcome(Status.ERROR, says, why, _raise(context, quota, total, allowed))
    if total > _NEARLY * limit:
        why = f"{_figure(limit - total)} would be left"
        return Outcome(Status.WARNING, says, why, _raise(context, quota, total, allowed))
    if load.more is None:
        return Outcome(Status.SKIPPED, says, load.why)
    return Outcome(Status.OK, says if load.more else f"{says}, no more planned")


def _raise(context: Context, quota: Quota, total: float, allowed: Mapping[str, Any]) -> str:
    if not allowed.get("Adjustable", True):
        return f"free some: AWS does not raise {quota.code}"
    policy = context.policy()
    profile = f" --profile {policy.profile}" if policy.profile else ""
    return (
        f"aws service-quotas request-service-quota-increase --service-code {quota.service} "
        f"--quota-code {quota.code} --desired-value {math.ceil(total / _NEARLY)} "
        f"--region {policy.region}{profile}"
    )


def _let(actions: tuple[str, ...]) -> str:
    return f"let your role call {', '.join(actions)}, or leave this check out with --skip"


def _figure(value: float) -> str:
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _check(
    code: str,
    title: str,
    matters: str,
    quotas: tuple[Quota, ...],
    count: Callable[[Aws], Mapping[str, float]],
    *actions: str,
) -> Check:
    named = ", ".join(f"`{quota.code}` of `{quota.service}`" for quota in quotas)
    return Check(
        code,
        Group.QUOTAS,
        title,
        f"{matters} Quota {named}.",
        "Ask for a higher quota with the command that is shown; AWS takes hours to days. Or "
        "free what is not needed.",
        partial(_fits, quotas=quotas, count=count, actions=actions),
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
        deadline=_SECONDS,
        runbook="quota-reached",
    )


CHECKS = (
    _check(
        "BS651",
        "The VPCs fit",
        "Use, and what the newest plan that waits makes, is held against the quota; beyond 80 % "
        "there is a warning. Without a plan only what is used is known.",
        (Quota(demand.VPCS, "vpc", "L-F678F1CE", "VPCs"),),
        usage.vpcs,
        "ec2:DescribeVpcs",
    ),
    _check(
        "BS652",
        "The elastic IPs fit",
        "Each NAT gateway has one, and an account begins with five a region.",
        (Quota(demand.ELASTIC_IPS, "ec2", "L-0263D0A3", "elastic IPs"),),
        usage.elastic_ips,
        "ec2:DescribeAddresses",
    ),
    _check(
        "BS653",
        "The NAT gateways fit",
        "Counted zone by zone; the fullest is told.",
        (Quota(demand.NAT_GATEWAYS, "vpc", "L-FE5A380F", "NAT gateways", zoned=True),),
        usage.nat_gateways,
        "ec2:DescribeNatGateways",
        "ec2:DescribeSubnets",
    ),
    _check(
        "BS654",
        "The network interfaces fit",
        "Each task, load balancer, endpoint and database has one or more. What a plan makes is "
        "estimated: where subnets are not known yet, one for each zone.",
        (Quota(demand.NETWORK_INTERFACES, "vpc", "L-DF5E4CA3", "network interfaces"),),
        usage.network_interfaces,
        "ec2:DescribeNetworkInterfaces",
    ),
    _check(
        "BS655",
        "The security groups fit",
        "A new VPC brings a group of its own.",
        (Quota(demand.SECURITY_GROUPS, "vpc", "L-E79EC296", "security groups"),),
        usage.security_groups,
        "ec2:DescribeSecurityGroups",
    ),
    _check(
        "BS656",
        "The vCPUs of Fargate fit",
        "New accounts may begin with six. Counted are the tasks that run, and those with which "
        "the plan's services begin; a rollout and scaling take more for a time.",
        (
            Quota(demand.FARGATE_VCPU, "fargate", "L-3032A538", "vCPUs on Fargate"),
            Quota(demand.FARGATE_SPOT_VCPU, "fargate", "L-36FBB829", "vCPUs on Fargate Spot"),
        ),
        usage.fargate,
        "ecs:ListClusters",
        "ecs:ListTasks",
        "ecs:DescribeTasks",
    ),
    _check(
        "BS657",
        "The DB instances and their storage fit",
        "A replica has as much storage as its source.",
        (
            Quota(demand.DB_INSTANCES, "rds", "L-7B6409FD", "DB instances"),
            Quota(demand.DB_STORAGE_GIB, "rds", "L-7ADDB58A", "GiB of DB storage"),
        ),
        usage.databases,
        "rds:DescribeDBInstances",
    ),
    _check(
        "BS658",
        "The log groups fit",
        "Each service, function and gateway writes into one of its own.",
        (Quota(demand.LOG_GROUPS, "logs", "L-C7B9AAAB", "log groups"),),
        usage.log_groups,
        "logs:DescribeLogGroups",
    ),
)
