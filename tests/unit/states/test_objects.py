"""An object that several machines write: who lost it learns of it, and writes nothing."""

from collections.abc import Callable, Iterator

import boto3
import pytest

from bookstore_ops.states.objects import SharedObject

Open = Callable[[], SharedObject]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens the object as another machine would."""
    from moto import mock_aws

    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "testing")
    with mock_aws():
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="state")
        yield lambda: SharedObject(s3, "state", "key")


def test_of_two_that_write_the_later_one_must_look_again(machine: Open) -> None:
    one, other = machine(), machine()
    assert (one.read(), other.read()) == (None, None)
    assert one.write(b"1")
    assert not other.write(b"2")
    assert other.read() == b"1"
    assert other.write(b"2")
    assert not one.write(b"3")


def test_what_was_deleted_meanwhile_is_lost_and_no_fault(machine: Open) -> None:
    one, other = machine(), machine()
    assert one.write(b"1")
    other.delete()
    assert not one.write(b"2")
    assert one.read() is None
    assert one.write(b"2")


def test_what_has_not_changed_is_not_read_again(machine: Open) -> None:
    one, other = machine(), machine()
    assert one.write(b"1")
    assert one.read(changed=True) is None
    assert other.read(changed=True) == b"1"
    assert other.written is not None
    assert other.write(b"2")
    assert (one.read(changed=True), one.read(changed=True)) == (b"2", None)
