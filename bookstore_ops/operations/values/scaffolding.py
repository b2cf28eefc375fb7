"""An environment's values written anew: its character, its policy, and what the operator says."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bookstore_ops.environments import Environment
from bookstore_ops.errors import ConfigurationError, OperationFailed, Refused, UsageError
from bookstore_ops.files import write_atomically
from bookstore_ops.operations.formatting import formatted
from bookstore_ops.operations.values.checking import Finding, broken_rules, structure
from bookstore_ops.operations.values.editing import parse_argument
from bookstore_ops.operations.values.reading import (
    Values,
    find_key,
    load_values,
    read_bytes,
    read_values,
)
from bookstore_ops.terraform.process import Watch
from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.reading import Document, plain, read
from bookstore_ops.tfvars.scaffold import EMPTY, known_part, merged, needed, nested, scaffold
from bookstore_ops.tfvars.types import at
from bookstore_ops.tfvars.writing import dotted
from bookstore_ops.workspace import Workspace

# Asks for the value of a key; the second is what the variable is.
Ask = Callable[[str, str], str]


@dataclass(frozen=True)
class Written:
    """A file of values that was written; ``backup`` is where the one before it is kept."""

    file: str
    backup: str | None
    given: list[str]
    left: list[str]


@dataclass(frozen=True)
class Wanted:
    """What an operator asked for: ``key=value`` pairs over a file of values."""

    pairs: Sequence[str] = ()
    file: Path | None = None
    force: bool = False


def write_new(
    workspace: Workspace,
    environment: Environment,
    wanted: Wanted,
    terraform_bin: str | None,
    watch: Watch,
    *,
    ask: Ask | None,
) -> Written:
    """Write an environment's ``terraform.tfvars``; ``ask`` is None where nobody can be asked.

    Raises:
        Refused: there is one, and ``force`` was not given.
        UsageError: a key is unknown, a value wrong, or one is needed that nobody gave.
        ConfigurationError: the values would not be taken.
    """
    values = load_values(workspace, environment.name, files=False)
    if values.file.exists() and not wanted.force:
        raise Refused(
            f"{environment.name} has values already",
            why=f"{values.shown(values.file)} would be written over",
            next_step=f"bsops tfvars new {environment.name} --force   (keeps a copy of it), "
            f"or change one: bsops tfvars set {environment.name} KEY VALUE",
        )
    base = _character(workspace, environment.name)
    given = _given(values, environment, base, wanted)
    given = _completed(values, given, environment.name, ask)
    head = f"{environment.name}: what is commented out holds its default."
    try:
        text = scaffold(head, values.variables, given, base)
        text = formatted(workspace, terraform_bin, text, watch)
        document = read(text)
    except NotUnderstood as error:
        raise OperationFailed(
            f"the values of {environment.name} could not be written", why=str(error)
        ) from error
    if json.dumps(plain(document.group), sort_keys=True) != json.dumps(given, sort_keys=True):
        raise OperationFailed(
            f"the values of {environment.name} could not be written",
            why="what was to be written is not what would be read back",
        )
    _refuse_findings(values, document, terraform_bin, watch)
    backup = _back_up(workspace, environment.name, values.file)
    write_atomically(values.file, text)
    left = [name for name in values.variables if name not in given]
    return Written(
        values.shown(values.file), values.shown(backup) if backup else None, list(given), left
    )


def _character(workspace: Workspace, environment: str) -> Document:
    """What an environment of that name is like, as the tree says."""
    path = workspace.tree / "characters" / f"{environment}.tfvars"
    return read_values(workspace, path) if path.is_file() else EMPTY


def _given(
    values: Values, environment: Environment, base: Document, wanted: Wanted
) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for name, entry in base.group.entries.items():
        if name in values.variables:
            given[name] = known_part(values.variables[name].type, plain(entry.value))
    policy = {"account_id": environment.account_id, "region": environment.region}
    given |= {name: value for name, value in policy.items() if name in values.variables}
    backups = given.get("backups")
    if isinstance(backups, dict) and "state_bucket" in backups:
        backups["state_bucket"] = environment.state.bucket
    if wanted.file is not None:
        if not wanted.file.is_file():
            raise ConfigurationError(
                f"there is no file {wanted.file}",
                why="--from names it",
                next_step="correct the path",
            )
        given = merged(given, plain(read_values(values.workspace, wanted.file).group))
    for pair in wanted.pairs:
        name, sign, text = pair.partition("=")
        if not sign:
            raise UsageError(
                f"{pair} sets nothing", why="--set takes key=value", next_step=f"--set {pair}=VALUE"
            )
        path, attribute = find_key(values.variables, name.strip())
        given = merged(given, nested(path, parse_argument(attribute.type, path, text)))
    return given


def _completed(
    values: Values, given: dict[str, Any], environment: str, ask: Ask | None
) -> dict[str, Any]:
    missing = needed(values.variables, given)
    if missing and ask is None:
        raise UsageError(
            f"{environment} needs {', '.join(map(dotted, missing))}",
            why="no default says what to write, and there is no terminal to ask on",
            next_step=" ".join(
                ["bsops tfvars new", environment, *(f"--set {dotted(p)}=VALUE" for p in missing)]
            ),
        )
    for path in missing if ask else ():
        variable = values.variables[path[0]]
        attribute = at(variable.type, path[1:])
        text = ask(dotted(path), variable.description) if ask else ""
        kind = attribute.type if attribute else variable.type
        given = merged(given, nested(path, parse_argument(kind, path, text)))
    for name, variable in values.variables.items():
        # A group in which nothing is needed, without a default of its own.
        if variable.default is None and name not in given:
            given[name] = {}
    return {name: given[name] for name in (*values.variables, *given) if name in given}


def _refuse_findings(
    values: Values, document: Document, terraform_bin: str | None, watch: Watch
) -> None:
    after = Values(
        values.workspace,
        values.environment,
        values.root,
        values.variables,
        {values.file: document},
    )
    found: list[Finding] = list(structure(after))
    found = found or broken_rules(after, after.variables, terraform_bin, watch)
    if found:
        raise ConfigurationError(
            f"nothing was written: {values.environment} would not take these values",
            why="\n".join(f"{finding.what}: {finding.write}" for finding in found),
            next_step=f"correct them with --set {dotted(found[0].key)}=VALUE",
        )


def _back_up(workspace: Workspace, environment: str, file: Path) -> Path | None:
    if not file.exists():
        return None
    content = read_bytes(workspace, file)
    directory = workspace.make_data_directory("backups", "tfvars", environment)
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    backup = directory / f"{stamp}.tfvars"
    write_atomically(backup, content, mode=0o600)
    return backup
