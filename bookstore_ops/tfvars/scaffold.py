"""A file of values written anew: each variable with what it is, and what is left to its default."""

import json
from collections.abc import Mapping
from typing import Any

from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.editing import set_value
from bookstore_ops.tfvars.reading import Document, Group
from bookstore_ops.tfvars.secrets import masked
from bookstore_ops.tfvars.types import Attribute, Collection, Object, Type, example
from bookstore_ops.tfvars.variables import Variable
from bookstore_ops.tfvars.writing import key, literal


def known_part(kind: Type, value: Any) -> Any:
    """A value without the names that its type does not know."""
    if isinstance(value, dict) and isinstance(kind, Object):
        known = kind.attributes
        return {n: known_part(known[n].type, each) for n, each in value.items() if n in known}
    if isinstance(value, dict) and isinstance(kind, Collection):
        return {name: known_part(kind.element, each) for name, each in value.items()}
    return value


def merged(below: Any, above: Any) -> Any:
    """Two values, groups put together name by name; ``above`` wins."""
    if isinstance(below, dict) and isinstance(above, dict):
        return {**below, **{n: merged(below.get(n), each) for n, each in above.items()}}
    return above


def nested(path: tuple[str, ...], value: Any) -> Any:
    """``{"a": {"b": value}}``."""
    for name in reversed(path):
        value = {name: value}
    return value


def needed(variables: Mapping[str, Variable], values: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What has no default and no value, down to the single names of groups."""
    found: list[tuple[str, ...]] = []
    for name, variable in variables.items():
        value = values.get(name)
        if value is not None or variable.default is None:
            found += _needed(variable.type, value, (name,), given=name in values)
    return found


def _needed(kind: Type, value: Any, path: tuple[str, ...], *, given: bool) -> list[tuple[str, ...]]:
    if isinstance(kind, Object) and (isinstance(value, dict) or not given):
        inner = value or {}
        found = []
        for name, attribute in kind.attributes.items():
            if name in inner or not attribute.optional:
                found += _needed(
                    attribute.type, inner.get(name), (*path, name), given=name in inner
                )
        return found
    return [] if given else [path]


def scaffold(
    head: str, variables: Mapping[str, Variable], values: Mapping[str, Any], base: Document
) -> str:
    """The text of a file that gives ``values``; what ``base`` gives alike is taken as it is there.

    It is not formatted yet.
    """
    parts = [f"# {head}\n"]
    for name, variable in variables.items():
        lines = [f"# {variable.description}"] if variable.description else []
        if name in values:
            lines.append(_assignment(variable, values[name], base))
        else:
            lines.append(commented(variable))
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def commented(variable: Variable) -> str:
    """``# name = default``; for what needs a value, what one looks like."""
    if variable.default is None:
        return f"# {variable.name} = {example(variable.type)}"
    default = masked((variable.name,), variable.default_value, sensitive=variable.sensitive)
    return _default(variable.name, variable.type, default)


def commented_member(name: str, attribute: Attribute) -> str:
    """The same for a name in a group."""
    return _default(name, attribute.type, masked((name,), attribute.default))


def _default(name: str, kind: Type, default: Any) -> str:
    return f"# {key(name)} = {literal(default)}{f' # {kind}' if default is None else ''}"


def _assignment(variable: Variable, value: Any, base: Document) -> str:
    name, entry = variable.name, base.group.entries.get(variable.name)
    text = None
    if entry is not None:
        given = base.text[entry.value.start : entry.value.end]
        text = _changed(f"{key(name)} = {given}\n", name, value, entry.value)
    text = text or f"{key(name)} = {_laid_out(value)}\n"
    if isinstance(variable.type, Object) and isinstance(value, dict):
        defaults = [
            f"  {commented_member(each, attribute)}"
            for each, attribute in variable.type.attributes.items()
            if each not in value
        ]
        head, brace, _ = text.rpartition("}")
        if defaults and brace and head.endswith("\n"):
            text = "\n".join([head.rstrip("\n"), *defaults, "}"])
    return text.rstrip("\n")


def _changed(text: str, name: str, value: Any, node: Any) -> str | None:
    """The text with the values that differ set in it; None where that does not give the value."""
    from bookstore_ops.tfvars.reading import plain, read

    before = _flat((name,), plain(node))
    try:
        for path, each in _flat((name,), value).items():
            if path not in before or json.dumps(before[path]) != json.dumps(each):
                text = set_value(text, path, literal(each))
    except NotUnderstood:
        return None
    return text if plain(read(text).group) == {name: value} else None


def _flat(path: tuple[str, ...], value: Any) -> dict[tuple[str, ...], Any]:
    if not isinstance(value, dict) or not value:
        return {path: value}
    found: dict[tuple[str, ...], Any] = {}
    for name, each in value.items():
        found |= _flat((*path, name), each)
    return found


def _laid_out(value: Any) -> str:
    if not isinstance(value, dict) or not value:
        return literal(value)
    inner = "\n".join(f"  {key(name)} = {literal(each)}" for name, each in value.items())
    return f"{{\n{inner}\n}}"


EMPTY = Document("", Group(0, 0, 1, {}))
