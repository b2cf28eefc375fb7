"""Terraform's types: what a value must look like, and what a default adds to it.

https://developer.hashicorp.com/terraform/language/expressions/type-constraints
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bookstore_ops.tfvars.blocks import NotUnderstood, parse, split_call
from bookstore_ops.tfvars.reading import (
    Group,
    Items,
    Malformed,
    Node,
    Plain,
    Scalar,
    plain,
    read_value,
)

# Text that Terraform takes for them.
_TRUTH = {"true": True, "false": False}
_ARTICLES = {"string": "text", "number": "a number", "bool": "true or false", "any": "any value"}


@dataclass(frozen=True)
class Primitive:
    """``string``, ``number``, ``bool`` or ``any``."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Collection:
    """``list``, ``set`` or ``map`` of one type."""

    name: str
    element: "Type"

    def __str__(self) -> str:
        return f"{self.name}({self.element})"


@dataclass(frozen=True)
class Attribute:
    """One of an object; ``default`` is what holds where it is left out."""

    type: "Type"
    optional: bool = False
    default: Any = None


@dataclass(frozen=True)
class Object:
    """``object({ … })``."""

    attributes: dict[str, Attribute]

    def __str__(self) -> str:
        inner = (
            f"{name} = optional({a.type})" if a.optional else f"{name} = {a.type}"
            for name, a in self.attributes.items()
        )
        return f"object({{ {', '.join(inner)} }})"


Type = Primitive | Collection | Object
ANY = Primitive("any")


def parse_type(text: str) -> Type:
    """The type that an expression names; ``any`` for one that bsops does not know."""
    text = text.strip()
    if text in {"string", "number", "bool"}:
        return Primitive(text)
    call = split_call(text)
    if call is None:
        return ANY
    name, given = call
    if name in {"list", "set", "map"}:
        return Collection(name, parse_type(given[0]))
    if name == "object":
        try:
            arguments = parse(given[0], 1).arguments
        except NotUnderstood:
            return ANY
        return Object({key: _attribute(a.text) for key, a in arguments.items()})
    return ANY


def _attribute(text: str) -> Attribute:
    call = split_call(text.strip())
    if call is None or call[0] != "optional":
        return Attribute(parse_type(text))
    given = call[1]
    return Attribute(
        parse_type(given[0]), optional=True, default=constant(given[1]) if len(given) > 1 else None
    )


def constant(text: str) -> Plain:
    """The value of a constant expression; null for one that bsops cannot tell."""
    try:
        return plain(read_value(text))
    except Malformed:
        return None


@dataclass(frozen=True)
class Problem:
    """What is wrong at a path. ``known`` are the names that an unknown one could have meant."""

    path: tuple[str, ...]
    line: int
    kind: str
    type: Type
    value: Plain = None
    known: tuple[str, ...] = ()


def problems(kind: Type, node: Node, path: tuple[str, ...]) -> Iterator[Problem]:
    """Everything in a value that Terraform would refuse, or drop without a word."""
    if isinstance(node, Scalar) and node.value is None:
        return
    if not _fits(kind, node):
        yield Problem(path, node.line, "type", kind, plain(node))
    elif isinstance(kind, Object) and isinstance(node, Group):
        yield from _in_object(kind, node, path)
    elif isinstance(kind, Collection) and isinstance(node, Group):
        for name, entry in node.entries.items():
            yield from problems(kind.element, entry.value, (*path, name))
    elif isinstance(kind, Collection) and isinstance(node, Items):
        for index, item in enumerate(node.items):
            yield from problems(kind.element, item, (*path, str(index)))


def _in_object(kind: Object, node: Group, path: tuple[str, ...]) -> Iterator[Problem]:
    free = tuple(name for name in kind.attributes if name not in node.entries)
    for name, entry in node.entries.items():
        attribute = kind.attributes.get(name)
        if attribute is None:
            known = free or tuple(kind.attributes)
            yield Problem((*path, name), entry.line, "unknown", ANY, known=known)
        else:
            yield from problems(attribute.type, entry.value, (*path, name))
    for name in free:
        if not kind.attributes[name].optional:
            yield Problem((*path, name), node.line, "missing", kind.attributes[name].type)


def _fits(kind: Type, node: Node) -> bool:
    if isinstance(kind, Object) or kind.name == "map":
        return isinstance(node, Group)
    if isinstance(kind, Collection):
        return isinstance(node, Items)
    if kind.name == "any":
        return True
    return isinstance(node, Scalar) and _is_a(kind.name, node.value)


def _is_a(name: str, value: Plain) -> bool:
    if name == "number":
        return not isinstance(value, bool) and isinstance(_number(value), int | float)
    return (
        name == "string" or isinstance(value, bool) or (isinstance(value, str) and value in _TRUTH)
    )


def _number(value: Any) -> Any:
    """``"5"`` is a number to Terraform."""
    if not isinstance(value, str):
        return value
    try:
        found = read_value(value)
    except Malformed:
        return value
    number = plain(found)
    return number if isinstance(number, int | float) and not isinstance(number, bool) else value


def effective(kind: Type, value: Any) -> Any:
    """What the tree gets: the value converted, with the defaults of what is left out."""
    if isinstance(kind, Primitive):
        return _converted(kind.name, value)
    if isinstance(value, dict):
        if isinstance(kind, Object):
            return {name: _given(a, value.get(name)) for name, a in kind.attributes.items()}
        return {name: effective(kind.element, each) for name, each in value.items()}
    if isinstance(value, list) and isinstance(kind, Collection):
        items = [effective(kind.element, each) for each in value]
        return sorted_set(items) if kind.name == "set" else items
    return value


def _converted(name: str, value: Any) -> Any:
    if name == "string" and isinstance(value, bool | int | float):
        return json.dumps(value)
    if name == "bool" and isinstance(value, str) and value in _TRUTH:
        return _TRUTH[value]
    return _number(value) if name == "number" else value


def _given(attribute: Attribute, value: Any) -> Any:
    return effective(attribute.type, attribute.default if value is None else value)


def sorted_set(items: list[Any]) -> list[Any]:
    """A set in one order, each member once."""
    found = {json.dumps(item, sort_keys=True): item for item in items}
    return [found[name] for name in sorted(found)]


def at(kind: Type, path: tuple[str, ...]) -> Attribute | None:
    """The type at a path below; None where the type has no such place."""
    if not path:
        return Attribute(kind)
    match kind:
        case Object():
            attribute = kind.attributes.get(path[0])
            if attribute is None or len(path) == 1:
                return attribute
            return at(attribute.type, path[1:])
        case Collection(name="map"):
            return at(kind.element, path[1:])
        case Primitive(name="any"):
            return Attribute(ANY, optional=True)
        case _:
            return None


def in_words(kind: Type) -> str:
    """``a list of text``; for an object, what it must hold."""
    match kind:
        case Primitive():
            return _ARTICLES[kind.name]
        case Collection(name="map"):
            return f"names with {in_words(kind.element)}"
        case Collection():
            return f"a list of {in_words(kind.element)}"
        case Object():
            return "an object"


def example(kind: Type) -> str:
    """What a value of a type looks like."""
    match kind:
        case Primitive(name="number"):
            return "1"
        case Primitive(name="bool"):
            return "true"
        case Primitive():
            return '"…"'
        case Collection(name="map"):
            return f"{{ name = {example(kind.element)} }}"
        case Collection():
            return f"[{example(kind.element)}]"
        case Object():
            needed = [
                f"{name} = {example(a.type)}"
                for name, a in kind.attributes.items()
                if not a.optional
            ]
            return f"{{ {', '.join(needed) or '…'} }}"
