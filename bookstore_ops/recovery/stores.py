"""Stores of data in the other region: what `bsops backup list` knows of their copies there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bookstore_ops.backups.looking import look_at_all
from bookstore_ops.backups.model import Kind, Standing, Store, Verdict
from bookstore_ops.backups.settings import Objective
from bookstore_ops.backups.sight import Sight
from bookstore_ops.errors import BsopsError
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.recovery.there import there

# What these hold is not copied by the store itself; they have looks of their own.
_APART = frozenset({Kind.STATE, Kind.IMAGES, Kind.AMIS})
_ENABLE = "disaster_recovery = { enabled = true } in its values, and an apply"


def look_at_stores(
    sight: Sight, stores: Sequence[Store], objectives: Mapping[Kind, Objective], region: str
) -> list[Piece]:
    """Each store of data as it is in that region, and the state's copies."""
    copied = [store for store in stores if store.kind not in _APART and region in store.copies]
    standings = look_at_all(sight, copied, objectives, only=region)
    found = {standing.store.name: _piece(sight, standing) for standing in standings}
    pieces = [
        found.get(store.name) or _without(store) for store in stores if store.kind not in _APART
    ]
    state = next((store for store in stores if store.kind is Kind.STATE), None)
    if state is None:
        return pieces
    return [*pieces, _state(sight, standings, objectives)]


def _piece(sight: Sight, standing: Standing) -> Piece:
    if standing.store.kind is Kind.DYNAMODB:
        readiness, words = _replica(sight, standing)
    elif standing.verdict is Verdict.UNKNOWN:
        readiness, words = Readiness.UNKNOWN, f"{standing.problem}: {standing.why}"
    elif standing.found.point is None or standing.found.missing:
        readiness, words = Readiness.MISSING, standing.why or "there is nothing to restore from"
    elif standing.verdict is Verdict.MISSED:
        readiness, words = Readiness.LATE, standing.why
    else:
        readiness, words = Readiness.READY, "a copy is there"
    return Piece(
        name=standing.store.name,
        readiness=readiness,
        words=words,
        holds_data=True,
        lost_seconds=standing.lost_seconds,
        objective_seconds=standing.objective_seconds,
    )


def _replica(sight: Sight, standing: Standing) -> tuple[Readiness, str]:
    """A replica is used as it is, whatever its backups: it must be a table that answers."""
    store, client = standing.store, sight.cloud.client("dynamodb", standing.region)
    try:
        found = there(
            sight.cloud,
            f"look at the replica of {store.id}",
            lambda: client.describe_table(TableName=store.id)["Table"]["TableStatus"],
        )
    except BsopsError as error:
        return Readiness.UNKNOWN, f"{error.what}: {error.why}"
    if found is None:
        return Readiness.MISSING, "the replica is gone"
    if found != "ACTIVE":
        return Readiness.MISSING, f"the replica is {found}"
    return Readiness.READY, "a replica answers there"


def _without(store: Store) -> Piece:
    copyable = {Kind.RDS, Kind.DYNAMODB, Kind.VAULT}
    return Piece(
        name=store.name,
        readiness=Readiness.MISSING,
        words="no copy is made there: all of it would be lost",
        holds_data=True,
        mend=_ENABLE if store.kind in copyable else "",
    )


def _state(
    sight: Sight, standings: Sequence[Standing], objectives: Mapping[Kind, Objective]
) -> Piece:
    """The state: a recovery point of its bucket there, or a copy on this machine."""
    bucket = sight.backend.bucket
    moments = [
        (backup.taken, "a recovery point of its bucket is there")
        for standing in standings
        if standing.store.kind is Kind.VAULT
        for backup in standing.found.backups
        if backup.of == bucket and backup.status == "ready" and backup.taken
    ]
    copy = sight.copies.find("latest")
    if copy is not None:
        moments.append((datetime.fromisoformat(copy.record.time), "a copy is on this machine"))
    limit = objectives.get(Kind.STATE, Objective()).lost_seconds(is_copy=True)
    if not moments:
        return Piece(
            name="state",
            readiness=Readiness.MISSING,
            words="its bucket is in the region that is lost, and there is no copy elsewhere",
            holds_data=True,
            objective_seconds=limit,
            mend=f"bsops state backup {sight.copies.environment}",
        )
    moment, words = max(moments)
    lost = max(0.0, (sight.at - moment).total_seconds())
    return Piece(
        name="state",
        readiness=Readiness.LATE if limit is not None and lost > limit else Readiness.READY,
        words=words,
        holds_data=True,
        lost_seconds=lost,
        objective_seconds=limit,
    )
