"""What doctor looks at of an environment's backups: its stores in their own region, restores."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.looking import SERVICES, look_at_all
from bookstore_ops.backups.model import Standing
from bookstore_ops.backups.places import read_stores
from bookstore_ops.backups.settings import load_objectives
from bookstore_ops.backups.sight import Sight
from bookstore_ops.backups.tasks import Tasks, TaskStore
from bookstore_ops.errors import BsopsError
from bookstore_ops.operations.holders import state_backend
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.store import backups
from bookstore_ops.preflight.check import Once
from bookstore_ops.preflight.context import Kept, no_credentials
from bookstore_ops.releases.store import Store as ReleaseStore
from bookstore_ops.terraform.backends import S3Backend

# Clients are made before the checks are.
STORE_SERVICES = tuple(sorted({service for each in SERVICES.values() for service in each}))


def find_kept(session: Session, clients: Mapping[str, Any], identity: Once[dict[str, Any]]) -> Kept:
    """What is known of backups, read when a check asks for it."""

    def backend() -> S3Backend | None:
        try:
            identity.get()
        except BsopsError as error:
            raise no_credentials() from error
        found = state_backend(session)
        if not isinstance(found, S3Backend):
            return None
        found.adopt({"s3": clients["s3"]})
        return found

    def standings() -> Sequence[Standing] | None:
        state = backend()
        content = state.read() if state else None
        return _standings(session, clients, state, content) if state and content else None

    def tasks() -> Tasks:
        state = backend()
        if state is None:
            return Tasks()
        again = session.command_line("backup list")
        return TaskStore(clients["s3"], state.bucket, state.key, again).read()

    return Kept(Once(standings), Once(tasks))


def _standings(
    session: Session, clients: Mapping[str, Any], backend: S3Backend, content: bytes
) -> Sequence[Standing]:
    again = session.command_line("backup list")
    stores = [
        replace(store, copies=())  # a client is of one region
        for store in read_stores(
            content, session.environment, backend.describe(), session.command_line("apply")
        )
    ]
    releases = ReleaseStore(clients["s3"], backend.bucket, backend.key, again)
    sight = Sight(
        Cloud(lambda service, _region: clients[service], again),
        session.account_id,
        tuple(stores),
        backend,
        releases.read,
        backups(session),
        datetime.now(UTC),
    )
    tree = session.request.workspace.tree
    return look_at_all(sight, stores, load_objectives(tree, session.environment.name))
