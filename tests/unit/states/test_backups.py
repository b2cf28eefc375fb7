"""Copies of a state: private, recorded, rotated, and checked before they are used."""

import json
from pathlib import Path

import pytest

from bookstore_ops.errors import ConfigurationError, Refused
from bookstore_ops.states.backups import KEPT, BackupStore, private_file
from bookstore_ops.terraform.state import StateSummary


@pytest.fixture
def store(tmp_path: Path) -> BackupStore:
    return BackupStore(tmp_path, "dev")


def summary(serial: int = 7) -> StateSummary:
    return StateSummary("abc", serial, frozenset({"aws_sqs_queue.q"}))


def test_a_copy_is_for_its_owner_only_and_says_what_it_is(store: BackupStore) -> None:
    saved = store.save(b"{}", summary(), command="state rm", version_id="v1")
    assert saved.read() == b"{}"
    for path in (saved.path, saved.path.with_suffix(".json")):
        assert path.stat().st_mode & 0o777 == 0o600
    record = json.loads(saved.path.with_suffix(".json").read_text())
    assert (record["lineage"], record["serial"], record["resources"]) == ("abc", 7, 1)
    assert (record["command"], record["version_id"]) == ("state rm", "v1")


def test_the_newest_comes_first_and_is_the_latest(store: BackupStore) -> None:
    first, second = (store.save(b"{}", summary(n), command="x") for n in (1, 2))
    assert [backup.name for backup in store.all()] == [second.name, first.name]
    assert store.find("latest") == second
    assert store.find(first.name) == first
    assert store.find(str(first.path)) == first
    assert store.find("nope") is None


def test_the_oldest_go_and_what_could_not_be_stored_stays(store: BackupStore) -> None:
    left = store.save(b"e", summary(), command="state recover", kind="errored")
    first = store.save(b"0", summary(), command="x")
    for number in range(KEPT):
        store.save(b"%d" % number, summary(number), command="x")
    names = [backup.name for backup in store.all()]
    assert len(names) == KEPT + 1
    assert left.name in names
    assert first.name not in names
    assert not first.path.exists()


def test_what_is_not_stored_is_never_the_latest(store: BackupStore) -> None:
    stored = store.save(b"{}", summary(), command="x")
    store.save(b"e", summary(), command="state recover", kind="errored")
    assert store.find("latest") == stored


def test_a_damaged_state_is_kept_too(store: BackupStore) -> None:
    saved = store.save(b"{", None, command="x", problem="truncated")
    assert (saved.read(), saved.record.problem) == (b"{", "truncated")


def test_an_edited_copy_is_refused(store: BackupStore) -> None:
    saved = store.save(b"{}", summary(), command="x")
    saved.path.write_bytes(b"[]")
    with pytest.raises(Refused, match="is not what was copied"):
        saved.read()


def test_a_copy_that_is_gone_is_named(store: BackupStore) -> None:
    saved = store.save(b"{}", summary(), command="x")
    saved.path.unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        saved.read()


def test_what_replaced_it_is_noted(store: BackupStore) -> None:
    saved = store.save(b"{}", summary(), command="x")
    store.replaced(saved, StateSummary("def", 9))
    (found,) = store.all()
    assert (found.record.replaced_by, found.record.replaced_lineage) == (9, "def")


def test_a_file_set_aside_is_moved_not_copied(store: BackupStore, tmp_path: Path) -> None:
    file = tmp_path / "errored.tfstate.left"
    file.write_bytes(b"{}")
    saved = store.save(b"{}", summary(), command="x", kind="errored")
    store.set_aside(file, saved)
    assert not file.exists()
    assert saved.read() == b"{}"


def test_a_state_is_written_for_its_owner_only(tmp_path: Path) -> None:
    private_file(tmp_path / "x.tfstate", b"{}")
    assert (tmp_path / "x.tfstate").stat().st_mode & 0o777 == 0o600
