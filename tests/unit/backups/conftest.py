"""A fake AWS in this process, with the sandbox's extensions, and a state in its S3."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import boto3
import pytest

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.model import Store
from bookstore_ops.backups.places import read_stores
from bookstore_ops.backups.sight import Sight
from bookstore_ops.backups.tasks import TaskStore
from bookstore_ops.journal import Journal, new_run_id
from bookstore_ops.operations.backups import tasks as backup_tasks
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.operations.releases.notifying import Notifying
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.request import Request
from bookstore_ops.releases.aws import Aws
from bookstore_ops.releases.model import Ledger
from bookstore_ops.releases.store import Store as LedgerStore
from bookstore_ops.states.backups import BackupStore
from bookstore_ops.terraform.backends import S3Backend
from tests.unit.backups.warehouse import ACCOUNT, REGION, Warehouse
from tests.unit.support import environment, make_workspace

_ABSENT = object()
BUCKET, KEY = "bookstore-dev-tfstate", "dev/terraform.tfstate"


@cache
def client(service: str, region: str) -> Any:
    """A client; it is moto that begins anew with each test."""
    make: Callable[..., Any] = boto3.client
    return make(service, region_name=region)


@pytest.fixture(scope="module")
def extended() -> Iterator[None]:
    """The sandbox's extensions, in this process for as long as a module's tests need them."""
    from bookstore_ops.sandbox import extensions

    changes = _changes()
    before = [(target, name, vars(target).get(name, _ABSENT)) for target, name, *_ in changes]
    extensions._pending[:] = changes
    extensions.install()
    yield
    for target, name, attribute in before:
        if attribute is _ABSENT:
            delattr(target, name)
        else:
            setattr(target, name, attribute)


@cache
def _changes() -> list[tuple[object, str, object, bool]]:
    """What the extensions add and replace; each is imported once, and says it then."""
    from bookstore_ops.sandbox import extensions

    for name in extensions.MODULES:
        import_module(f"{extensions.__name__}.{name}")
    return list(extensions._pending)


@pytest.fixture
def warehouse(extended: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Warehouse]:
    """An AWS that holds nothing but a versioned bucket."""
    from moto import mock_aws

    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "testing")
    with mock_aws():
        made = Warehouse(client)
        s3 = made.aws("s3")
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield made


def store_state(warehouse: Warehouse) -> list[Store]:
    """Write the state, and read its stores back."""
    content = warehouse.state()
    warehouse.aws("s3").put_object(Bucket=BUCKET, Key=KEY, Body=content)
    return read_stores(content, environment(), f"s3://{BUCKET}/{KEY}", "bsops apply dev")


def sight(
    warehouse: Warehouse,
    stores: list[Store],
    copies: Path,
    releases: Ledger | None = None,
    cloud: Cloud | None = None,
) -> Sight:
    """How the stores are looked at."""
    backend = S3Backend(BUCKET, KEY, REGION, None, {})
    backend.adopt({"s3": warehouse.aws("s3")})
    return Sight(
        cloud or Cloud(warehouse.aws, "bsops backup list dev"),
        ACCOUNT,
        tuple(stores),
        backend,
        lambda: releases or Ledger(),
        BackupStore(copies, "dev"),
        datetime.now(UTC),
    )


class Watch:
    """Remembers what was waited for."""

    def __init__(self) -> None:
        self.waited: list[str] = []
        self.then: Callable[[], None] = lambda: None

    def waiting(self, what: str, seconds: float) -> None:  # noqa: ARG002
        """See :class:`Watcher`."""
        self.waited.append(what)
        self.then()


@pytest.fixture
def session(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], BackupSession]:
    """Opens a session on the stores that the warehouse has by then, as another bsops would."""
    workspace = make_workspace(tmp_path / "workspace")
    (workspace.tree / "backups.toml").write_text('[objectives]\nrds = { time = "1h" }\n')
    monkeypatch.setattr(backup_tasks, "_FIRST_SECONDS", 0.01)

    def open_session() -> BackupSession:
        store_state(warehouse)
        request = Request(workspace, environment(), "backup verify", arguments=[])
        backend = S3Backend(BUCKET, KEY, REGION, None, {})
        backend.adopt({"s3": warehouse.aws("s3")})
        run = new_run_id("backup", "dev")
        held = ReleaseSession(
            request,
            run,
            ACCOUNT,
            {},
            backend,
            LedgerStore(backend.client("s3"), BUCKET, KEY, "again"),
            Aws(warehouse.aws, "again"),
            Journal(workspace.make_data_directory() / "journal.jsonl"),
            lambda _: None,
            Notifying(request, {}, lambda _: None, lambda _: None),
        )
        tasks = TaskStore(backend.client("s3"), BUCKET, KEY, "again")
        return BackupSession(held, Cloud(warehouse.aws, "again"), tasks)

    return open_session
