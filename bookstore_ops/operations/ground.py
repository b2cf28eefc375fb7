"""Where Terraform works, and what it may know: the operator's own tree, or the sandbox's copy."""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from bookstore_ops.operations.asking import asking
from bookstore_ops.operations.request import Request
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.terraform.environ import curate, is_proxy

Say = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """Where Terraform works and what it may know; init alone may have to reach the registry."""

    tree: Path
    root: Path
    variables: dict[str, str]
    init_variables: dict[str, str]
    account_id: str
    server: Server | None = None


def real_ground(request: Request, warn: Say) -> Ground:
    """The operator's own tree, with credentials that were checked to be of the right account.

    Raises:
        CredentialsError: there are none, or they are another account's.
        Refused: the environment is protected and a variable would change what runs.
    """
    ground = own_ground(request, warn)
    with asking(request, ground.variables) as asked:
        return replace(ground, account_id=asked.settle(warn))


def own_ground(request: Request, warn: Say) -> Ground:
    """The operator's own tree; what Terraform may know but for its credentials."""
    workspace, environment = request.workspace, request.environment
    child = curate(os.environ, environment, sandbox=None)
    for note in child.notes:
        warn(note)
    root = workspace.environment_root(environment.name)
    variables = child.variables
    return Ground(workspace.tree, root, variables, variables, environment.account_id)


def bare_ground(request: Request, warn: Say) -> Ground:
    """The operator's own tree, and nobody was asked anything: for what mends a broken start.

    In the sandbox, whose server may be what is broken, nothing of AWS is within reach.

    Raises:
        Refused: the environment is protected and a variable would change what runs.
    """
    if not request.sandbox:
        return own_ground(request, warn)
    from bookstore_ops.sandbox.process import nowhere

    workspace, environment = request.workspace, request.environment
    child = curate(os.environ, environment, sandbox=nowhere(environment))
    for note in child.notes:
        warn(note)
    root = workspace.environment_root(environment.name)
    variables = child.variables
    return Ground(workspace.tree, root, variables, variables, environment.account_id)


def sandbox_ground(request: Request, say: Say, warn: Say, *, native_locking: bool) -> Ground:
    """The sandbox, started if it does not run, with its copy of the tree brought up to date.

    Raises:
        BsopsError: it does not start, or the copy cannot be written.
    """
    from bookstore_ops.sandbox import lifecycle, process
    from bookstore_ops.sandbox import tree as sandbox_tree

    workspace, environment = request.workspace, request.environment
    server = lifecycle.ensure(workspace, progress=say)
    if server.lost:
        warn(f"{server.lost}: its resources and its state are gone; this one is empty")
    root = sandbox_tree.prepare(workspace, environment, server, native_locking=native_locking)
    child = curate(
        os.environ, environment, sandbox=process.process_environment(server, environment)
    )
    for note in child.notes:
        warn(note)
    open_variables = {
        **{name: value for name, value in child.variables.items() if not is_proxy(name)},
        **{name: value for name, value in os.environ.items() if is_proxy(name)},
        **process.process_environment(server, environment, confined=False),
    }
    return Ground(
        root.parents[1], root, child.variables, open_variables, environment.account_id, server
    )
