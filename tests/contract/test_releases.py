"""What releases need of the sandbox: targets, tested methods, percentiles, conditional writes."""

import contextlib
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.model import Hold, Ledger
from bookstore_ops.releases.store import Store, this_holder
from bookstore_ops.sandbox.push import push_image
from tests.contract.conftest import ACCOUNT, REGION, Client
from tests.unit.releases.world import PLACE, release

BUCKET = "releases-contract"


@pytest.fixture
def group(client: Client, name: str) -> str:
    """A target group of addresses."""
    vpc = client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    made = client("elbv2").create_target_group(
        Name=name[-32:].strip("-"), Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip"
    )
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def run_tasks(client: Client, name: str, group: str, image: str) -> Any:
    ecs = client("ecs")
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name, containerDefinitions=[{"name": "app", "image": image, "memory": 128}]
    )
    balancer = {"targetGroupArn": group, "containerName": "app", "containerPort": 8080}
    return ecs.create_service(
        cluster=name,
        serviceName="app",
        taskDefinition=name,
        desiredCount=3,
        loadBalancers=[balancer],
    )["service"]


def healthy(client: Client, group: str) -> int:
    health = client("elbv2").describe_target_health(TargetGroupArn=group)
    states = [each["TargetHealth"]["State"] for each in health["TargetHealthDescriptions"]]
    return states.count("healthy")


def test_tasks_are_targets_of_their_group(client: Client, name: str, group: str) -> None:
    run_tasks(client, name, group, "app:1")
    assert healthy(client, group) == 3
    client("ecs").update_service(cluster=name, service="app", desiredCount=1)
    assert healthy(client, group) == 1
    client("ecs").delete_service(cluster=name, service="app", force=True)
    assert healthy(client, group) == 0


def test_tasks_of_an_unhealthy_image_never_run(client: Client, name: str, group: str) -> None:
    client("ecr").create_repository(repositoryName=f"shop/{name}")
    repository = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/{name}"
    digest = push_image(client("ecr"), repository, "bad", healthy=False, answers=200)
    service = run_tasks(client, name, group, f"{repository}@{digest}")
    assert (service["runningCount"], service["pendingCount"]) == (0, 3)
    assert service["deployments"][0]["rolloutState"] == "IN_PROGRESS"
    assert healthy(client, group) == 0


def run_migration(client: Client, name: str, token: str, exits: int) -> str:
    """Run a task whose image ends with this code; its ARN."""
    ecs, ecr = client("ecs"), client("ecr")
    with contextlib.suppress(ecr.exceptions.RepositoryAlreadyExistsException):
        ecr.create_repository(repositoryName=f"shop/{name}")
    repository = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/{name}"
    digest = push_image(ecr, repository, token, healthy=True, answers=200, exits=exits)
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name,
        containerDefinitions=[{"name": "app", "image": f"{repository}@{digest}", "memory": 128}],
    )
    answer = ecs.run_task(
        cluster=name, taskDefinition=name, launchType="FARGATE", clientToken=token, startedBy=token
    )
    return str(answer["tasks"][0]["taskArn"])


def test_a_token_stands_for_one_task(client: Client, name: str) -> None:
    ecs = client("ecs")
    first = run_migration(client, name, "one", 0)
    again = {"cluster": name, "taskDefinition": name, "launchType": "FARGATE"}
    assert ecs.run_task(**again, clientToken="one")["tasks"][0]["taskArn"] == first
    assert ecs.run_task(**again, clientToken="two")["tasks"][0]["taskArn"] != first


def test_a_task_leaves_no_network_interface(client: Client, name: str) -> None:
    ec2, ecs = client("ec2"), client("ecs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    ecs.create_cluster(clusterName=name)
    ecs.register_task_definition(
        family=name,
        networkMode="awsvpc",
        containerDefinitions=[{"name": "app", "image": "app:1", "memory": 128}],
    )
    network = {"subnets": [subnet], "securityGroups": []}
    (task,) = ecs.run_task(
        cluster=name,
        taskDefinition=name,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": network},
    )["tasks"]
    assert task["lastStatus"] == "RUNNING"
    within = [{"Name": "subnet-id", "Values": [subnet]}]
    assert ec2.describe_network_interfaces(Filters=within)["NetworkInterfaces"] == []


@pytest.mark.parametrize("exits", [0, 3])
def test_a_task_ends_with_the_code_of_its_image(client: Client, name: str, exits: int) -> None:
    arn = run_migration(client, name, "one", exits)
    for _ in range(10):
        (task,) = client("ecs").describe_tasks(cluster=name, tasks=[arn])["tasks"]
        if task["lastStatus"] == "STOPPED":
            break
    assert task["lastStatus"] == "STOPPED"
    assert task["containers"][0]["exitCode"] == exits


def test_no_two_images_have_the_same_digest(client: Client, name: str) -> None:
    client("ecr").create_repository(repositoryName=f"shop/{name}")
    repository = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/{name}"
    digests = [
        push_image(client("ecr"), repository, f"1.{number}.0", healthy=True, answers=200)
        for number in range(40)
    ]
    assert len(set(digests)) == 40


def test_a_percentile_is_the_value_that_so_many_do_not_exceed(client: Client, name: str) -> None:
    cloudwatch = client("cloudwatch")
    for value in range(1, 101):
        cloudwatch.put_metric_data(Namespace=name, MetricData=[{"MetricName": "t", "Value": value}])
    end = datetime.now(UTC) + timedelta(minutes=1)
    metric = {"Namespace": name, "MetricName": "t"}
    queries = [
        {"Id": stat, "MetricStat": {"Metric": metric, "Period": 600, "Stat": stat}}
        for stat in ("p50", "p95", "p100")
    ]
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=end - timedelta(minutes=5), EndTime=end
    )
    found = {result["Id"]: result["Values"][0] for result in answer["MetricDataResults"]}
    assert found == {"p50": 50, "p95": 95, "p100": 100}


@pytest.fixture
def store(client: Client, name: str) -> Any:
    """Makes stores of one ledger, as different processes have them."""
    s3 = client("s3")
    s3.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION}
    ) if BUCKET not in {b["Name"] for b in s3.list_buckets()["Buckets"]} else None
    return lambda: Store(client("s3"), BUCKET, name, "bsops release status dev")


def test_one_of_two_begins(store: Any) -> None:
    first, second = store(), store()
    first.read(), second.read()
    begun = first.begin(release())
    with pytest.raises(TakenOver) as lost:
        second.begin(release(id="r2"))
    assert lost.value.current == begun


def test_of_many_that_begin_at_once_one_does(store: Any) -> None:
    barrier, won = threading.Barrier(8), []

    def begin(number: int) -> None:
        mine = store()
        mine.read()
        barrier.wait()
        with contextlib.suppress(TakenOver):
            won.append(mine.begin(release(id=f"r{number}")).id)

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert store().read().of("catalog").current.id == won[0]


def test_of_releases_and_rollouts_that_begin_at_once_one_holds_the_service(store: Any) -> None:
    barrier, won = threading.Barrier(8), []

    def refuse_others(ledger: Ledger) -> None:
        known = ledger.of("catalog")
        if known.current or known.rollout:
            raise Refused("there is another")

    def begin(number: int) -> None:
        mine = store()
        mine.read()
        barrier.wait()
        with contextlib.suppress(TakenOver, Refused):
            if number % 2:
                mine.begin(release(id=f"r{number}"), refuse_others)
            else:
                hold = Hold(flag="beta", rollout=f"r{number}", holder=this_holder("r"))
                mine.hold("catalog", hold, refuse_others)
            won.append(f"r{number}")

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    known = store().read().of("catalog")
    begun = [known.current.id] if known.current else []
    held = [known.rollout.rollout] if known.rollout else []
    assert len(won) == 1
    assert begun + held == won


def test_releases_of_other_services_do_not_disturb(store: Any) -> None:
    first, second = store(), store()
    catalog = first.begin(release())
    orders = second.begin(release(id="r2", place=replace(PLACE, service="orders")))
    saved = first.save(replace(catalog, weight=5))
    assert second.save(orders).version == 2
    ledger = store().read()
    assert ledger.of("catalog").current == saved
    assert ledger.of("orders").current.version == 2


def test_who_was_overtaken_learns_of_it(store: Any) -> None:
    first, second = store(), store()
    mine = first.begin(release())
    second.read()
    theirs = second.save(replace(mine, paused="bob"))
    with pytest.raises(TakenOver) as lost:
        first.check(mine)
    assert lost.value.current == theirs
    with pytest.raises(TakenOver):
        first.save(mine)


def test_a_write_whose_answer_was_lost_is_not_lost(store: Any) -> None:
    mine = store()
    begun = mine.begin(release())
    other = store()
    other.read()
    saved = other.save(replace(begun, weight=5))
    # The same write again: S3 refuses it, since it was done.
    assert mine.save(replace(begun, weight=5)) == saved


def test_a_ledger_of_a_newer_kind_is_not_written_over(
    store: Any, client: Client, name: str
) -> None:
    body = json.dumps({"services": {"catalog": {"current": 7}}})
    client("s3").put_object(Bucket=BUCKET, Key=f"{name}.releases", Body=body)
    with pytest.raises(OperationFailed, match="cannot be read"):
        store().read()
