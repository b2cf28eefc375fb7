"""The permissions of a page are those that its blocks ask for."""

import ast
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.runbooks.library import load, names
from bookstore_ops.runbooks.page import Page
from bookstore_ops.workspace import Workspace
from tests.unit.runbooks.needs import BSOPS, actions_of_call, is_call, needs
from tests.unit.runbooks.support import page_of, step

REPOSITORY = Workspace(Path(__file__).resolve().parents[3])

# What no block shows, each with the reason.
UNSEEN = {
    "database-restore": {
        "rds:AddTagsToResource",  # the restored one is made with tags
        "iam:PassRole",  # and with the role that its monitoring writes with
        "kms:CreateGrant",  # under the key of the source
        "kms:DescribeKey",
    },
    "dead-letter-queue": {
        "kms:Decrypt",  # the queues are encrypted with a key of ours
        "kms:GenerateDataKey",
    },
    "region-lost": {
        "rds:AddTagsToResource",  # the restored one is made with tags
        "kms:CreateGrant",  # under the key of its backups
    },
    "state-locked": {
        "dynamodb:DeleteItem",  # where the lock is kept in a table
        "dynamodb:GetItem",
    },
}

# What no page runs: what goes with a destroy, with copies, and with trying a backup out.
OF_OTHER_COMMANDS = {
    "dynamodb:DeleteTable",
    "dynamodb:Scan",
    "ec2:DescribeRegions",
    "ecs:DeregisterTaskDefinition",
    "ecs:ListTaskDefinitions",
    "elasticache:DeleteReplicationGroup",
    "elasticache:RemoveTagsFromResource",
    "rds:CopyDBSnapshot",
    "rds:DeleteDBInstance",
    "rds:RemoveTagsFromResource",
}
PACKAGES = ("backups", "recovery", "releases")
# What clients are called there.
CLIENTS = {
    "backup": "backup",
    "cloudwatch": "cloudwatch",
    "dynamodb": "dynamodb",
    "ecr": "ecr",
    "ecs": "ecs",
    "gateway": "apigateway",
    "logs": "logs",
    "rds": "rds",
    "s3": "s3",
}


@pytest.fixture(params=names(REPOSITORY))
def page(request: pytest.FixtureRequest) -> Page:
    """Each of the pages."""
    return load(REPOSITORY, request.param)


def test_a_page_names_what_it_asks_for(page: Page) -> None:
    assert page.front
    assert needs(page) - set(page.front.permissions) == set()


def test_a_page_names_nothing_that_it_does_not_ask_for(page: Page) -> None:
    assert page.front
    assert set(page.front.permissions) - needs(page) == UNSEEN.get(page.name, set())


def test_permissions_are_actions_of_iam(page: Page) -> None:
    assert page.front
    listed: dict[str, Any] = json.loads(
        files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text()
    )
    for action in page.front.permissions:
        prefix, _, name = action.partition(":")
        assert name.lower() in listed[prefix]["Actions"], action


def test_what_commands_call_is_in_the_table() -> None:
    called: set[str] = set()
    for package in PACKAGES:
        for path in (REPOSITORY.root / "bookstore_ops" / package).glob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    called |= _called(node, node.func, _service_of(tree))
    told = {action for actions in BSOPS.values() for action in actions}
    assert called - told == OF_OTHER_COMMANDS
    assert len(called) > 50


def _service_of(tree: ast.Module) -> str:
    """The service of a module's hands (``StoreHands``), whose client has no other name."""
    said = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    named = [node.value for node in said if ast.unparse(node.targets[0]) == "service"]
    return next((str(each.value) for each in named if isinstance(each, ast.Constant)), "")


def _called(node: ast.Call, function: ast.Attribute, own: str) -> set[str]:
    """The actions of a call on a client, or on what goes by the name of one."""
    words = [a.value if isinstance(a, ast.Constant) else None for a in node.args]
    match function.attr, words:
        case "pages", [str(service), _, str(operation), *_]:
            return actions_of_call(service, operation)
        case "get_paginator", [str(operation), *_]:
            pass
        case operation, _:
            pass
    owner = function.value
    name = ast.unparse(owner).removeprefix("self.").strip("_")
    service = own if name == "aws" else CLIENTS.get(name, "")
    if isinstance(owner, ast.Call) and ast.unparse(owner.func).endswith("client"):
        named = owner.args[0]
        service = str(named.value) if isinstance(named, ast.Constant) else ""
    known = service and is_call(service, operation)
    return actions_of_call(service, operation) if known else set()


def test_calls_are_seen_in_code_and_in_documents() -> None:
    code = """\
import boto3

queues, topics = boto3.client("sqs"), boto3.client("sns", region_name=values["region"])
topics.publish(TopicArn="x", Message="y")
pages = queues.get_paginator("list_queues").paginate()
queues.purge_queue(QueueUrl="x")
boto3.client("apigateway").update_stage(restApiId="x", stageName="v1")
"""
    call = "service: s3\noperation: list_objects_v2\nparameters: {Bucket: b}\n"
    body = step("python {name=a reads}", code) + step("aws {name=b}", call, "Two")
    assert needs(page_of(body)) == {
        "apigateway:PATCH",
        "s3:ListBucket",
        "sns:Publish",
        "sqs:ListQueues",
        "sqs:PurgeQueue",
    }
