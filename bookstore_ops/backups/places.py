"""The stores of an environment: what its state says holds data, without Terraform."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec.structs import replace

from bookstore_ops.backups.model import Kind, Store
from bookstore_ops.environments import Environment, nearest
from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.terraform.state import StateInstance, instances, parse_state

# An instance, how AWS calls it, and the other regions that have copies of it.
_Named = tuple[StateInstance, str, list[str]]

_INDEX = re.compile(r"\[(.+)\]$")


def read_stores(
    content: bytes | None, environment: Environment, place: str, apply: str
) -> list[Store]:
    """Every store of an environment, from its state file; ``apply`` is the command that makes it.

    Raises:
        Refused: there is no state.
        OperationFailed: it is no state.
    """
    if content is None:
        raise Refused(
            f"{environment.name} has nothing to back up",
            why="nothing is applied yet: there is no state",
            next_step=apply,
        )
    parse_state(content, place)
    held = instances(content)
    region = environment.region
    return [
        *_databases(held),
        *_tables(held, region),
        *_named(
            Kind.REDIS, _alone(held, "aws_elasticache_replication_group", "replication_group_id")
        ),
        *_named(Kind.OPENSEARCH, _alone(held, "aws_opensearch_domain", "domain_name")),
        *_vaults(held, region),
        Store(
            kind=Kind.STATE,
            name=Kind.STATE.value,
            id=place,
            region=environment.state_region,
        ),
        *_images(held, region),
        # It gives its images its name: modules/golden-image.
        *_named(Kind.AMIS, _alone(held, "aws_imagebuilder_image_pipeline", "name")),
    ]


def choose(stores: Sequence[Store], words: Sequence[str], environment: str) -> list[Store]:
    """The stores that words mean: a name, or a kind for all of it; without words all.

    Raises:
        UsageError: a word means none.
    """
    if not words:
        return list(stores)
    chosen: list[Store] = []
    for word in words:
        meant = [store for store in stores if word in {store.name, store.kind.value, store.id}]
        if not meant:
            names = sorted({store.name for store in stores} | {str(s.kind) for s in stores})
            guess = nearest(word, names)
            raise UsageError(
                f"{environment} has no store {word}",
                why=f"it has: {', '.join(store.name for store in stores)}",
                next_step=f"did you mean {guess}?" if guess else f"bsops backup list {environment}",
            )
        chosen += [store for store in meant if store not in chosen]
    return chosen


def region_of(arn: str) -> str:
    """The region that an ARN names."""
    parts = arn.split(":")
    return parts[3] if len(parts) > 5 else ""


def is_protected(store: Store) -> bool:
    """Whether AWS Backup selects it, as ``modules/backup`` does: by its tag."""
    tags = store.known.get("tags_all") or store.known.get("tags") or {}
    return bool(tags.get("Backup") == "true")


def _of(held: Iterable[StateInstance], kind: str) -> list[StateInstance]:
    return [each for each in held if each.type == kind]


def _databases(held: Sequence[StateInstance]) -> list[Store]:
    copied: dict[str, dict[str, str]] = {}
    for each in _of(held, "aws_db_instance_automated_backups_replication"):
        source, where = each.attributes["source_db_instance_arn"], region_of(each.attributes["id"])
        copied.setdefault(source, {})[where] = str(each.attributes.get("kms_key_id") or "")
    # A reader is made anew from its primary.
    own = [i for i in _of(held, "aws_db_instance") if not i.attributes.get("replicate_source_db")]
    keys = {each.attributes["arn"]: copied.get(each.attributes["arn"], {}) for each in own}
    named = [(i, i.attributes["identifier"], list(keys[i.attributes["arn"]])) for i in own]
    return [
        replace(store, known={**store.known, "copy_keys": keys[store.arn]})
        for store in _named(Kind.RDS, named)
    ]


def _tables(held: Sequence[StateInstance], region: str) -> list[Store]:
    copied: dict[str, list[str]] = {}
    for each in _of(held, "aws_dynamodb_table_replica"):
        source = each.attributes["global_table_arn"]
        copied.setdefault(source, []).append(region_of(each.attributes["arn"]))
    return _named(
        Kind.DYNAMODB,
        [
            (i, i.attributes["name"], copied.get(i.attributes["arn"], []))
            for i in _of(held, "aws_dynamodb_table")
            if region_of(i.attributes["arn"]) == region
        ],
    )


def _alone(held: Sequence[StateInstance], kind: str, name: str) -> list[_Named]:
    """Instances of a type that has no copies elsewhere."""
    return [(each, each.attributes[name], []) for each in _of(held, kind)]


def _vaults(held: Sequence[StateInstance], region: str) -> list[Store]:
    """A vault, and its namesakes in other regions, to which its recovery points are copied."""
    found = _of(held, "aws_backup_vault")
    own = [each for each in found if region_of(each.attributes["arn"]) == region]
    copies = {
        each.attributes["name"]: [
            region_of(other.attributes["arn"])
            for other in found
            if other.attributes["name"] == each.attributes["name"] and other is not each
        ]
        for each in own
    }
    named = [(each, each.attributes["name"], copies[each.attributes["name"]]) for each in own]
    return [
        replace(store, known={**store.known, **_of_plan(held, store.id)})
        for store in _named(Kind.VAULT, named)
    ]


def _of_plan(held: Sequence[StateInstance], vault: str) -> dict[str, Any]:
    """The roles that back up and restore, and how long the plan keeps what it takes."""
    selections = [each.attributes["iam_role_arn"] for each in _of(held, "aws_backup_selection")]
    days = [
        life["delete_after"]
        for plan in _of(held, "aws_backup_plan")
        for rule in plan.attributes.get("rule") or []
        for life in rule.get("lifecycle") or []
        if life.get("delete_after")
    ]
    restoring = [
        each.attributes["arn"]
        for each in _of(held, "aws_iam_role")
        if each.attributes.get("name") == f"{vault}-restore"
    ]
    return {
        "backup_role_arn": next(iter(selections), None),
        "restore_role_arn": next(iter(restoring), None),
        "keep_days": min(days, default=None),
    }


def _images(held: Sequence[StateInstance], region: str) -> list[Store]:
    """All repositories as one store: what runs is taken from several at once."""
    found = _of(held, "aws_ecr_repository")
    if not found:
        return []
    known: dict[str, Any] = {
        each.attributes["name"]: bool(each.attributes.get("encryption_configuration"))
        for each in found
    }
    registry = str(found[0].attributes.get("repository_url", "")).partition("/")[0]
    return [
        Store(kind=Kind.IMAGES, name=Kind.IMAGES.value, id=registry, region=region, known=known)
    ]


def _named(kind: Kind, found: Sequence[_Named]) -> list[Store]:
    """One store is called as its kind; several by their keys in the tree, or as AWS calls them."""
    stores = []
    for each, identifier, copies in found:
        key = _INDEX.search(each.address)
        short = str(json.loads(key[1])) if key else identifier
        stores.append(
            Store(
                kind=kind,
                name=kind.value if len(found) == 1 and not key else f"{kind.value}/{short}",
                id=identifier,
                region=region_of(each.attributes["arn"]),
                arn=each.attributes["arn"],
                address=each.address,
                copies=tuple(sorted(copies)),
                known=each.attributes,
            )
        )
    return stores
