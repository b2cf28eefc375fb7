"""Which stores bsops can take backups of and restore, and why not the others."""

from collections.abc import Mapping, Sequence

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.dynamodb import DynamoDb
from bookstore_ops.backups.hands import Hands
from bookstore_ops.backups.model import Kind, Store
from bookstore_ops.backups.rds import Rds
from bookstore_ops.backups.redis import Redis
from bookstore_ops.backups.vault import VaultHands
from bookstore_ops.errors import Refused

_HANDS: Mapping[Kind, type[Rds | DynamoDb | Redis]] = {
    Kind.RDS: Rds,
    Kind.DYNAMODB: DynamoDb,
    Kind.REDIS: Redis,
}

# What cannot be done through AWS's API, and what to do instead.
_OUT_OF_REACH: Mapping[Kind, tuple[str, str]] = {
    Kind.OPENSEARCH: (
        "snapshots of a search domain are taken, listed and restored by the domain itself, which "
        "answers inside its network only; AWS takes one every hour and keeps it for two weeks",
        "from inside the network: GET _snapshot/cs-automated-enc/_all, then POST "
        "_snapshot/cs-automated-enc/NAME/_restore with rename_pattern, so that the indexes of "
        "today stay; see docs/backups.md",
    ),
    Kind.IMAGES: (
        "an image is made by a build and pushed, and what was pushed stays as it is",
        "bsops release rollback ENV SERVICE   (goes back to the last good image)",
    ),
    Kind.AMIS: (
        "Image Builder makes machine images, and an instance is started from one",
        "aws imagebuilder start-image-pipeline-execution --image-pipeline-arn ARN",
    ),
}


def hands_for(cloud: Cloud, store: Store, stores: Sequence[Store], doing: str) -> Hands:
    """The hands of a store; ``stores`` are all that there are, ``doing`` says what for.

    Raises:
        Refused: AWS's API cannot do it for such a store.
    """
    if store.kind is Kind.VAULT:
        return VaultHands(cloud, store, stores)
    if store.kind in _HANDS:
        return _HANDS[store.kind](cloud, store)
    why, instead = _OUT_OF_REACH[store.kind]
    raise Refused(f"bsops cannot {doing} {store.name}", why=why, next_step=instead)


def adoptable(cloud: Cloud, store: Store) -> Rds | DynamoDb | Redis:
    """The hands of a store whose place another can take.

    Raises:
        Refused: nothing can take its place.
    """
    if store.kind in _HANDS:
        return _HANDS[store.kind](cloud, store)
    raise Refused(
        f"nothing can take the place of {store.name}",
        why="only databases, tables and caches are restored beside the old ones",
        next_step="name one of them, such as rds",
    )
