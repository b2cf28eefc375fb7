"""Setting one value of an environment: checked before it is written, and proved to be all."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.files import write_atomically
from bookstore_ops.operations.formatting import formatted
from bookstore_ops.operations.values.checking import Finding, broken_rules, line_of, structure
from bookstore_ops.operations.values.reading import Values, find_key
from bookstore_ops.terraform.process import Watch
from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.editing import by_hand, lookup, only_differs, set_value
from bookstore_ops.tfvars.reading import Malformed, Plain, Scalar, plain, read, read_value
from bookstore_ops.tfvars.secrets import secret_form
from bookstore_ops.tfvars.types import Primitive, Type, effective, example, in_words, problems
from bookstore_ops.tfvars.writing import dotted, literal


@dataclass(frozen=True)
class Change:
    """One value set in a file, or found there. Secrets in both values are masked already.

    ``new``: the file did not mention it. ``secret``: what kind of secret it looks like.
    """

    file: str
    line: int
    key: tuple[str, ...]
    before: Plain
    after: Plain
    new: bool
    changed: bool
    secret: str | None = None


def set_one(
    values: Values, name: str, given: str, terraform_bin: str | None, watch: Watch
) -> Change:
    """Write one value into the environment's ``terraform.tfvars``.

    Raises:
        UsageError: the tree has no such key, or refuses the value.
        Refused: it cannot be done surely; the error says what to write by hand.
        BsopsError: Terraform is missing, or the file cannot be written.
    """
    path, attribute = find_key(values.variables, name)
    value = parse_argument(attribute.type, path, given)
    _refuse_stronger_file(values, path, value)
    document = values.files[values.file]
    node = lookup(document.group, path)
    change = Change(
        values.shown(values.file),
        line_of(document, path) if node else 0,
        path,
        values.masked(path, plain(node)) if node else None,
        values.masked(path, value),
        new=node is None,
        changed=node is None or json.dumps(plain(node)) != json.dumps(value),
        secret=secret_form(path, value),
    )
    if not change.changed:
        return change
    try:
        text = _changed(
            document.text,
            path,
            value,
            lambda text: formatted(values.workspace, terraform_bin, text, watch),
        )
    except NotUnderstood as error:
        raise Refused(
            f"{change.file} was left as it is",
            why=str(error),
            next_step=f"write by hand: {by_hand(path, literal(change.after))}",
        ) from error
    changed = read(text)
    after = replace(values, files={**values.files, values.file: changed})
    _refuse_new_findings(values, after, path, terraform_bin, watch)
    write_atomically(values.file, text, mode=values.file.stat().st_mode & 0o777)
    return replace(change, line=line_of(changed, path))


def parse_argument(kind: Type, path: tuple[str, ...], given: str) -> Plain:
    """The value that an operator means, who does not quote text in a shell.

    Raises:
        UsageError: it is not of that type.
    """
    text = given.strip()
    try:
        node = read_value(text)
    except Malformed as error:
        node = None
        if not (isinstance(kind, Primitive) and kind.name in {"string", "any"}):
            raise _wrong(kind, path, str(error).partition(": ")[2]) from error
    if isinstance(kind, Primitive) and kind.name == "string" and not _is_text(node):
        return given
    value: Plain = plain(node) if node is not None else given
    if isinstance(kind, Primitive):
        value = effective(kind, value)
    wrong = next(problems(kind, read_value(literal(value)), path), None)
    if wrong:
        words = {"unknown": "the tree has no {}", "missing": "{} is missing"}
        what = words.get(wrong.kind, f"{{}} takes {in_words(wrong.type)}")
        raise _wrong(kind, path, what.format(dotted(wrong.path)))
    return value


def _is_text(node: Any) -> bool:
    return isinstance(node, Scalar) and (node.value is None or isinstance(node.value, str))


def _wrong(kind: Type, path: tuple[str, ...], why: str) -> UsageError:
    return UsageError(
        f"{dotted(path)} takes {in_words(kind)}",
        why=why,
        next_step=f"write it so: '{example(kind)}'   (bsops tfvars explain {dotted(path)})",
    )


def _refuse_stronger_file(values: Values, path: tuple[str, ...], value: Plain) -> None:
    given = values.given.get(path[0])
    if given and given[0] != values.file:
        raise Refused(
            f"{path[0]} is set by {values.shown(given[0])}, which wins over terraform.tfvars",
            why="a value set here would change nothing",
            next_step=f"write there, in line {given[1].line}: "
            f"{by_hand(path, literal(values.masked(path, value)))}",
        )


def _changed(text: str, path: tuple[str, ...], value: Plain, fmt: Callable[[str], str]) -> str:
    if fmt(text) != text:
        raise NotUnderstood("the file is not in Terraform's format (bsops fmt mends that)")
    after = fmt(set_value(text, path, literal(value)))
    if not only_differs(text, after, path, value):
        raise NotUnderstood("more would change than that value")
    return after


def _refuse_new_findings(
    before: Values, after: Values, path: tuple[str, ...], terraform_bin: str | None, watch: Watch
) -> None:
    """A file that was wrong before may stay so; this value may make it no worse."""
    known = {finding.what for finding in structure(before)}
    structural = [f for f in structure(after) if f.what not in known]
    found: list[Finding] = list(structural)
    variable = {path[0]: after.variables[path[0]]}
    if not found:
        found = broken_rules(after, variable, terraform_bin, watch)
    if found and not structural:
        said = {f.write for f in broken_rules(before, variable, terraform_bin, watch)}
        found = [f for f in found if f.write not in said]
    if found:
        raise UsageError(
            f"{dotted(path)} cannot be {literal(after.masked(path, _at(after, path)))}",
            why="; ".join(f"{f.what}: {f.write}" for f in found),
            next_step=f"bsops tfvars explain {dotted(path)}",
        )


def _at(values: Values, path: tuple[str, ...]) -> Plain:
    node = lookup(values.files[values.file].group, path)
    return plain(node) if node else None
