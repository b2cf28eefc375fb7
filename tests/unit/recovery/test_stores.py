"""Stores in the other region: what is ready there, and what would be lost."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.model import Kind
from bookstore_ops.backups.settings import Objective
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.recovery.stores import look_at_stores
from bookstore_ops.states.backups import BackupStore
from bookstore_ops.terraform.state import StateSummary
from tests.unit.backups.conftest import sight, store_state
from tests.unit.backups.warehouse import ELSEWHERE, Warehouse
from tests.unit.recovery.support import denied

OBJECTIVES = {
    Kind.RDS: Objective(copy="1h"),
    Kind.DYNAMODB: Objective(copy="15m"),
    Kind.STATE: Objective(copy="1d"),
}


def look(
    warehouse: Warehouse,
    tmp_path: Path,
    *,
    later: timedelta = timedelta(),
    cloud: Cloud | None = None,
) -> dict[str, Piece]:
    """Every store by name, seen that much later."""
    stores = store_state(warehouse)
    seen = sight(warehouse, stores, tmp_path, cloud=cloud)
    seen = replace(seen, at=seen.at + later)
    return {piece.name: piece for piece in look_at_stores(seen, stores, OBJECTIVES, ELSEWHERE)}


def replicate(warehouse: Warehouse) -> str:
    """A table with a replica; its name."""
    name = warehouse.table("orders")
    create = {"Create": {"RegionName": ELSEWHERE}}
    warehouse.aws("dynamodb").update_table(TableName=name, ReplicaUpdates=[create])
    elsewhere = warehouse.aws("dynamodb", ELSEWHERE)
    elsewhere.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    table, replica = (
        client.describe_table(TableName=name)["Table"]["TableArn"]
        for client in (warehouse.aws("dynamodb"), elsewhere)
    )
    known = {"global_table_arn": table, "arn": replica}
    warehouse.know("aws_dynamodb_table_replica", "dynamodb.this", known, "orders")
    return name


def copy_state(directory: Path) -> None:
    BackupStore(directory, "dev").save(b"{}", StateSummary(serial=7), command="state backup")


def test_copies_are_ready_with_the_seconds_that_would_be_lost(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.database(copied=True)
    replicate(warehouse)
    found = look(warehouse, tmp_path)
    assert found["rds"].readiness is Readiness.READY
    assert found["rds"].objective_seconds == 3600
    table = found["dynamodb/orders"]
    assert (table.readiness, table.words) == (Readiness.READY, "a replica answers there")
    assert table.lost_seconds is not None
    assert table.lost_seconds < 600


def test_what_has_no_copy_there_is_missing_and_all_of_it_lost(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.database()
    warehouse.cache()
    warehouse.domain()
    found = look(warehouse, tmp_path)
    for name in ("rds", "redis", "opensearch", "state"):
        assert (found[name].readiness, found[name].lost_seconds) == (Readiness.MISSING, None)
    assert "disaster_recovery" in found["rds"].mend
    assert found["redis"].mend == ""
    assert found["state"].mend == "bsops state backup dev"


def test_a_copy_that_is_too_old_is_late(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.database(copied=True)
    copy_state(tmp_path)
    found = look(warehouse, tmp_path, later=timedelta(days=2))
    for name in ("rds", "state"):
        assert found[name].readiness is Readiness.LATE
        assert (found[name].lost_seconds or 0) > 86400


def test_a_copy_of_the_state_on_this_machine_counts(warehouse: Warehouse, tmp_path: Path) -> None:
    copy_state(tmp_path)
    state = look(warehouse, tmp_path)["state"]
    assert (state.readiness, state.words) == (Readiness.READY, "a copy is on this machine")


def test_a_replica_that_is_gone_is_missing(warehouse: Warehouse, tmp_path: Path) -> None:
    name = replicate(warehouse)
    remove = {"Delete": {"RegionName": ELSEWHERE}}
    warehouse.aws("dynamodb").update_table(TableName=name, ReplicaUpdates=[remove])
    assert look(warehouse, tmp_path)["dynamodb/orders"].readiness is Readiness.MISSING


def test_what_cannot_be_asked_is_unknown_and_never_ready(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.database(copied=True)

    rds = look(warehouse, tmp_path, cloud=denied())["rds"]
    assert (rds.readiness, rds.lost_seconds) == (Readiness.UNKNOWN, None)
    assert "AccessDenied" in rds.words


def test_only_the_other_region_is_asked(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.database(copied=True)
    replicate(warehouse)
    asked: set[str] = set()

    def make(service: str, region: str) -> Any:
        asked.add(region)
        return warehouse.aws(service, region)

    look(warehouse, tmp_path, cloud=Cloud(make, "again"))
    assert asked == {ELSEWHERE}
