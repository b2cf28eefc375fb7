"""The check of the roles that AWS's services act with."""

from collections.abc import Mapping, Sequence
from typing import Any

from bookstore_ops.aws.iam import NotAsked, ask_iam, find_caller
from bookstore_ops.aws.simulation import find_denied
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    error,
    ok,
    skipped,
    warning,
)
from bookstore_ops.preflight.context import Context
from bookstore_ops.preflight.needs import CREATE_ROLE, Needs
from bookstore_ops.preflight.permissions import place_of

# The service that a type's role belongs to. Each makes its role itself, with the rights of whoever
# uses it first: the page on service-linked roles in the service's own documentation, from
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
SERVICES: Mapping[str, str] = {
    "aws_accessanalyzer_analyzer": "access-analyzer.amazonaws.com",
    "aws_api_gateway_domain_name": "ops.apigateway.amazonaws.com",
    "aws_api_gateway_vpc_link": "ops.apigateway.amazonaws.com",
    "aws_appautoscaling_target": "ecs.application-autoscaling.amazonaws.com",
    "aws_backup_selection": "backup.amazonaws.com",
    "aws_config_configuration_recorder": "config.amazonaws.com",
    "aws_db_instance": "rds.amazonaws.com",
    "aws_dynamodb_table_replica": "replication.dynamodb.amazonaws.com",
    "aws_ecs_cluster": "ecs.amazonaws.com",
    "aws_elasticache_replication_group": "elasticache.amazonaws.com",
    "aws_guardduty_detector": "guardduty.amazonaws.com",
    "aws_lb": "elasticloadbalancing.amazonaws.com",
    "aws_opensearch_domain": "opensearchservice.amazonaws.com",
    "aws_securityhub_account": "securityhub.amazonaws.com",
}
_PATH = "/aws-service-role/"
_DEADLINE = 15.0


def _roles(context: Context) -> Outcome:
    if context.sandbox:
        return skipped("the sandbox's services need no roles of their own")
    iam, needs = context.cloud().client("iam"), context.needed()
    there = _there(iam)
    taken = sorted(service for service in needs.makes if service in there)
    if taken:
        address = needs.roles[taken[0]]
        return error(
            f"the role of {taken[0]} is there, and {needs.source} makes it once more",
            why="an account has one of each: IAM refuses a second",
            next_step=f"set service_linked_role = false for {address.rsplit('.', 2)[0]}"
            f"   (or: bsops state import {context.name} {address} {there[taken[0]]})",
        )
    wanted = wanted_services(needs)
    missing = [service for service in wanted if service not in there and service not in needs.roles]
    if missing:
        return _missing(context, iam, missing)
    return ok(f"service-linked roles that are there, or made by the tree: {len(wanted)}")


def wanted_services(needs: Needs) -> list[str]:
    """The services whose roles are needed, as far as that is certain."""
    return sorted({SERVICES[k.type] for k in needs.certain if not k.is_data and k.type in SERVICES})


def _there(iam: Any) -> dict[str, str]:
    """The ARN of each service's role, by the service."""

    def read() -> list[dict[str, Any]]:
        pages = iam.get_paginator("list_roles").paginate(PathPrefix=_PATH)
        return [role for page in pages for role in page["Roles"]]

    roles = ask_iam("iam:ListRoles", read)
    return {role["Path"].removeprefix(_PATH).strip("/"): role["Arn"] for role in roles}


def _missing(context: Context, iam: Any, missing: Sequence[str]) -> Outcome:
    command = "aws iam create-service-linked-role --aws-service-name"
    one = len(missing) == 1
    next_step = (
        f"{command} {missing[0]}"
        if one
        else f"for name in {' '.join(missing)}; do {command} $name; done"
    )
    count = "a service-linked role is" if one else f"{len(missing)} service-linked roles are"
    what = f"{count} missing: {', '.join(missing)}"
    refused, told = _refused(context, iam, missing)
    if refused:
        every = refused == missing
        which = "" if every else f" for {', '.join(refused)}"
        those = "it" if one else "any of them" if every else "all of them"
        return error(
            f"{what}; you may not make {those}",
            why=f"{CREATE_ROLE} is denied{which}: {told}",
            next_step=f"{next_step}   (by somebody who may)",
            details=tuple(missing),
        )
    return warning(
        what,
        why="AWS makes them when they are first used, and an apply may come before they are ready"
        + (f"; whether you may make them is not known ({told})" if told else ""),
        next_step=next_step,
        details=tuple(missing),
    )


def _refused(context: Context, iam: Any, missing: Sequence[str]) -> tuple[list[str], str]:
    """The services whose role the caller may not make, and why; or why that is not known."""
    try:
        caller = find_caller(str(context.cloud().identity()["Arn"]), iam)
        if caller.arn is None:
            return [], ""
        asked = [f"{CREATE_ROLE}@{service}" for service in missing]
        denied = find_denied(iam, caller.arn, asked, place_of(context))
    except NotAsked as unasked:
        return [], unasked.what
    sure = [verdict for verdict in denied if not verdict.unknown_keys]
    if not sure:
        return [], "under conditions, if at all" if denied else ""
    return [verdict.action.partition("@")[2] for verdict in sure], sure[0].reason


CHECKS = (
    Check(
        "BS553",
        Group.PERMISSIONS,
        "The services have their own roles",
        "ECS, RDS and others act with a service-linked role, one an account. Most make it "
        "themselves when they are first used, and the first apply in an account may come before "
        "it is ready. A role that the tree makes must not be there already.",
        "`aws iam create-service-linked-role --aws-service-name SERVICE`; where the tree would "
        "make one once more, `service_linked_role = false`. To look needs `iam:ListRoles`.",
        _roles,
        scope=Scope.AWS,
        exit_code=ExitCode.CREDENTIALS,
        deadline=_DEADLINE,
    ),
)
