"""Rehearsals of the pages for what is lost: data, and a whole region."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e.rehearsing import create_database, go_on, opened_shop, run, said, take_back
from tests.e2e.shop import Shop

ELSEWHERE = "eu-central-1"
TWIN = "bookstore-dr-dev"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop with a database and a table, which holds a line."""
    with opened_shop(tmp_path_factory.mktemp("recovery")) as opened:
        create_database(opened)
        dynamodb = opened.aws("dynamodb")
        dynamodb.create_table(
            TableName="bookstore-dev-audit-log",
            KeySchema=[{"AttributeName": "entity_id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "entity_id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        dynamodb.put_item(TableName="bookstore-dev-audit-log", Item={"entity_id": {"S": "order-1"}})
        yield opened


@pytest.mark.rehearses(
    "region-lost",
    broken="The database gone from its region; its backups and a replica of a table in another one",
    mended="A database from these backups stands there, in its network, and the table is read "
    "there; undo deletes the database again",
    not_here="A region that does not answer; the tree built anew there, which takes an hour",
)
def test_a_lost_region_is_left_for_the_other_one(shop: Shop) -> None:
    rds, there = shop.aws("rds"), shop.bench.aws("rds", region=ELSEWHERE)
    source = rds.describe_db_instances(DBInstanceIdentifier="bookstore-dev")["DBInstances"][0]
    there.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=source["DBInstanceArn"]
    )
    shop.aws("dynamodb").update_table(
        TableName="bookstore-dev-audit-log",
        ReplicaUpdates=[{"Create": {"RegionName": ELSEWHERE}}],
    )
    rds.delete_db_instance(DBInstanceIdentifier="bookstore-dev", SkipFinalSnapshot=True)

    decides = run(shop.bench, "region-lost", other_region=ELSEWHERE)
    assert (decides.code, "decide is done by hand" in decides.said) == (1, True), decides.err
    assert "queues answers" in said(decides)
    assert "table bookstore-dev-audit-log ACTIVE 1 items or so" in said(decides)

    early = go_on(shop.bench, "network", "--allow=restore")
    assert early.code == 1
    assert there.describe_db_instances()["DBInstances"] == []
    group = build_network(shop, there)
    waits = go_on(shop.bench, "network", "--allow=restore")
    assert (waits.code, "rest is done by hand" in waits.said) == (1, True), waits.err
    done = go_on(shop.bench, "over")
    assert done.code == 0, done.err

    (restored,) = there.describe_db_instances()["DBInstances"]
    assert restored["DBInstanceIdentifier"] == TWIN
    assert restored["DBSubnetGroup"]["DBSubnetGroupName"] == TWIN
    assert [each["VpcSecurityGroupId"] for each in restored["VpcSecurityGroups"]] == [group]
    line = shop.bench.aws("dynamodb", region=ELSEWHERE).get_item(
        TableName="bookstore-dev-audit-log", Key={"entity_id": {"S": "order-1"}}
    )
    assert line["Item"] == {"entity_id": {"S": "order-1"}}
    assert take_back(shop.bench).code == 0
    assert there.describe_db_instances()["DBInstances"] == []


def build_network(shop: Shop, there: Any) -> str:
    """What a targeted apply would make there; the id of the database's security group."""
    ec2 = shop.bench.aws("ec2", region=ELSEWHERE)
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
