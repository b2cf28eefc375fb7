"""Stores in the other region by the names that the tree gives: where no state tells of them."""

from collections.abc import Mapping, Sequence
from functools import partial

from msgspec.structs import replace

from bookstore_ops.backups.model import Kind, Store
from bookstore_ops.backups.settings import Objective
from bookstore_ops.backups.sight import Sight
from bookstore_ops.environments import Environment
from bookstore_ops.errors import BsopsError
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.recovery.stores import look_at_stores

_TABLES = "dynamodb"


def look_for_stores(
    sight: Sight,
    home: Environment,
    named: str,
    objectives: Mapping[Kind, Objective],
    region: str,
    *,
    mend: str,
) -> list[Piece]:
    """What is called ``named`` there; ``mend`` is how to come by a state.

    What has no copy there leaves no name. So a vault may lack what it should hold points of:
    that is not known either.
    """
    a_store = partial(Store, region=home.region, copies=(region,))
    tables, unknown = _tables(sight, named, region)
    stores = [
        a_store(kind=Kind.RDS, name=Kind.RDS.value, id=named),
        *(
            a_store(
                kind=Kind.DYNAMODB, name=f"{_TABLES}/{table.removeprefix(f'{named}-')}", id=table
            )
            for table in tables
        ),
        a_store(kind=Kind.VAULT, name=Kind.VAULT.value, id=named),
        Store(
            kind=Kind.STATE,
            name=Kind.STATE.value,
            id=sight.backend.describe(),
            region=home.state_region,
        ),
    ]
    pieces = look_at_stores(sight, stores, objectives, region)
    return [*unknown, *(_told(piece, mend) for piece in pieces)]


def _tables(sight: Sight, named: str, region: str) -> tuple[Sequence[str], list[Piece]]:
    """The tables there, or what is in the way of listing them."""
    try:
        with sight.cloud.asking(f"list the tables in {region}"):
            pages = sight.cloud.pages("dynamodb", region, "list_tables")
            names = [name for page in pages for name in page["TableNames"]]
    except BsopsError as error:
        return (), [_lacking(Readiness.UNKNOWN, f"{error.what}: {error.why}")]
    found = [name for name in names if name.startswith(f"{named}-")]
    if found:
        return found, []
    return (), [_lacking(Readiness.MISSING, f"no table {named}-… is there")]


def _lacking(readiness: Readiness, words: str) -> Piece:
    return Piece(name=_TABLES, readiness=readiness, words=words, holds_data=True)


def _told(piece: Piece, mend: str) -> Piece:
    """The same, as far as it can be told without a state."""
    if piece.name == Kind.STATE and not piece.is_ready:
        return replace(piece, mend=mend)
    if piece.name == Kind.VAULT and piece.is_ready:
        words = "recovery points are there; whether of all that there should be, a state would tell"
        return replace(piece, readiness=Readiness.UNKNOWN, words=words)
    return piece
