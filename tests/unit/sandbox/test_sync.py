"""The copy of the tree equals the tree, and costs nothing when nothing changed."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.sandbox.sync import LOCK_FILE, synchronise


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A small tree."""
    source = tmp_path / "infrastructure"
    (source / "aws" / "modules" / "vpc").mkdir(parents=True)
    (source / "aws" / "main.tf").write_text("# root\n")
    (source / "aws" / "modules" / "vpc" / "main.tf").write_text("# vpc\n")
    return source


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Where the copy goes."""
    return tmp_path / "copy" / "infrastructure"


def sync(source: Path, copy: Path) -> None:
    synchronise(source, copy, lock=copy.parent.parent / "tree.lock")


def files(directory: Path) -> dict[str, str]:
    return {
        str(path.relative_to(directory)): path.read_text()
        for path in directory.rglob("*")
        if path.is_file()
    }


def test_the_first_copy_is_whole(source: Path, copy: Path) -> None:
    sync(source, copy)
    assert files(copy) == files(source)


def test_a_changed_file_is_copied_again(source: Path, copy: Path) -> None:
    sync(source, copy)
    (source / "aws" / "main.tf").write_text("# root, changed\n")
    sync(source, copy)
    assert files(copy) == files(source)


def test_a_change_of_the_same_length_is_noticed(source: Path, copy: Path) -> None:
    sync(source, copy)
    (source / "aws" / "main.tf").write_text("# ROOT\n")
    sync(source, copy)
    assert files(copy) == files(source)


def test_an_unchanged_file_is_left_alone(source: Path, copy: Path) -> None:
    sync(source, copy)
    before = (copy / "aws" / "main.tf").stat()
    (source / "aws" / "other.tf").write_text("# other\n")
    sync(source, copy)
    assert (copy / "aws" / "main.tf").stat().st_ino == before.st_ino


def test_a_deleted_file_goes_from_the_copy(source: Path, copy: Path) -> None:
    sync(source, copy)
    (source / "aws" / "modules" / "vpc" / "main.tf").unlink()
    (source / "aws" / "modules" / "vpc").rmdir()
    sync(source, copy)
    assert not (copy / "aws" / "modules" / "vpc").exists()


@pytest.mark.parametrize(
    "name",
    [
        ".terraform/providers/lock",
        "terraform.tfstate",
        "terraform.tfstate.backup",
        "dev.tfplan",
        "errored.tfstate",
        ".terraform.tfstate.lock.info",
        "crash.log",
    ],
)
def test_terraforms_own_files_are_neither_copied_nor_removed(
    source: Path, copy: Path, name: str
) -> None:
    sync(source, copy)
    for side, text in ((source, "of the source"), (copy, "of the copy")):
        path = side / "aws" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (source / "aws" / "main.tf").write_text("# a change, so that there is something to do\n")
    sync(source, copy)
    assert (copy / "aws" / name).read_text() == "of the copy"


def test_the_lock_file_that_init_completed_is_kept(source: Path, copy: Path) -> None:
    (source / "aws" / LOCK_FILE).write_text("# source\n")
    sync(source, copy)
    completed = copy / "aws" / LOCK_FILE
    completed.write_text("# source, with this machine's hashes\n")
    sync(source, copy)
    assert "this machine" in completed.read_text()


def test_a_younger_lock_file_of_the_source_wins(source: Path, copy: Path) -> None:
    (source / "aws" / LOCK_FILE).write_text("# source\n")
    sync(source, copy)
    (copy / "aws" / LOCK_FILE).write_text("# completed\n")
    (source / "aws" / LOCK_FILE).write_text("# upgraded\n")
    later = time.time_ns() + 10**9
    os.utime(source / "aws" / LOCK_FILE, ns=(later, later))
    sync(source, copy)
    assert (copy / "aws" / LOCK_FILE).read_text() == "# upgraded\n"


def test_a_lock_file_that_only_init_made_is_kept(source: Path, copy: Path) -> None:
    sync(source, copy)
    (copy / "aws" / LOCK_FILE).write_text("# made by init\n")
    (source / "aws" / "other.tf").write_text("# other\n")
    sync(source, copy)
    assert (copy / "aws" / LOCK_FILE).exists()


def test_a_link_within_the_tree_stays_a_link_in_the_copy(source: Path, copy: Path) -> None:
    (source / "aws" / "shared.tf").symlink_to("modules/vpc/main.tf")
    sync(source, copy)
    assert (copy / "aws" / "shared.tf").resolve() == copy / "aws" / "modules" / "vpc" / "main.tf"


def test_a_link_out_of_the_tree_leads_to_the_same_file(
    source: Path, copy: Path, tmp_path: Path
) -> None:
    (tmp_path / "shared.tf").write_text("# shared\n")
    (source / "aws" / "shared.tf").symlink_to("../../shared.tf")
    sync(source, copy)
    assert (copy / "aws" / "shared.tf").read_text() == "# shared\n"


def test_a_link_to_itself_or_above_does_no_harm(source: Path, copy: Path) -> None:
    (source / "aws" / "loop").symlink_to(".")
    (source / "aws" / "self").symlink_to("self")
    sync(source, copy)
    sync(source, copy)
    assert (copy / "aws" / "loop").is_symlink()


def test_nothing_is_written_through_a_link_in_the_copy(
    source: Path, copy: Path, tmp_path: Path
) -> None:
    sync(source, copy)
    outside = tmp_path / "outside.tf"
    outside.write_text("# not ours\n")
    (copy / "aws" / "main.tf").unlink()
    (copy / "aws" / "main.tf").symlink_to(outside)
    sync(source, copy)
    assert outside.read_text() == "# not ours\n"
    assert (copy / "aws" / "main.tf").read_text() == "# root\n"


def test_nothing_is_removed_through_a_link_in_the_copy(
    source: Path, copy: Path, tmp_path: Path
) -> None:
    sync(source, copy)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.tf").write_text("# not ours\n")
    (copy / "aws" / "link").symlink_to(outside)
    sync(source, copy)
    assert (outside / "main.tf").exists()
    assert not (copy / "aws" / "link").exists()


def test_a_file_that_became_a_directory_is_replaced(source: Path, copy: Path) -> None:
    sync(source, copy)
    (source / "aws" / "main.tf").unlink()
    (source / "aws" / "main.tf").mkdir()
    (source / "aws" / "main.tf" / "inner.tf").write_text("# inner\n")
    sync(source, copy)
    assert files(copy) == files(source)


def test_a_directory_that_became_a_file_is_replaced(source: Path, copy: Path) -> None:
    sync(source, copy)
    (source / "aws" / "modules" / "vpc" / "main.tf").unlink()
    (source / "aws" / "modules" / "vpc").rmdir()
    (source / "aws" / "modules" / "vpc").write_text("# a file now\n")
    sync(source, copy)
    assert files(copy) == files(source)


def test_many_at_once_make_one_whole_copy(source: Path, copy: Path) -> None:
    for number in range(50):
        (source / "aws" / f"file{number}.tf").write_text(f"# {number}\n" * 100)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: sync(source, copy), range(8)))
    assert files(copy) == files(source)


def test_three_hundred_unchanged_files_take_no_time(source: Path, copy: Path) -> None:
    for number in range(300):
        directory = source / "aws" / "modules" / f"m{number % 20}"
        directory.mkdir(exist_ok=True)
        (directory / f"file{number}.tf").write_text(f"# {number}\n")
    sync(source, copy)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        sync(source, copy)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.03


def test_a_copy_that_cannot_be_written_is_an_error_for_people(source: Path, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("a file in the way")
    with pytest.raises(EnvironmentMissing, match="cannot write"):
        sync(source, tmp_path / "copy" / "infrastructure")
