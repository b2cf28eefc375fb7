"""How a restored store takes the place of the old one, and how the old one comes back."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from bookstore_ops.backups.model import Kind, Store
from bookstore_ops.backups.tasks import Task
from bookstore_ops.operations.backup_session import BackupSession


@dataclass(frozen=True)
class Ways:
    """Commands to type, in their order. ``note`` is what they cannot do."""

    switch: Sequence[str]
    back: Sequence[str]
    note: str


def value_of(store: Store) -> str:
    """The value of the tree that says which one is meant; empty: it is told by its name.

    The last word of a table's name is its key in the tree.
    """
    if store.kind is Kind.DYNAMODB:
        return f"tables.restored.{store.name.rpartition('/')[2]}"
    return "cache.restored" if store.kind is Kind.REDIS else ""


def kept_name(store: Store) -> str:
    """What the old database is called while the new one has its name."""
    return f"{store.id}-before"


def ways(session: BackupSession, store: Store, task: Task) -> Ways:
    """How to switch to what was restored, and back."""
    if store.kind is Kind.VAULT:
        store = session.one(task.made_of.of)
    if store.kind is Kind.RDS:
        kept = kept_name(store)
        return Ways(
            switch=(
                _renamed(store.id, kept),
                _renamed(task.target, store.id),
                *_adopted(session, store, store.id),
            ),
            back=(
                _renamed(store.id, task.target),
                _renamed(kept, store.id),
                *_adopted(session, store, store.id),
            ),
            note="The new one takes over the name, and with it the address: services need no "
            "change, and reconnect. Its readers follow the old one: the plan makes them anew.",
        )
    value = value_of(store)
    return Ways(
        switch=(
            session.command_line("tfvars set", value, task.target).replace(" --sandbox", ""),
            *_adopted(session, store, task.target),
        ),
        back=(
            session.command_line("tfvars set", value, store.id).replace(" --sandbox", ""),
            *_adopted(session, store, store.id),
        ),
        note="The new one has another name: the plan shows who must learn it (roles, alarms, task "
        "definitions). Apply it, then release the services that use it.",
    )


def _adopted(session: BackupSession, store: Store, identifier: str) -> tuple[str, str, str]:
    return (
        session.command_line("state rm", store.address),
        session.command_line("state import", store.address, identifier),
        session.command_line("plan"),
    )


def _renamed(old: str, new: str) -> str:
    return (
        f"aws rds modify-db-instance --db-instance-identifier {shlex.quote(old)} "
        f"--new-db-instance-identifier {shlex.quote(new)} --apply-immediately"
    )
