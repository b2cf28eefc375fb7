"""The sandbox's copy of the Terraform tree, kept in step with the workspace's own."""

from pathlib import Path

from bookstore_ops.environments import Environment
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.files import write_atomically
from bookstore_ops.sandbox.bootstrap import bootstrap
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.sandbox.override import OVERRIDE_FILE, override_file
from bookstore_ops.sandbox.sync import synchronise
from bookstore_ops.workspace import Workspace


def prepare(
    workspace: Workspace, environment: Environment, server: Server, *, native_locking: bool
) -> Path:
    """Bring the copy up to date and make it use ``server``; the environment's root in it.

    ``native_locking``: the Terraform that will run knows S3's lock object (1.10 or later).

    Raises:
        ConfigurationError: the environment has no root module.
        EnvironmentMissing: the copy cannot be written.
        OperationFailed: the sandbox does not make the state bucket.
    """
    original = workspace.environment_root(environment.name)
    if not original.is_dir():
        raise ConfigurationError(
            f"environment {environment.name} has no Terraform root",
            why=f"{original} is not a directory",
            next_step="bsops envs",
        )
    copy = workspace.sandbox / "tree"
    synchronise(
        workspace.root / "infrastructure",
        copy / "infrastructure",
        lock=workspace.make_data_directory("sandbox") / "tree.lock",
    )
    root = copy / original.relative_to(workspace.root)
    override = root / OVERRIDE_FILE
    content = override_file(original, environment, native_locking=native_locking)
    if not override.is_file() or override.read_text() != content:
        write_atomically(override, content)
    bootstrap(workspace, environment, server)
    return root
