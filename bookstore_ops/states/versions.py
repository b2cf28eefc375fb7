"""The versions that S3 keeps of a state object, deleted and damaged ones included."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from bookstore_ops.errors import BsopsError, ConfigurationError
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.terraform.state import StateSummary, parse_state

# A state of 20 MB is no rarity: only so many are held at once.
_AT_ONCE = 4


@dataclass(frozen=True)
class Version:
    """One version of the state object; ``time`` is ISO 8601, UTC.

    ``deletes``: it is a delete marker. ``summary`` is what a readable one holds, ``problem`` why
    another cannot be read, ``md5`` what a lock table's digest would be; all unknown until read.
    """

    id: str
    time: str
    size: int
    current: bool
    deletes: bool
    summary: StateSummary | None = None
    problem: str = ""
    md5: str = ""


@dataclass(frozen=True)
class Versions:
    """Versions of a state, the newest first; ``total`` counts those that were left out, too."""

    versions: Sequence[Version]
    total: int
    versioned: bool


def read_versions(backend: S3Backend, last: int) -> Versions:
    """The newest ``last`` versions, each looked into.

    Raises:
        OperationFailed: AWS does not list them.
    """
    s3 = backend.client("s3")
    found = list_versions(backend, s3)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        looked_into = list(pool.map(lambda version: _look(backend, s3, version), found[:last]))
    return Versions(looked_into, len(found), is_versioned(backend, s3))


def list_versions(backend: S3Backend, s3: Any) -> list[Version]:
    """Every version's place in time, the newest first; none is looked into.

    Raises:
        OperationFailed: AWS does not list them.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = [version for page in _pages(backend, s3) for version in _listed(backend, page)]
    except (ClientError, BotoCoreError) as error:
        raise backend.unreadable(f"the versions of {backend.key}", error) from error
    # S3 lists a key's versions newest first, but versions and delete markers apart.
    return sorted(found, key=lambda version: (version.current, version.time), reverse=True)


def is_versioned(backend: S3Backend, s3: Any) -> bool:
    """Whether the bucket keeps versions.

    Raises:
        OperationFailed: AWS does not say.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = s3.get_bucket_versioning(Bucket=backend.bucket)
    except (ClientError, BotoCoreError) as error:
        raise backend.unreadable("whether versions are kept", error) from error
    return bool(answer.get("Status") == "Enabled")


def read_version(backend: S3Backend, version_id: str) -> bytes:
    """The content of one version.

    Raises:
        ConfigurationError: there is no such version, or it is a delete marker.
        OperationFailed: AWS does not give it.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = backend.client("s3").get_object(
            Bucket=backend.bucket, Key=backend.key, VersionId=version_id
        )
        content: bytes = answer["Body"].read()
    except ClientError as error:
        # An id that S3 never gave is a bad request, a delete marker a method not allowed.
        if error.response["ResponseMetadata"]["HTTPStatusCode"] in {400, 404, 405}:
            raise ConfigurationError(
                f"there is no backup and no version {version_id}",
                why=str(error),
                next_step="bsops state versions ENV   and   bsops state backup ENV --list",
            ) from error
        raise backend.unreadable(f"the version {version_id} of {backend.key}", error) from error
    except BotoCoreError as error:
        raise backend.unreadable(f"the version {version_id} of {backend.key}", error) from error
    return content


def _pages(backend: S3Backend, s3: Any) -> Iterator[dict[str, Any]]:
    paginator = s3.get_paginator("list_object_versions")
    yield from paginator.paginate(Bucket=backend.bucket, Prefix=backend.key)


def _listed(backend: S3Backend, page: dict[str, Any]) -> Iterator[Version]:
    for kind in ("Versions", "DeleteMarkers"):
        for entry in page.get(kind, []):
            if entry["Key"] == backend.key:
                yield Version(
                    id=entry["VersionId"],
                    time=entry["LastModified"].isoformat(timespec="milliseconds"),
                    size=entry.get("Size", 0),
                    current=entry["IsLatest"],
                    deletes=kind == "DeleteMarkers",
                )


def _look(backend: S3Backend, s3: Any, version: Version) -> Version:
    import hashlib

    from botocore.exceptions import BotoCoreError, ClientError

    if version.deletes:
        return version
    try:
        body = s3.get_object(Bucket=backend.bucket, Key=backend.key, VersionId=version.id)["Body"]
        content: bytes = body.read()
    except (ClientError, BotoCoreError) as error:
        return replace(version, problem=str(error))
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    try:
        return replace(version, md5=md5, summary=parse_state(content, backend.describe()))
    except BsopsError:
        return replace(version, md5=md5, problem=f"no whole state ({len(content)} bytes)")
