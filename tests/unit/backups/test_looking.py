"""What each store has to restore from, and how it stands against its objective."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.looking import look_at_all
from bookstore_ops.backups.model import Found, Kind, Standing, Verdict, Window, judge
from bookstore_ops.backups.settings import Objective
from bookstore_ops.releases.model import Ledger, Past, Service
from tests.unit.backups.conftest import sight, store_state
from tests.unit.backups.warehouse import ELSEWHERE, REGION, Warehouse

DAY = dict.fromkeys(Kind, Objective(point="1d", copy="1d"))


def look(
    warehouse: Warehouse, tmp_path: Path, objectives: Any = None, **given: Any
) -> dict[str, Standing]:
    stores = store_state(warehouse)
    found = look_at_all(
        sight(warehouse, stores, tmp_path, **given),
        stores,
        DAY if objectives is None else objectives,
    )
    return {f"{s.store.name} {s.region}" if s.is_copy else s.store.name: s for s in found}


def test_a_database_has_snapshots_and_a_window(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.database()
    warehouse.aws("rds").create_db_snapshot(
        DBInstanceIdentifier=warehouse.name, DBSnapshotIdentifier="by-hand"
    )
    standing = look(warehouse, tmp_path)["rds"]
    kinds = {backup.kind: backup for backup in standing.found.backups}
    assert set(kinds) == {"automated", "manual"}
    assert kinds["manual"].id == "by-hand"
    assert (kinds["manual"].size_bytes, kinds["manual"].encrypted) == (20 * 1024**3, True)
    window = standing.found.window
    assert window is not None
    assert window.earliest is not None
    assert window.earliest <= window.latest
    assert standing.verdict is Verdict.MET
    assert standing.lost_seconds is not None
    assert standing.lost_seconds < 5


def test_the_copies_of_a_database_in_another_region_stand_by_themselves(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.database(copied=True)
    found = look(warehouse, tmp_path)
    copy = found[f"rds {ELSEWHERE}"]
    assert copy.is_copy
    assert copy.verdict is Verdict.MET
    assert copy.found.window is not None
    assert copy.found.backups == ()


def test_a_table_has_backups_and_a_window(warehouse: Warehouse, tmp_path: Path) -> None:
    name = warehouse.table()
    warehouse.aws("dynamodb").create_backup(TableName=name, BackupName="before-migration")
    standing = look(warehouse, tmp_path)["dynamodb/orders"]
    (backup,) = standing.found.backups
    assert (backup.id, backup.kind, backup.status) == ("before-migration", "on demand", "ready")
    assert standing.found.window is not None


def test_a_table_without_point_in_time_recovery_has_its_backups_only(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    name = warehouse.table()
    warehouse.aws("dynamodb").update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    standing = look(warehouse, tmp_path)["dynamodb/orders"]
    assert standing.found.window is None
    assert standing.verdict is Verdict.MISSED
    assert standing.why == "there is nothing to restore from"


def test_a_cache_has_snapshots(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.cache()
    warehouse.aws("elasticache").create_snapshot(
        ReplicationGroupId=warehouse.name, SnapshotName="by-hand"
    )
    standing = look(warehouse, tmp_path)["redis"]
    (backup,) = standing.found.backups
    assert (backup.id, backup.kind, backup.encrypted) == ("by-hand", "manual", True)
    assert backup.taken is not None
    assert standing.verdict is Verdict.MET


def test_whether_snapshots_of_a_search_domain_succeed_is_told_by_a_metric(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.domain()
    assert look(warehouse, tmp_path)["opensearch"].verdict is Verdict.UNKNOWN
    warehouse.snapshots_succeed()
    assert look(warehouse, tmp_path)["opensearch"].verdict is Verdict.MET


def test_snapshots_of_a_search_domain_that_fail_are_no_backups(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.domain()
    warehouse.snapshots_succeed(failing=True)
    standing = look(warehouse, tmp_path)["opensearch"]
    assert standing.verdict is Verdict.MISSED
    assert "failed" in standing.why


def test_a_state_whose_versions_are_kept_loses_nothing(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    standing = look(warehouse, tmp_path)["state"]
    assert [backup.kind for backup in standing.found.backups] == ["version"]
    assert standing.lost_seconds == 0


def test_a_state_without_versions_has_the_copies_of_this_machine(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.aws("s3").put_bucket_versioning(
        Bucket="bookstore-dev-tfstate", VersioningConfiguration={"Status": "Suspended"}
    )
    stores = store_state(warehouse)
    seen = sight(warehouse, stores, tmp_path)
    (standing,) = look_at_all(seen, stores, DAY)
    assert standing.verdict is Verdict.MISSED
    seen.copies.save(warehouse.state(), None, command="state backup")
    (standing,) = look_at_all(sight(warehouse, stores, tmp_path), stores, DAY)
    assert [backup.kind for backup in standing.found.backups] == ["copy"]
    assert standing.verdict is Verdict.MET


def released(repository: str, digest: str) -> Ledger:
    past = Past(
        id="1",
        kind="release",
        strategy="blue-green",
        image=f"{repository}@{digest}",
        label="1.4.0",
        color="green",
        task_definition="catalog:2",
        started="",
        ended="",
        by="",
        outcome="done",
    )
    return Ledger(services={"catalog": Service(history=[past])})


def test_the_image_that_was_released_well_must_be_there(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    repository = warehouse.repository()
    digest = warehouse.push(repository, "1.4.0")
    registry = warehouse.resources[-1]["instances"][0]["attributes"]["repository_url"]
    ledger = released(registry, digest)
    standing = look(warehouse, tmp_path, releases=ledger)["images"]
    assert [backup.kind for backup in standing.found.backups] == ["last good"]
    assert standing.found.backups[0].id == "catalog:1.4.0"
    assert standing.verdict is Verdict.MET
    warehouse.aws("ecr").batch_delete_image(
        repositoryName=repository, imageIds=[{"imageDigest": digest}]
    )
    standing = look(warehouse, tmp_path, releases=ledger)["images"]
    assert standing.verdict is Verdict.MISSED
    assert standing.why == "gone from the registry: catalog 1.4.0"


def test_golden_images_are_those_of_the_pipeline(warehouse: Warehouse, tmp_path: Path) -> None:
    image = warehouse.pipeline()
    standing = look(warehouse, tmp_path)["amis"]
    assert [(each.id, each.kind) for each in standing.found.backups] == [(image, "golden image")]
    assert standing.found.backups[0].status == "ready"
    assert standing.verdict is Verdict.MET  # they do not age


def test_a_store_that_cannot_be_asked_is_unknown_and_the_others_are_told(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.database()
    warehouse.cache()
    rds = warehouse.aws("rds")
    rds.modify_db_instance(DBInstanceIdentifier=warehouse.name, DeletionProtection=False)
    rds.delete_db_instance(DBInstanceIdentifier=warehouse.name, SkipFinalSnapshot=True)
    found = look(warehouse, tmp_path)
    assert found["rds"].verdict is Verdict.UNKNOWN
    assert found["rds"].problem == "cannot read the window of bookstore-dev in eu-west-1"
    assert "not found" in found["rds"].why
    assert found["redis"].verdict is Verdict.MISSED
    assert found["state"].verdict is Verdict.MET


def test_clients_are_made_before_the_stores_are_asked_side_by_side(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    import threading

    warehouse.database(copied=True)
    makers: list[tuple[str, str, bool]] = []

    def make(service: str, region: str) -> Any:
        main = threading.current_thread() is threading.main_thread()
        makers.append((service, region, main))
        return warehouse.aws(service, region)

    look(warehouse, tmp_path, cloud=Cloud(make, "again"))
    assert makers == [("rds", REGION, True), ("rds", ELSEWHERE, True)]


@pytest.mark.parametrize(("age", "expected"), [(59, Verdict.MET), (61, Verdict.MISSED)])
def test_an_objective_is_met_to_the_second(
    warehouse: Warehouse, tmp_path: Path, age: int, expected: Verdict
) -> None:
    at = sight(warehouse, [], tmp_path).at
    found = Found(window=Window(earliest=None, latest=at - timedelta(seconds=age)))
    assert judge(found, 60, at, holds_data=True)[0] is expected
    assert judge(found, None, at, holds_data=True)[0] is Verdict.NONE


def test_a_backup_that_is_half_made_is_no_point_to_go_back_to(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    warehouse.database()
    standing = look(warehouse, tmp_path)["rds"]
    half = replace(standing.found.backups[0], status="making")
    assert Found(backups=(half,)).point is None
    assert Found(backups=standing.found.backups).point == standing.found.backups[0].taken
