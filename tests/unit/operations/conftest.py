"""A workspace in which commands run whole: real Terraform, a fake AWS, no provider."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from bookstore_ops.cli.main import main
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import Entry, Journal
from bookstore_ops.workspace import Workspace
from tests.unit.support import POLICY, make_workspace

MAIN = """\
variable "size" {
  type = number
  validation {
    condition     = var.size > 0
    error_message = "size must be above 0."
  }
}
resource "terraform_data" "one" {
  input = var.size
}
resource "terraform_data" "two" {
  triggers_replace = [var.size]
}
output "size" {
  value = var.size
}
output "password" {
  value     = "hunter2"
  sensitive = true
}
"""


@dataclass
class Shell:
    """Runs bsops in a workspace and keeps what it printed."""

    workspace: Workspace
    capture: pytest.CaptureFixture[str]
    out: str = ""
    err: str = ""

    def __call__(self, *words: str) -> int:
        # Errors quote the command as it was typed.
        with patch.object(sys, "argv", ["bsops", *words]):
            code = main(words)
        shown = self.capture.readouterr()
        self.out, self.err = shown.out, shown.err
        return code

    def document(self, *words: str) -> dict[str, Any]:
        """The JSON document of a run that succeeds."""
        assert self(*words, "--json") == ExitCode.DONE, self.err
        document: dict[str, Any] = json.loads(self.out)
        return document

    def root(self, name: str = "dev") -> Path:
        return self.workspace.environment_root(name)

    def values(self, text: str) -> None:
        (self.root() / "terraform.tfvars").write_text(text)

    @property
    def history(self) -> list[Entry]:
        return Journal(self.workspace.journal).entries()


@pytest.fixture
def bsops(
    tmp_path: Path,
    logged_in: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    """A workspace of dev, and of prod, which is protected; both in the account logged in to."""
    workspace = make_workspace(tmp_path / "workspace", "dev", "prod")
    policy = POLICY.replace("111111111111", "123456789012")
    (workspace.environments / "dev.toml").write_text(policy)
    (workspace.environments / "prod.toml").write_text("protected = true\n" + policy)
    for name in ("dev", "prod"):
        root = workspace.environment_root(name)
        (root / "main.tf").write_text(MAIN)
        (root / "terraform.tfvars").write_text("size = 1\n")
    monkeypatch.chdir(workspace.root)
    monkeypatch.setenv("HOME", str(tmp_path))
    return Shell(workspace, capsys)
