"""Looking at everything a run depends on: `bsops doctor`."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec

from bookstore_ops.aws.refusals import CodeWanted
from bookstore_ops.aws.session import Access, ask_identity, open_access
from bookstore_ops.bootstrap.backend_file import Backend, read_backend
from bookstore_ops.environments import Environment, environment_names, load_environment
from bookstore_ops.errors import BsopsError, ConfigurationError, CredentialsError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.operations.backups.checking import STORE_SERVICES, find_kept
from bookstore_ops.operations.ground import Say, sandbox_ground
from bookstore_ops.operations.holders import describe_holder, examine, state_backend
from bookstore_ops.operations.reading import format_tree
from bookstore_ops.operations.request import AskCode, Request
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.values.checking import at_a_glance
from bookstore_ops.operations.values.reading import load_values
from bookstore_ops.preflight.check import Check, Group, NotKnown, Once, Scope, Status, skipped
from bookstore_ops.preflight.context import (
    Aws,
    Context,
    Probes,
    StateLock,
    ValueProblem,
    no_credentials,
)
from bookstore_ops.preflight.credentials import wanted_seconds
from bookstore_ops.preflight.needs import find_needs
from bookstore_ops.preflight.runner import Job, Result, begin, collect, mend, within
from bookstore_ops.sandbox.lifecycle import Server
from bookstore_ops.terraform.adapter import Terraform
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.terraform.binary import Binary, locate_binary
from bookstore_ops.terraform.environ import curate
from bookstore_ops.terraform.progress import Progress
from bookstore_ops.terraform.records import latest_saved_plan
from bookstore_ops.workspace import Workspace

# Finding credentials may start a program of the operator's, or ask a role of AWS.
_OPEN_SECONDS = 5.0
_COMMAND = "doctor"
_QUOTA_SERVICES = ("service-quotas", "rds", "ecs", "logs")

FailOn = Literal["error", "warning"]

# Where several kinds of findings are there, the one to mend first.
_WORST_FIRST = (
    ExitCode.CREDENTIALS,
    ExitCode.ENVIRONMENT,
    ExitCode.CONFIGURATION,
    ExitCode.LOCKED,
    ExitCode.FAILED,
)


@dataclass(frozen=True)
class Examination:
    """What is to be looked at. ``name`` is the environment; None: all that is on this machine.

    ``install_completion``: see :class:`Probes`.
    """

    workspace: Workspace
    name: str | None
    checks: Sequence[Check]
    sandbox: bool = False
    offline: bool = False
    fix: bool = False
    terraform_bin: str | None = None
    install_completion: Callable[[str], Path] | None = None
    ask_code: AskCode | None = None


def examine_all(asked: Examination, say: Say, warn: Say) -> list[Result]:
    """Make the checks side by side, in an order that is always the same; local ones first.

    Raises:
        ConfigurationError: there is no such environment.
    """
    names = environment_names(asked.workspace)
    if asked.name is not None and asked.name not in names:
        load_environment(asked.workspace, asked.name)
    environ = dict(os.environ)
    binary = Once(lambda: locate_binary(asked.workspace, environ, named=asked.terraform_bin))
    machine = Context(
        asked.workspace,
        environ,
        binary,
        sandbox=asked.sandbox,
        offline=asked.offline,
        name=asked.name,
        probes=Probes(
            format_tree=lambda: _format(asked), install_completion=asked.install_completion
        ),
    )
    about = [asked.name] if asked.name else names
    contexts = [_about(machine, name) for name in about]
    local = [job for check in asked.checks for job in _local(check, machine, contexts)]
    cloud = [check for check in asked.checks if check.scope is Scope.AWS]
    asks = bool(cloud) and asked.name is not None and not asked.offline
    # A sandbox that is being started does not answer yet: those of its checks come after.
    running = begin([job for job in local if job.check.group is not Group.SANDBOX])
    ground = _sandbox(asked, contexts[0], say, warn) if asks and asked.sandbox else None
    running += begin([job for job in local if job.check.group is Group.SANDBOX])
    results: list[Result] = []
    if asks:
        root, plans = contexts[0].root, asked.workspace.data / "plans" / contexts[0].root.name
        context = replace(
            contexts[0],
            aws=_open(asked, contexts[0], ground),
            needs=Once(lambda: find_needs(root, plans)),
        )
        running += begin([Job(check, context) for check in cloud])
    elif cloud and asked.name is not None:
        results = [
            Result(
                Job(check, contexts[0]), skipped(f"{check.title}: not asked", why="--offline"), 0.0
            )
            for check in cloud
        ]
    results += collect(running)
    order = {check.code: index for index, check in enumerate(asked.checks)}
    # Sorting keeps the order of the environments.
    results.sort(key=lambda result: order[result.job.check.code])
    return mend(results) if asked.fix else results


def exit_code(results: Sequence[Result], fail_on: FailOn) -> ExitCode:
    """What the findings come to: the code of the worst kind, errors before all others."""
    grades: list[set[Status]] = [{Status.ERROR}]
    if fail_on == "warning":
        grades.append({Status.WARNING, Status.UNKNOWN})
    for grade in grades:
        found = {r.job.check.exit_code for r in results if r.outcome.status in grade}
        if found:
            return min(found, key=_WORST_FIRST.index)
    return ExitCode.DONE


def _local(check: Check, machine: Context, contexts: Sequence[Context]) -> list[Job]:
    match check.scope:
        case Scope.MACHINE:
            return [Job(check, machine)]
        case Scope.ENVIRONMENT:
            return [Job(check, context) for context in contexts]
        case _:
            return []


def _policy(workspace: Workspace, name: str) -> Environment | None:
    try:
        return load_environment(workspace, name)
    except ConfigurationError:
        return None


def _about(machine: Context, name: str) -> Context:
    policy = _policy(machine.workspace, name)
    values = Once(lambda: value_problems(machine.workspace, policy) if policy else ())
    return replace(machine, name=name, environment=policy, values=values)


def value_problems(workspace: Workspace, environment: Environment) -> Sequence[ValueProblem]:
    """What is wrong with an environment's values and is seen without Terraform.

    Raises:
        ConfigurationError: they, or the variables of the tree, cannot be read.
    """
    values = load_values(workspace, environment.name)
    return [
        ValueProblem(
            found.kind,
            f"{values.shown(found.path)}{f':{found.line}' if found.line else ''}",
            found.what,
            found.write,
        )
        for found in at_a_glance(values, environment)
    ]


class _Nobody:
    """Watches a run that nobody needs to watch."""

    def update(self, progress: Progress) -> None:
        """See :class:`Watch`."""

    def notice(self, message: str) -> None:
        """See :class:`Watch`."""


def _format(asked: Examination) -> Sequence[Path]:
    done = format_tree(asked.workspace, asked.terraform_bin, _Nobody(), check=False)
    return done.files


@dataclass(frozen=True)
class _Ground:
    """Where Terraform works on the environment, and what it may know."""

    tree: Path
    root: Path
    variables: Mapping[str, str]
    server: Server | None = None
    problem: BsopsError | None = None


def _sandbox(asked: Examination, context: Context, say: Say, warn: Say) -> _Ground | None:
    """The sandbox, started if it does not run."""
    if context.environment is None:
        return None
    request = _request(asked, context.environment)
    try:
        native = context.terraform().has_native_s3_locking
    except NotKnown:
        native = True
    try:
        ground = sandbox_ground(request, say, warn, native_locking=native)
    except BsopsError as problem:
        return _Ground(asked.workspace.tree, context.root, {}, problem=problem)
    return _Ground(ground.tree, ground.root, ground.variables, ground.server)


def _request(asked: Examination, environment: Environment) -> Request:
    return Request(
        asked.workspace,
        environment,
        _COMMAND,
        sandbox=asked.sandbox,
        terraform_bin=asked.terraform_bin,
    )


def _open(asked: Examination, context: Context, ground: _Ground | None) -> Aws | None:
    """The environment's AWS as Terraform sees it."""
    environment = context.environment
    if environment is None:
        return None
    if ground is None:
        # What a protected environment refuses is for its commands to say.
        lenient = msgspec.structs.replace(environment, protected=False)
        variables = curate(context.environ, lenient, sandbox=None).variables
        ground = _Ground(asked.workspace.tree, context.root, variables)
    session = _session(asked, environment, context, ground)
    written = read_backend(session.backend_file)
    services = _services(environment, written)
    if any(check.group is Group.QUOTAS for check in asked.checks):
        services |= dict.fromkeys(_QUOTA_SERVICES, environment.region)
    backups = any(check.group is Group.BACKUPS for check in asked.checks)
    if backups:
        services = dict.fromkeys(STORE_SERVICES, environment.region) | services
    demand = Once(lambda: _demand(asked, environment.name))
    place = ground
    try:
        if ground.problem is not None:
            raise ground.problem
        access = _access(asked, environment, place, services)
    except BsopsError as problem:
        unanswered = problem
        return Aws(None, problem, Once(lambda: _raise(unanswered)), written)

    def identity() -> dict[str, Any]:
        if access.credentials is None:
            raise CredentialsError("there are no credentials")
        answer = ask_identity(environment, access)
        return {**answer, "Received": datetime.now(UTC)}

    once = Once(identity)
    locks = _locks(session, access.clients, once)
    kept = find_kept(session, access.clients, once) if backups else None
    return Aws(access, None, once, written, locks, demand, kept)


def _demand(asked: Examination, name: str) -> Mapping[str, float] | None:
    """What the newest plan that was not applied yet asks of the account's quotas."""
    home = asked.workspace.sandbox if asked.sandbox else asked.workspace.data
    saved = latest_saved_plan(home / "plans" / name)
    return saved.record.demand if saved else None


def _access(
    asked: Examination,
    environment: Environment,
    ground: _Ground,
    services: Mapping[str, str],
) -> Access:
    """Credentials in time; an MFA code is asked for before the clock starts again."""

    def look(code: str | None) -> Access:
        return within(
            _OPEN_SECONDS,
            lambda: open_access(
                environment,
                ground.variables,
                _COMMAND,
                services,
                assume=ground.server is None,
                code=code,
                seconds=wanted_seconds(asked.workspace, environment.name, sandbox=asked.sandbox),
            ),
            "looking for credentials",
        )

    try:
        return look(None)
    except CodeWanted as wanted:
        if asked.ask_code is None:
            raise
        return look(asked.ask_code(wanted.serial))


def _raise(error: BsopsError) -> dict[str, Any]:
    raise error


def _services(environment: Environment, written: Backend | None) -> dict[str, str]:
    """The services that are asked, each with its region."""
    region = written.region if written else environment.state_region
    services = dict.fromkeys(("sts", "iam", "ec2"), environment.region)
    services["s3"] = region
    if written:
        services["kms"] = region
    if written is None or written.lock_table:
        services["dynamodb"] = region
    return services


def _session(
    asked: Examination, environment: Environment, context: Context, ground: _Ground
) -> Session:
    """A session that runs nothing: what is known of holders is found out by way of one."""
    try:
        binary = context.terraform()
    except NotKnown:
        binary = Binary(("terraform",), "missing", "0.0.0", "")
    runs = asked.workspace.data / "runs"
    return Session(
        _request(asked, environment),
        Terraform(binary, ground.root, ground.variables, runs),
        ground.tree,
        ground.root,
        asked.workspace.data / "plans" / environment.name,
        environment.account_id,
        ground.server,
        lambda _: None,
        "",
    )


def _locks(
    session: Session, clients: Mapping[str, Any], identity: Once[dict[str, Any]]
) -> Callable[[], Sequence[StateLock]]:
    def read() -> Sequence[StateLock]:
        backend = state_backend(session)
        if isinstance(backend, S3Backend):
            try:
                identity.get()
            except BsopsError as error:
                raise no_credentials() from error
            backend.adopt({each: clients[each] for each in ("s3", "dynamodb") if each in clients})
        held = examine(session, backend, backend.read_locks())
        return [StateLock(each.verdict.liveness, describe_holder(each)) for each in held]

    return read
