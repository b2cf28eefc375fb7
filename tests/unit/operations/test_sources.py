"""What git says of the tree, held against what an environment asks for."""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from bookstore_ops.environments import load_environment
from bookstore_ops.operations.sources import source_problem
from bookstore_ops.workspace import Workspace
from tests.unit.support import environ, make_workspace, program

if TYPE_CHECKING:
    from bookstore_ops.operations.session import Session

TREE = "infrastructure/aws"


@dataclass
class Checkout:
    """A workspace in git, pushed to a remote, and what dev asks for of it."""

    workspace: Workspace
    variables: dict[str, str]

    def git(self, *words: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=a", "-c", "user.email=a@b", *words],
            cwd=self.workspace.root,
            check=True,
            capture_output=True,
        )

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-qm", "x")

    def write(self, name: str, text: str = "# new\n") -> None:
        path = self.workspace.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def problem(self, *, server: object = None) -> str | None:
        """What is wrong, and why."""
        session = SimpleNamespace(
            server=server,
            environment=load_environment(self.workspace, "dev"),
            request=SimpleNamespace(workspace=self.workspace),
            environ=self.variables,
        )
        found = source_problem(cast("Session", session))
        return found and f"{found[0]}: {found[1]}"

    def ask(self, text: str) -> None:
        path = self.workspace.environments / "dev.toml"
        path.write_text(f"{path.read_text()}\n[source]\n{text}\n")
        self.commit()
        self.git("push", "-q", "origin", "HEAD:main")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    # A workspace need not be the whole of a repository.
    workspace = make_workspace(tmp_path / "repository" / "shop", "dev", "prod")
    made = Checkout(workspace, environ())
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "origin"], check=True)
    made.git("init", "-q", "-b", "main", str(tmp_path / "repository"))
    made.git("remote", "add", "origin", str(tmp_path / "origin"))
    (workspace.root / ".gitignore").write_text(".terraform/\n*.auto.tfvars\nlocal/\n*.bak\n")
    made.commit()
    return made


class TestCommitted:
    @pytest.mark.parametrize(
        "name",
        [
            f"{TREE}/environments/dev/main.tf",
            f"{TREE}/modules/new/main.tf",
            f"{TREE}/environments/dev/local.auto.tfvars",  # ignored by git, read by Terraform
            f"{TREE}/modules/local/main.tf",  # in a directory that git ignores
            "environments/dev.toml",
            "environments/policies/mine.py",
        ],
    )
    def test_what_is_read_counts(self, checkout: Checkout, name: str) -> None:
        checkout.ask("committed = true")
        assert checkout.problem() is None
        path = checkout.workspace.root / name
        checkout.write(name, path.read_text() + "# x\n" if path.exists() else "# x\n")
        assert "the tree of dev holds what is not committed: shop/" in str(checkout.problem())

    @pytest.mark.parametrize(
        "name",
        [
            "runbooks/mine.md",
            f"{TREE}/environments/prod/main.tf",
            f"{TREE}/environments/dev/.terraform/modules/x/main.tf",
            f"{TREE}/environments/dev/main.tf.bak",
            "environments/prod.toml",
        ],
    )
    def test_what_is_not_read_does_not(self, checkout: Checkout, name: str) -> None:
        checkout.ask("committed = true")
        checkout.write(name, '# x\naccount_id = "1"\n')
        assert checkout.problem() is None

    def test_what_is_staged_or_deleted_counts(self, checkout: Checkout) -> None:
        checkout.ask("committed = true")
        (checkout.workspace.environment_root("dev") / "main.tf").unlink()
        assert "main.tf" in str(checkout.problem())
        checkout.git("add", "-A")
        assert "main.tf" in str(checkout.problem())

    def test_names_of_any_kind_are_told(self, checkout: Checkout) -> None:
        checkout.ask("committed = true")
        checkout.write(f"{TREE}/ein Häuschen\n.tf")
        assert "ein Häuschen\n.tf" in str(checkout.problem())

    def test_the_sandbox_does_not_ask(self, checkout: Checkout) -> None:
        checkout.ask("committed = true")
        checkout.write(f"{TREE}/new.tf")
        assert checkout.problem(server=object()) is None


class TestPushed:
    def test_what_no_remote_has_is_told(self, checkout: Checkout) -> None:
        checkout.ask("pushed = true")
        assert checkout.problem() is None
        checkout.write(f"{TREE}/new.tf")
        checkout.commit()
        assert "no remote branch is known to have" in str(checkout.problem())
        checkout.git("push", "-q", "origin", "HEAD:elsewhere")
        assert checkout.problem() is None

    def test_a_commit_of_something_else_does_not_count(self, checkout: Checkout) -> None:
        checkout.ask("pushed = true")
        checkout.write("runbooks/mine.md")
        checkout.commit()
        assert checkout.problem() is None


class TestBranches:
    def test_another_branch_is_told(self, checkout: Checkout) -> None:
        checkout.ask('branches = ["main"]')
        assert checkout.problem() is None
        checkout.git("switch", "-qc", "mine")
        assert checkout.problem() is None  # the same commit is on main
        checkout.write(f"{TREE}/new.tf")
        checkout.commit()
        assert checkout.problem() == "this commit is not on main: it is on mine"

    def test_ci_may_be_on_no_branch(self, checkout: Checkout) -> None:
        checkout.ask('pushed = true\nbranches = ["main"]')
        checkout.git("switch", "-q", "--detach")
        assert checkout.problem() is None

    def test_where_it_must_be_pushed_the_remotes_branch_is_meant(self, checkout: Checkout) -> None:
        checkout.ask('pushed = true\nbranches = ["main"]')
        checkout.git("switch", "-qc", "mine")
        checkout.write(f"{TREE}/new.tf")
        checkout.commit()
        checkout.git("push", "-q", "origin", "mine")
        checkout.git("branch", "-f", "main", "mine")
        assert checkout.problem() == "this commit is not on main: it is on mine"


def without_git(checkout: Checkout, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    checkout.variables["PATH"] = str(tmp_path / "empty")


def with_git_that(script: str) -> Callable[[Checkout, Path], None]:
    def replace(checkout: Checkout, tmp_path: Path) -> None:
        program(tmp_path / "bin/git", f"#!/bin/sh\n{script}\n")
        checkout.variables["PATH"] = f"{tmp_path / 'bin'}:{checkout.variables['PATH']}"

    return replace


@pytest.mark.parametrize(
    ("arrange", "why"),
    [
        (without_git, "git is not installed"),
        (with_git_that("echo 'fatal: detected dubious ownership' >&2; exit 128"), "dubious"),
        (with_git_that("exit 3"), "git ended with 3"),
        (with_git_that("sleep 60"), "git gave no answer within"),
    ],
)
def test_where_git_cannot_tell_it_says_so(
    checkout: Checkout,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arrange: Callable[[Checkout, Path], None],
    why: str,
) -> None:
    checkout.ask("committed = true")
    monkeypatch.setattr("bookstore_ops.operations.sources._SECONDS", 1.0)
    arrange(checkout, tmp_path)
    problem = str(checkout.problem())
    assert problem.startswith("git cannot tell whether the tree of dev may be used: ")
    assert why in problem


def test_a_hooks_repository_is_not_taken_for_the_workspaces(
    checkout: Checkout, tmp_path: Path
) -> None:
    checkout.ask("committed = true")
    checkout.variables |= {"GIT_DIR": str(tmp_path / "origin"), "GIT_WORK_TREE": str(tmp_path)}
    assert checkout.problem() is None
