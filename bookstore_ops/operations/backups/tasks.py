"""Making something of a backup, waiting for it, and going on where another bsops was stopped."""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from msgspec.structs import replace

from bookstore_ops.backups.hands import TASK_TAG, Hands, Order, Source
from bookstore_ops.backups.model import Status, Store
from bookstore_ops.backups.tasks import Kind, Outcome, Task
from bookstore_ops.errors import BsopsError, Interrupted, OperationFailed, Refused, StateLocked
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.locks.signs import BEAT_SECONDS
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.operations.releases.signals import Signals
from bookstore_ops.releases.model import now, stamp
from bookstore_ops.releases.store import liveness, this_holder

# The sandbox is done at once, a database takes half an hour.
_FIRST_SECONDS = 0.3
_LONGEST_SECONDS = 15.0


class Watcher(Protocol):
    """Is told what is waited for."""

    def waiting(self, what: str, seconds: float) -> None:
        """``what`` is not there yet, after so long."""


@dataclass(frozen=True)
class Wish:
    """What is wanted: ``asked`` in the operator's words, ``name`` where they gave one."""

    kind: Kind
    store: Store
    source: Source
    asked: str
    target: str
    options: Sequence[str] = ()


def find_open(session: BackupSession, kind: Kind, store: Store, asked: str) -> Task | None:
    """The same that was asked for before and never came to its end.

    Raises:
        StateLocked: whoever drives it lives.
        OperationFailed: the tasks cannot be read.
    """
    for task in session.tasks.read().open():
        if (task.kind, task.store, task.asked) == (kind, store.name, asked):
            refuse_if_driven(task)
            return task
    return None


def refuse_if_driven(task: Task) -> None:
    """Refuse to touch what another bsops works on.

    Raises:
        StateLocked: it lives.
    """
    holder = task.holder
    if holder is not None and liveness(holder, who(), now()) is Liveness.ALIVE:
        raise StateLocked(
            f"a {task.kind} of {task.store} is under way",
            why=f"{holder.who} (pid {holder.pid}) makes {task.target} of {task.source}",
            next_step="wait for it to end; it goes on by itself",
        )


def new_task(session: BackupSession, wish: Wish) -> Task:
    """Write down what is about to be made.

    Raises:
        OperationFailed: it cannot be written; then nothing may be made.
    """
    moment = now()
    run = session.held.run_id
    task = Task(
        id=f"{moment:%Y%m%dT%H%M%S}-{wish.kind}-{secrets.token_hex(2)}",
        kind=wish.kind,
        store=wish.store.name,
        asked=wish.asked,
        made_of=wish.source,
        target=wish.target,
        options=list(wish.options),
        region=wish.store.region,
        started=stamp(moment),
        by=who(),
        holder=this_holder(run),
    )
    return session.tasks.save(task)


def take_up(session: BackupSession, task: Task) -> Task:
    """Say that this process drives a task now."""
    return session.tasks.save(replace(task, holder=this_holder(session.held.run_id)))


class Driver:
    """Drives one task; every wait heeds signals and tells that its driver lives."""

    def __init__(
        self, session: BackupSession, hands: Hands, watcher: Watcher, signals: Signals
    ) -> None:
        self._session = session
        self._hands = hands
        self._watcher = watcher
        self._signals = signals

    def make(self, task: Task, order: Order) -> Task:
        """Have it made, unless it is there already, and wait until it can be used.

        Raises:
            Refused: something else has that name.
            OperationFailed: AWS does not make it.
            Interrupted: a signal came; the same command goes on.
        """
        status = self._hands.status(task.target, task.job)
        if status is None or (self._hands.by_job and not task.job):
            self._step(f"{task.store}: {task.target} is made of {task.source}")
            task = self._session.tasks.save(replace(task, job=self._hands.begin(order)))
        elif not self._hands.is_ours(task.target, task.id, task.job):
            raise Refused(
                f"there is a {task.target} already",
                why="it was not made by this restore, and nothing is written over",
                next_step="choose another name: --name NAME",
            )
        task = self._wait(
            task, f"until {task.target} can be used", lambda t: self._hands.status(t.target, t.job)
        )
        took = (now() - datetime.fromisoformat(task.started)).total_seconds()
        self._step(f"{task.store}: {task.target} can be used, {took:.0f} s after it was asked for")
        return self._session.tasks.save(replace(task, phase="made", seconds=round(took, 1)))

    def finish(self, task: Task) -> Task:
        """Give it the settings that a restore does not take over, and wait until it has them.

        Raises:
            OperationFailed: AWS does not do it.
        """
        self._hands.finish(task.target)
        return self._wait(
            task,
            f"until {task.target} has its settings",
            lambda t: self._hands.status(t.target, t.job),
        )

    def remove(self, task: Task) -> Task:
        """Delete what was made, and wait until it is gone.

        Raises:
            OperationFailed: AWS does not delete it.
        """
        if not task.removed:
            task = self._session.tasks.save(replace(task, phase="removing"))
            status = self._hands.status(task.target, task.job)
            if status is not None and self._hands.is_ours(task.target, task.id, task.job):
                self._step(f"{task.store}: {task.target} is deleted")
                self._hands.remove(task.target)
                task = self._wait(
                    task,
                    f"until {task.target} is deleted",
                    lambda t: "making" if self._hands.status(t.target, t.job) else "ready",
                )
        return self._session.tasks.save(replace(task, removed=True))

    def end(self, task: Task, outcome: Outcome, reason: str = "") -> Task:
        """Write how it went; nobody drives it any more."""
        self._step(f"{task.kind} of {task.store}: {outcome}{f': {reason}' if reason else ''}")
        return self._session.tasks.save(
            replace(
                task,
                phase="ended",
                outcome=outcome,
                reason=reason,
                ended=stamp(now()),
                holder=None,
            )
        )

    def _step(self, what: str) -> None:
        self._session.held.journal.step(self._session.held.run_id, what)
        self._session.held.say(what)

    def _wait(self, task: Task, what: str, look: Callable[[Task], Status | None]) -> Task:
        beat = _Beat(self._session, task)

        def status() -> Status:
            beat.beat()
            return look(beat.task) or "failed"

        if wait_for(status, what, self._watcher, self._signals) == "ready":
            return beat.task
        raise OperationFailed(
            f"{task.target} could not be made of {task.source}",
            why="AWS says that it failed, or it is gone",
            next_step=self._session.command_line("backup list"),
        )


class _Beat:
    """Tells now and then that whoever drives a task lives."""

    def __init__(self, session: BackupSession, task: Task) -> None:
        self._session = session
        self._told = time.monotonic()
        self.task = task

    def beat(self) -> None:
        """Tell it, if it was not told lately."""
        if time.monotonic() - self._told > BEAT_SECONDS:
            self.task, self._told = take_up(self._session, self.task), time.monotonic()


def wait_for(look: Callable[[], Status], what: str, watcher: Watcher, signals: Signals) -> Status:
    """Look until it is ready or has failed.

    Raises:
        Interrupted: a signal came.
    """
    pause, began = _FIRST_SECONDS, time.monotonic()
    while (status := look()) == "making":
        watcher.waiting(what, time.monotonic() - began)
        signals.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_SECONDS)
    return status


def order_of(session: BackupSession, task: Task, *, spare: bool) -> Order:
    """What is to be made for a task, and how it is marked."""
    tags = {
        TASK_TAG: task.id,
        "bsops:by": task.by,
        "bsops:run": session.held.run_id,
        "bsops:restored-from": task.source,
    }
    return Order(task.made_of, task.target, tags, spare)


def let_go(session: BackupSession, task: Task) -> None:
    """Say that nobody drives a task, so that who goes on need not wait for a sign to grow old."""
    with suppress(BsopsError):
        current = next((t for t in session.tasks.read().open() if t.id == task.id), None)
        if current is not None and current.holder:
            session.tasks.save(replace(current, holder=None))


def left(task: Task, interrupted: Interrupted, again: str) -> Interrupted:
    """What to say where a signal ended the wait."""
    return Interrupted(
        interrupted.signal_number,
        f"the {task.kind} of {task.store} was left where it is",
        why=f"AWS goes on making {task.target}; nothing is lost",
        next_step=f"{again}   (goes on)",
    )
