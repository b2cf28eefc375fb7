"""What is wrong with an environment's values, found without AWS and without the provider.

Types and names are held against the tree's own declarations: Terraform drops an unknown name in
a group without a word. The rules of variables are left to Terraform: it plans a tree that holds
nothing but the declarations and the values, with each module that is given values directly. That
needs no provider and no `init`, and takes half a second; a whole plan takes many. What only that
can know (preconditions of resources, what is worked out on the way) stays with `bsops plan`.
"""

import json
import os
import re
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bookstore_ops.environments import Environment, environment_names, load_environment, nearest
from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.journal import new_run_id
from bookstore_ops.operations.values.reading import (
    Values,
    given_by,
    load_documents,
    nearest_key,
)
from bookstore_ops.terraform.adapter import PlanOptions, Terraform
from bookstore_ops.terraform.binary import find_binary
from bookstore_ops.terraform.diagnostics import text
from bookstore_ops.terraform.events import Diagnostic
from bookstore_ops.terraform.process import Watch
from bookstore_ops.tfvars.editing import lookup
from bookstore_ops.tfvars.reading import Document, Plain, kind_of, plain
from bookstore_ops.tfvars.secrets import secret_form
from bookstore_ops.tfvars.types import ANY, Problem, at, example, in_words, problems
from bookstore_ops.tfvars.variables import Stub, Variable, rules_within, stubs
from bookstore_ops.tfvars.writing import by_type, dotted, key, literal

# Looking for the nearest of many names takes time: beyond that many, nobody reads them.
_GUESSES = 100
# What no two environments share.
_OWN = (("network", "cidr"), ("api", "domain"), ("backups", "state_bucket"))
_RULE = "Invalid value for variable"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: ``what`` it is, and what to ``write``. ``line`` 0: in no line."""

    kind: str
    path: Path
    line: int
    key: tuple[str, ...]
    what: str
    write: str


@dataclass(frozen=True)
class Checked:
    """All that is wrong; ``unchecked`` says why the rules of variables were not checked."""

    findings: list[Finding]
    unchecked: str | None = None


def check(
    values: Values, environment: Environment, terraform_bin: str | None, watch: Watch
) -> Checked:
    """Everything that is wrong with an environment's values, in the order of the file."""
    found = at_a_glance(values, environment)
    wrong = {finding.key[0] for finding in found if finding.kind in {"type", "missing"}}
    sound = {name: v for name, v in values.variables.items() if name not in wrong}
    unchecked = None
    try:
        found += broken_rules(values, sound, terraform_bin, watch)
    except BsopsError as error:
        unchecked = error.what
    order = {path: number for number, path in enumerate(values.files)}
    found.sort(key=lambda f: (order.get(f.path, 0), f.line or 10**9, f.key))
    return Checked(found, unchecked)


def at_a_glance(values: Values, environment: Environment) -> list[Finding]:
    """What is wrong and is seen without Terraform: all but the rules of variables."""
    return [*structure(values), *_secrets(values), *_foreign(values, environment)]


def structure(values: Values) -> Iterator[Finding]:
    """Names and types, and what is missing."""
    guesses = _GUESSES
    for path, document in values.files.items():
        for problem in _problems(values, document):
            guesses -= problem.kind == "unknown"
            yield _finding(values, path, problem, guess=guesses >= 0)
    given = values.given
    for name, variable in values.variables.items():
        path, entry = given.get(name, (values.file, None))
        is_null = entry is not None and plain(entry.value) is None
        if variable.default is None and (entry is None or (is_null and not variable.nullable)):
            line = entry.line if entry else 0
            write = f"{key(name)} = {example(variable.type)}"
            words = f"   ({variable.description})" if variable.description else ""
            yield Finding("missing", path, line, (name,), f"{name} is missing", f"{write}{words}")


def _problems(values: Values, document: Document) -> Iterator[Problem]:
    for name, entry in document.group.entries.items():
        variable = values.variables.get(name)
        if variable is None:
            yield Problem((name,), entry.line, "unknown", ANY, known=tuple(values.variables))
        else:
            yield from problems(variable.type, entry.value, (name,))


def _finding(values: Values, path: Path, problem: Problem, *, guess: bool) -> Finding:
    name, last = dotted(problem.path), key(problem.path[-1])
    match problem.kind:
        case "unknown":
            what = f"the tree has no {name}"
            write = f"remove {last}"
            if guess:
                near = _nearest(values, problem)
                write = f"{near} instead of {last}" if near else write
        case "missing":
            what = f"{name} is missing"
            write = f"{last} = {example(problem.type)}"
        case _:
            value = literal(values.masked(problem.path, problem.value))
            had = kind_of(problem.value)
            shown = f": {value}" if len(value) <= 40 else ""
            what = f"{name} takes {in_words(problem.type)} and has {had}{shown}"
            write = by_type(problem.path, example(problem.type))
    return Finding(problem.kind, path, problem.line, problem.path, what, write)


def _nearest(values: Values, problem: Problem) -> str | None:
    near = nearest(problem.path[-1], list(problem.known))
    if near and (len(problem.path) > 1 or near[:3] == problem.path[0][:3]):
        return key(near)
    return nearest_key(values.variables, problem.path) or (key(near) if near else None)


def _secrets(values: Values) -> Iterator[Finding]:
    for path, document in values.files.items():
        for name, entry in document.group.entries.items():
            for place, value in leaves((name,), plain(entry.value)):
                form = secret_form(place, value)
                if form:
                    yield Finding(
                        "secret",
                        path,
                        line_of(document, place),
                        place,
                        f"{dotted(place)} looks like {form}",
                        "remove it: secrets belong in AWS Secrets Manager, values name their ARN",
                    )


def leaves(path: tuple[str, ...], value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every single value below a path."""
    if isinstance(value, dict):
        named = value.get("name")
        for each, inner in value.items():
            # { name = "DB_PASSWORD", value = "…" }
            own = named if each == "value" and isinstance(named, str) else each
            yield from leaves((*path, own), inner)
    elif isinstance(value, list):
        for inner in value:
            yield from leaves(path, inner)
    else:
        yield path, value


def line_of(document: Document, path: tuple[str, ...]) -> int:
    """The line of the deepest entry that there is on the way to a path."""
    entries, line = document.group.entries, 0
    for name in path:
        entry = entries.get(name)
        if entry is None:
            break
        line = entry.line
        entries = getattr(entry.value, "entries", {})
    return line


def _foreign(values: Values, environment: Environment) -> Iterator[Finding]:
    """Values of another environment, and what the policy says otherwise."""
    others = _others(values, environment)
    for name, expected in (("account_id", environment.account_id), ("region", environment.region)):
        given = values.given.get(name)
        value = plain(given[1].value) if given else None
        if given and name in values.variables and value not in (None, expected):
            owner = [other.name for other, _ in others if getattr(other, name) == value]
            whose = f", which is {owner[0]}'s" if owner and name == "account_id" else ""
            yield Finding(
                "foreign",
                given[0],
                given[1].line,
                (name,),
                f"{name} is {literal(value)}{whose}; environments/{environment.name}.toml says "
                f"{literal(expected)}",
                f"{name} = {literal(expected)}, or correct environments/{environment.name}.toml",
            )
    for path, document in values.files.items():
        for top, entry in document.group.entries.items():
            if top in {"account_id", "region"}:
                continue
            for place, value in leaves((top,), plain(entry.value)):
                owner_of = _whose(place, value, environment, others)
                if owner_of:
                    shown = literal(values.masked(place, value))
                    yield Finding(
                        "foreign",
                        path,
                        line_of(document, place),
                        place,
                        f"{dotted(place)} is {shown}: that is {owner_of}'s",
                        f"{key(place[-1])} = … of {environment.name}",
                    )


def _others(values: Values, environment: Environment) -> list[tuple[Environment, dict[str, Any]]]:
    """The other environments with their values; one that cannot be read has none."""
    found = []
    for name in environment_names(values.workspace):
        if name == environment.name:
            continue
        try:
            other = load_environment(values.workspace, name)
        except BsopsError:
            continue
        try:
            given = given_by(load_documents(values.workspace, name))
        except BsopsError:
            given = {}
        found.append((other, {each: plain(entry.value) for each, (_, entry) in given.items()}))
    return found


def _whose(
    path: tuple[str, ...],
    value: Plain,
    environment: Environment,
    others: Iterable[tuple[Environment, dict[str, Any]]],
) -> str | None:
    if not isinstance(value, str) or not value:
        return None
    # Words of people, and addresses of theirs, may speak of any environment.
    words = set() if "@" in value or " " in value else set(re.split(r"[^a-z0-9]+", value.lower()))
    for other, given in others:
        if value == other.state.bucket != environment.state.bucket:
            return other.name
        if other.name in words and environment.name not in words:
            return other.name
        group = given.get(path[0])
        if path in _OWN and isinstance(group, dict) and group.get(path[1]) == value:
            return other.name
    return None


def broken_rules(
    values: Values, variables: Mapping[str, Variable], terraform_bin: str | None, watch: Watch
) -> list[Finding]:
    """The validations that the values break, in Terraform's own words.

    Raises:
        BsopsError: Terraform is missing, or the workspace cannot be written.
    """
    for modules in (True, False):
        diagnostics = _plan_of_declarations(
            values, variables, terraform_bin, watch, modules=modules
        )
        places = [_place_of(diagnostic, variables) for diagnostic in diagnostics]
        if all(places):
            found = map(_broken, [values] * len(places), diagnostics, places)
            # A value that many modules are given is wrong once.
            return list({(finding.key, finding.write): finding for finding in found}.values())
    raise OperationFailed("Terraform could not plan them", why=text(diagnostics[0]))


def _broken(values: Values, diagnostic: Diagnostic, place: tuple[str, ...]) -> Finding:
    path, entry = values.given.get(place[0], (values.file, None))
    line = line_of(values.files[path], place) if entry and path in values.files else 0
    node = lookup(values.files[path].group, place) if line else None
    value = literal(values.masked(place, plain(node))) if node else ""
    message = diagnostic.detail.split("\n\nThis was checked by")[0]
    if diagnostic.summary != _RULE:
        what = f"{dotted(place)}: {diagnostic.summary}"
    else:
        had = f": it is {value}" if value and len(value) <= 40 else ""
        what = f"{dotted(place)} breaks a rule of the tree{had}"
    kind = "validation" if diagnostic.summary == _RULE else "type"
    return Finding(kind, path, line, place, what, " ".join(message.split()))


def _plan_of_declarations(
    values: Values,
    variables: Mapping[str, Variable],
    terraform_bin: str | None,
    watch: Watch,
    *,
    modules: bool,
) -> list[Diagnostic]:
    workspace = values.workspace
    binary = find_binary(workspace, os.environ, named=terraform_bin)
    runs = workspace.make_data_directory("runs", new_run_id("tfvars", values.environment))
    environ = {name: v for name, v in os.environ.items() if not name.startswith(("TF_", "AWS_"))}
    environ |= {"TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
    given = {
        name: plain(entry.value) for name, (_, entry) in values.given.items() if name in variables
    }
    try:
        with TemporaryDirectory(prefix="values-", dir=runs) as directory:
            root = Path(directory)
            _write_declarations(root, variables, stubs(values.root, variables) if modules else [])
            (root / "terraform.tfvars.json").write_text(json.dumps(given), encoding="utf-8")
            terraform = Terraform(binary, root, environ, runs)
            run = terraform.plan(root / "plan", PlanOptions(refresh=False), watch)
            return list(run.progress.errors)
    finally:
        # What Terraform says may quote values.
        shutil.rmtree(runs, ignore_errors=True)


def _write_declarations(
    root: Path, variables: Mapping[str, Variable], reduced: Iterable[Stub]
) -> None:
    """A root of variables alone, and modules of variables alone that it hands them to.

    The manifest is what `terraform init` would write: with it, none is needed.
    """
    parts, modules = [_declared(variables.values())], [{"Key": "", "Source": "", "Dir": "."}]
    for stub in reduced:
        arguments = "\n".join(f"  {name} = {text}" for name, text in stub.arguments.items())
        parts.append(f'module "{stub.name}" {{\n  source = "./{stub.name}"\n{arguments}\n}}')
        modules.append({"Key": stub.name, "Source": f"./{stub.name}", "Dir": stub.name})
        (root / stub.name).mkdir()
        (root / stub.name / "main.tf").write_text(_declared(stub.variables), encoding="utf-8")
    (root / "main.tf").write_text("\n\n".join(parts), encoding="utf-8")
    manifest = root / ".terraform" / "modules" / "modules.json"
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps({"Modules": modules}), encoding="utf-8")


def _declared(variables: Collection[Variable]) -> str:
    known = {variable.name for variable in variables}
    return "\n\n".join(v.declaration(rules_within(v, known)) for v in variables)


def _place_of(diagnostic: Diagnostic, variables: Mapping[str, Variable]) -> tuple[str, ...]:
    """The value that a diagnostic speaks of; empty where it speaks of none."""
    snippet = diagnostic.snippet
    texts = [snippet.code, snippet.context or ""] if snippet else []
    texts += [value.traversal for value in snippet.values or ()] if snippet else []
    texts += [f"var.{name}" for name in re.findall(r'"([\w-]+)"', diagnostic.detail)]
    for each in texts:
        found = re.search(r'variable "([\w-]+)"|\bvar\.([\w-]+(?:\.[\w-]+)*)', each)
        place = tuple((found[1] or found[2]).split(".")) if found else ()
        if place and place[0] in variables:
            # A rule of the variable itself may quote any part of it.
            if not (snippet and (snippet.context or "").startswith("module ")):
                return place[:1]
            while at(variables[place[0]].type, place[1:]) is None:
                place = place[:-1]
            return place
    return ()
