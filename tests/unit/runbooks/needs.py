"""What a page asks of IAM, as far as its blocks tell.

Calls of AWS are named in `aws` blocks and read from the code of `python` blocks; of commands of
bsops a table says what they ask. Of what else a shell runs, nothing is known.
"""

import ast
from collections.abc import Iterator
from functools import cache
from typing import Any

from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import read_call
from bookstore_ops.runbooks.effects import words
from bookstore_ops.runbooks.page import Page

# Where IAM calls a service otherwise than boto3 does.
_PREFIXES = {
    "elbv2": "elasticloadbalancing",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "service-quotas": "servicequotas",
}
# Where an action has another name than its operation.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_NAMES = {
    "budgets:DescribeBudgets": "budgets:ViewBudget",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:ListObjectsV2": "s3:ListBucket",
    # Nobody can be denied it.
    "sts:GetCallerIdentity": "",
}
# What AWS asks of the caller behind a call.
_BEHIND = {
    # https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
    "application-autoscaling:RegisterScalableTarget": {"ecs:DescribeServices", "ecs:UpdateService"},
    "backup:StartRestoreJob": {"iam:PassRole"},
    "ecs:RegisterTaskDefinition": {"iam:PassRole"},
    "ecs:RunTask": {"iam:PassRole"},
    "secretsmanager:RotateSecret": {"lambda:InvokeFunction"},
}

_STATE = {"s3:GetObject"}
_WATCHED = _STATE | {
    "cloudwatch:DescribeAlarms",
    "ecs:DescribeServices",
    "ecs:DescribeTaskDefinition",
    "elasticloadbalancing:DescribeRules",
    "elasticloadbalancing:DescribeTargetHealth",
}
_MOVED = _WATCHED | {
    "application-autoscaling:RegisterScalableTarget",
    "ecs:UpdateService",
    "ecs:StopTask",
    "elasticloadbalancing:ModifyRule",
    "s3:PutObject",
}
# The smoke tests and the numbers of a step, and the tasks that migrate.
_MEASURED = _MOVED | {
    "apigateway:GET",
    "apigateway:POST",
    "cloudwatch:GetMetricData",
    "ecs:DescribeTasks",
    "ecs:RunTask",
    "iam:PassRole",
    "logs:GetLogEvents",
}
_BACKUPS = _STATE | {
    "backup:ListRecoveryPointsByBackupVault",
    "cloudwatch:GetMetricData",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:ListBackups",
    "ec2:DescribeImages",
    "ecr:DescribeImages",
    "elasticache:DescribeSnapshots",
    "rds:DescribeDBInstanceAutomatedBackups",
    "rds:DescribeDBInstances",
    "rds:DescribeDBSnapshots",
    "s3:GetBucketVersioning",
    "s3:ListBucketVersions",
}
# What is under way is kept beside the state.
_TAKEN = _BACKUPS | {
    "backup:DescribeBackupJob",
    "backup:StartBackupJob",
    "dynamodb:CreateBackup",
    "elasticache:CreateSnapshot",
    "iam:PassRole",
    "rds:CreateDBSnapshot",
    "s3:PutObject",
}
_RESTORED = _BACKUPS | {
    "backup:DescribeRestoreJob",
    "backup:GetRecoveryPointRestoreMetadata",
    "backup:StartRestoreJob",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:ListTagsOfResource",
    "dynamodb:RestoreTableFromBackup",
    "dynamodb:RestoreTableToPointInTime",
    "dynamodb:TagResource",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
    "elasticache:CreateReplicationGroup",
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeReplicationGroups",
    "elasticache:ListTagsForResource",
    "iam:PassRole",
    "rds:ModifyDBInstance",
    "rds:RestoreDBInstanceFromDBSnapshot",
    "rds:RestoreDBInstanceToPointInTime",
    "s3:PutObject",
}
_READY = _BACKUPS | {
    "acm:ListCertificates",
    "dynamodb:DescribeTable",
    "dynamodb:ListTables",
    "ec2:DescribeAddresses",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "ecr:ListImages",
    "ecs:DescribeTasks",
    "ecs:ListClusters",
    "ecs:ListTasks",
    "kms:DescribeKey",
    "logs:DescribeLogGroups",
    "secretsmanager:DescribeSecret",
    "servicequotas:GetAWSDefaultServiceQuota",
    "servicequotas:GetServiceQuota",
}
_PLANNED = _STATE | {"s3:PutObject", "s3:DeleteObject"}

# By the first words of a command. What Terraform itself asks is doctor's to tell (BS511).
BSOPS: dict[str, set[str]] = {
    "apply": _PLANNED,
    "backup create": _TAKEN,
    "backup list": _BACKUPS,
    "backup restore": _RESTORED,
    "config show": set(),
    "dr status": _READY,
    "drift": _PLANNED,
    "history": set(),
    "lock": _STATE | {"s3:ListBucket"},
    "plan": _PLANNED,
    "release abort": _MOVED,
    "release history": _STATE,
    "release promote": _MEASURED,
    "release resume": _MEASURED,
    # The image before may have to be started anew.
    "release rollback": _MEASURED | {"ecs:RegisterTaskDefinition"},
    "release status": _WATCHED,
    "runbook history": set(),
    "sandbox": set(),
    "show": _STATE,
    "state backup": set(),  # of --list: a directory of this machine
    "state orphans": _STATE | {"tag:GetResources"},
    "state recover": _STATE | {"s3:PutObject", "s3:DeleteObject"},
    "state versions": {"s3:GetBucketVersioning", "s3:GetObjectVersion", "s3:ListBucketVersions"},
    "unlock": _STATE | {"s3:DeleteObject"},
    "validate": set(),
}


@cache
def _model(service: str) -> Any:
    from botocore.session import Session

    return Session().get_service_model(service)


@cache
def _operations(service: str) -> dict[str, str]:
    from botocore import xform_name

    return {xform_name(name): name for name in _model(service).operation_names}


def is_call(service: str, operation: str) -> bool:
    """Whether boto3 has such a call."""
    return operation in _operations(service)


def actions_of_call(service: str, operation: str) -> set[str]:
    """The actions of one call of boto3."""
    name = _operations(service)[operation]
    if service == "apigateway":  # whose actions are methods of HTTP
        return {f"apigateway:{_model(service).operation_model(name).http['method']}"}
    action = f"{_PREFIXES.get(service, service)}:{name}"
    action = _NAMES.get(action, action)
    return ({action} if action else set()) | _BEHIND.get(action, set())


def needs(page: Page) -> set[str]:
    """All actions that the page's blocks ask for."""
    return {action for block in page.blocks if not block.manual for action in _of_block(block)}


def _of_block(block: Block) -> set[str]:
    match block.language:
        case "aws":
            call = read_call(block.text)
            return actions_of_call(call.service, call.operation) if call else set()
        case "bsops":
            command = words(block.text)[1:]
            known = (" ".join(command[:2]), command[0])
            asked = next(BSOPS[name] for name in known if name in BSOPS)
            # Of one store, nothing of the others is asked.
            alone = command[0] == "backup" and {"rds", "--store=rds"} & set(command)
            return {each for each in asked if not alone or each.startswith(("rds:", "s3:"))}
        case "python":
            calls = set(_calls(ast.parse(block.text)))
            return {action for call in calls for action in actions_of_call(*call)}
        case _:
            assert "aws " not in block.text, f"{block.name}: write an aws block"
            return set()


def _calls(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Service and operation of every call on what ``boto3.client`` made."""
    clients = dict(_clients(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        named = clients.get(owner.id) if isinstance(owner, ast.Name) else None
        service = named or _client(owner)
        if service is None:
            continue
        operation = node.func.attr
        if operation == "get_paginator":
            operation = ast.literal_eval(node.args[0])
        yield service, operation


def _clients(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """The names that clients are given, alone or several in one line."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign):
            continue
        (target,) = node.targets
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        made = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
        for name, value in zip(names, made, strict=False):
            if isinstance(name, ast.Name) and (service := _client(value)):
                yield name.id, service


def _client(node: ast.expr) -> str | None:
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "boto3.client":
        return str(ast.literal_eval(node.args[0]))
    return None
