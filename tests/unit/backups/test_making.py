"""Backups that are taken by hand: named, tagged, waited for, or refused."""

from typing import Any

import pytest

from bookstore_ops.errors import BsopsError, OperationFailed, Refused, UsageError
from bookstore_ops.operations.backups.making import Asked, create
from bookstore_ops.operations.backups.restoring import Wanted, restore, verify
from tests.unit.backups.conftest import Watch
from tests.unit.backups.support import Open, backend, yes
from tests.unit.backups.warehouse import REGION, Warehouse


class TestCreate:
    def test_backups_say_who_took_them_and_why(self, warehouse: Warehouse, session: Open) -> None:
        warehouse.database()
        warehouse.cache()
        made = create(
            session(), Asked(["rds", "redis", "state"], reason="before 2.0 (Ann)"), yes, Watch()
        )
        assert [each.status for each in made] == ["ready", "ready", "ready"]
        snapshot = warehouse.aws("rds").describe_db_snapshots(DBSnapshotIdentifier=made[0].backup)[
            "DBSnapshots"
        ][0]
        tags = {tag["Key"]: tag["Value"] for tag in snapshot["TagList"]}
        assert tags["bsops:reason"] == "before 2.0 _Ann_"
        assert "@" in tags["bsops:by"]
        arn = f"arn:aws:elasticache:{REGION}:123456789012:snapshot:{made[1].backup}"
        tagged = warehouse.aws("elasticache").list_tags_for_resource(ResourceName=arn)["TagList"]
        assert {"Key": "bsops:reason", "Value": "before 2.0 _Ann_"} in tagged

    def test_a_name_that_is_taken_is_refused_before_anything_is_taken(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.table()
        create(session(), Asked(["dynamodb"], name="once"), yes, Watch())
        with pytest.raises(Refused, match="has a backup once already"):
            create(session(), Asked(["dynamodb"], name="once"), yes, Watch())
        found = warehouse.aws("dynamodb").list_backups()["BackupSummaries"]
        assert len(found) == 1

    def test_without_waiting_it_leaves_while_aws_goes_on(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.table()
        watch = Watch()
        (made,) = create(session(), Asked(["dynamodb"], wait=False), yes, watch)
        assert (made.status, watch.waited) == ("making", [])
        assert len(warehouse.aws("dynamodb").list_backups()["BackupSummaries"]) == 1

    def test_one_name_is_for_one_store(self, warehouse: Warehouse, session: Open) -> None:
        warehouse.database()
        with pytest.raises(UsageError, match="cannot be the name of 2 backups"):
            create(session(), Asked(["rds", "state"], name="once"), yes, Watch())

    @pytest.mark.parametrize("word", ["opensearch", "images", "amis"])
    def test_what_cannot_be_backed_up_so_is_refused_with_what_can_be_done(
        self, warehouse: Warehouse, session: Open, word: str
    ) -> None:
        warehouse.domain()
        warehouse.repository()
        warehouse.pipeline()
        for attempt in (
            lambda: create(session(), Asked([word]), yes, Watch()),
            lambda: restore(session(), Wanted(word), yes, Watch()),
            lambda: verify(session(), Wanted(word), yes, Watch()),
        ):
            with pytest.raises(BsopsError) as refused:
                attempt()
            assert isinstance(refused.value, Refused)
            assert refused.value.next_step

    def test_one_that_fails_while_it_is_waited_for_is_told(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        rds = backend("rds")
        take = rds.create_db_snapshot

        def slowly(*args: Any, **given: Any) -> Any:
            made = take(*args, **given)
            made.status = "creating"
            return made

        rds.create_db_snapshot = slowly
        watch = Watch()

        def fail() -> None:
            for snapshot in rds.database_snapshots.values():
                snapshot.status = "failed"

        watch.then = fail
        with pytest.raises(OperationFailed, match="was not taken well"):
            create(session(), Asked(["rds"], name="slow"), yes, watch)
        assert watch.waited == ["until the backup slow is ready"]
