"""What is written of a run: one line an event, in the order in which things happened."""

from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

Outcome = Literal["done", "failed", "skipped", "undone", "undo-failed"]
Ending = Literal["done", "failed", "stopped", "waiting", "undone"]


def stamp() -> str:
    """The time, ISO 8601 in UTC, to the millisecond: many steps take less than a second."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="event"):
    """Anything that happened; ``time`` is ISO 8601 in UTC."""

    time: str


class Begun(Event, frozen=True, kw_only=True, tag="begun"):
    """A run began. Values of secret parameters are not among ``values``.

    ``shared``: it lies in the state bucket as well.
    """

    run: str
    runbook: str
    title: str
    sha256: str
    environment: str
    account_id: str
    region: str
    sandbox: bool
    values: dict[str, Any]
    secret: list[str]
    only: str | None = None
    first: str | None = None
    shared: bool = False


class Taken(Event, frozen=True, kw_only=True, tag="taken"):
    """Somebody leads the run from here on; ``pid_started`` tells a recycled pid apart."""

    who: str
    pid: int
    pid_started: float
    undoing: bool = False


class PageChanged(Event, frozen=True, kw_only=True, tag="page-changed"):
    """The page was edited between a stop and going on."""

    sha256: str
    changes: list[str]


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """An attempt at a block begins; what it runs is shown with values filled in, masked.

    ``undo_of`` names the block that it undoes.
    """

    block: str
    step: str
    attempt: int
    shown: str
    undo_of: str | None = None


class Spawned(Event, frozen=True, kw_only=True, tag="spawned"):
    """The process of the attempt: a process group of its own."""

    pid: int
    pid_started: float


class Ended(Event, frozen=True, kw_only=True, tag="ended"):
    """What came of a block. ``output`` is the file beside this one that keeps what it printed."""

    block: str
    step: str
    outcome: Outcome
    attempt: int = 0
    exit_code: int | None = None
    seconds: float = 0.0
    why: str | None = None
    note: str | None = None
    output: str | None = None
    output_bytes: int = 0
    captured: dict[str, Any] = {}
    secret: list[str] = []
    undo_of: str | None = None


class Closed(Event, frozen=True, kw_only=True, tag="closed"):
    """The run came to an end, or to a stop from which it can be resumed."""

    ending: Ending
    why: str | None = None


AnyEvent = Begun | Taken | PageChanged | Started | Spawned | Ended | Closed
