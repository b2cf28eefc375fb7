"""Finding what an environment has in AWS and in no state."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from bookstore_ops.aws.session import client
from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.store import backups, no_whole_state, read_present
from bookstore_ops.states.orphans import (
    Orphan,
    names_of,
    regions_in,
    unknown_in,
    unlisted_in,
    wanted_tags,
)
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import instances

_SAID_AFTER_SECONDS = 2.0


@dataclass(frozen=True)
class Search:
    """What was looked for where, and what was found.

    ``unlisted`` are addresses of the state that AWS does not list under their tags.
    """

    tags: dict[str, str]
    regions: list[str]
    listed: int
    orphans: list[Orphan]
    unlisted: list[str]


def find_orphans(session: Session, watch: Watch) -> Search:
    """Ask AWS for everything under the environment's tags, and hold it against the state.

    Raises:
        OperationFailed: AWS does not answer, or the state is damaged.
    """
    present = read_present(session, watch)
    if present.content is not None and present.summary is None:
        raise no_whole_state(session, present)
    known = instances(present.content) if present.content else []
    tags = wanted_tags(session.environment.name, known)
    regions = sorted({session.environment.region} | regions_in(known))
    with ThreadPoolExecutor(len(regions)) as pool:
        answers = list(pool.map(lambda region: _listed(session, region, tags), regions))
    arns = {arn for answer in answers for arn in answer}
    return Search(
        tags,
        regions,
        len(arns),
        unknown_in(arns, known, _earlier(session)),
        unlisted_in(arns, known, tags),
    )


def import_command(session: Session, orphan: Orphan) -> str | None:
    """The command that takes one into the state; None where nothing tells its ID."""
    if orphan.identifier is None:
        return None
    return session.command_line("state import", orphan.address or "ADDRESS", orphan.identifier)


def _listed(session: Session, region: str, tags: Mapping[str, str]) -> list[str]:
    from botocore.exceptions import BotoCoreError, ClientError

    filters = [{"Key": name, "Values": [value]} for name, value in tags.items()]
    began, found = time.monotonic(), list[str]()
    try:
        tagging = client("resourcegroupstaggingapi", region, session.environ)
        pages = tagging.get_paginator("get_resources").paginate(
            TagFilters=filters, ResourcesPerPage=100
        )
        for page in pages:
            found += [resource["ResourceARN"] for resource in page["ResourceTagMappingList"]]
            if time.monotonic() - began > _SAID_AFTER_SECONDS:
                session.say(f"{region}: {len(found)} resources so far")
                began = time.monotonic()
        return [arn for arn in found if not _is_ending(session, region, arn)]
    except (BotoCoreError, ClientError) as error:
        raise OperationFailed(
            f"AWS does not list the resources of {session.environment.name} in {region}",
            why=str(error),
            next_step="check the network, and that you may call tag:GetResources; then run the "
            "command again",
        ) from error


def _is_ending(session: Session, region: str, arn: str) -> bool:
    """Whether it is a key on its way out: AWS lists it for the weeks that this takes."""
    if ":kms:" not in arn or ":key/" not in arn:
        return False
    key: dict[str, Any] = client("kms", region, session.environ).describe_key(KeyId=arn)
    return bool(key["KeyMetadata"]["KeyState"] == "PendingDeletion")


def _earlier(session: Session) -> dict[str, str]:
    """Addresses by ARN and ID, from the copies of earlier states; the newest copy's word counts."""
    found: dict[str, str] = {}
    for copy in backups(session).all():
        if copy.record.problem:
            continue
        try:
            content = copy.read()
        except BsopsError:
            continue
        for instance in instances(content):
            for name in names_of(instance):
                found.setdefault(name, instance.address)
    return found
