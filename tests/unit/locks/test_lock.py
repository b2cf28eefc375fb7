"""One lock, as Terraform writes it and as bad days leave it."""

import json

import pytest

from bookstore_ops.locks.lock import LockKind, parse_lock

WRITTEN = {
    "ID": "1b1c",
    "Operation": "OperationTypeApply",
    "Info": "",
    "Who": "ann@laptop",
    "Version": "1.11.4",
    "Created": "2026-11-22T12:42:42.540676002Z",
    "Path": "bucket/key",
}


def test_a_lock_says_who_does_what_since_when() -> None:
    lock = parse_lock(json.dumps(WRITTEN).encode(), LockKind.S3, "s3://bucket/key.tflock")
    assert (lock.host, lock.command) == ("laptop", "apply")
    assert lock.created_at is not None
    assert lock.created_at.isoformat() == "2026-11-22T12:42:42.540676+00:00"


@pytest.mark.parametrize("created", ["2026-11-22T12:42:42Z", "2026-11-22T12:42:42.5Z"])
def test_its_time_may_have_any_fraction(created: str) -> None:
    content = json.dumps({**WRITTEN, "Created": created}).encode()
    assert parse_lock(content, LockKind.S3, "there").age_seconds is not None


def test_a_time_that_is_none_gives_no_age() -> None:
    content = json.dumps({**WRITTEN, "Created": "yesterday"}).encode()
    assert parse_lock(content, LockKind.S3, "there").age_seconds is None


@pytest.mark.parametrize("content", [b"", b"{", b'{"ID": 5}', b"[]", b'{"Who": "ann"}'])
def test_what_cannot_be_read_is_a_lock_as_old_as_its_object(content: bytes) -> None:
    lock = parse_lock(content, LockKind.S3, "there", modified="2026-11-22T12:00:00Z")
    assert (lock.id, lock.who) == ("", "")
    assert lock.problem
    assert lock.created == "2026-11-22T12:00:00Z"
