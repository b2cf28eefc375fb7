"""What `bsops tfvars new` writes for the shipped environments is what they ship with."""

import subprocess
from pathlib import Path

import pytest

from bookstore_ops.operations.values.comparing import compare
from bookstore_ops.operations.values.reading import load_values
from bookstore_ops.workspace import Workspace, create_workspace
from tests.e2e.workspaces import BSOPS
from tests.infrastructure.conftest import SOURCE

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_character_of_an_environment_is_what_it_ships_with(environment: str) -> None:
    character = (SOURCE / "characters" / f"{environment}.tfvars").read_text("utf-8")
    shipped = SOURCE / "environments" / environment / "terraform.tfvars"
    assert character == shipped.read_text("utf-8"), f"cp {shipped} to characters/"


def test_new_values_are_the_shipped_ones(tmp_path: Path) -> None:
    workspace = create_workspace(tmp_path / "shop")
    for environment in ENVIRONMENTS:
        shipped = load_values(workspace, environment)
        shipped.file.unlink()
        bsops(workspace, "new", environment)
        assert compare(shipped, load_values(workspace, environment)) == []
        bsops(workspace, "check", environment)


def bsops(workspace: Workspace, *words: str) -> None:
    done = subprocess.run(
        [str(BSOPS), "tfvars", *words],
        cwd=workspace.root,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
