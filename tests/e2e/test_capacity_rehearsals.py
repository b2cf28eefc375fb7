"""Rehearsals of the pages for what is full or runs out: connections, storage, quotas, money."""

import http.client
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.rehearsing import (
    create_database,
    go_on,
    instance,
    limits,
    measure,
    newest_run,
    once,
    opened_shop,
    raise_alarm,
    run,
    said,
    take_back,
)
from tests.e2e.shop import Shop
from tests.e2e.test_releases import sides


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop, with its database."""
    with opened_shop(tmp_path_factory.mktemp("capacity")) as opened:
        create_database(opened)
        yield opened


@pytest.mark.rehearses(
    "connections-exhausted",
    broken="Six tasks of a service, 107 connections, a log of who opened them, the alarm raised",
    mended="Two tasks, and the alarm ended; undo gives autoscaling its limits back",
    not_here="Connections themselves: no database listens; addresses of a NAT gateway",
)
def test_a_service_that_holds_all_connections_lets_some_go(shop: Shop) -> None:
    logs, group = shop.aws("logs"), "/aws/rds/instance/bookstore-dev/postgresql"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="bookstore-dev.0")
    now = int(time.time() * 1000)
    opened = ["catalog"] * 40 + ["orders"] * 3
    logs.put_log_events(
        logGroupName=group,
        logStreamName="bookstore-dev.0",
        logEvents=[
            {"timestamp": now, "message": f"LOG: connection authorized: user={user} database=shop"}
            for user in opened
        ],
    )
    measure(shop, "AWS/RDS", {"DBInstanceIdentifier": "bookstore-dev"}, DatabaseConnections=107)
    alarm = "database-primary-connections"
    raise_alarm(shop, alarm)
    color = sides(shop)[0]
    scale(shop, color, 6)

    too_many = run(shop.bench, "connections-exhausted", service="catalog", max_tasks=6)
    assert (too_many.code, "give a maximum below that" in said(too_many)) == (1, True)
    assert shop.tasks()[color] == 6

    fewer = lambda: shop.tasks()[color] == 2  # noqa: E731
    end_alarm = partial(raise_alarm, shop, alarm, raised=False)
    with once(fewer, end_alarm, shop, "ecs", "cloudwatch"):
        done = run(shop.bench, "connections-exhausted", service="catalog", max_tasks=2)
    assert done.code == 0, done.err
    assert "40 catalog 3 orders 43 connections opened" in said(done)
    assert "DatabaseConnections 107.0 to 107.0" in said(done)
    assert limits(shop) == (2, 2)

    assert take_back(shop.bench).code == 0
    assert limits(shop) == (2, 6)


def scale(shop: Shop, color: str, tasks: int) -> None:
    """What autoscaling did."""
    shop.aws("ecs").update_service(
        cluster=shop.place["cluster"], service=shop.place["services"][color], desiredCount=tasks
    )
    assert shop.tasks()[color] == tasks


@pytest.mark.rehearses(
    "database-storage-full",
    broken="Metrics say that 0.4 of 20 GiB are free",
    mended="It has 60 GiB and may grow to 76; not without `--allow`, nor by too small a step",
    not_here="What fills it; how long RDS takes",
)
def test_a_database_without_storage_gets_more(shop: Shop) -> None:
    name = "bookstore-dev"
    measure(shop, "AWS/RDS", {"DBInstanceIdentifier": name}, FreeStorageSpace=0.4 * 2**30)
    too_few = run(shop.bench, "database-storage-full", "--allow=grow", gib=22)
    assert too_few.code == 0, too_few.err
    assert instance(shop, name)["AllocatedStorage"] == 22
    refused = run(shop.bench, "database-storage-full", "--allow=grow", gib=24)
    assert (refused.code, "RDS takes 25 or more" in said(refused)) == (1, True)
    waits = run(shop.bench, "database-storage-full", gib=60)
    assert (waits.code, "--allow grow" in waits.said) == (1, True), waits.err
    assert instance(shop, name)["AllocatedStorage"] == 22

    done = go_on(shop.bench, "grow", "--allow=grow")
    assert done.code == 0, done.err
    assert "FreeStorageSpace 0.4" in said(waits)
    grown = instance(shop, name)
    assert (grown["AllocatedStorage"], grown["MaxAllocatedStorage"]) == (60, 76)


@pytest.mark.rehearses(
    "opensearch-health",
    broken="Metrics say that writes are blocked and it is yellow, its alarm is raised",
    mended="Each node has 15 GiB in place of 10, and the alarm ended; undo gives 10 back",
    not_here="Shards, snapshots and keys: no domain runs",
)
def test_a_search_that_is_full_gets_larger_volumes(shop: Shop) -> None:
    search, name = shop.aws("opensearch"), "bookstore-dev"
    volume = {"EBSEnabled": True, "VolumeType": "gp3", "VolumeSize": 10}
    search.create_domain(DomainName=name, EBSOptions=volume)
    where = {"DomainName": name, "ClientId": "111111111111"}
    metrics = {"ClusterStatus.yellow": 1, "FreeStorageSpace": 512, "ClusterIndexWritesBlocked": 1}
    measure(shop, "AWS/ES", where, **metrics)
    raise_alarm(shop, "opensearch-writes-blocked")

    waits = run(shop.bench, "opensearch-health", gib=15)
    assert (waits.code, "red is done by hand" in waits.said) == (1, True), waits.err
    assert "ClusterIndexWritesBlocked 1.0" in said(waits)
    assert "ClusterStatus.red None" in said(waits)

    def size() -> int:
        domain = search.describe_domain(DomainName=name)["DomainStatus"]
        return int(domain["EBSOptions"]["VolumeSize"])

    end_alarm = partial(raise_alarm, shop, "opensearch-writes-blocked", raised=False)
    with once(lambda: size() == 15, end_alarm, shop, "opensearch", "cloudwatch"):
        done = go_on(shop.bench, "sane")
    assert done.code == 0, done.err
    assert take_back(shop.bench).code == 0
    assert size() == 10


@pytest.mark.rehearses(
    "quota-reached",
    broken="Six of six vCPUs are used",
    mended="AWS granted twelve, after it had been pending",
    not_here="What is granted by a person; a service that starts then",
)
def test_a_quota_that_is_reached_is_raised(shop: Shop) -> None:
    quotas = shop.aws("service-quotas")
    usage = {
        "Service": "Fargate",
        "Resource": "vCPU",
        "Type": "Resource",
        "Class": "Standard/OnDemand",
    }
    measure(shop, "AWS/Usage", usage, ResourceCount=6)
    done = run(shop.bench, "quota-reached", quota="fargate-vcpu", value=12)
    assert done.code == 0, done.err
    assert "quota 6 used 6" in said(done)
    assert f"bookstore-dev-catalog-{sides(shop)[0]} 2 run, 2 wanted" in said(done)
    quota = quotas.get_service_quota(ServiceCode="fargate", QuotaCode="L-3032A538")["Quota"]
    assert quota["Value"] == 12
    assert newest_run(shop.bench)["outcomes"]["tasks"] == "done"


@pytest.mark.rehearses(
    "cost-spike",
    broken="Containers cost four times as much as before: six tasks in place of two; "
    "a restored database left behind",
    mended="Two tasks run, undo gives the limits back; the database is gone, its snapshot kept, "
    "the real one untouched",
    not_here="Real costs: those of the rehearsal are given to the sandbox",
)
def test_what_costs_too_much_is_found_and_stopped(shop: Shop) -> None:
    cost(shop, {"Amazon Elastic Container Service": (10, 40), "AWS Key Management Service": (2, 2)})
    budget = {
        "BudgetName": "bookstore-dev-environment",
        "BudgetLimit": {"Amount": "600", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }
    shop.aws("budgets").create_budget(AccountId="111111111111", Budget=budget)
    rds, name = shop.aws("rds"), "bookstore-dev"
    rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=name,
        TargetDBInstanceIdentifier=f"{name}-restored",
        UseLatestRestorableTime=True,
    )
    color = sides(shop)[0]
    scale(shop, color, 6)

    looked = run(shop.bench, "cost-spike")
    assert (looked.code, "other is done by hand" in looked.said) == (1, True), looked.err
    rows = said(looked)
    ecs = rows.index("10.00 before 40.00 yesterday Amazon Elastic Container Service")
    assert ecs < rows.index("2.00 before 2.00 yesterday AWS Key Management Service")
    assert f"6 tasks of {name}-catalog-{color}" in rows
    assert f"database {name}-restored" in rows

    tasks = {"cause": "tasks", "service": "catalog", "max_tasks": 2}
    capped = run(shop.bench, "cost-spike", "--from=too-many-tasks", **tasks)
    assert capped.code == 0, capped.err
    assert shop.tasks()[color] == 2
    assert take_back(shop.bench).code == 0
    assert limits(shop) == (2, 6)

    from_there = ("--from=named", "--allow=delete")
    gone = run(shop.bench, "cost-spike", *from_there, cause="restored-database")
    assert gone.code == 0, gone.err
    left = [each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]]
    assert left == [name]
    kept = rds.describe_db_snapshots()["DBSnapshots"]
    assert kept[-1]["DBSnapshotIdentifier"].startswith(f"{name}-restored-")


def cost(shop: Shop, services: dict[str, tuple[int, int]]) -> None:
    """Have Cost Explorer know what services cost on the day before yesterday, and yesterday."""
    today = datetime.now(UTC).date()
    results = [
        {
            "TimePeriod": {
                "Start": str(today - timedelta(days=2 - day)),
                "End": str(today - timedelta(days=1 - day)),
            },
            "Total": {},
            "Groups": [
                {
                    "Keys": [service],
                    "Metrics": {"UnblendedCost": {"Amount": str(both[day]), "Unit": "USD"}},
                }
                for service, both in services.items()
            ],
            "Estimated": True,
        }
        for day in (0, 1)
    ]
    answer = {"ResultsByTime": results, "DimensionValueAttributes": []}
    body = json.dumps({"account_id": "111111111111", "results": [answer]})
    server = http.client.HTTPConnection("127.0.0.1", lifecycle.ensure(shop.bench.workspace).port)
    server.request("POST", "/moto-api/static/ce/cost-and-usage-results", body)
    assert server.getresponse().status == 201
    server.close()
