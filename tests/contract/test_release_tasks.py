"""What releases have of tasks: the log of a migration that failed, revisions that are left."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.aws import Aws
from bookstore_ops.releases.leftovers import OWNED, deregister
from bookstore_ops.releases.migrations import Migrations
from bookstore_ops.releases.model import Criterion, Migration, Phase, Release, Revision
from tests.contract.conftest import Client
from tests.unit.releases.world import INTERNAL, release


def failed(client: Client, name: str, *, container: str = "catalog", **logging: Any) -> Release:
    """A release whose migration failed in this container."""
    client("ecs").register_task_definition(
        family=name,
        containerDefinitions=[{"name": container, "image": "i", "memory": 128, **logging}],
    )
    return replace(
        release(),
        phase=Phase.EXPANDING,
        task_definition=name,
        failed_task="arn:aws:ecs:eu-west-1:1:task/bookstore/0123abcd",
        migration=Migration(expand=["x"], container="" if container == "catalog" else container),
    )


def awslogs(name: str) -> dict[str, Any]:
    options = {"awslogs-group": name, "awslogs-stream-prefix": "task"}
    return {"logConfiguration": {"logDriver": "awslogs", "options": options}}


@pytest.mark.parametrize("container", ["catalog", "migrator"])
def test_the_last_lines_are_shown_without_secrets(
    client: Client, name: str, container: str
) -> None:
    of = failed(client, name, container=container, **awslogs(name))
    stream = f"task/{container}/0123abcd"
    client("logs").create_log_group(logGroupName=name)
    client("logs").create_log_stream(logGroupName=name, logStreamName=stream)
    lines = [*(f"line {n}" for n in range(9)), "password=hunter2-hunter2", "relation exists"]
    client("logs").put_log_events(
        logGroupName=name,
        logStreamName=stream,
        logEvents=[
            {"timestamp": int(time.time() * 1000) + n, "message": line}
            for n, line in enumerate(lines)
        ],
    )
    log = Migrations(client("ecs"), client("logs"), "again").log(of)
    assert log is not None
    assert (log.group, log.stream) == (name, stream)
    assert log.lines[-1] == "relation exists"
    assert len(log.lines) == 5
    assert "hunter2" not in " ".join(log.lines)


def test_a_task_that_wrote_nothing_has_no_lines(client: Client, name: str) -> None:
    client("logs").create_log_group(logGroupName=name)
    log = Migrations(client("ecs"), client("logs"), "again").log(
        failed(client, name, **awslogs(name))
    )
    assert log is not None
    assert log.lines == ()


def test_a_container_without_a_log_group_has_no_log(client: Client, name: str) -> None:
    assert Migrations(client("ecs"), client("logs"), "again").log(failed(client, name)) is None


def test_a_task_that_ecs_forgot_did_not_succeed(client: Client, name: str) -> None:
    client("ecs").create_cluster(clusterName="bookstore")
    of = replace(
        failed(client, name), task="arn:aws:ecs:eu-west-1:123456789012:task/bookstore/gone"
    )
    fate = Migrations(client("ecs"), client("logs"), "again").fate(of)
    assert not fate.running
    assert "forgets" in str(fate.problem)


def register(ecs: Any, family: str, **tags: str) -> str:
    made = ecs.register_task_definition(
        family=family,
        containerDefinitions=[{"name": "app", "image": "app:1", "memory": 128}],
        tags=[{"key": key, "value": value} for key, value in tags.items()],
    )
    return str(made["taskDefinition"]["taskDefinitionArn"])


def test_only_what_releases_registered_under_the_family_goes(client: Client, name: str) -> None:
    ecs = client("ecs")
    trees = register(ecs, name, ManagedBy="terraform")
    own = [register(ecs, name, **{OWNED["key"]: OWNED["value"]}) for _ in range(3)]
    others = register(ecs, f"{name}-2", ManagedBy="bsops")
    assert deregister(ecs, name, "again") == len(own)
    left = [
        arn
        for family in (name, f"{name}-2")
        for arn in ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"]
    ]
    assert left == [trees, others]
    assert deregister(ecs, name, "again") == 0


def rolling(client: Client, name: str, *, tasks: int) -> tuple[Aws, Release]:
    """A service of one colour that runs the first revision, and a release of the second."""
    ecs = client("ecs")
    ecs.create_cluster(clusterName=name)
    old, new = (register(ecs, name) for _ in range(2))
    ecs.create_service(cluster=name, serviceName="app", taskDefinition=old, desiredCount=tasks)
    place = replace(INTERNAL, cluster=name, services={"only": "app"}, family=name, min_tasks=2)
    before = Revision(color="only", task_definition=old, image="app:1")
    made = release("rolling", place=place, previous=before, task_definition=new, weight=100)
    return Aws(client, "again"), made


def test_a_service_without_tasks_is_woken_since_nothing_would_prove_nothing(
    client: Client, name: str
) -> None:
    aws, made = rolling(client, name, tasks=0)
    aws.shift(made)
    health = aws.health(made)
    assert (health.wanted, health.ready) == (2, True)
    aws.shift(replace(made, weight=0))
    assert aws.running(made.place, "only").task_definition == made.previous.task_definition
    assert aws.health(replace(made, weight=0)).ready


def test_what_ecs_gave_up_on_has_failed(client: Client, name: str) -> None:
    aws, made = rolling(client, name, tasks=3)
    aws.shift(made)
    assert aws.health(made).wanted == 3
    # As the circuit breaker does.
    client("ecs").update_service(
        cluster=name, service="app", taskDefinition=made.previous.task_definition
    )
    failed = aws.health(made).failed
    assert failed is not None
    assert failed.startswith("ECS gave up on it and went back to")


def test_without_a_load_balancer_only_metrics_of_ones_own_are_asked_for(
    client: Client, name: str
) -> None:
    aws, made = rolling(client, name, tasks=1)
    since = datetime.now(UTC)
    assert aws.measure(made, since) == (Sample(), Sample())
    depth = Criterion(
        name="depth", source="custom", at_most=5, namespace=name, metric="Depth", stat="Maximum"
    )
    client("cloudwatch").put_metric_data(
        Namespace=name, MetricData=[{"MetricName": "Depth", "Value": 7}]
    )
    new, stable = aws.measure(replace(made, criteria=[depth]), since)
    assert (new.values, stable) == ({"depth": 7}, Sample())
