"""ECS services keep what they are told, and their tasks run."""

from typing import Any

import pytest

from tests.contract.conftest import Client


@pytest.fixture
def ecs(client: Client) -> Any:
    """ECS in the shared account."""
    return client("ecs")


@pytest.fixture
def cluster(ecs: Any, name: str) -> str:
    """A cluster with a task definition ``app``."""
    ecs.register_task_definition(
        family="app", containerDefinitions=[{"name": "app", "image": "app:1", "memory": 128}]
    )
    return str(ecs.create_cluster(clusterName=name)["cluster"]["clusterName"])


def create(ecs: Any, cluster: str, **settings: Any) -> None:
    ecs.create_service(
        cluster=cluster, serviceName="app", taskDefinition="app", desiredCount=2, **settings
    )


def described(ecs: Any, cluster: str) -> dict[str, Any]:
    return dict(ecs.describe_services(cluster=cluster, services=["app"])["services"][0])


_STRATEGY = [{"capacityProvider": "FARGATE_SPOT", "weight": 3, "base": 1}]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("availabilityZoneRebalancing", "ENABLED"),
        ("capacityProviderStrategy", _STRATEGY),
        ("enableECSManagedTags", True),
        ("enableExecuteCommand", True),
        ("healthCheckGracePeriodSeconds", 60),
    ],
)
def test_a_service_keeps_its_settings(ecs: Any, cluster: str, setting: str, value: object) -> None:
    create(ecs, cluster, **{setting: value})
    assert described(ecs, cluster)[setting] == value


def test_a_setting_can_be_changed(ecs: Any, cluster: str) -> None:
    create(ecs, cluster, enableExecuteCommand=True)
    ecs.update_service(cluster=cluster, service="app", enableExecuteCommand=False)
    assert not described(ecs, cluster)["enableExecuteCommand"]


def test_a_change_leaves_the_other_settings(ecs: Any, cluster: str) -> None:
    create(ecs, cluster, enableExecuteCommand=True)
    ecs.update_service(cluster=cluster, service="app", desiredCount=3)
    assert described(ecs, cluster)["enableExecuteCommand"]


def test_every_task_runs_at_once(ecs: Any, cluster: str) -> None:
    create(ecs, cluster)
    service = described(ecs, cluster)
    assert (service["runningCount"], service["pendingCount"]) == (2, 0)
    assert [deployment["rolloutState"] for deployment in service["deployments"]] == ["COMPLETED"]
