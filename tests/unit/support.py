"""What the unit tests share: small workspaces, policies, onlookers, programs."""

import json
import os
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.environments import Environment
from bookstore_ops.terraform.progress import Progress
from bookstore_ops.workspace import Workspace

POLICY = """\
account_id = "111111111111"
region = "eu-west-1"

[state]
bucket = "bookstore-dev-tfstate"
key = "dev/terraform.tfstate"
"""


def environment(**changes: Any) -> Environment:
    """A valid policy named dev, with ``changes``."""
    values: dict[str, Any] = {
        "name": "dev",
        "account_id": "111111111111",
        "region": "eu-west-1",
        "state": {"bucket": "bookstore-dev-tfstate", "key": "dev/terraform.tfstate"},
    }
    return msgspec.convert(values | changes, Environment)


def make_workspace(directory: Path, *names: str) -> Workspace:
    """A workspace with the environments named (else dev), each with an empty root module."""
    workspace = Workspace(directory)
    workspace.environments.mkdir(parents=True)
    for name in names or ("dev",):
        (workspace.environments / f"{name}.toml").write_text(POLICY)
        root = workspace.environment_root(name)
        root.mkdir(parents=True)
        (root / "main.tf").write_text("")
        (root / "terraform.tfvars").write_text("")
    return workspace


def program(path: Path, script: str) -> Path:
    """An executable file with ``script``, whose first line names the interpreter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(script).lstrip())
    path.chmod(0o755)
    return path


def terraform_answering(path: Path, version: str) -> Path:
    """A program that answers `version -json` as Terraform of that version does."""
    answer = json.dumps({"terraform_version": version, "platform": "linux_amd64"})
    return program(path, f"#!/bin/sh\necho '{answer}'\n")


def environ(**more: str) -> dict[str, str]:
    """An environment of its own: PATH, a HOME that is not there, and ``more``."""
    return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **more}


def mirror(directory: Path, *, version: str = "5.100.0", platform: str = "linux_amd64") -> Path:
    """A provider mirror that holds an AWS provider of a few bytes: enough for `init`."""
    provider = directory / "registry.terraform.io/hashicorp/aws" / version / platform
    program(provider / f"terraform-provider-aws_v{version}_x5", "#!/bin/sh\nexit 1\n")
    return directory


def lock_file(path: Path, version: str) -> Path:
    """A dependency lock file that asks for that AWS provider."""
    path.write_text(
        f'provider "registry.terraform.io/hashicorp/aws" {{\n  version     = "{version}"\n}}\n'
    )
    return path


@dataclass
class Onlooker:
    """A watch that remembers what it was told."""

    notices: list[str] = field(default_factory=list)
    progress: Progress | None = None

    def update(self, progress: Progress) -> None:
        self.progress = progress

    def notice(self, message: str) -> None:
        self.notices.append(message)


def without(variables: Mapping[str, str], *prefixes: str) -> dict[str, str]:
    """``variables`` but for those whose names begin so."""
    return {name: value for name, value in variables.items() if not name.startswith(prefixes)}
