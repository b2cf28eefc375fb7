"""Taking backups by hand: snapshots, backups on demand, copies of the state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from bookstore_ops.backups.hands import Hands
from bookstore_ops.backups.looking import look_at
from bookstore_ops.backups.model import Kind, Status, Store
from bookstore_ops.backups.reach import hands_for
from bookstore_ops.errors import Interrupted, OperationFailed, Refused, UsageError
from bookstore_ops.journal import who
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.operations.backups.state import copy_state
from bookstore_ops.operations.backups.tasks import Watcher, wait_for
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.releases.signals import Signals


@dataclass(frozen=True)
class Made:
    """A backup that was taken, or is being taken."""

    store: Store
    backup: str
    status: Status


@dataclass(frozen=True)
class Asked:
    """What an operator asks for; ``name`` None: one is found for each store."""

    stores: Sequence[str]
    name: str | None = None
    reason: str | None = None
    wait: bool = True


def create(session: BackupSession, asked: Asked, confirm: Confirm, watcher: Watcher) -> list[Made]:
    """Take a backup of each store; nothing is taken where one of them cannot be.

    Raises:
        UsageError: a word means no store, or one name is given to several.
        Refused: a store cannot be backed up so, a name is taken, or it was not confirmed.
        OperationFailed: a backup was not taken well.
        Interrupted: a signal came while they were waited for.
    """
    stores = session.choose(asked.stores)
    if asked.name is not None and len(stores) > 1:
        raise UsageError(
            f"{asked.name} cannot be the name of {len(stores)} backups",
            why=f"these stores are meant: {', '.join(store.name for store in stores)}",
            next_step="name one store, or leave --name out",
        )
    if asked.name is not None and stores[0].kind in {Kind.VAULT, Kind.STATE}:
        raise UsageError(
            f"what is taken of {stores[0].name} has no name of its own",
            why="AWS Backup and the state's copies name them by themselves",
            next_step="leave --name out",
        )
    hands = {
        store.name: hands_for(session.cloud, store, session.stores(), "take a backup of")
        for store in stores
        if store.kind is not Kind.STATE
    }
    stamp = f"{datetime.now(UTC):%Y%m%d-%H%M%S}"
    names = {store.name: asked.name or f"{store.id}-{stamp}" for store in stores}
    for store in stores:
        _refuse_taken(session, store, names[store.name])
    _ask(session, stores, confirm)
    tags = {"bsops:by": who(), "bsops:run": session.held.run_id}
    if asked.reason:
        tags["bsops:reason"] = asked.reason
    made = [_take(session, store, hands, names[store.name], tags) for store in stores]
    if asked.wait:
        made = _wait(session, made, hands, watcher)
    session.held.note = ", ".join(f"{each.store.name}: {each.backup}" for each in made)
    return made


def _take(
    session: BackupSession,
    store: Store,
    hands: Mapping[str, Hands],
    name: str,
    tags: Mapping[str, str],
) -> Made:
    if store.kind is Kind.STATE:
        return Made(store, copy_state(session).name, "ready")
    backup = hands[store.name].create(name, tags)
    why = f", because: {tags['bsops:reason']}" if "bsops:reason" in tags else ""
    session.held.journal.step(
        session.held.run_id, f"{store.name}: the backup {backup} was begun by {who()}{why}"
    )
    return Made(store, backup, "making")


def _wait(
    session: BackupSession, made: Sequence[Made], hands: Mapping[str, Hands], watcher: Watcher
) -> list[Made]:
    done: list[Made] = []
    with Signals() as signals:
        try:
            for each in made:
                if each.status != "ready":
                    look = partial(hands[each.store.name].backup_status, each.backup)
                    what = f"until the backup {each.backup} is ready"
                    if wait_for(look, what, watcher, signals) != "ready":
                        raise _failed(session, each)
                done.append(Made(each.store, each.backup, "ready"))
        except Interrupted as interrupted:
            raise Interrupted(
                interrupted.signal_number,
                "the backups are not waited for any more",
                why="AWS goes on taking them",
                next_step=session.command_line("backup list"),
            ) from interrupted
    return done


def _failed(session: BackupSession, each: Made) -> OperationFailed:
    return OperationFailed(
        f"the backup {each.backup} of {each.store.name} was not taken well",
        why="AWS says that it failed",
        next_step=session.command_line("backup list", "--store", each.store.name),
    )


def _refuse_taken(session: BackupSession, store: Store, name: str) -> None:
    if any(backup.id == name for backup in look_at(session.sight(), store).backups):
        raise Refused(
            f"{store.name} has a backup {name} already",
            why="nothing is written over",
            next_step="choose another name: --name NAME; or leave it out",
        )


def _ask(session: BackupSession, stores: Sequence[Store], confirm: Confirm) -> None:
    does = f"Take a backup of {', '.join(store.name for store in stores)}"
    look = session.command_line("backup list")
    session.held.agree(does, confirm, look=look, refused="no backup was taken")
