"""Databases, tables and caches that the state does not know: whose they are, and if they work."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookstore_ops.idle.model import Verdict
from tests.unit.backups.warehouse import ELSEWHERE
from tests.unit.idle.estate import Estate

ASIDE = "bookstore-dev-of-20260101"


def database(
    estate: Estate, tags: Mapping[str, str], name: str = ASIDE, *, protected: bool = False
) -> None:
    estate.aws("rds").create_db_instance(
        DBInstanceIdentifier=name,
        DBInstanceClass="db.t4g.micro",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="bookstore_admin",
        ManageMasterUserPassword=True,
        DeletionProtection=protected,
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
    )


def connected(estate: Estate, value: float, name: str = ASIDE) -> None:
    estate.measured("AWS/RDS", "DatabaseConnections", value, DBInstanceIdentifier=name)


def test_a_database_beside_the_states_own_is_idle_without_connections(estate: Estate) -> None:
    database(estate, estate.tags)
    connected(estate, 0)
    found = estate.one("database", ASIDE)
    assert (found.verdict, found.address) == (Verdict.IDLE, "")
    assert found.mend.startswith("aws rds delete-db-instance --region eu-west-1")
    assert f"--final-db-snapshot-identifier {ASIDE}-last" in found.mend
    connected(estate, 2)
    assert estate.verdicts("database") == {ASIDE: Verdict.USED}


def test_protection_is_taken_off_first(estate: Estate) -> None:
    database(estate, estate.tags, protected=True)
    connected(estate, 0)
    mend = estate.one("database", ASIDE).mend
    assert mend.startswith("aws rds modify-db-instance")
    assert "--no-deletion-protection && aws rds delete-db-instance" in mend


@pytest.mark.parametrize(
    "tags",
    [{}, {"Project": "bookstore", "Environment": "prod"}, {"Project": "o", "Environment": "dev"}],
)
def test_a_database_of_somebody_else_is_never_named(estate: Estate, tags: dict[str, str]) -> None:
    database(estate, tags)
    connected(estate, 0)
    assert estate.verdicts("database") == {}


def test_what_bsops_restored_is_known_without_tags(estate: Estate) -> None:
    database(estate, {})
    connected(estate, 0)
    estate.restored(ASIDE)
    assert estate.verdicts("database") == {ASIDE: Verdict.IDLE}


@pytest.mark.parametrize("changes", [{"phase": "making"}, {"removed": True}, {"region": ELSEWHERE}])
def test_what_is_being_restored_or_was_removed_is_not_ours_to_judge(
    estate: Estate, changes: dict[str, Any]
) -> None:
    database(estate, {})
    connected(estate, 0)
    estate.restored(ASIDE, **changes)
    assert estate.verdicts("database") == {}


def test_what_is_being_restored_is_not_idle_though_it_has_the_tags(estate: Estate) -> None:
    database(estate, estate.tags)
    estate.restored(ASIDE, phase="making")
    assert estate.verdicts("database") == {}


def test_a_day_is_enough_to_judge_what_stands_beside(estate: Estate) -> None:
    database(estate, estate.tags)
    estate.at = datetime.now(UTC) + timedelta(hours=1)
    assert estate.verdicts("database") == {ASIDE: Verdict.UNKNOWN}
    estate.at = datetime.now(UTC) + timedelta(days=3)
    connected(estate, 0)
    found = estate.one("database", ASIDE)
    assert (found.verdict, found.amount) == (Verdict.IDLE, "0 connections in 2 d")


def table(estate: Estate, name: str, tags: list[dict[str, str]], *, protected: bool = True) -> None:
    estate.aws("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        DeletionProtectionEnabled=protected,
        Tags=tags,
    )


def test_a_table_beside_the_states_own_is_idle_until_it_is_read_or_written(estate: Estate) -> None:
    estate.warehouse.table("orders")
    name = "bookstore-dev-orders-restored"
    table(estate, name, estate.tag_list)
    table(estate, "bookstore-dev-theirs", [{"Key": "Project", "Value": "other"}])
    table(estate, "elsewhere", estate.tag_list)
    assert estate.verdicts("table") == {name: Verdict.IDLE}
    mend = estate.one("table", name).mend
    assert "--no-deletion-protection-enabled && aws dynamodb delete-table" in mend
    estate.measured("AWS/DynamoDB", "ConsumedReadCapacityUnits", 0.5, days=1, TableName=name)
    assert estate.verdicts("table") == {name: Verdict.USED}


def test_a_table_that_bsops_restored_under_any_name_is_known(estate: Estate) -> None:
    table(estate, "trial", [], protected=False)
    estate.restored("trial", kind="verify")
    assert estate.verdicts("table") == {"trial": Verdict.IDLE}
    assert estate.one("table", "trial").mend == (
        "aws dynamodb delete-table --region eu-west-1 --table-name trial"
    )


def test_a_cache_beside_the_states_own_is_idle_without_commands(estate: Estate) -> None:
    estate.warehouse.cache()
    for name, tags in (("bookstore-dev-restored", estate.tag_list), ("bookstore-dev-b", [])):
        estate.aws("elasticache").create_replication_group(
            ReplicationGroupId=name,
            ReplicationGroupDescription="Restored",
            CacheNodeType="cache.t4g.micro",
            NumCacheClusters=1,
            Tags=tags,
        )
    for metric in ("CacheHits", "CacheMisses", "SetTypeCmds"):
        node = "bookstore-dev-restored-001"
        estate.measured("AWS/ElastiCache", metric, 0, CacheClusterId=node)
    found = estate.verdicts("cache")
    # The state's own has no nodes in this fake.
    assert found == {"bookstore-dev-restored": Verdict.IDLE, "bookstore-dev": Verdict.UNKNOWN}
    assert "delete-replication-group" in estate.one("cache", "bookstore-dev-restored").mend
