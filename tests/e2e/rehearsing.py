"""What rehearsals share: a shop with all pages, and ways to run a page in it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bookstore_ops.sandbox import lifecycle
from tests.e2e.shop import Shop, open_shop
from tests.e2e.test_releases import settle, sides
from tests.e2e.workspaces import REPOSITORY, Bench, Finished, make_bench, wait_until


@contextmanager
def opened_shop(directory: Path) -> Iterator[Shop]:
    """A shop in a sandbox of its own, and all pages."""
    bench = make_bench(directory)
    shutil.copytree(REPOSITORY / "runbooks", bench.root / "runbooks")
    try:
        shop = open_shop(bench)
        settle(shop, health='"1s"')
        yield shop
    finally:
        lifecycle.stop(bench.workspace)


def run(bench: Bench, page: str, *options: str, **parameters: object) -> Finished:
    """Run a page, everything agreed to."""
    given = [f"--param={name}={value}" for name, value in parameters.items()]
    words = ("runbook", "run", page, "dev", "--sandbox", "--yes", *given, *options)
    return bench.run(*words, timeout=60)


def go_on(bench: Bench, block: str, *options: str) -> Finished:
    """Go on with the newest run, at that block: a person has done what stood before it."""
    newest = newest_run(bench)["run"]
    words = ("runbook", "resume", newest, "--yes", "--from", block, *options)
    return bench.run(*words, timeout=60)


def take_back(bench: Bench) -> Finished:
    """Undo the newest run."""
    return bench.run("runbook", "undo", newest_run(bench)["run"], "--yes", timeout=60)


def newest_run(bench: Bench) -> dict[str, Any]:
    """What is kept of the newest run."""
    (newest,) = bench.run("runbook", "history", "--last", "1", "--json").json["runs"]
    return dict(newest)


@contextmanager
def once(
    happened: Callable[[], bool], then: Callable[[], None], shop: Shop, *services: str
) -> Iterator[None]:
    """Let the world answer: ``then`` follows as soon as something has happened."""
    for name in services:
        shop.aws(name)  # in this thread: see aws.session

    def watch() -> None:
        wait_until(happened, seconds=20)
        then()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def raise_alarm(shop: Shop, key: str, *, raised: bool = True) -> None:
    """Make one of the tree's alarms, and set it off or end it."""
    watch, name = shop.aws("cloudwatch"), f"bookstore-dev-{key}"
    if not watch.describe_alarms(AlarmNames=[name])["MetricAlarms"]:
        watch.put_metric_alarm(
            AlarmName=name,
            Namespace="bookstore-dev",
            MetricName=key,
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanOrEqualToThreshold",
        )
    state = "ALARM" if raised else "OK"
    watch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


def measure(shop: Shop, namespace: str, dimensions: dict[str, str], **values: float) -> None:
    """Have CloudWatch know of values, of a minute that is over, as AWS publishes them."""
    then = datetime.now(UTC) - timedelta(minutes=5)
    named = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    shop.aws("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {"MetricName": metric, "Dimensions": named, "Timestamp": then, "Value": value}
            for metric, value in values.items()
        ],
    )


def limits(shop: Shop) -> tuple[int, int]:
    """Between how many tasks autoscaling moves the colour with the traffic."""
    name = f"service/{shop.place['cluster']}/{shop.place['services'][sides(shop)[0]]}"
    (target,) = shop.aws("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[name]
    )["ScalableTargets"]
    return target["MinCapacity"], target["MaxCapacity"]


def create_database(shop: Shop, name: str = "bookstore-dev") -> None:
    """The tree's database, with its standby, network and settings."""
    ec2, rds = shop.aws("ec2"), shop.aws("rds")
    subnets = [each["SubnetId"] for each in ec2.describe_subnets()["Subnets"]]
    rds.create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription=name, SubnetIds=subnets
    )
    rds.create_db_parameter_group(
        DBParameterGroupName=f"{name}-postgres15",
        DBParameterGroupFamily="postgres15",
        Description=name,
    )
    rds.create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.r7g.large",
        Engine="postgres",
        AllocatedStorage=20,
        MaxAllocatedStorage=50,
        MasterUsername="bookstore_admin",
        ManageMasterUserPassword=True,
        MultiAZ=True,
        BackupRetentionPeriod=14,
        DBSubnetGroupName=name,
        DBParameterGroupName=f"{name}-postgres15",
    )


def instance(shop: Shop, name: str) -> dict[str, Any]:
    """A database, as RDS describes it."""
    found = shop.aws("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    return dict(found[0])


def said(finished: Finished) -> str:
    """All that was said, with every line break, run of blanks and mark of output as one blank."""
    return " ".join((finished.out + finished.err).replace("│", " ").split())
