"""Restores beside the old, verifications that leave nothing, and going on after a kill."""

import os
import signal
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.backups.dynamodb import DynamoDb
from bookstore_ops.backups.hands import Source
from bookstore_ops.backups.rds import Rds
from bookstore_ops.backups.redis import Redis
from bookstore_ops.backups.tasks import Task
from bookstore_ops.errors import (
    Interrupted,
    OperationFailed,
    Refused,
    StateLocked,
    UsageError,
)
from bookstore_ops.operations.backups.making import Asked, create
from bookstore_ops.operations.backups.restoring import Wanted, restore, verify
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.releases.model import now, stamp
from bookstore_ops.releases.store import this_holder
from tests.unit.backups.conftest import Watch
from tests.unit.backups.support import Open, backend, databases, groups, tables, yes
from tests.unit.backups.warehouse import REGION, Warehouse


class TestRestore:
    def test_a_database_is_made_beside_the_old_with_its_settings(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        old = warehouse.database()
        store, task = restore(session(), Wanted("rds", name="bookstore-dev-new"), yes, Watch())
        assert databases(warehouse) == {"bookstore-dev", "bookstore-dev-new"}
        new = warehouse.aws("rds").describe_db_instances(DBInstanceIdentifier=task.target)[
            "DBInstances"
        ][0]
        for name in ("KmsKeyId", "DBName", "BackupRetentionPeriod", "DeletionProtection"):
            assert new[name] == old[name]
        assert new["MasterUserSecret"]["SecretArn"]
        tags = {tag["Key"]: tag["Value"] for tag in new["TagList"]}
        assert tags["Backup"] == "true"
        assert tags["bsops:task"] == task.id
        assert (task.phase, task.outcome, store.name) == ("ended", "done", "rds")

    def test_a_table_gets_what_a_restore_leaves_out(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        name = warehouse.table()
        _, task = restore(session(), Wanted("dynamodb/orders"), yes, Watch())
        dynamodb = warehouse.aws("dynamodb")
        old, new = (dynamodb.describe_table(TableName=n)["Table"] for n in (name, task.target))
        for key in ("KeySchema", "SSEDescription", "StreamSpecification", "BillingModeSummary"):
            assert new[key] == old[key]
        assert new["DeletionProtectionEnabled"]
        assert new["ItemCount"] == 3
        assert dynamodb.list_tags_of_resource(ResourceArn=new["TableArn"])["Tags"] == [
            {"Key": "Service", "Value": "tables"}
        ]
        lives = dynamodb.describe_time_to_live(TableName=task.target)["TimeToLiveDescription"]
        assert lives["AttributeName"] == "expires_at"
        described = dynamodb.describe_continuous_backups(TableName=task.target)
        window = described["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert window["PointInTimeRecoveryStatus"] == "ENABLED"

    def test_a_cache_is_made_of_a_snapshot_with_its_settings(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.cache()
        (made,) = create(session(), Asked(["redis"]), yes, Watch())
        _, task = restore(session(), Wanted("redis", backup=made.backup), yes, Watch())
        found = warehouse.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
        old, new = sorted(found, key=lambda group: len(group["ReplicationGroupId"]))
        assert new["ReplicationGroupId"] == task.target
        for key in ("AtRestEncryptionEnabled", "KmsKeyId", "MultiAZ", "SnapshotRetentionLimit"):
            assert new.get(key) == old.get(key)
        assert len(new["MemberClusters"]) == len(old["MemberClusters"])

    def test_a_moment_outside_of_the_window_is_refused_with_the_window(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        old = f"{now() - timedelta(days=40):%Y-%m-%dT%H:%M:%SZ}"
        with pytest.raises(Refused) as refused:
            restore(session(), Wanted("rds", moment=old), yes, Watch())
        assert "it can be restored to any second from 20" in str(refused.value.why)
        assert databases(warehouse) == {"bookstore-dev"}

    @pytest.mark.parametrize("moment", ["yesterday", "2026-11-26T14:05:00"])
    def test_a_moment_without_its_zone_is_refused(
        self, warehouse: Warehouse, session: Open, moment: str
    ) -> None:
        warehouse.database()
        with pytest.raises(UsageError, match="is no moment"):
            restore(session(), Wanted("rds", moment=moment), yes, Watch())

    def test_a_name_that_is_taken_is_refused(self, warehouse: Warehouse, session: Open) -> None:
        warehouse.database()
        for name, why in (("bookstore-dev", "name of the old one"), ("x" * 70, "63 characters")):
            with pytest.raises(UsageError) as wrong:
                restore(session(), Wanted("rds", name=name), yes, Watch())
            assert why in str(wrong.value.why)
        warehouse.table()
        warehouse.table("carts")
        with pytest.raises(Refused, match="there is a bookstore-dev-carts already"):
            restore(session(), Wanted("dynamodb/orders", name="bookstore-dev-carts"), yes, Watch())
        assert session().tasks.read().tasks == []

    def test_a_snapshot_that_is_half_made_is_refused(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        create(session(), Asked(["rds"], name="half"), yes, Watch())
        snapshot = backend("rds").database_snapshots["half"]
        for status, why in (("creating", "still being taken"), ("failed", "not taken well")):
            snapshot.status = status
            with pytest.raises(Refused) as refused:
                restore(session(), Wanted("rds", backup="half"), yes, Watch())
            assert why in str(refused.value.why)

    def test_a_backup_that_is_not_there_is_refused_with_those_that_are(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.cache()
        create(session(), Asked(["redis"], name="one"), yes, Watch())
        with pytest.raises(Refused) as refused:
            restore(session(), Wanted("redis", backup="two"), yes, Watch())
        assert refused.value.why == "the newest are: one"

    def test_without_a_yes_nothing_is_made(self, warehouse: Warehouse, session: Open) -> None:
        warehouse.database()
        with pytest.raises(Refused, match="nothing was changed"):
            restore(session(), Wanted("rds"), lambda _: False, Watch())
        assert databases(warehouse) == {"bookstore-dev"}
        assert session().tasks.read().tasks == []


class TestGoingOn:
    @pytest.mark.parametrize("killed", ["before", "after"])
    @pytest.mark.parametrize("word", ["rds", "dynamodb/orders", "redis"])
    def test_after_a_kill_the_same_command_goes_on_and_makes_one(
        self,
        warehouse: Warehouse,
        session: Open,
        monkeypatch: pytest.MonkeyPatch,
        killed: str,
        word: str,
    ) -> None:
        kinds: dict[str, tuple[Any, Any]] = {
            "rds": (Rds, warehouse.database),
            "dynamodb/orders": (DynamoDb, warehouse.table),
            "redis": (Redis, warehouse.cache),
        }
        hands, make = kinds[word]
        make()
        if word == "redis":
            create(session(), Asked(["redis"]), yes, Watch())
        begin = hands.begin

        def die(self: Any, order: Any) -> str:
            if killed == "after":
                begin(self, order)
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(hands, "begin", die)
            with pytest.raises(SystemExit):
                restore(session(), Wanted(word), yes, Watch())
        (left,) = session().tasks.read().open()
        _, task = restore(session(), Wanted(word), lambda _: False, Watch())
        assert (task.id, task.target) == (left.id, left.target)
        assert task.outcome == "done"
        everything = databases(warehouse) | tables(warehouse) | groups(warehouse)
        assert {name for name in everything if "restored" in name} == {task.target}
        assert session().tasks.read().open() == []

    @pytest.mark.usefixtures("heard")
    def test_a_signal_leaves_it_to_aws_and_the_same_command_goes_on(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        rds = backend("rds")
        make = rds.create_db_instance

        def slowly(given: Any) -> Any:
            made = make(given)
            made.status = "creating"
            return made

        rds.create_db_instance = slowly
        watch = Watch()
        watch.then = lambda: os.kill(os.getpid(), signal.SIGINT)
        with pytest.raises(Interrupted) as interrupted:
            restore(session(), Wanted("rds", name="bookstore-dev-new"), yes, watch)
        assert interrupted.value.exit_code == 130
        assert interrupted.value.next_step == (
            "bsops backup restore dev rds --name bookstore-dev-new   (goes on)"
        )
        rds.databases["bookstore-dev-new"].status = "available"
        _, task = restore(session(), Wanted("rds", name="bookstore-dev-new"), yes, Watch())
        assert task.outcome == "done"
        assert databases(warehouse) == {"bookstore-dev", "bookstore-dev-new"}

    def test_what_another_bsops_is_at_is_left_alone(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        begun = under_way(session(), "restore", "rds", "bookstore-dev-restored-1")
        session().tasks.save(replace(begun, holder=this_holder("run")))
        with pytest.raises(StateLocked, match="a restore of rds is under way"):
            restore(session(), Wanted("rds"), yes, Watch())

    def test_something_else_of_that_name_is_not_taken_for_ours(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        under_way(session(), "restore", "rds", "somebody-elses")
        warehouse.aws("rds").create_db_instance(
            DBInstanceIdentifier="somebody-elses",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            MasterUsername="admin_user",
            MasterUserPassword="not-a-secret",
        )
        with pytest.raises(Refused, match="there is a somebody-elses already"):
            restore(session(), Wanted("rds"), yes, Watch())
        assert "somebody-elses" in databases(warehouse)
        assert session().tasks.read().open() == []


@pytest.fixture
def heard() -> Iterator[None]:
    """SIGINT is heard, also where whoever began the tests has it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def under_way(session: BackupSession, kind: Any, store: str, target: str) -> Task:
    """A task that somebody began, and whom nobody knows."""
    return session.tasks.save(
        Task(
            id="20261126T120000-x",
            kind=kind,
            store=store,
            asked=Wanted(store).asked,
            made_of=Source(moment=now().replace(microsecond=0)),
            target=target,
            region=REGION,
            started=stamp(now()),
            by="alice@elsewhere",
        )
    )


class TestVerify:
    def test_it_proves_how_long_a_restore_takes_and_leaves_nothing(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        warehouse.table()
        warehouse.cache()
        create(session(), Asked(["redis"]), yes, Watch())
        before = databases(warehouse), tables(warehouse), groups(warehouse)
        for word in ("rds", "dynamodb/orders", "redis", "state"):
            proof = verify(session(), Wanted(word), yes, Watch())
            assert proof.task.outcome == "done"
            assert proof.task.removed
            assert proof.task.seconds is not None
            assert session().tasks.read().proof(word) == proof.task
        assert (databases(warehouse), tables(warehouse), groups(warehouse)) == before

    def test_what_is_restored_only_to_look_at_is_small(
        self, warehouse: Warehouse, session: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warehouse.cache()
        create(session(), Asked(["redis"]), yes, Watch())
        seen: list[Any] = []
        check = Redis.check

        def look(self: Any, target: str) -> Any:
            found = warehouse.aws("elasticache").describe_replication_groups(
                ReplicationGroupId=target
            )
            seen.extend(found["ReplicationGroups"])
            return check(self, target)

        monkeypatch.setattr(Redis, "check", look)
        verify(session(), Wanted("redis"), yes, Watch())
        assert [len(group["MemberClusters"]) for group in seen] == [1]
        assert seen[0]["SnapshotRetentionLimit"] == 0

    def test_one_that_is_not_as_it_should_be_is_removed_all_the_same(
        self, warehouse: Warehouse, session: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warehouse.table()
        monkeypatch.setattr(DynamoDb, "check", lambda *_: ["its keys are others"])
        with pytest.raises(OperationFailed, match="is not as it should be") as failed:
            verify(session(), Wanted("dynamodb/orders"), yes, Watch())
        assert failed.value.why == "its keys are others"
        assert tables(warehouse) == {"bookstore-dev-orders"}
        (task,) = session().tasks.read().tasks
        assert (task.outcome, task.reason, task.removed) == ("failed", "its keys are others", True)
        assert session().tasks.read().proof("dynamodb/orders") is None

    def test_one_that_could_not_be_made_is_removed_too(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        warehouse.database()
        rds = backend("rds")

        def fail() -> None:
            next(d for n, d in rds.databases.items() if "verify" in n).status = "restore-error"

        watch = Watch()
        watch.then = fail
        make = rds.create_db_instance

        def slowly(given: Any) -> Any:
            made = make(given)
            made.status = "creating"
            return made

        rds.create_db_instance = slowly
        with pytest.raises(OperationFailed, match="could not be made"):
            verify(session(), Wanted("rds"), yes, watch)
        assert watch.waited
        assert databases(warehouse) == {"bookstore-dev"}

    def test_what_a_killed_one_has_left_is_removed_first(
        self, warehouse: Warehouse, session: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        warehouse.table()

        def die(*_: Any) -> Any:
            raise SystemExit

        with monkeypatch.context() as patch:
            patch.setattr(DynamoDb, "check", die)
            with pytest.raises(SystemExit):
                verify(session(), Wanted("dynamodb/orders"), yes, Watch())
        (left,) = session().tasks.read().open()
        assert left.target in tables(warehouse)
        with pytest.raises(StateLocked, match="a verify of dynamodb/orders is under way"):
            verify(session(), Wanted("dynamodb/orders"), yes, Watch())
        session().tasks.save(replace(left, holder=None))  # this process lives on
        verify(session(), Wanted("dynamodb/orders"), yes, Watch())
        assert tables(warehouse) == {"bookstore-dev-orders"}
        outcomes = [task.outcome for task in session().tasks.read().tasks]
        assert outcomes == ["failed", "done"]

    def test_a_version_of_another_state_is_no_backup(
        self, warehouse: Warehouse, session: Open
    ) -> None:
        opened = session()
        other = warehouse.state().replace(b"a-lineage", b"another")
        version = warehouse.aws("s3").put_object(
            Bucket="bookstore-dev-tfstate", Key="dev/terraform.tfstate", Body=other
        )["VersionId"]
        opened = session()  # the own one is the newest again
        with pytest.raises(OperationFailed, match="is not of this state"):
            verify(opened, Wanted("state", backup=version), yes, Watch())
