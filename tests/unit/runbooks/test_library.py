"""From the tree's alarms to the shipped pages, and back."""

import ast
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path

import pytest

from bookstore_ops.cli.command_check import command_checker
from bookstore_ops.runbooks.alarms import Alarm, known, read_alarms
from bookstore_ops.runbooks.library import listed, load
from bookstore_ops.runbooks.lint import lint
from bookstore_ops.runbooks.selection import require_runnable
from bookstore_ops.workspace import Workspace

REPOSITORY = Workspace(Path(__file__).resolve().parents[3])


def test_every_alarm_names_a_runbook_that_is_there() -> None:
    named = {alarm.runbook for alarm in read_alarms(REPOSITORY.tree) if alarm.runbook}
    assert len(named) > 15
    assert named - {page.name for page in listed(REPOSITORY)} == set()


@pytest.mark.parametrize(
    "alarm", read_alarms(REPOSITORY.tree), ids=lambda each: f"{each.pattern} -> {each.runbook}"
)
def test_an_alarm_leads_to_a_page_that_runs(alarm: Alarm) -> None:
    name = f"bookstore-dev-{alarm.pattern.replace('*', 'x')}"
    assert alarm.runbook in [page.name for page in listed(REPOSITORY, name)]
    assert_it_runs(alarm.runbook)


@cache
def assert_it_runs(name: str) -> None:
    """The page can be read as a whole, and each of its commands is there."""
    page = load(REPOSITORY, name)
    require_runnable(page)
    found = lint(page, read_alarms(REPOSITORY.tree), command_checker())
    assert [each for each in found if not each.warning] == []


def named_in_the_code() -> dict[str, list[str]]:
    """The runbooks to which errors and checks lead, each with where it is said."""
    found: dict[str, list[str]] = {}
    for path in sorted((REPOSITORY.root / "bookstore_ops").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for name in filter(None, map(partial(named, constants), ast.walk(tree))):
            found.setdefault(name, []).append(path.name)
    return found


def named(constants: Mapping[str, object], node: ast.AST) -> str | None:
    """The runbook that a piece of code names."""
    value: ast.AST | None = None
    match node:
        case ast.Call(func=ast.Attribute(attr="leading_to"), args=[given]):
            value = given
        case ast.Call(func=ast.Name(id="_Known"), args=[_, _, _, _, given]):
            value = given
        case ast.keyword(arg="runbook", value=ast.Constant(value=str()) as given):
            value = given
        case ast.Assign(targets=[ast.Name(id="runbook")], value=ast.Constant() as given):
            value = given
    if isinstance(value, ast.Name):
        return str(constants[value.id]) if value.id in constants else None
    return str(value.value) if isinstance(value, ast.Constant) else None


def test_what_goes_wrong_in_bsops_leads_to_pages_that_run() -> None:
    found = named_in_the_code()
    assert found.keys() == {
        "bad-release",
        "canary-stuck",
        "interrupted-or-failed-apply",
        "plan-refused",
        "quota-reached",
        "sandbox-trouble",
        "state-locked",
        "state-trouble",
    }
    for name in found:
        assert_it_runs(name)


def test_a_page_and_its_alarms_name_each_other() -> None:
    alarms = read_alarms(REPOSITORY.tree)
    for page in listed(REPOSITORY):
        assert page.front
        own = [alarm for alarm in alarms if alarm.runbook == page.name]
        for written in page.front.alarms:
            assert known(written, own), f"{written} does not lead to {page.name}"
        for alarm in own:
            claimed = any(known(written, [alarm]) for written in page.front.alarms)
            assert claimed, f"{page.name} does not name {alarm.pattern}"


def test_the_index_names_every_page() -> None:
    index = (REPOSITORY.runbooks / "README.md").read_text(encoding="utf-8")
    for page in listed(REPOSITORY):
        assert page.front
        assert f"[{page.front.title}]({page.name}.md)" in index
