"""Text as ``terraform fmt`` leaves it."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from bookstore_ops.journal import new_run_id
from bookstore_ops.terraform.adapter import Terraform
from bookstore_ops.terraform.binary import find_binary
from bookstore_ops.terraform.process import Watch
from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.workspace import Workspace


def formatted(workspace: Workspace, terraform_bin: str | None, text: str, watch: Watch) -> str:
    """The text of a file of values in Terraform's format.

    Raises:
        NotUnderstood: Terraform cannot format it.
        BsopsError: Terraform is missing, or the workspace cannot be written.
    """
    binary = find_binary(workspace, os.environ, named=terraform_bin)
    runs = workspace.make_data_directory("runs", new_run_id("fmt", "values"))
    try:
        with TemporaryDirectory(prefix="values-", dir=runs) as directory:
            path = Path(directory) / "terraform.tfvars"
            path.write_bytes(text.encode())
            run, _ = Terraform(binary, Path(directory), os.environ, runs).fmt(watch, check=False)
            if run.exit.code != 0:
                raise NotUnderstood("Terraform cannot format it")
            return path.read_bytes().decode()
    finally:
        shutil.rmtree(runs, ignore_errors=True)
