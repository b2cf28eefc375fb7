"""Moving a state from the file beside its root module into the bucket, and proving it arrived.

Not by `terraform init -migrate-state` or `terraform state push`: into an empty place either writes
the resources under a new lineage, serial 1 (Terraform 1.11.4, tried). A saved plan, a backup and
an `errored.tfstate` of before would then belong to no state any more. The file is taken as it is.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bookstore_ops.bootstrap.settings import asking
from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.files import write_atomically
from bookstore_ops.terraform.backends import LocalBackend, S3Backend
from bookstore_ops.terraform.state import StateSummary, parse_state

_SUFFIX = ".tfstate"


@dataclass(frozen=True)
class Found:
    """Where a state was found: ``local`` in the file beside the root, ``remote`` in S3.

    ``to_upload``: the one in the file is yet to be brought to S3.
    """

    local: StateSummary | None
    remote: StateSummary | None
    to_upload: bool


def find_state(
    root: Path, remote: S3Backend, copies: Path, again: str, *, bucket_exists: bool
) -> Found:
    """Look in both places; ``again`` is the command that bootstraps.

    Raises:
        Refused: the two states are not one, or one could not be saved yet.
        OperationFailed: a state cannot be read.
    """
    leftover = root / "errored.tfstate"
    if leftover.exists():
        raise Refused(
            "there is a state that Terraform could not save",
            why=f"{leftover} is newer than the state that would be moved",
            next_step=f"cd {root} && terraform state push errored.tfstate && rm errored.tfstate"
            f"   (then {again})",
        )
    file = state_file(root)
    here = LocalBackend(file).read_state() if file else None
    there = remote.read_state() if bucket_exists else None
    if here is None or there is None:
        return Found(here, there, to_upload=here is not None)
    if not _problems(here, there):
        return Found(here, there, to_upload=False)
    kept = latest_copy(copies)
    if kept and here.lineage == there.lineage == kept[1].lineage and there == kept[1]:
        # A bootstrap was broken off after it had pushed, and the file went on.
        return Found(here, there, to_upload=True)
    raise Refused(
        f"there are two states: one in a file, one in {remote.describe()}",
        why=f"{_identity(file, here)}\n{_identity(remote.describe(), there)}\n"
        "moving the one would overwrite the other",
        next_step="find out which one is right, and put the other one away",
    )


def state_file(root: Path) -> Path | None:
    """The state in a file beside the root, if there is one; Terraform leaves empty ones behind."""
    path = root / "terraform.tfstate"
    return path if path.exists() and path.stat().st_size else None


def upload(copy: Path, remote: S3Backend, *, replaces: bool) -> None:
    """Write a state into S3 as Terraform does; unless it ``replaces`` one, there must be none.

    Raises:
        OperationFailed: AWS does not take it, or there is one meanwhile.
    """
    content = copy.read_bytes()
    condition = {} if replaces else {"IfNoneMatch": "*"}
    with asking(f"write the state to {remote.describe()}"):
        remote.client("s3").put_object(
            Bucket=remote.bucket,
            Key=remote.key,
            Body=content,
            ContentType="application/json",
            **condition,
        )
    record_digest(content, remote)


def record_digest(content: bytes | None, remote: S3Backend) -> None:
    """Write beside a lock what Terraform holds the state against; an old digest would stop it.

    None: there is no state yet, and so there may be no digest.

    Raises:
        OperationFailed: AWS does not take it.
    """
    if remote.lock_table is None:
        return
    dynamodb, table = remote.client("dynamodb"), remote.lock_table
    key = {"LockID": {"S": f"{remote.lock_item}-md5"}}
    with asking(f"write the state's digest into the lock table {table}"):
        if content is None:
            dynamodb.delete_item(TableName=table, Key=key)
        else:
            digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
            dynamodb.put_item(TableName=table, Item={**key, "Digest": {"S": digest}})


def keep_copy(source: Path, directory: Path) -> Path:
    """Copy the state in the file for its owner's eyes only; one copy of equal content is enough."""
    content = source.read_bytes()
    for copy in sorted(directory.glob(f"*{_SUFFIX}")):
        if copy.read_bytes() == content:
            return copy
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S")
    serial = parse_state(content, str(source)).serial
    copy = directory / f"{stamp}-serial-{serial}{_SUFFIX}"
    write_atomically(copy, content, mode=0o600)
    return copy


def latest_copy(directory: Path) -> tuple[Path, StateSummary] | None:
    """The newest copy that :func:`keep_copy` made."""
    copies = sorted(directory.glob(f"*{_SUFFIX}"))
    if not copies:
        return None
    return copies[-1], parse_state(copies[-1].read_bytes(), str(copies[-1]))


def verify(copy: Path, before: StateSummary, after: StateSummary | None, place: str) -> None:
    """Prove that the state in ``place`` is the one of the copy, or has grown out of it.

    Raises:
        OperationFailed: it is not; the copy is named.
    """
    problems = _problems(before, after)
    if problems:
        raise OperationFailed(
            f"the state in {place} is not the one that was to be moved",
            why="\n".join(problems),
            next_step=f"apply nothing; what was moved is kept in {copy}",
        )


def _problems(before: StateSummary, after: StateSummary | None) -> list[str]:
    if after is None:
        return ["there is no state"]
    problems = []
    if after.lineage != before.lineage:
        problems.append(f"lineage: {before.lineage} was moved, {after.lineage} is there")
    if after.serial < before.serial:
        problems.append(f"serial: {before.serial} was moved, {after.serial} is there")
    if not problems and after.serial == before.serial and after.addresses != before.addresses:
        lost = ", ".join(sorted(before.addresses - after.addresses)) or "none"
        new = ", ".join(sorted(after.addresses - before.addresses)) or "none"
        problems.append(f"resources: lost {lost}; unknown before {new}")
    return problems


def _identity(place: object, state: StateSummary) -> str:
    return f"{place}: lineage {state.lineage}, serial {state.serial}, {state.resources} resources"
