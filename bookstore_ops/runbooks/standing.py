"""Where a run stands, told from its events."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bookstore_ops.runbooks.records import (
    AnyEvent,
    Begun,
    Closed,
    Ended,
    PageChanged,
    Spawned,
    Started,
    Taken,
)
from bookstore_ops.runbooks.store import RunFiles, begun
from bookstore_ops.runbooks.values import Value


@dataclass
class Standing:
    """The run so far.

    ``ended`` has the last word on each block, in the order in which they ended first.
    ``in_doubt`` is an attempt that began and whose end nobody wrote: bsops was killed.
    """

    begun: Begun
    values: dict[str, Value] = field(default_factory=dict)
    secret: set[str] = field(default_factory=set)
    ended: dict[str, Ended] = field(default_factory=dict)
    in_doubt: Started | None = None
    spawned: Spawned | None = None
    taken: list[Taken] = field(default_factory=list)
    closed: Closed | None = None
    sha256: str = ""

    def outcome(self, block: str) -> str | None:
        """What came of a block; None where it did not run, or was undone since."""
        ended = self.ended.get(block)
        return ended.outcome if ended and ended.outcome != "undone" else None

    @property
    def settled(self) -> set[str]:
        """The blocks that need not run again; a secret that was captured was not kept."""
        return {
            name
            for name, ended in self.ended.items()
            if ended.outcome in {"done", "skipped"} and not (set(ended.secret) - set(self.values))
        }


def standing_of(files: RunFiles) -> Standing:
    """Where a run stands.

    Raises:
        ConfigurationError: its events do not say how it began.
    """
    begun(files)
    standing = stand(files.events())
    assert standing is not None  # noqa: S101  (it began)
    return standing


def stand(events: Iterable[AnyEvent]) -> Standing | None:
    """Where the run of these events stands; None where they do not say how it began."""
    standing: Standing | None = None
    for event in events:
        if isinstance(event, Begun):
            standing = Standing(event, dict(event.values), set(event.secret), sha256=event.sha256)
        elif standing is not None:
            apply(standing, event)
    return standing


def apply(standing: Standing, event: AnyEvent) -> None:
    """Let an event be in force."""
    match event:
        case Taken():
            standing.taken.append(event)
            standing.closed = None
        case PageChanged():
            standing.sha256 = event.sha256
        case Started():
            standing.in_doubt, standing.spawned = event, None
        case Spawned():
            standing.spawned = event
        case Ended():
            standing.in_doubt = None
            _settle(standing, event)
        case Closed():
            standing.closed = event


def _settle(standing: Standing, event: Ended) -> None:
    standing.values.update(event.captured)
    standing.secret |= set(event.secret)
    if event.undo_of is None:
        # What ran last is undone first.
        standing.ended.pop(event.block, None)
        standing.ended[event.block] = event
        return
    before = standing.ended.get(event.undo_of)
    if before is not None and event.outcome in {"undone", "undo-failed"}:
        from msgspec.structs import replace

        standing.ended[event.undo_of] = replace(before, outcome=event.outcome)
