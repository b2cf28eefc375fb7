"""Workspaces of their own, and no server left behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookstore_ops.environments import Environment, parse_environment
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.workspace import Workspace

_POLICY = """\
account_id = "111111111111"
region = "eu-west-1"

[state]
bucket = "bookstore-dev-tfstate"
key = "dev/terraform.tfstate"
"""

_ROOT = """\
terraform {
  required_version = ">= 1.6"
}

provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "replica"
  region = "eu-central-1"
}
"""


def make_workspace(directory: Path) -> Workspace:
    root = directory / "infrastructure" / "aws" / "environments" / "dev"
    root.mkdir(parents=True)
    (root / "main.tf").write_text(_ROOT)
    (directory / "environments").mkdir()
    (directory / "environments" / "dev.toml").write_text(_POLICY)
    return Workspace(directory)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A workspace with one environment; its server, if it gets one, ends with the test."""
    made = make_workspace(tmp_path / "one")
    yield made
    lifecycle.stop(made)


@pytest.fixture
def other_workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A second workspace, next to the first."""
    made = make_workspace(tmp_path / "two")
    yield made
    lifecycle.stop(made)


@pytest.fixture
def environment(workspace: Workspace) -> Environment:
    """The workspace's one environment."""
    return parse_environment(workspace.environments / "dev.toml")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the tests of a module share: it is not of their own workspaces."""
    owner = make_workspace(tmp_path_factory.mktemp("server"))
    yield lifecycle.ensure(owner)
    lifecycle.stop(owner)
