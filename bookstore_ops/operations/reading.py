"""Reading what is there: outputs, state, validity, formatting."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.environments import nearest
from bookstore_ops.errors import ConfigurationError, OperationFailed, UsageError
from bookstore_ops.journal import new_run_id
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.adapter import Run, Terraform
from bookstore_ops.terraform.binary import find_binary
from bookstore_ops.terraform.diagnostics import text
from bookstore_ops.terraform.events import Diagnostic
from bookstore_ops.terraform.process import Watch
from bookstore_ops.workspace import Workspace


class Output(msgspec.Struct, frozen=True):
    """One root output; ``type`` is Terraform's type expression as JSON."""

    sensitive: bool
    type: Any
    value: Any


class StateResource(msgspec.Struct, frozen=True):
    """One resource instance in the state."""

    address: str
    type: str
    mode: str = "managed"
    tainted: bool = False


class _Module(msgspec.Struct):
    resources: list[StateResource] = []
    child_modules: list["_Module"] = []


class _Values(msgspec.Struct):
    root_module: _Module


class _State(msgspec.Struct):
    values: _Values | None = None


class _Validation(msgspec.Struct):
    valid: bool
    diagnostics: list[Diagnostic] = []


@dataclass(frozen=True)
class FormatResult:
    """The files that are not in Terraform's format (``changed``: and were mended)."""

    files: tuple[Path, ...]
    changed: bool


def read_outputs(session: Session, watch: Watch, name: str | None = None) -> dict[str, Output]:
    """The outputs in the state, or the one named.

    Raises:
        UsageError: there is no such output.
        BsopsError: the state cannot be read.
    """
    session.initialise(watch)
    run, document = session.terraform.output(watch)
    _require(session, run, "the outputs cannot be read")
    outputs = msgspec.json.decode(document, type=dict[str, Output])
    if name is None:
        return outputs
    if name not in outputs:
        guess = nearest(name, sorted(outputs))
        raise UsageError(
            f"{session.environment.name} has no output {name!r}",
            why=f"it has: {', '.join(sorted(outputs)) or 'none (nothing is applied yet)'}",
            next_step=session.command_line("output")
            + (f"   (did you mean {guess}?)" if guess else ""),
        )
    return {name: outputs[name]}


def read_state_resources(session: Session, watch: Watch) -> list[StateResource]:
    """Every resource instance in the state, by address.

    Raises:
        BsopsError: the state cannot be read.
    """
    session.initialise(watch)
    run, document = session.terraform.show(watch)
    _require(session, run, "the state cannot be read")
    state = msgspec.json.decode(document, type=_State)
    found: list[StateResource] = []
    pending = [state.values.root_module] if state.values else []
    while pending:
        module = pending.pop()
        found += [resource for resource in module.resources if resource.mode == "managed"]
        pending += module.child_modules
    return sorted(found, key=lambda resource: resource.address)


def validate(session: Session, watch: Watch) -> list[Diagnostic]:
    """Check the configuration; the warnings of a valid one.

    Raises:
        ConfigurationError: it is not valid.
        BsopsError: it cannot be checked.
    """
    session.initialise(watch)
    run, document = session.terraform.validate(watch)
    if run.exit.signal_number is not None:
        raise session.failure(run, "the configuration cannot be checked")
    try:
        answer = msgspec.json.decode(document, type=_Validation)
    except msgspec.MsgspecError:
        raise session.failure(run, "the configuration cannot be checked") from None
    if not answer.valid:
        errors = [diagnostic for diagnostic in answer.diagnostics if diagnostic.is_error]
        raise ConfigurationError(
            f"the configuration of {session.environment.name} is not valid",
            why="\n".join(text(diagnostic) for diagnostic in errors),
            next_step=f"mend it, then: {session.command_line('validate')}",
        )
    return answer.diagnostics


def _require(session: Session, run: Run, doing: str) -> None:
    if not run.may_go_on:
        raise session.failure(run, doing)


def format_tree(
    workspace: Workspace, terraform_bin: str | None, watch: Watch, *, check: bool
) -> FormatResult:
    """Put the whole tree into Terraform's format, or (``check``) list what is not.

    Raises:
        OperationFailed: a file could not be parsed.
        EnvironmentMissing: Terraform is missing.
    """
    binary = find_binary(workspace, os.environ, named=terraform_bin)
    runs = workspace.make_data_directory("runs", new_run_id("fmt", "tree"))
    terraform = Terraform(binary, workspace.tree, os.environ, runs)
    run, output = terraform.fmt(watch, check=check)
    # With -check, exit status 3 means that files differ; every other failure is a real one.
    if run.exit.code not in ({0, 3} if check else {0}):
        raise OperationFailed(
            "Terraform cannot format the tree",
            why="\n".join(run.strays),
            next_step="mend the lines above, then: bsops fmt",
        )
    names = output.decode(errors="replace").splitlines()
    return FormatResult(tuple(workspace.tree / name for name in names if name), changed=not check)
