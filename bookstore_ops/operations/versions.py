"""The versions of everything that takes part."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bookstore_ops import __version__
from bookstore_ops.environments import environment_names
from bookstore_ops.errors import BsopsError
from bookstore_ops.terraform.binary import find_binary
from bookstore_ops.terraform.providers import locked_version
from bookstore_ops.workspace import Workspace, find_workspace


def versions(workspace_named: Path | None, terraform_bin: str | None) -> list[tuple[str, str, str]]:
    """What takes part, its version, and where it was found; a missing Terraform is told so."""
    workspace = _workspace(workspace_named)
    found = [("bsops", __version__, str(Path(__file__).resolve().parents[1]))]
    try:
        binary = find_binary(workspace, os.environ, named=terraform_bin)
        found.append(("Terraform", binary.version, f"{binary.path} ({binary.source})"))
    except BsopsError as error:
        found.append(("Terraform", "missing", error.what))
    if workspace:
        for name in environment_names(workspace):
            lock_file = workspace.environment_root(name) / ".terraform.lock.hcl"
            found.append((f"AWS provider, {name}", locked_version(lock_file) or "-", "lock file"))
    found.append(("moto (sandbox)", _package("moto"), "package"))
    found.append(("Python", platform.python_version(), platform.platform()))
    return found


def _workspace(named: Path | None) -> Workspace | None:
    try:
        return find_workspace(named)
    except BsopsError:
        if named:
            raise
        return None


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"
