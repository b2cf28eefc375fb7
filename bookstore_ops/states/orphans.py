"""What AWS has under an environment's tags, held against what a state knows."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bookstore_ops.states.arns import importable
from bookstore_ops.terraform.state import StateInstance

# What the tree's providers put on everything; which of them a listing is asked by.
TAGS = ("Project", "Environment", "ManagedBy")

_UNIQUE_ID = re.compile(r"[a-z]+(-[a-z]+)*-[0-9a-f]{8,17}")


@dataclass(frozen=True)
class Orphan:
    """Something in AWS that no state knows.

    ``type`` and ``identifier`` are what an import needs, None where the ARN does not tell;
    ``address`` is where an earlier state or an apply had it.
    """

    arn: str
    type: str | None
    identifier: str | None
    address: str | None


def wanted_tags(environment: str, instances: Iterable[StateInstance]) -> dict[str, str]:
    """The tags that this environment's resources carry, as the state has them."""
    tags = {"Environment": environment, "ManagedBy": "terraform"}
    counts: dict[str, int] = {}
    for instance in instances:
        project = _tags(instance).get("Project")
        if project:
            counts[project] = counts.get(project, 0) + 1
    if counts:
        tags["Project"] = max(counts, key=lambda project: counts[project])
    return tags


def unknown_in(
    arns: Iterable[str], instances: Iterable[StateInstance], earlier: Mapping[str, str]
) -> list[Orphan]:
    """Those of ``arns`` that no instance is; ``earlier`` are addresses by ARN, of the past."""
    known = {name for instance in instances for name in names_of(instance)}
    found = []
    for arn in sorted({_whole(arn) for arn in arns}):
        if arn in known or _unique_id(arn) in known or _comes_with(arn, known):
            continue
        kind = importable(arn)
        address = earlier.get(arn) or earlier.get(_unique_id(arn) or arn)
        found.append(
            Orphan(arn, kind.type, kind.identifier, address)
            if kind
            else Orphan(arn, None, None, address)
        )
    return found


def unlisted_in(
    arns: Iterable[str], instances: Iterable[StateInstance], tags: Mapping[str, str]
) -> list[str]:
    """Addresses whose resource carries the tags by the state, and that AWS does not list.

    Only of kinds of which AWS lists at least one: the tagging API does not know them all.
    """
    listed = {_whole(arn) for arn in arns}
    kinds = {_kind(arn) for arn in listed}
    return sorted(
        instance.address
        for instance in instances
        if tags.items() <= _tags(instance).items()
        and (arn := _arn(instance))
        and _kind(arn) in kinds
        and arn not in listed
    )


def names_of(instance: StateInstance) -> set[str]:
    """What an instance is called in AWS: its own ARN and ID, never those it refers to."""
    found = {instance.attributes.get(name) for name in ("arn", "id", "security_group_rule_id")}
    return {_whole(name) for name in found if isinstance(name, str) and name}


def regions_in(instances: Iterable[StateInstance]) -> set[str]:
    """The regions that the ARNs of a state name."""
    parts = (_arn(instance).split(":") for instance in instances)
    return {part[3] for part in parts if len(part) > 5 and part[3]}


def _arn(instance: StateInstance) -> str:
    arn = instance.attributes.get("arn")
    return _whole(arn) if isinstance(arn, str) else ""


def _whole(arn: str) -> str:
    return arn.removesuffix(":*")


def _unique_id(arn: str) -> str | None:
    """An ID that no two resources share, such as a VPC's: some types keep no ARN in the state."""
    last = re.split(r"[/:]", arn)[-1]
    return last if _UNIQUE_ID.fullmatch(last) else None


def _comes_with(arn: str, known: set[str]) -> bool:
    """Whether AWS made it, tags and all, for something that is known.

    Sources: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ManagingAutomatedBackups.html
    (automated snapshots are called ``rds:…``) and
    https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ReplicationGroup.html
    (its nodes are clusters called after it).
    """
    if re.search(r":snapshot:rds:", arn):
        return True
    return re.sub(r":cluster:(.+)-\d{3}$", r":replicationgroup:\1", arn) in known


def _kind(arn: str) -> str:
    parts = arn.split(":", 5)
    head = re.match(r"[a-zA-Z-]*[/:]", parts[5]) if len(parts) > 5 else None
    return f"{parts[2]}:{head.group() if head else ''}" if len(parts) > 2 else ""


def _tags(instance: StateInstance) -> dict[str, Any]:
    tags = instance.attributes.get("tags_all")
    return tags if isinstance(tags, dict) else {}
