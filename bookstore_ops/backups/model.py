"""Stores, their backups, and how far back one would be after a restore."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec

Status = Literal["ready", "making", "failed"]


class Kind(StrEnum):
    """What a store is; the word before the slash of its name."""

    RDS = "rds"
    DYNAMODB = "dynamodb"
    REDIS = "redis"
    OPENSEARCH = "opensearch"
    VAULT = "vault"
    STATE = "state"
    IMAGES = "images"
    AMIS = "amis"

    @property
    def holds_data(self) -> bool:
        """False for what is built, and does not age."""
        return self not in {Kind.IMAGES, Kind.AMIS}


class Verdict(StrEnum):
    """How a store stands against its objective. What could not be told is never ``met``."""

    MET = "met"
    MISSED = "missed"
    UNKNOWN = "unknown"
    NONE = "no objective"


class Store(msgspec.Struct, frozen=True, kw_only=True):
    """Something that holds data.

    ``name`` is how operators call it (``dynamodb/orders``), ``id`` how AWS does; ``address`` is
    its place in the state. ``copies`` are the other regions that have backups of it, ``known`` is
    all that the state knows of it, which may hold secrets: never shown, never written.
    """

    kind: Kind
    name: str
    id: str
    region: str
    arn: str = ""
    address: str = ""
    copies: tuple[str, ...] = ()
    known: Mapping[str, Any] = {}

    @property
    def regions(self) -> tuple[str, ...]:
        """Its own region, then those of its copies."""
        return (self.region, *self.copies)


class Backup(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to restore from. ``id`` is what ``--from`` takes; ``of`` is what it is of where
    a store has several; ``status`` ``making``: it is half made, and cannot be used yet. ``arn`` is
    there where AWS takes no other name.
    """

    id: str
    kind: str
    region: str
    status: Status = "ready"
    taken: datetime | None = None
    size_bytes: int | None = None
    encrypted: bool | None = None
    of: str = ""
    arn: str = ""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Any second in it can be restored to; ``earliest`` is None where AWS does not tell it."""

    earliest: datetime | None
    latest: datetime


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a store has in one region.

    ``reached`` is the newest moment that could be had back, where neither backups nor window tell
    it: a state's version is written with it. ``missing`` says what should be there and is not.
    """

    backups: tuple[Backup, ...] = ()
    window: Window | None = None
    reached: datetime | None = None
    missing: str = ""

    @property
    def point(self) -> datetime | None:
        """The newest moment that could be had back; None: there is none."""
        moments = [backup.taken for backup in self.backups if backup.status == "ready"]
        known = [moment for moment in moments if moment]
        if self.reached is not None:
            return self.reached
        if self.window is not None:
            known.append(self.window.latest)
        return max(known, default=None)


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A store in one region, held against its objective.

    ``objective_seconds`` is what may be lost at most, None where nothing is said.
    ``problem`` and ``why`` tell what could not be looked at, or what is missing.
    """

    store: Store
    region: str
    found: Found
    verdict: Verdict
    at: datetime
    objective_seconds: int | None = None
    problem: str = ""
    why: str = ""

    @property
    def is_copy(self) -> bool:
        """Whether this is another region than the store's own."""
        return self.region != self.store.region

    @property
    def lost_seconds(self) -> float | None:
        """What would be lost if it were restored now; None: all of it, or nobody knows."""
        point = self.found.point
        return None if point is None else max(0.0, (self.at - point).total_seconds())


def judge(
    found: Found, objective_seconds: int | None, at: datetime, *, holds_data: bool
) -> tuple[Verdict, str]:
    """Hold what was found against what may be lost; and why it is missed.

    ``holds_data``: False for what does not age, which is well as long as nothing is missing.
    """
    if found.missing:
        return Verdict.MISSED, found.missing
    if not holds_data:
        return Verdict.MET if found.backups else Verdict.NONE, ""
    if objective_seconds is None:
        return Verdict.NONE, ""
    if found.point is None:
        return Verdict.MISSED, "there is nothing to restore from"
    late = (at - found.point).total_seconds() - objective_seconds
    return (Verdict.MISSED, "the newest is too old") if late > 0 else (Verdict.MET, "")
