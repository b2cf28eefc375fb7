"""What is done to a store: backups are taken of it, and something new is made of one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import msgspec

from bookstore_ops.backups.model import Status

# A resource that bsops made of a backup carries the id of its task.
_MARK = "bsops:"
TASK_TAG = f"{_MARK}task"

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Tag.html
_UNTAGGABLE = re.compile(r"[^\w\s.:/=+@-]", re.ASCII)


class Source(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What something new is made of: a moment of the window, else a backup.

    ``arn`` is the backup's where AWS takes no other name; ``of`` is what it is of in a vault.
    """

    moment: datetime | None = None
    backup: str = ""
    arn: str = ""
    of: str = ""
    taken: datetime | None = None

    @property
    def words(self) -> str:
        """It as an operator would say it."""
        if self.moment is not None:
            return f"its state of {self.moment:%Y-%m-%d %H:%M:%S}Z"
        return f"the backup {self.backup}"


@dataclass(frozen=True)
class Order:
    """What is to be made, and of what; ``spare``: only to look at it, and for a while.

    ``tags`` are put on it where AWS lets them be.
    """

    source: Source
    target: str
    tags: Mapping[str, str]
    spare: bool


class Hands(Protocol):
    """One store's API, for taking backups and for making something of them.

    Every method can be called again: after a kill, whoever asks next begins where it stands.
    """

    longest_name: int
    # Whether what is made is made by a job, which says what it made.
    by_job: bool

    def narrowed(self, source: Source) -> "Hands":
        """The hands of what a source is of, where a store has several."""

    def id_of(self, source: Source) -> str:
        """What AWS calls that which a source is of."""

    def create(self, name: str, tags: Mapping[str, str]) -> str:
        """Take a backup; its id, as :class:`Backup` has it."""

    def backup_status(self, backup: str) -> Status:
        """How far a backup is."""

    def begin(self, order: Order) -> str:
        """Have something new made; the job that makes it, where it is a job."""

    def status(self, target: str, job: str) -> Status | None:
        """How far what is made is; None: there is no such thing."""

    def is_ours(self, target: str, task: str, job: str) -> bool:
        """Whether it was made for this task."""

    def finish(self, target: str) -> None:
        """Give it the settings that a restore does not take over."""

    def check(self, target: str) -> Sequence[str]:
        """What is wrong with what was made, held against what it was made of."""

    def remove(self, target: str) -> None:
        """Have it deleted, and its backups with it."""


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    """Tags as most services take them, without the characters that they refuse."""
    return [{"Key": key, "Value": _UNTAGGABLE.sub("_", value)[:256]} for key, value in tags.items()]


def marks_of(tags: Sequence[Mapping[str, str]]) -> list[str]:
    """The keys of the tags that tell of a restore."""
    return [tag["Key"] for tag in tags if tag["Key"].startswith(_MARK)]
