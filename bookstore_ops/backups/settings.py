"""``infrastructure/aws/backups.toml``: what each store may lose, and how soon it must be back.

It lies beside the modules whose schedules make it true, and is reviewed with them.
"""

from pathlib import Path

import msgspec

from bookstore_ops.backups.model import Kind
from bookstore_ops.environments import Duration, read_document, seconds

FILE = "backups.toml"


class Objective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be lost at most (``point``; ``copy`` in another region), and for how long."""

    point: Duration | None = None
    copy: Duration | None = None
    time: Duration | None = None

    def lost_seconds(self, *, is_copy: bool) -> int | None:
        """What may be lost at most; None: nothing is said."""
        limit = self.copy if is_copy else self.point
        return None if limit is None else seconds(limit)

    @property
    def time_seconds(self) -> int | None:
        """How long a restore may take; None: nothing is said."""
        return None if self.time is None else seconds(self.time)


class _Objectives(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One for each :class:`Kind`."""

    rds: Objective | None = None
    dynamodb: Objective | None = None
    redis: Objective | None = None
    opensearch: Objective | None = None
    vault: Objective | None = None
    state: Objective | None = None
    images: Objective | None = None
    amis: Objective | None = None

    def of(self, kind: Kind) -> Objective | None:
        """The objective of a kind of store."""
        found: Objective | None = getattr(self, kind.value)
        return found


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    objectives: _Objectives = _Objectives()
    environments: dict[str, _Objectives] = {}


def load_objectives(tree: Path, environment: str) -> dict[Kind, Objective]:
    """The objective of each kind of store: the environment's own, else that of all.

    Raises:
        ConfigurationError: the file cannot be read, or holds what cannot be meant.
    """
    path = tree / FILE
    file = read_document(path, _File) if path.exists() else _File()
    own = file.environments.get(environment, _Objectives())
    return {kind: own.of(kind) or file.objectives.of(kind) or Objective() for kind in Kind}
