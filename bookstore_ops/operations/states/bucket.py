"""The state bucket of an environment, reached without Terraform."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from bookstore_ops.bootstrap.backend_file import (
    BACKEND_FILE,
    Backend,
    read_backend,
    wanted_backend,
)
from bookstore_ops.operations.ground import Say, real_ground
from bookstore_ops.operations.request import Request
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.terraform.environ import curate


@dataclass(frozen=True)
class Reach:
    """What a look into the bucket needs; ``backend`` is None where the state is not in S3."""

    variables: Mapping[str, str]
    backend: S3Backend | None
    account_id: str


def reach_bucket(request: Request, say: Say, warn: Say) -> Reach:
    """Credentials of the right account, and the bucket that the environment's state lies in.

    Raises:
        CredentialsError: there are none, or they are another account's.
        BsopsError: the sandbox does not start, or a variable would change what runs.
    """
    if request.sandbox:
        return _sandbox(request, say, warn)
    ground = real_ground(request, warn)
    backend = _s3(read_backend(ground.root / BACKEND_FILE), ground.variables)
    return Reach(ground.variables, backend, ground.account_id)


def has_bucket(request: Request) -> bool:
    """Whether there is one to look into; nobody is asked, and no sandbox is started."""
    if request.sandbox:
        from bookstore_ops.sandbox import lifecycle

        return lifecycle.status(request.workspace).running
    root = request.workspace.environment_root(request.environment.name)
    return read_backend(root / BACKEND_FILE) is not None


def _s3(found: Backend | None, variables: Mapping[str, str]) -> S3Backend | None:
    if found is None:
        return None
    return S3Backend(found.bucket, found.key, found.region, None, variables)


def _sandbox(request: Request, say: Say, warn: Say) -> Reach:
    from bookstore_ops.sandbox import lifecycle
    from bookstore_ops.sandbox.bootstrap import bootstrap
    from bookstore_ops.sandbox.process import process_environment
    from bookstore_ops.sandbox.tree import backend_file

    workspace, environment = request.workspace, request.environment
    server = lifecycle.ensure(workspace, progress=say)
    if server.lost:
        warn(f"{server.lost}: its resources and its state are gone; this one is empty")
    found = read_backend(backend_file(workspace, environment))
    if not server.bare:
        bootstrap(workspace, environment, server)
        found = found or wanted_backend(environment)
    child = curate(os.environ, environment, sandbox=process_environment(server, environment))
    return Reach(child.variables, _s3(found, child.variables), environment.account_id)
