"""Asking IAM beforehand: what is denied, and what nobody can tell."""

from typing import Any

import boto3
from botocore.stub import Stubber

from bookstore_ops.aws.session import client
from bookstore_ops.runbooks.permissions import Permissions, simulate

USER = "arn:aws:iam::111111111111:user/ann"


def answering(*answers: tuple[str, dict[str, Any], dict[str, Any]]) -> Any:
    """An IAM client that is asked exactly that, and answers in AWS's own shapes."""
    iam = boto3.client(
        "iam", region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    stub = Stubber(iam)
    for operation, answer, asked in answers:
        stub.add_response(operation, answer, asked)
    stub.activate()
    return iam


def results(**decisions: str) -> dict[str, Any]:
    """IAM's answer."""
    return {
        "EvaluationResults": [
            {"EvalActionName": name.replace("_", ":"), "EvalDecision": decision}
            for name, decision in decisions.items()
        ]
    }


def test_what_is_not_allowed_is_denied() -> None:
    actions = ["s3:GetObject", "ecs:UpdateService"]
    iam = answering(
        (
            "simulate_principal_policy",
            results(s3_GetObject="allowed", ecs_UpdateService="implicitDeny"),
            {"PolicySourceArn": USER, "ActionNames": actions},
        )
    )
    assert simulate(iam, USER, actions) == Permissions(denied=("ecs:UpdateService",))


def test_of_a_session_the_roles_policies_count() -> None:
    role = {
        "Path": "/ops/",
        "RoleName": "deploy",
        "RoleId": "AROA1234567890123456",
        "Arn": "arn:aws:iam::111111111111:role/ops/deploy",
        "CreateDate": "2026-01-01T00:00:00Z",
    }
    iam = answering(
        ("get_role", {"Role": role}, {"RoleName": "deploy"}),
        (
            "simulate_principal_policy",
            results(s3_GetObject="explicitDeny"),
            {"PolicySourceArn": role["Arn"], "ActionNames": ["s3:GetObject"]},
        ),
    )
    session = "arn:aws:sts::111111111111:assumed-role/deploy/ann"
    assert simulate(iam, session, ["s3:GetObject"]).denied == ("s3:GetObject",)


def test_nothing_is_asked_for_nothing() -> None:
    assert simulate(answering(), USER, []) == Permissions()


def test_where_iam_does_not_answer_it_is_unknown() -> None:
    environ = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "fake",
        "AWS_SECRET_ACCESS_KEY": "fake",
    }
    found = simulate(client("iam", "eu-west-1", environ), USER, ["s3:GetObject"])
    assert found.denied == ()
    assert "127.0.0.1" in str(found.unknown)
