"""The README's tables hold what the program holds, and its links lead somewhere."""

import re
from pathlib import Path

import pytest

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.terraform.binary import FLOOR
from tests.docs.markdown import PAGES, README, ROOT, relative_links, table


def test_exit_codes_are_the_programs() -> None:
    documented = {int(code): name for code, name, _ in table(README, "## Exit codes")}
    assert documented == {code.value: code.name for code in ExitCode}


def test_exit_codes_stand_in_one_place() -> None:
    headed = [page for page in PAGES if re.search("^#+ Exit codes", page.read_text("utf-8"), re.M)]
    assert headed == [README]


def test_variables_are_the_programs() -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "bookstore_ops").rglob("*.py"))
    documented = {row[0] for row in table(README, "## For scripts")}
    assert documented == set(re.findall(r"\bBSOPS_[A-Z_]+\b", text))


def test_floor_is_the_programs() -> None:
    assert f"Terraform {'.'.join(map(str, FLOOR))} or later" in README.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    broken = [target for target in relative_links(page) if not (page.parent / target).exists()]
    assert broken == []


def test_every_runbook_is_listed() -> None:
    index = ROOT / "runbooks" / "README.md"
    listed = {target for target in relative_links(index) if "/" not in target}
    assert listed == {page.name for page in index.parent.glob("*.md")} - {"README.md"}
