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


@pytest.fixture
def scaling(client: Client) -> Any:
    """Application Auto Scaling in the shared account."""
    return client("application-autoscaling")


def scale(scaling: Any, cluster: str, **limits: Any) -> dict[str, str]:
    target = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{cluster}/app",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(**target, **limits)
    return target


@pytest.mark.parametrize(("limits", "tasks"), [((1, 3), 2), ((3, 5), 3), ((0, 0), 0)])
def test_the_number_of_tasks_follows_the_limits(
    ecs: Any, scaling: Any, cluster: str, limits: tuple[int, int], tasks: int
) -> None:
    create(ecs, cluster)
    scale(scaling, cluster, MinCapacity=limits[0], MaxCapacity=limits[1])
    service = described(ecs, cluster)
    assert (service["desiredCount"], service["runningCount"]) == (tasks, tasks)
    assert [deployment["desiredCount"] for deployment in service["deployments"]] == [tasks]


def test_a_target_stays_suspended_until_it_is_woken(ecs: Any, scaling: Any, cluster: str) -> None:
    create(ecs, cluster)
    asleep = {
        "DynamicScalingInSuspended": True,
        "DynamicScalingOutSuspended": True,
        "ScheduledScalingSuspended": True,
    }
    target = scale(scaling, cluster, MinCapacity=0, MaxCapacity=3, SuspendedState=asleep)

    def state() -> tuple[int, dict[str, bool]]:
        (held,) = scaling.describe_scalable_targets(
            ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]]
        )["ScalableTargets"]
        return held["MinCapacity"], held["SuspendedState"]

    assert state() == (0, asleep)
    scale(scaling, cluster, MaxCapacity=4)
    assert state() == (0, asleep)
    awake = dict.fromkeys(asleep, False)
    scale(scaling, cluster, MinCapacity=2, SuspendedState=awake)
    assert state() == (2, awake)


def test_a_deployment_keeps_its_alarms_and_circuit_breaker(ecs: Any, cluster: str) -> None:
    deployment = {
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "maximumPercent": 200,
        "minimumHealthyPercent": 100,
        "alarms": {"alarmNames": ["errors"], "enable": True, "rollback": True},
    }
    create(ecs, cluster, deploymentConfiguration=deployment)
    ecs.update_service(cluster=cluster, service="app", desiredCount=1)
    assert described(ecs, cluster)["deploymentConfiguration"] == deployment
