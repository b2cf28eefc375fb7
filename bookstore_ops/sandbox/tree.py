"""The sandbox's copy of the Terraform tree, kept in step with the workspace's own."""

import os
from dataclasses import replace
from pathlib import Path

from bookstore_ops.bootstrap.backend_file import (
    BACKEND_FILE,
    Backend,
    read_backend,
    wanted_backend,
)
from bookstore_ops.environments import Environment
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.files import write_atomically
from bookstore_ops.sandbox.bootstrap import bootstrap
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.sandbox.override import (
    OVERRIDE_FILE,
    WAITS_FILE,
    override_file,
    waits_override,
)
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
    backend = _backend(workspace, environment, server, native_locking=native_locking)
    _keep(root / OVERRIDE_FILE, override_file(original, backend))
    _shorten_waits(copy / "infrastructure")
    if not server.bare:
        bootstrap(workspace, environment, server)
    return root


def backend_file(workspace: Workspace, environment: Environment) -> Path:
    """The sandbox's stand-in for the root's ``backend.tf``: `bsops bootstrap` writes it.

    The operator's own tree is never edited, and what is added to the copy would be removed again.
    It goes with the server, as the bucket does that it names.
    """
    return workspace.sandbox / "backends" / environment.name / BACKEND_FILE


def _backend(
    workspace: Workspace, environment: Environment, server: Server, *, native_locking: bool
) -> Backend | None:
    """The backend in force: the one that was bootstrapped, else the ordinary sandbox's own."""
    bootstrapped = read_backend(backend_file(workspace, environment))
    if bootstrapped is not None or server.bare:
        return bootstrapped
    wanted = wanted_backend(environment)
    if native_locking:
        return wanted
    return replace(wanted, lock_file=False, lock_table=environment.state.lock_table)


def _shorten_waits(copy: Path) -> None:
    for directory, inner, files in os.walk(copy):
        inner[:] = [name for name in inner if name != ".terraform"]
        sources = [name for name in files if name.endswith(".tf") and name != WAITS_FILE]
        texts = [_text(Path(directory, name)) for name in sources]
        _keep(Path(directory, WAITS_FILE), waits_override(texts))


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # a link to nowhere, or gone since: Terraform will say
        return ""


def _keep(path: Path, content: str) -> None:
    """Make a file hold ``content``, or be gone where there is none."""
    if not content:
        path.unlink(missing_ok=True)
    elif not path.is_file() or path.read_text() != content:
        write_atomically(path, content)
