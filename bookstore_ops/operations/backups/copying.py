"""Copying a backup to another region."""

from collections.abc import Callable
from dataclasses import dataclass

from bookstore_ops.backups.copying import NO_COPIES, copy_point, copy_snapshot, refuse_region
from bookstore_ops.backups.looking import look_at
from bookstore_ops.backups.model import Backup, Kind, Status, Store
from bookstore_ops.errors import Interrupted, OperationFailed, Refused
from bookstore_ops.journal import who
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.operations.backups.tasks import Watcher, wait_for
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.releases.signals import Signals


@dataclass(frozen=True)
class Copying:
    """What is to be copied, and to where; ``key`` is a KMS key of that region."""

    backup: str
    region: str
    key: str | None = None
    wait: bool = True


@dataclass(frozen=True)
class Copied:
    """A copy that is there, or is being made; ``copy`` is its name, or the job's that makes it."""

    store: Store
    source: Backup
    copy: str
    region: str
    status: Status


def copy(session: BackupSession, asked: Copying, confirm: Confirm, watcher: Watcher) -> Copied:
    """Copy a snapshot of the database, or a recovery point, to another region.

    Raises:
        Refused: there is no such backup, the region cannot be used, its store has no copies, or
            the copy is there already.
        OperationFailed: AWS does not make the copy.
        Interrupted: a signal came while it was waited for.
    """
    store, backup = _find(session, asked.backup)
    again = session.command_line("backup list", "--store", store.name)
    if store.kind in NO_COPIES:
        why, instead = NO_COPIES[store.kind]
        raise Refused(f"{backup.id} cannot be copied to another region", why=why, next_step=instead)
    if backup.status != "ready":
        half = backup.status == "making"
        raise Refused(
            f"{backup.id} cannot be copied",
            why="it is half made: it is still being taken" if half else "it was not taken well",
            next_step=again,
        )
    refuse_region(session.cloud, store.region, asked.region)
    does = f"Copy {backup.id} of {store.name} to {asked.region}"
    session.held.agree(does, confirm, look=again, refused="nothing was copied")
    if store.kind is Kind.RDS:
        tags = {"bsops:by": who(), "bsops:run": session.held.run_id}
        made, look = copy_snapshot(
            session.cloud, store, backup, asked.region, key=asked.key, tags=tags
        )
    else:
        made, look = copy_point(session.cloud, store, backup, asked.region)
    session.held.note = f"{store.name}: {backup.id} copied to {asked.region}"
    session.held.journal.step(session.held.run_id, session.held.note)
    status: Status = "making"
    if asked.wait:
        status = _wait(look, asked.region, watcher, again)
    if status == "failed":
        raise OperationFailed(
            f"the copy of {backup.id} in {asked.region} was not made",
            why="AWS says that it failed",
            next_step=again,
        )
    return Copied(store, backup, made, asked.region, status)


def _wait(look: Callable[[], Status], region: str, watcher: Watcher, again: str) -> Status:
    try:
        with Signals() as signals:
            return wait_for(look, f"until the copy in {region} is ready", watcher, signals)
    except Interrupted as interrupted:
        raise Interrupted(
            interrupted.signal_number,
            "the copy is not waited for any more",
            why="AWS goes on making it",
            next_step=again,
        ) from interrupted


def _find(session: BackupSession, name: str) -> tuple[Store, Backup]:
    """The backup of that name, in whichever store it is."""
    sight = session.sight()
    stores = [each for each in session.stores() if each.kind is not Kind.OPENSEARCH]
    for store in stores:
        for backup in look_at(sight, store).backups:
            if backup.id == name:
                return store, backup
    raise Refused(
        f"{session.environment.name} has no backup {name}",
        why="no store has one of that name in its own region",
        next_step=session.command_line("backup list", "--all"),
    )
