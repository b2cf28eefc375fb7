"""Rehearsals of the pages for what is lost: data, and a whole region."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookstore_ops.aws.session import Clients
from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from tests.e2e.rehearsing import go_on, run, said, take_back
from tests.e2e.test_dr import REPLICA
from tests.e2e.workspaces import REPOSITORY, Bench, make_bench
from tests.unit.backups.warehouse import ELSEWHERE, REGION, Warehouse

TWIN = "bookstore-dr-dev"


@dataclass
class Place:
    """A workspace whose values name another region, and what it has in AWS."""

    bench: Bench
    warehouse: Warehouse

    def tables(self) -> list[str]:
        """The names of the platform's tables."""
        names = self.warehouse.aws("dynamodb").list_tables()["TableNames"]
        return [name for name in names if name.startswith("bookstore-dev-")]

    def items(self, table: str, region: str = REGION) -> int:
        """How much a table holds."""
        return int(self.warehouse.aws("dynamodb", region).scan(TableName=table)["Count"])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The database, a table and a vault, known to the state; all pages."""
    bench = make_bench(tmp_path_factory.mktemp("recovery"))
    shutil.copytree(REPOSITORY / "runbooks", bench.root / "runbooks")
    shutil.copy(REPOSITORY / "infrastructure/aws/backups.toml", bench.workspace.tree)
    (bench.environment_root("dev") / "replica.tf").write_text(REPLICA)
    bench.run("lock", "dev", "--sandbox")  # the sandbox makes the bucket with its first use
    warehouse = Warehouse(Clients(REGION, bench.aws_environ()).make)
    warehouse.database(copied=True)
    warehouse.table()
    warehouse.vault()
    state = load_environment(bench.workspace, "dev").state
    bench.aws("s3").put_object(Bucket=state.bucket, Key=state.key, Body=warehouse.state())
    yield Place(bench, warehouse)
    lifecycle.stop(bench.workspace)


@pytest.mark.rehearses(
    "backup-restore",
    broken="No recovery point was ever taken; then all items of a table deleted",
    mended="The vault meets its objective; a table with all items stands beside the empty one, "
    "undo deletes that one only",
    not_here="A job that fails: each succeeds there; snapshots of the search",
)
def test_a_backup_is_taken_and_brings_back_what_was_deleted(place: Place) -> None:
    bench, table = place.bench, "bookstore-dev-orders"
    taken = run(bench, "backup-restore", way="take")
    assert taken.code == 0, taken.err
    assert "no recovery point yet of rds, dynamodb/orders" in said(taken)

    dynamodb, held = place.warehouse.aws("dynamodb"), place.items(table)
    for item in dynamodb.scan(TableName=table)["Items"]:
        dynamodb.delete_item(TableName=table, Key={"id": item["id"]})
    points = place.warehouse.aws("backup").list_recovery_points_by_backup_vault(
        BackupVaultName="bookstore-dev"
    )["RecoveryPoints"]
    point = [each for each in points if each["ResourceType"] == "DynamoDB"][-1]
    waits = run(bench, "backup-restore", way="restore", backup=point["RecoveryPointArn"])
    assert (waits.code, "data is done by hand" in waits.said) == (1, True), waits.err
    (restored,) = set(place.tables()) - {table}
    assert (place.items(table), place.items(restored)) == (0, held)
    assert f"bsops backup adopt dev dynamodb/orders {restored}" in said(waits)
    assert go_on(bench, "over").code == 0

    assert take_back(bench).code == 0
    assert place.tables() == [table]


@pytest.mark.rehearses(
    "database-restore",
    broken="Nothing: a database holds no rows there",
    mended="A second one stands beside, same network, key and settings; undo deletes that one "
    "only. A moment that AWS does not have is refused",
    not_here="Rows, how long it takes, switching over",
)
def test_a_database_is_restored_beside_the_one_that_runs(place: Place) -> None:
    bench, rds, name = place.bench, place.warehouse.aws("rds"), "bookstore-dev"
    now = datetime.now(UTC)
    refused = run(bench, "database-restore", moment=f"{now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}")
    assert (refused.code, "it can be restored to any second from" in said(refused)) == (1, True)

    waits = run(bench, "database-restore", moment=f"{now:%Y-%m-%dT%H:%M:%SZ}")
    assert (waits.code, "copy is done by hand" in waits.said) == (1, True), waits.err
    kept, restored = (
        rds.describe_db_instances(DBInstanceIdentifier=each)["DBInstances"][0]
        for each in (name, f"{name}-restored")
    )
    for same in ("DBSubnetGroup", "DBParameterGroups", "VpcSecurityGroups", "KmsKeyId"):
        assert restored.get(same) == kept.get(same), same
    assert restored["DbiResourceId"] != kept["DbiResourceId"]
    assert f"bsops backup adopt dev rds {name}-restored" in said(waits)

    undone = take_back(bench)
    assert undone.code == 0, undone.err
    left = [each["DBInstanceIdentifier"] for each in rds.describe_db_instances()["DBInstances"]]
    assert left == [name]


@pytest.mark.rehearses(
    "region-lost",
    broken="The database stopped in its region; its backups and a replica of a table in another",
    mended="A database from these backups stands there, in its network, and the table is read "
    "there; undo deletes the database again",
    not_here="A region that does not answer; the tree built anew there, which takes an hour",
)
def test_a_lost_region_is_left_for_the_other_one(place: Place) -> None:
    bench, table = place.bench, "bookstore-dev-orders"
    rds, there = (place.warehouse.aws("rds", region) for region in (REGION, ELSEWHERE))
    dynamodb = place.warehouse.aws("dynamodb")
    dynamodb.put_item(TableName=table, Item={"id": {"S": "1"}, "customer": {"S": "c"}})
    dynamodb.update_table(TableName=table, ReplicaUpdates=[{"Create": {"RegionName": ELSEWHERE}}])
    # moto has a restored one protected as its source is, whatever is asked.
    rds.modify_db_instance(DBInstanceIdentifier="bookstore-dev", DeletionProtection=False)
    rds.stop_db_instance(DBInstanceIdentifier="bookstore-dev")

    decides = run(bench, "region-lost")
    assert (decides.code, "decide is done by hand" in decides.said) == (1, True), decides.err
    assert "queues answers" in said(decides)
    held = place.items(table)
    assert f"table {table} ACTIVE {held} items or so" in said(decides)
    assert f"Move dev to {ELSEWHERE}?" in said(decides)

    early = go_on(bench, "network", "--allow=restore")
    assert (early.code, "is the network applied?" in said(early)) == (1, True)
    assert there.describe_db_instances()["DBInstances"] == []
    group = build_network(place, there)
    waits = go_on(bench, "network", "--allow=restore")
    assert (waits.code, "rest is done by hand" in waits.said) == (1, True), waits.err
    done = go_on(bench, "over")
    assert done.code == 0, done.err

    (restored,) = there.describe_db_instances()["DBInstances"]
    assert restored["DBInstanceIdentifier"] == TWIN
    assert restored["DBSubnetGroup"]["DBSubnetGroupName"] == TWIN
    assert [each["VpcSecurityGroupId"] for each in restored["VpcSecurityGroups"]] == [group]
    assert place.items(table, ELSEWHERE) == held > 0
    assert take_back(bench).code == 0
    assert there.describe_db_instances()["DBInstances"] == []
    rds.start_db_instance(DBInstanceIdentifier="bookstore-dev")


def build_network(place: Place, there: Any) -> str:
    """What a targeted apply would make there; the id of the database's security group."""
    ec2 = place.warehouse.aws("ec2", ELSEWHERE)
    vpc = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.30.{n}.0/24", AvailabilityZone=f"{ELSEWHERE}{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    there.create_db_subnet_group(
        DBSubnetGroupName=TWIN, DBSubnetGroupDescription=TWIN, SubnetIds=subnets
    )
    there.create_db_parameter_group(
        DBParameterGroupName=f"{TWIN}-postgres15",
        DBParameterGroupFamily="postgres15",
        Description=TWIN,
    )
    made = ec2.create_security_group(GroupName=f"{TWIN}-rds", Description=TWIN, VpcId=vpc)
    return str(made["GroupId"])
