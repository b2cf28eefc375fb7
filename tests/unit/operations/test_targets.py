"""Which environment a command means."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bookstore_ops.errors import ConfigurationError, UsageError
from bookstore_ops.operations.targets import resolve_environment
from bookstore_ops.workspace import Workspace
from tests.unit.support import make_workspace


def choose_last(question: str, names: Sequence[str]) -> str:
    assert question == "Which environment?"
    return names[-1]


@pytest.mark.parametrize(
    ("named", "environ", "chosen"),
    [
        ("prod", {}, "prod"),
        ("prod", {"BSOPS_ENV": "dev"}, "prod"),
        (None, {"BSOPS_ENV": "dev"}, "dev"),
        (None, {"BSOPS_ENV": ""}, "prod"),
        (None, {}, "prod"),
    ],
)
def test_the_argument_comes_first_then_the_variable_then_the_operator(
    tmp_path: Path, named: str | None, environ: dict[str, str], chosen: str
) -> None:
    workspace = make_workspace(tmp_path, "dev", "prod")
    assert resolve_environment(workspace, named, environ, choose_last).name == chosen


def test_the_only_one_needs_no_name(tmp_path: Path) -> None:
    assert resolve_environment(make_workspace(tmp_path, "qa"), None, {}, None).name == "qa"


def mark_default(workspace: Workspace, name: str) -> None:
    path = workspace.environments / f"{name}.toml"
    path.write_text(f"default = true\n{path.read_text()}")


def test_the_default_of_the_workspace_needs_no_name_and_no_question(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, "dev", "prod")
    mark_default(workspace, "prod")
    assert resolve_environment(workspace, None, {}, None).name == "prod"


def test_two_defaults_are_none(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, "dev", "prod")
    mark_default(workspace, "dev")
    mark_default(workspace, "prod")
    with pytest.raises(ConfigurationError, match="dev and prod are both marked default"):
        resolve_environment(workspace, None, {}, None)


def test_nobody_to_ask_is_told_how_to_name_one(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path, "dev", "prod")
    with pytest.raises(UsageError) as raised:
        resolve_environment(workspace, None, {}, None)
    assert raised.value.why == "this workspace has: dev, prod"
    assert raised.value.next_step == "name one, e.g. dev, or set BSOPS_ENV"


def test_a_workspace_without_any_says_how_to_get_some(tmp_path: Path) -> None:
    workspace = make_workspace(tmp_path)
    (workspace.environments / "dev.toml").unlink()
    with pytest.raises(ConfigurationError, match="holds no environment"):
        resolve_environment(workspace, None, {}, None)


def test_the_variable_may_be_wrong(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no environment 'prd'"):
        resolve_environment(make_workspace(tmp_path), None, {"BSOPS_ENV": "prd"}, None)
