"""REST APIs: canaries and policies."""

import json
from typing import Any

import pytest

from tests.contract.conftest import Client


@pytest.fixture
def gateway(client: Client) -> Any:
    """API Gateway in the shared account."""
    return client("apigateway")


@pytest.fixture
def stage(gateway: Any, name: str) -> dict[str, str]:
    """A stage with a canary that gets a tenth of the traffic."""
    api = gateway.create_rest_api(name=name)
    resource = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    gateway.put_method(**resource, authorizationType="NONE")
    gateway.put_integration(**resource, type="MOCK", uri="unused")
    deployment = gateway.create_deployment(restApiId=api["id"])["id"]
    stage = {"restApiId": api["id"], "stageName": "live"}
    canary = {"percentTraffic": 10.0, "deploymentId": deployment, "useStageCache": False}
    gateway.create_stage(**stage, deploymentId=deployment, canarySettings=canary)
    return stage


def patch(op: str, path: str, value: str | None = None) -> dict[str, str]:
    return {"op": op, "path": path, **({} if value is None else {"value": value})}


def test_a_stage_keeps_its_canary(gateway: Any, stage: dict[str, str]) -> None:
    assert gateway.get_stage(**stage)["canarySettings"]["percentTraffic"] == 10.0


def test_a_canary_can_be_changed(gateway: Any, stage: dict[str, str]) -> None:
    operations = [
        patch("replace", "/canarySettings/percentTraffic", "50.0"),
        patch("replace", "/canarySettings/stageVariableOverrides/version", "2"),
    ]
    gateway.update_stage(**stage, patchOperations=operations)
    canary = gateway.get_stage(**stage)["canarySettings"]
    assert canary["percentTraffic"] == 50.0
    assert canary["stageVariableOverrides"] == {"version": "2"}


def test_a_canary_can_be_removed(gateway: Any, stage: dict[str, str]) -> None:
    gateway.update_stage(**stage, patchOperations=[patch("remove", "/canarySettings")])
    assert "canarySettings" not in gateway.get_stage(**stage)


def test_a_policy_is_answered_escaped(gateway: Any, name: str) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    api = gateway.create_rest_api(name=name, policy=policy)["id"]
    answered = gateway.get_rest_api(restApiId=api)["policy"]
    assert json.loads(f'"{answered}"') == policy
