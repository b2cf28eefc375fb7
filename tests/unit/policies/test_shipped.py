"""The policies that bsops ships: each against what it must be, and pleased with the rest."""

from pathlib import Path

import pytest

from bookstore_ops.operations.policing import list_policies, try_fixtures
from bookstore_ops.policies.catalogue import read_catalogue
from bookstore_ops.workspace import Workspace, create_workspace

SHIPPED = Workspace(Path(__file__).resolve().parents[3])
CATALOGUE = read_catalogue(SHIPPED)


def test_the_starter_set_is_there() -> None:
    assert list(CATALOGUE.policies) == [
        "no_public_database",
        "no_stateful_deletion",
        "no_unencrypted_store",
        "no_wildcard_principal",
        "required_tags",
    ]
    page = (CATALOGUE.folder / "README.md").read_text("utf-8")
    for name, _, says, _ in list_policies(SHIPPED):
        assert says.endswith(".")
        assert f"| `{name}` |" in page


@pytest.mark.parametrize("policy", CATALOGUE.policies)
def test_each_is_against_its_failing_fixtures_and_no_other(policy: str) -> None:
    trials = try_fixtures(SHIPPED, policy)
    assert {trial.fixture.partition("-")[0].removesuffix(".json") for trial in trials} == {
        "fails",
        "passes",
    }
    assert [trial for trial in trials if trial.problem] == []


def test_every_fixture_is_of_a_policy() -> None:
    folders = {path.name for path in (CATALOGUE.folder / "fixtures").iterdir()}
    assert folders == set(CATALOGUE.policies)
    files = {path for path in (CATALOGUE.folder / "fixtures").rglob("*") if path.is_file()}
    assert files == {fixture.path for fixture in CATALOGUE.fixtures()}


def test_a_new_workspace_has_them(tmp_path: Path) -> None:
    made = create_workspace(tmp_path / "shop")
    assert read_catalogue(made).sha256 == CATALOGUE.sha256
    assert len(read_catalogue(made).fixtures()) == len(CATALOGUE.fixtures())
