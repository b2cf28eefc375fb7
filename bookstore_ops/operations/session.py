"""One command's hold on one environment: the tree, Terraform, credentials, the journal."""

import os
import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from bookstore_ops.bootstrap.backend_file import BACKEND_FILE, read_backend
from bookstore_ops.bootstrap.migration import state_file
from bookstore_ops.environments import Environment
from bookstore_ops.errors import (
    BsopsError,
    ConfigurationError,
    Interrupted,
    OperationFailed,
    Refused,
    StateLocked,
)
from bookstore_ops.operations.asking import asking
from bookstore_ops.operations.ground import Ground, Say, bare_ground, own_ground, sandbox_ground
from bookstore_ops.operations.recording import Result, recording
from bookstore_ops.operations.request import Request
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.sandbox.process import PARALLELISM
from bookstore_ops.states.import_block import forget_stale_blocks
from bookstore_ops.terraform.adapter import Run, Terraform
from bookstore_ops.terraform.binary import Binary, find_binary
from bookstore_ops.terraform.diagnostics import explain
from bookstore_ops.terraform.initialisation import ensure_initialised
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.providers import find_providers
from bookstore_ops.workspace import Workspace

_RUNS_KEPT = 50


@dataclass
class Session:
    """An environment made ready; ``tree`` and ``root`` are the sandbox's copies in the sandbox."""

    request: Request
    terraform: Terraform
    tree: Path
    root: Path
    plans: Path
    account_id: str
    server: Server | None
    say: Say
    run_id: str
    result: Result = field(default_factory=Result)

    @property
    def environment(self) -> Environment:
        """The environment's policy."""
        return self.request.environment

    @property
    def values_file(self) -> Path:
        """The environment's ``terraform.tfvars`` in the operator's own tree."""
        root = self.request.workspace.environment_root(self.environment.name)
        return root / "terraform.tfvars"

    @property
    def backend_file(self) -> Path:
        """The root's ``backend.tf``; in the sandbox, what stands in for it."""
        if self.server is None:
            return self.root / BACKEND_FILE
        from bookstore_ops.sandbox.tree import backend_file

        return backend_file(self.request.workspace, self.environment)

    def use_backend_file(self) -> None:
        """Let what was written to :attr:`backend_file` be in force."""
        if self.server is not None:
            from bookstore_ops.sandbox import tree as sandbox_tree

            native = self.terraform.binary.has_native_s3_locking
            workspace = self.request.workspace
            sandbox_tree.prepare(workspace, self.environment, self.server, native_locking=native)

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment Terraform gets."""
        return self.terraform.environ

    def command_line(self, command: str, *arguments: str) -> str:
        """A bsops command for this environment, as the operator would type it."""
        words = [self.environment.name, *map(shlex.quote, arguments)]
        return f"bsops {command} {' '.join(words)}{' --sandbox' if self.request.sandbox else ''}"

    def initialise(
        self,
        watch: Watch,
        *,
        force: bool = False,
        upgrade: bool = False,
        reconfigure: bool = False,
    ) -> bool:
        """Run ``terraform init`` if needed; whether it ran.

        Raises:
            BsopsError: it failed, with the reason and the next command.
        """
        self._refuse_half_a_bootstrap()
        done = ensure_initialised(
            self.terraform,
            self.tree,
            watch,
            self.say,
            force=force,
            upgrade=upgrade,
            reconfigure=reconfigure or self.server is not None,
        )
        if done is not None and not done.may_go_on:
            raise self.failure(done, "Terraform could not be initialised")
        return done is not None

    def _refuse_half_a_bootstrap(self) -> None:
        """A state still in its file is no reason to begin with an empty one in S3."""
        if self.request.command == "bootstrap" or read_backend(self.backend_file) is None:
            return
        file = state_file(self.root)
        if file:
            raise Refused(
                f"the bootstrap of {self.environment.name} was not finished",
                why=f"{self.backend_file} is there, and so is the state in a file: {file}",
                next_step=self.command_line("bootstrap"),
            )

    def failure(self, run: Run, doing: str, *, destroying: bool = False) -> BsopsError:
        """The error of a run that did not succeed; ``destroying``: it was to destroy."""
        if run.exit.signal_number is not None:
            return Interrupted(
                run.exit.signal_number,
                f"{self.request.command} {self.environment.name} was interrupted",
                why="Terraform stopped and changed nothing"
                if self.request.command in {"plan", "init"}
                else None,
                next_step=self.command_line(self.request.command),
            )
        if self.server is not None and not _answers(self.request.workspace):
            return OperationFailed(
                "the sandbox server is gone, and with it its resources and its state",
                why="it was stopped, killed or crashed while Terraform worked "
                f"({self.request.workspace.sandbox / 'server.log'})",
                next_step=f"{self.command_line('plan')}   (starts a new, empty sandbox)",
            ).leading_to("sandbox-trouble")
        error = explain(
            run.progress.errors,
            environment=self.environment.name,
            sandbox=self.server is not None,
            values=str(self.values_file),
            strays=run.strays,
            doing=doing,
            destroying=destroying,
        )
        if isinstance(error, StateLocked):
            from bookstore_ops.operations.holders import locked_by

            return locked_by(self, error)
        return error


def _answers(workspace: Workspace) -> bool:
    from bookstore_ops.sandbox import lifecycle

    return lifecycle.status(workspace).running


@contextmanager
def open_session(
    request: Request,
    say: Say,
    *,
    warn: Say,
    reaches_aws: bool = True,
    journaled: bool = True,
    checked: bool = True,
) -> Iterator[Session]:
    """Make an environment ready, and write the beginning and the end of the run to the journal.

    ``say`` gets what goes on, ``warn`` what the operator must know. ``reaches_aws``: credentials
    are got and the account is checked before Terraform starts; without it, only where the state
    itself lies in AWS. ``journaled``: without it the run leaves no entry, as befits a look that
    may be taken every minute. ``checked``: without it neither AWS nor the sandbox's server has
    to answer, and nothing of either is there; for what mends a broken start.

    Raises:
        BsopsError: a tool, a file, a permission or the right account is missing.
    """
    workspace, environment = request.workspace, request.environment
    _require_root(workspace, environment)
    with recording(request, journaled=journaled) as run:
        try:
            if checked:
                session = _prepare(request, say, warn, run.id, reaches_aws=reaches_aws)
            else:
                binary = find_binary(workspace, os.environ, named=request.terraform_bin)
                session = _session(request, say, run.id, bare_ground(request, warn), binary)
            run.session = session
            yield session
        finally:
            _prune(workspace)


def _require_root(workspace: Workspace, environment: Environment) -> None:
    root = workspace.environment_root(environment.name)
    if not root.is_dir():
        raise ConfigurationError(
            f"{environment.name} has no Terraform root module",
            why=f"{root} does not exist",
            next_step=f"restore it, or remove environments/{environment.name}.toml",
        )


def _prepare(
    request: Request,
    say: Say,
    warn: Say,
    run_id: str,
    *,
    reaches_aws: bool,
) -> Session:
    workspace = request.workspace
    if request.sandbox:
        binary = find_binary(workspace, os.environ, named=request.terraform_bin)
        ground = sandbox_ground(request, say, warn, native_locking=binary.has_native_s3_locking)
        return _session(request, say, run_id, ground, binary)
    ground = own_ground(request, warn)
    if not reaches_aws and not (ground.root / BACKEND_FILE).exists():
        binary = find_binary(workspace, os.environ, named=request.terraform_bin)
        return _session(request, say, run_id, ground, binary)
    # AWS is asked beside all that is ours, and has answered before any Terraform starts. Not
    # beside `terraform init`: that reads the state's bucket, so Terraform would have been let
    # loose with credentials of another account, if only to read. Where init is needed it takes
    # seconds, and what is saved here is a fraction of one.
    with asking(request, ground.variables) as asked:
        binary = find_binary(workspace, os.environ, named=request.terraform_bin)
        account_id = asked.settle(warn)
    return _session(request, say, run_id, replace(ground, account_id=account_id), binary)


def _session(request: Request, say: Say, run_id: str, ground: Ground, binary: Binary) -> Session:
    workspace = request.workspace
    forget_stale_blocks(ground.root)
    lock_file = ground.root / ".terraform.lock.hcl"
    source = find_providers(workspace, os.environ, lock_file=lock_file, platform=binary.platform)
    for variables in (ground.variables, ground.init_variables):
        variables.pop("TF_CLI_CONFIG_FILE", None)
        if source.config_file:
            variables["TF_CLI_CONFIG_FILE"] = str(source.config_file)
    runs = workspace.make_data_directory("runs", run_id)
    home = ("sandbox",) if ground.server else ()
    plans = workspace.make_data_directory(*home, "plans", request.environment.name)
    terraform = Terraform(
        binary,
        ground.root,
        ground.variables,
        runs,
        init_environ=ground.init_variables,
        parallelism=PARALLELISM if ground.server else None,
    )
    return Session(
        request,
        terraform,
        ground.tree,
        ground.root,
        plans,
        ground.account_id,
        ground.server,
        say,
        run_id,
    )


def _prune(workspace: Workspace) -> None:
    """Keep the events of the last runs only."""
    import shutil

    runs = workspace.data / "runs"
    if not runs.is_dir():
        return
    for directory in sorted(runs.iterdir())[:-_RUNS_KEPT]:
        shutil.rmtree(directory, ignore_errors=True)
