"""CodePipeline and CodeBuild: what moto lacks or answers unlike AWS."""

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import ACCOUNT, REGION, Client

ROLE = f"arn:aws:iam::{ACCOUNT}:role/build"


@pytest.fixture
def codebuild(client: Client) -> Any:
    """CodeBuild in the shared account."""
    return client("codebuild")


def _settings(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "serviceRole": ROLE,
        "source": {"type": "CODEPIPELINE", "buildspec": "version: 0.2"},
        "artifacts": {"type": "CODEPIPELINE"},
        "environment": {
            "type": "ARM_CONTAINER",
            "image": "aws/codebuild/amazonlinux-aarch64-standard:3.0",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
    }


def test_a_project_of_a_pipeline_has_no_place_of_its_own(codebuild: Any, name: str) -> None:
    project = codebuild.create_project(
        **_settings(name), encryptionKey="key", concurrentBuildLimit=1
    )["project"]
    assert (project["source"]["type"], project["artifacts"]["type"]) == ("CODEPIPELINE",) * 2
    (kept,) = codebuild.batch_get_projects(names=[name])["projects"]
    assert (kept["encryptionKey"], kept["concurrentBuildLimit"]) == ("key", 1)


def test_another_source_still_needs_a_place(codebuild: Any, name: str) -> None:
    with pytest.raises(ClientError, match="location is required"):
        codebuild.create_project(**{**_settings(name), "source": {"type": "GITHUB"}})


def test_a_project_can_be_changed(codebuild: Any, name: str) -> None:
    codebuild.create_project(**_settings(name), timeoutInMinutes=30, description="one")
    codebuild.update_project(name=name, timeoutInMinutes=60)
    arn = f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/{name}"
    codebuild.update_project(name=arn, queuedTimeoutInMinutes=20)
    (project,) = codebuild.batch_get_projects(names=[name])["projects"]
    assert (project["timeoutInMinutes"], project["queuedTimeoutInMinutes"]) == (60, 20)
    assert project["description"] == "one"


def test_only_a_project_that_exists_can_be_changed(codebuild: Any, name: str) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        codebuild.update_project(name=name, timeoutInMinutes=60)


@pytest.mark.parametrize("named_by", ["name", "arn"])
def test_a_deleted_project_is_gone(codebuild: Any, name: str, named_by: str) -> None:
    project = codebuild.create_project(**_settings(name))["project"]
    codebuild.delete_project(name=project[named_by])
    assert codebuild.batch_get_projects(names=[name])["projects"] == []


def test_a_pipeline_says_when_it_was_made(client: Client, name: str) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "codepipeline.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    pipelines = client("codepipeline")
    pipelines.create_pipeline(pipeline=_pipeline(name, role["Role"]["Arn"]))
    answers: list[Any] = []

    def take(response_dict: dict[str, Any], **_: Any) -> None:
        answers.append(json.loads(response_dict["body"]))

    # boto3 understands text too; other clients do not.
    pipelines.meta.events.register("before-parse.codepipeline.GetPipeline", take)
    found = pipelines.get_pipeline(name=name)
    assert isinstance(answers[0]["metadata"]["created"], float)
    assert isinstance(found["metadata"]["created"], datetime)
    assert found["metadata"]["pipelineArn"].endswith(f":{REGION}:{ACCOUNT}:{name}".lower())
    assert found["pipeline"]["executionMode"] == "QUEUED"


def _pipeline(name: str, role_arn: str) -> dict[str, Any]:
    def stage(stage_name: str, category: str, provider: str) -> dict[str, Any]:
        kind = {"category": category, "owner": "AWS", "provider": provider, "version": "1"}
        return {"name": stage_name, "actions": [{"name": stage_name, "actionTypeId": kind}]}

    return {
        "name": name,
        "roleArn": role_arn,
        "artifactStore": {"type": "S3", "location": "bucket"},
        "pipelineType": "V2",
        "executionMode": "QUEUED",
        "stages": [
            stage("Source", "Source", "CodeStarSourceConnection"),
            stage("Approve", "Approval", "Manual"),
        ],
    }
