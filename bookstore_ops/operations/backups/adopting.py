"""Letting a restored store take the place of the old one: its names in AWS, its ids in the state.

The state is not told to forget the one and to import the other: an import loses what AWS does not
tell (whether a last snapshot is taken, say), and the next plan would change it. Its place in the
state gets the ids of the new one in one write, and the next refresh reads the rest.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial

from bookstore_ops.backups.model import Kind, Status, Store
from bookstore_ops.backups.rds import Rds
from bookstore_ops.backups.reach import adoptable
from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.operations.backups.switching import value_of
from bookstore_ops.operations.backups.tasks import Watcher, wait_for
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.freezing import check_freeze
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.overriding import Overrides
from bookstore_ops.operations.releases.signals import Signals
from bookstore_ops.operations.session import Session, open_session
from bookstore_ops.operations.states.changes import carry_out
from bookstore_ops.operations.states.replacing import propose_push
from bookstore_ops.operations.states.store import whole_state
from bookstore_ops.operations.values.editing import set_one
from bookstore_ops.operations.values.reading import load_values
from bookstore_ops.states.backups import private_file
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import instances, with_attributes

Watching = Callable[[], AbstractContextManager[Watch]]


@dataclass(frozen=True)
class Agreed:
    """How the operator agrees: an answer, and guards that are overridden."""

    confirm: Confirm
    overrides: Overrides


@dataclass(frozen=True)
class Watchers:
    """Are told how far AWS is, how far Terraform is, and what the operator must know."""

    aws: Watcher
    terraform: Watching
    warn: Say


@dataclass(frozen=True)
class Adopted:
    """What has taken which place; ``before`` is what had it, under its name of now."""

    store: Store
    name: str
    before: str
    value: str
    undo: str | None


def adopt(
    session: BackupSession, word: str, name: str, agreed: Agreed, watchers: Watchers
) -> Adopted:
    """Let ``name`` take the place of a store, in AWS and in the state; asked again, it goes on.

    Raises:
        Refused: there is no such thing, it has that place already, or it was not confirmed.
        BsopsError: AWS or Terraform does not do it; asked again, it goes on.
    """
    store = session.one(word)
    hands = adoptable(session.cloud, store)
    request = session.held.request
    with open_session(request, session.held.say, warn=watchers.warn, journaled=False) as run:
        check_freeze(run, agreed.overrides)
        _refuse_nothing(session, store, hands.ids(name), name)
        _ask(session, store, name, agreed.confirm)
        before = store.id
        if isinstance(hands, Rds):
            before = _rename(session, store, hands, name, watchers.aws)
            name = store.id
        ids = hands.ids(name)
        if ids is None:
            raise OperationFailed(
                f"there is no {name} any more",
                why="somebody removed or renamed it meanwhile",
                next_step=session.command_line("backup list"),
            )
        hands.unmark(name)
        value = value_of(store)
        if value:
            with watchers.terraform() as watch:
                values = load_values(request.workspace, request.environment.name)
                set_one(values, value, name, request.terraform_bin, watch)
        undo = _write(run, store, ids, watchers.terraform)
    session.held.note = f"{store.name}: {name} has taken the place of {before}"
    session.held.journal.step(session.held.run_id, session.held.note)
    return Adopted(store, name, before, value, undo)


def _rename(session: BackupSession, store: Store, hands: Rds, name: str, watcher: Watcher) -> str:
    """Give the new database the old one's name; the name that the old one has now."""
    if hands.ids(name) is None:  # killed after both
        return ""
    before = hands.aside() if hands.ids(store.id) is not None else ""
    renamings = [(store.id, before)] if before else []
    with Signals() as signals:
        for old, new in [*renamings, (name, store.id)]:
            session.held.say(f"{old} is renamed to {new}")
            session.held.journal.step(session.held.run_id, f"{old} is renamed to {new}")
            hands.rename(old, new)
            look = partial(_status, hands, new)
            if wait_for(look, f"until {new} can be used", watcher, signals) != "ready":
                raise OperationFailed(
                    f"{new} cannot be used",
                    why=f"AWS says that it failed after {old} was renamed",
                    next_step="look at it in RDS's console; the other one is as it was",
                )
    return before


def _status(hands: Rds, name: str) -> Status:
    """How far a database is that gets a new name: until then there is none of that name."""
    return hands.status(name, "") or "making"


def _write(run: Session, store: Store, ids: Mapping[str, str], watching: Watching) -> str | None:
    """Give the place in the state the ids of the new one; the command that takes it back."""
    with watching() as watch:
        _, content, _ = whole_state(run, watch)
        changed = with_attributes(content, store.address, ids)
        if _held(content, store.address, ids):
            return None
        file = run.plans / f".adopt-{os.getpid()}.tfstate"
        private_file(file, changed)
        try:
            proposal = propose_push(run, file, watch, force=False, lock_timeout="0s")
            return carry_out(run, proposal, watch).undo
        finally:
            file.unlink(missing_ok=True)


def _held(content: bytes, address: str, ids: Mapping[str, str]) -> bool:
    known = next(each.attributes for each in instances(content) if each.address == address)
    return all(known.get(name) == value for name, value in ids.items())


def _refuse_nothing(
    session: BackupSession, store: Store, ids: Mapping[str, str] | None, name: str
) -> None:
    """Refuse a name that is nothing's, unless a kill came between renaming and writing."""
    if ids is not None and any(store.known.get(k) != v for k, v in ids.items()):
        return
    hands = adoptable(session.cloud, store)
    own = hands.ids(store.id)
    if ids is None and own and store.known.get("id") != own["id"]:
        return
    if ids is not None:
        raise Refused(
            f"{name} has the place of {store.name} already",
            why="the state says so",
            next_step=session.command_line("plan"),
        )
    raise Refused(
        f"there is no {name}",
        why=f"no {store.kind} of this account has that name",
        next_step=session.command_line("backup restore", store.name),
    )


def _ask(session: BackupSession, store: Store, name: str, confirm: Confirm) -> None:
    away = "; the old one gets another name, and cannot be reached for minutes"
    does = f"Let {name} take the place of {store.id}{away if store.kind is Kind.RDS else ''}"
    session.held.agree(does, confirm, look=session.command_line("backup list"))
