"""Restores and verifications as they are kept, in one object beside the state.

Each is written before AWS is asked to make anything, so that whoever asks again, on whatever
machine, goes on with it, and so that what a verification has left behind is found. How long a
restore took is the proof of how long one takes.
"""

from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from bookstore_ops.backups.hands import Source
from bookstore_ops.errors import OperationFailed
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.model import Holder
from bookstore_ops.states.objects import SharedObject

Kind = Literal["restore", "verify"]
Phase = Literal["making", "made", "removing", "ended"]
Outcome = Literal["done", "failed"]

# Those that are over; an object of some kilobytes.
_KEPT = 100
# Several may be under way; each writes a few times.
_ATTEMPTS = 20


class Task(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One restore or verification. ``asked`` is what was asked for, by which it is known again.

    ``target`` is what is made of ``made_of``. ``seconds`` is how long that took: from the first
    request until it could be used. ``removed``: nothing of it is left. ``job`` is AWS Backup's.
    ``options`` are those of the command that asks for the same again.
    """

    id: str
    kind: Kind
    store: str
    asked: str
    made_of: Source
    target: str
    region: str
    started: str
    by: str
    phase: Phase = "making"
    ended: str = ""
    seconds: float | None = None
    outcome: Outcome | None = None
    reason: str = ""
    removed: bool = False
    job: str = ""
    options: list[str] = []
    holder: Holder | None = None

    @property
    def source(self) -> str:
        """What it is made of, in words."""
        return self.made_of.words

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.phase == "ended"


class Tasks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All restores and verifications of an environment, the oldest first."""

    tasks: list[Task] = []

    def open(self) -> list[Task]:
        """Those that are not over."""
        return [task for task in self.tasks if not task.is_over]

    def proof(self, store: str) -> Task | None:
        """The newest verification of a store that succeeded."""
        done = [t for t in self.tasks if (t.kind, t.store, t.outcome) == ("verify", store, "done")]
        return done[-1] if done else None


class TaskStore:
    """Reads and writes the tasks of an environment."""

    def __init__(self, s3: Any, bucket: str, state_key: str, again: str) -> None:
        self._object = SharedObject(s3, bucket, f"{state_key}.backups")
        self._again = again

    def read(self) -> Tasks:
        """The tasks as they are now.

        Raises:
            OperationFailed: they cannot be read, or a newer bsops wrote them otherwise.
        """
        place = self._object.place
        with asking(f"read the restores in {place}", self._again):
            content = self._object.read()
        try:
            return Tasks() if content is None else msgspec.json.decode(content, type=Tasks)
        except msgspec.MsgspecError as error:
            raise OperationFailed(
                f"the restores in {place} cannot be read",
                why=str(error),
                next_step="restore an earlier version of that object, which the bucket keeps; or "
                "install the newest version of bsops, if it was one that wrote it",
            ) from error

    def save(self, task: Task) -> Task:
        """Write a task, new or changed.

        Raises:
            OperationFailed: it cannot be written; then nothing may be made.
        """

        def put(tasks: Tasks) -> Tasks:
            others = [each for each in tasks.tasks if each.id != task.id]
            return replace(tasks, tasks=_trimmed([*others, task]))

        self._change(put)
        return task

    def _change(self, change: Callable[[Tasks], Tasks]) -> None:
        for _ in range(_ATTEMPTS):
            changed = change(self.read())
            with asking(f"write the restores in {self._object.place}", self._again):
                if self._object.write(msgspec.json.encode(changed)):
                    return
        raise OperationFailed(
            f"cannot write the restores in {self._object.place}",
            why="others write them all the time",
            next_step=self._again,
        )


def _trimmed(tasks: list[Task]) -> list[Task]:
    over = [task.id for task in tasks if task.is_over]
    gone = set(over[:-_KEPT])
    return [task for task in tasks if task.id not in gone]
