"""How a restored store takes the place of the old one, and how the old one comes back."""

from dataclasses import dataclass

from bookstore_ops.backups.model import Kind, Store
from bookstore_ops.backups.rds import Rds
from bookstore_ops.backups.tasks import Task
from bookstore_ops.operations.backups.session import BackupSession

_NOTES = {
    Kind.RDS: "The new one gets the name, and with it the address: services need no change, and "
    "reconnect. What names its resource id (roles) is told; readers are made anew.",
    Kind.DYNAMODB: "The new one keeps its name: who must learn it (roles, alarms, task "
    "definitions) is told. Release the services that use it.",
}


@dataclass(frozen=True)
class Ways:
    """Commands to type. ``note`` is what they cannot do."""

    switch: str
    back: str
    note: str


def value_of(store: Store) -> str:
    """The value of the tree that says which one is meant; empty: it is told by its name."""
    if store.kind is Kind.DYNAMODB:
        return f"tables.restored.{store.name.rpartition('/')[2]}"
    return "cache.restored" if store.kind is Kind.REDIS else ""


def ways(session: BackupSession, store: Store, task: Task) -> Ways:
    """How to switch to what was restored, and back."""
    if store.kind is Kind.VAULT:
        store = session.one(task.made_of.of)
    before = Rds(session.cloud, store).aside() if store.kind is Kind.RDS else store.id
    return Ways(
        session.command_line("backup adopt", store.name, task.target),
        session.command_line("backup adopt", store.name, before),
        _NOTES[Kind.RDS if store.kind is Kind.RDS else Kind.DYNAMODB],
    )
