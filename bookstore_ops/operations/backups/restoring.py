"""Making something new of a backup beside the old; and trying a backup out, then removing it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from bookstore_ops.backups.hands import Hands, Source
from bookstore_ops.backups.looking import look_at
from bookstore_ops.backups.model import Kind, Store
from bookstore_ops.backups.reach import hands_for
from bookstore_ops.backups.sources import LATEST, find_source
from bookstore_ops.backups.tasks import Task
from bookstore_ops.errors import BsopsError, Interrupted, OperationFailed, Refused, UsageError
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.operations.backups.state import verify_state
from bookstore_ops.operations.backups.tasks import (
    Driver,
    Watcher,
    Wish,
    find_open,
    left,
    let_go,
    new_task,
    order_of,
    refuse_if_driven,
    take_up,
)
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.releases.signals import Signals


@dataclass(frozen=True)
class Wanted:
    """What an operator asks for: a backup, a moment, or neither for the newest that there is.

    ``adopt``: it is to take the place of the old one afterwards.
    """

    store: str
    backup: str | None = None
    moment: str | None = None
    name: str | None = None
    adopt: bool = False

    @property
    def asked(self) -> str:
        """It in one word, by which the same is known when it is asked for again."""
        return f"{self.backup or self.moment or LATEST} as {self.name or 'its own name'}"

    @property
    def options(self) -> list[str]:
        """It as options of a command line."""
        given = {"--from": self.backup, "--to-time": self.moment, "--name": self.name}
        words = [word for name, value in given.items() if value for word in (name, value)]
        return [*words, "--adopt"] if self.adopt else words


@dataclass(frozen=True)
class Verified:
    """A verification that succeeded, and how long a restore may take; None: nothing is said."""

    task: Task
    time_seconds: int | None


def restore(
    session: BackupSession, wanted: Wanted, confirm: Confirm, watcher: Watcher
) -> tuple[Store, Task]:
    """Make something new of a backup, beside what it is of; asked again, it goes on.

    Raises:
        Refused: what is asked for cannot be restored, the name is taken, or it was not confirmed.
        StateLocked: another bsops is at it.
        BsopsError: AWS does not do it; asked again, it goes on.
    """
    store = session.one(wanted.store)
    if store.kind is Kind.STATE:
        raise _state_has_its_own(session, wanted)
    hands = hands_for(session.cloud, store, session.stores(), "restore")
    again = session.command_line("backup restore", store.name, *wanted.options)
    task = find_open(session, "restore", store, wanted.asked)
    if task is None and (made := _made(session, hands, store, wanted)):
        return store, made
    if task is None:
        source = _source(session, store, wanted)
        hands = hands.narrowed(source)
        target = wanted.name or _target(hands, source, "restored")
        _refuse_names(hands, store, target)
        _ask(session, f"Restore {store.name} from {source.words} as {target}, beside it", confirm)
        task = new_task(
            session, Wish("restore", store, source, wanted.asked, target, wanted.options)
        )
    else:
        hands = hands.narrowed(task.made_of)
        session.held.say(f"going on with what {task.by} began at {task.started[:19]}Z")
    with Signals() as signals:
        driver = Driver(session, hands, watcher, signals)
        try:
            task = take_up(session, task)
            task = driver.make(task, order_of(session, task, spare=False))
            task = driver.finish(task)
            task = driver.end(task, "done")
        except Interrupted as interrupted:
            raise left(task, interrupted, again) from interrupted
        except Refused as refused:
            driver.end(task, "failed", refused.what)
            raise
        except BsopsError as error:
            error.next_step = f"{error.next_step}; then: {again}"
            raise
        finally:
            let_go(session, task)
    session.held.note = f"{store.name}: {task.target} made of {task.source}"
    return store, task


def verify(session: BackupSession, wanted: Wanted, confirm: Confirm, watcher: Watcher) -> Verified:
    """Prove that a backup can be restored: restore it, look at it, and remove it again.

    What was made is removed whatever is found; if even that fails, asking again removes it first.

    Raises:
        Refused: what is asked for cannot be restored, or it was not confirmed.
        OperationFailed: it could not be restored, or is not as it should be.
        BsopsError: AWS does not do what is asked.
    """
    store = session.one(wanted.store)
    time_seconds = session.objectives()[store.kind].time_seconds
    if store.kind is Kind.STATE:
        task = verify_state(session, store, _source(session, store, wanted), wanted.asked)
        return Verified(task, time_seconds)
    hands = hands_for(session.cloud, store, session.stores(), "verify")
    again = session.command_line("backup verify", store.name, *wanted.options)
    source = _source(session, store, wanted)
    hands = hands.narrowed(source)
    _ask(session, f"Restore {store.name} from {source.words}, look at it, and remove it", confirm)
    with Signals() as signals:
        _clear(session, store, lambda found: Driver(session, found, watcher, signals), hands)
        driver = Driver(session, hands, watcher, signals)
        target = _target(hands, source, "verify")
        task = new_task(
            session, Wish("verify", store, source, wanted.asked, target, wanted.options)
        )
        try:
            task = driver.make(task, order_of(session, task, spare=True))
            problems = hands.check(task.target)
            task = driver.remove(task)
        except Interrupted as interrupted:
            let_go(session, task)
            raise left(task, interrupted, f"{again}   (removes it first)") from interrupted
        except BsopsError as error:
            _give_up(session, driver, task, error)
            error.next_step = f"{error.next_step}; then: {again}"
            raise
        task = driver.end(task, "failed" if problems else "done", "; ".join(problems))
    if problems:
        raise OperationFailed(
            f"{store.name} was restored from {task.source}, and is not as it should be",
            why="; ".join(problems),
            next_step=session.command_line("backup list", "--store", store.name)
            + "   (choose an older one, and verify that)",
        )
    session.held.note = f"{store.name}: {task.source} restored in {task.seconds:.0f} s, and removed"
    return Verified(task, time_seconds)


def _made(session: BackupSession, hands: Hands, store: Store, wanted: Wanted) -> Task | None:
    """What was made of the very same before, and never took the old one's place."""
    if not wanted.adopt or (wanted.backup is None and wanted.moment in {None, LATEST}):
        return None
    for task in reversed(session.tasks.read().tasks):
        same = (task.kind, task.store, task.asked) == ("restore", store.name, wanted.asked)
        if same and task.outcome == "done":
            there = hands.narrowed(task.made_of).status(task.target, task.job) == "ready"
            return task if there else None
    return None


def _state_has_its_own(session: BackupSession, wanted: Wanted) -> Refused:
    version = wanted.backup or "VERSION-ID"
    return Refused(
        "a state has a command of its own to be restored with",
        why="nothing can stand beside it: it is made the newest version again, and the one of "
        "today stays as a version",
        next_step=f"{session.command_line('state restore', version)}   "
        f"({session.command_line('state versions')} lists them)",
    )


def _clear(
    session: BackupSession, store: Store, drive: Callable[[Hands], Driver], hands: Hands
) -> None:
    """Remove what an earlier verification has left."""
    for task in session.tasks.read().open():
        if (task.kind, task.store) == ("verify", store.name):
            refuse_if_driven(task)
            session.held.say(f"first, what a verification of {task.started[:19]}Z left is removed")
            driver = drive(hands.narrowed(task.made_of))
            driver.end(driver.remove(take_up(session, task)), "failed", "it was broken off")


def _give_up(session: BackupSession, driver: Driver, task: Task, error: BsopsError) -> None:
    """Remove what was made although something failed, so that nothing is paid for in vain."""
    try:
        current = next((t for t in session.tasks.read().open() if t.id == task.id), task)
        driver.end(driver.remove(current), "failed", error.what)
    except BsopsError as second:
        let_go(session, task)
        error.why = f"{error.why}; and what was made is still there: {second.what}"


def _source(session: BackupSession, store: Store, wanted: Wanted) -> Source:
    found = look_at(session.sight(), store)
    again = session.command_line("backup list", "--store", store.name)
    return find_source(store, found, wanted.backup, wanted.moment, again)


def _target(hands: Hands, source: Source, purpose: str) -> str:
    """A name of its own for each source, within what AWS allows."""
    if source.moment is not None:
        mark = f"{source.moment:%Y%m%d%H%M%S}"
    elif source.taken is not None:
        mark = f"{source.taken:%Y%m%d%H%M%S}"
    else:
        mark = hashlib.sha256(source.backup.encode()).hexdigest()[:8]
    ending = f"-{purpose}-{mark}"
    return hands.id_of(source)[: hands.longest_name - len(ending)].rstrip("-") + ending


def _refuse_names(hands: Hands, store: Store, target: str) -> None:
    if len(target) > hands.longest_name or target == store.id:
        raise UsageError(
            f"{target} cannot be the name of what is restored",
            why="it is the name of the old one"
            if target == store.id
            else f"AWS allows {hands.longest_name} characters",
            next_step="--name NAME, another one",
        )
    if hands.status(target, "") is not None:
        raise Refused(
            f"there is a {target} already",
            why="nothing is written over",
            next_step="choose another name: --name NAME; or delete that one, if nobody needs it",
        )


def _ask(session: BackupSession, does: str, confirm: Confirm) -> None:
    session.held.agree(does, confirm, look=session.command_line("backup list"))
