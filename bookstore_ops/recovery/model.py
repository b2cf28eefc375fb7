"""What a move to another region needs, and how each of it stands."""

from enum import StrEnum

import msgspec


class Readiness(StrEnum):
    """How a piece stands. What could not be told is never ``ready``."""

    READY = "ready"
    LATE = "late"  # it is there, and older than may be lost
    MISSING = "missing"
    UNKNOWN = "unknown"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a move needs.

    ``lost_seconds`` is what would be lost of a store if one moved now: None where it is all of it,
    or nobody knows; ``objective_seconds`` what may be. ``holds_data``: something can be lost.
    ``mend`` is what makes it ready.
    """

    name: str
    readiness: Readiness
    words: str
    holds_data: bool = False
    lost_seconds: float | None = None
    objective_seconds: int | None = None
    mend: str = ""

    @property
    def is_ready(self) -> bool:
        """Whether a move can rely on it."""
        return self.readiness is Readiness.READY
