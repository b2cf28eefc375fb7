"""A rotation in the sandbox ends as one on AWS does, though no function runs."""

from typing import Any

import pytest

from tests.contract.conftest import ACCOUNT, REGION, Client
from tests.contract.test_lambda_settings import create

_RULES = {"AutomaticallyAfterDays": 30}


@pytest.fixture
def manager(client: Client) -> Any:
    """Secrets Manager in the shared account."""
    return client("secretsmanager")


@pytest.fixture
def function(client: Client, name: str) -> str:
    """A function that could rotate."""
    role = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    create(client("lambda"), name, role)
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def labels(manager: Any, secret: str, version: str) -> list[str]:
    stages: dict[str, list[str]] = manager.describe_secret(SecretId=secret)["VersionIdsToStages"]
    return sorted(stages.get(version, []))


def value(manager: Any, secret: str, **which: str) -> str:
    return str(manager.get_secret_value(SecretId=secret, **which)["SecretString"])


def test_the_new_value_is_current_and_the_old_one_previous(
    manager: Any, name: str, function: str
) -> None:
    made = manager.create_secret(Name=name, SecretString="first")
    rotated = manager.rotate_secret(SecretId=name, RotationLambdaARN=function, RotationRules=_RULES)
    assert value(manager, name) not in ("", "first")
    assert value(manager, name, VersionStage="AWSPREVIOUS") == "first"
    assert labels(manager, name, rotated["VersionId"]) == ["AWSCURRENT"]
    assert labels(manager, name, made["VersionId"]) == ["AWSPREVIOUS"]


def test_a_secret_rotates_again_without_being_told_how(
    manager: Any, name: str, function: str
) -> None:
    manager.create_secret(Name=name, SecretString="first")
    manager.rotate_secret(SecretId=name, RotationLambdaARN=function, RotationRules=_RULES)
    second = value(manager, name)
    manager.rotate_secret(SecretId=name)
    assert value(manager, name) not in ("first", second)
    assert value(manager, name, VersionStage="AWSPREVIOUS") == second
    described = manager.describe_secret(SecretId=name)
    assert described["RotationEnabled"]
    assert described["RotationLambdaARN"] == function
    assert described["RotationRules"] == _RULES


def test_labels_of_ones_own_stay_where_they_are(manager: Any, name: str, function: str) -> None:
    manager.create_secret(Name=name)
    written = manager.put_secret_value(
        SecretId=name, SecretString="first", VersionStages=["AWSCURRENT", "PLACEHOLDER"]
    )
    for _ in range(2):
        manager.rotate_secret(SecretId=name, RotationLambdaARN=function, RotationRules=_RULES)
    assert labels(manager, name, written["VersionId"]) == ["PLACEHOLDER"]
    assert value(manager, name, VersionId=written["VersionId"]) == "first"


def test_a_schedule_alone_leaves_the_value(manager: Any, name: str, function: str) -> None:
    made = manager.create_secret(Name=name, SecretString="first")
    manager.rotate_secret(
        SecretId=name, RotationLambdaARN=function, RotationRules=_RULES, RotateImmediately=False
    )
    assert value(manager, name) == "first"
    stages = manager.describe_secret(SecretId=name)["VersionIdsToStages"]
    assert stages == {made["VersionId"]: ["AWSCURRENT"]}


def test_a_function_that_does_not_exist_is_refused(manager: Any, name: str) -> None:
    manager.create_secret(Name=name, SecretString="first")
    missing = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:missing"
    with pytest.raises(manager.exceptions.ResourceNotFoundException):
        manager.rotate_secret(SecretId=name, RotationLambdaARN=missing, RotationRules=_RULES)
