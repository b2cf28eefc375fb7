"""What is kept of a page between two runs: never anything else than the page says."""

import subprocess
import sys
from pathlib import Path

import pytest

from bookstore_ops.runbooks.outline import kept_outline, outline_of
from bookstore_ops.runbooks.page import read_page
from tests.unit.runbooks.support import step, text_of

REPOSITORY = Path(__file__).resolve().parents[3]
PAGES = sorted(p for p in (REPOSITORY / "runbooks").glob("*.md") if p.stem != "README")
WELL = text_of(step("bash {name=a reads}"), "last_rehearsed: 2026-11-20\n")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_the_same_from_what_was_kept(path: Path, tmp_path: Path) -> None:
    text, place = path.read_text(), tmp_path / "kept.json"
    kept_outline(text, place)
    assert place.stat().st_mode & 0o777 == 0o600
    kept = kept_outline(text, place)
    assert kept == outline_of(text)
    assert read_page("x", path, text, kept) == read_page("x", path, text)


def test_another_text_is_read_anew(tmp_path: Path) -> None:
    place = tmp_path / "kept.json"
    kept_outline(WELL, place)
    other = WELL.replace("name=a", "name=b")
    assert kept_outline(other, place) == outline_of(other)


@pytest.mark.parametrize("damage", ["", "{", '{"form": "other", "text": "", "outline": {}}'])
def test_what_was_damaged_is_read_anew(tmp_path: Path, damage: str) -> None:
    place = tmp_path / "kept.json"
    place.write_text(damage)
    assert kept_outline(WELL, place) == outline_of(WELL)


def test_what_another_version_kept_is_read_anew(tmp_path: Path) -> None:
    place = tmp_path / "kept.json"
    kept_outline(WELL, place)
    place.write_text(place.read_text().replace('"form":"', '"form":"0').replace('"h2"', '"h1"'))
    assert kept_outline(WELL, place) == outline_of(WELL)


def test_a_page_with_something_wrong_is_not_kept(tmp_path: Path) -> None:
    place = tmp_path / "kept.json"
    kept_outline(WELL.replace("severity: low", "severity: none"), place)
    assert not place.exists()


def test_where_nothing_can_be_written_it_is_read_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert kept_outline(WELL, tmp_path / "file/kept.json") == outline_of(WELL)


def test_what_was_kept_is_read_without_the_libraries(tmp_path: Path) -> None:
    for directory in ("runbooks", "environments", "infrastructure/aws", ".bsops"):
        (tmp_path / directory).mkdir(parents=True)
    (tmp_path / "runbooks/try.md").write_text(WELL)
    script = (
        "import sys; from bookstore_ops.cli.main import main; main(['runbook', 'show', 'try'])\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'markdown_it', 'yaml'}))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for _ in range(2)
    ]
    assert [lines.pop() for lines in said] == ["['markdown_it', 'yaml']", "[]"]
    assert said[0] == said[1]
