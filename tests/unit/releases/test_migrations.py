"""The log of a migration's task that failed: where it lies, and no secret in it."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.releases.migrations import Migrations
from bookstore_ops.releases.model import Migration, Phase, Release
from tests.unit.releases.world import release

GROUP = "/aws/ecs/bookstore/catalog"


@pytest.fixture
def make() -> Iterator[Any]:
    """Makes clients of an AWS in memory."""
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield lambda service: boto3.client(
            service, region_name="eu-west-1", aws_access_key_id="x", aws_secret_access_key="x"
        )


def failed(make: Any, *, container: str = "catalog", **logging: Any) -> Release:
    """A release whose migration failed in this container."""
    make("ecs").register_task_definition(
        family="family",
        containerDefinitions=[{"name": container, "image": "i", "memory": 128, **logging}],
    )
    return replace(
        release(),
        phase=Phase.EXPANDING,
        task_definition="family:1",
        failed_task="arn:aws:ecs:eu-west-1:1:task/bookstore/0123abcd",
        migration=Migration(expand=["x"], container="" if container == "catalog" else container),
    )


def awslogs() -> dict[str, Any]:
    options = {"awslogs-group": GROUP, "awslogs-stream-prefix": "task"}
    return {"logConfiguration": {"logDriver": "awslogs", "options": options}}


@pytest.mark.parametrize("container", ["catalog", "migrator"])
def test_the_last_lines_are_shown_without_secrets(make: Any, container: str) -> None:
    of = failed(make, container=container, **awslogs())
    stream = f"task/{container}/0123abcd"
    make("logs").create_log_group(logGroupName=GROUP)
    make("logs").create_log_stream(logGroupName=GROUP, logStreamName=stream)
    lines = [*(f"line {n}" for n in range(9)), "password=hunter2-hunter2", "relation exists"]
    make("logs").put_log_events(
        logGroupName=GROUP,
        logStreamName=stream,
        logEvents=[
            {"timestamp": int(time.time() * 1000) + n, "message": line}
            for n, line in enumerate(lines)
        ],
    )
    log = Migrations(make("ecs"), make("logs"), "again").log(of)
    assert log is not None
    assert (log.group, log.stream) == (GROUP, stream)
    assert log.lines[-1] == "relation exists"
    assert len(log.lines) == 5
    assert "hunter2" not in " ".join(log.lines)


def test_a_task_that_wrote_nothing_has_no_lines(make: Any) -> None:
    make("logs").create_log_group(logGroupName=GROUP)
    log = Migrations(make("ecs"), make("logs"), "again").log(failed(make, **awslogs()))
    assert log is not None
    assert log.lines == ()


def test_a_container_without_a_log_group_has_no_log(make: Any) -> None:
    assert Migrations(make("ecs"), make("logs"), "again").log(failed(make)) is None


def test_a_task_that_ecs_forgot_did_not_succeed(make: Any) -> None:
    make("ecs").create_cluster(clusterName="bookstore")
    of = replace(failed(make), task="arn:aws:ecs:eu-west-1:123456789012:task/bookstore/gone")
    fate = Migrations(make("ecs"), make("logs"), "again").fate(of)
    assert not fate.running
    assert "forgets" in str(fate.problem)
