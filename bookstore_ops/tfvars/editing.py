"""Setting one value in a ``.tfvars`` file: the least change, or none where it is not sure."""

import json
from typing import Any

from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.reading import Document, Group, Node, Plain, plain, read, read_value
from bookstore_ops.tfvars.writing import dotted, key


def set_value(text: str, path: tuple[str, ...], literal: str) -> str:
    """``text`` with the value ``literal`` at ``path``; everything else stays as it is.

    Raises:
        NotUnderstood: it cannot be done surely.
    """
    document = read(text)
    changed = _set(document, document.group, path, literal, depth=0)
    if not only_differs(text, changed, path, plain(read_value(literal))):
        raise NotUnderstood("more would change than that value")
    return changed


def only_differs(before: str, after: str, path: tuple[str, ...], value: Plain) -> bool:
    """Whether two texts hold the same values, but for ``value`` at ``path`` in the second."""
    expected = _with(plain(read(before).group), path, value)
    # As JSON: Python holds 1 and true for equal.
    return _dumped(expected) == _dumped(plain(read(after).group))


def by_hand(path: tuple[str, ...], literal: str) -> str:
    """What to write, in one line: ``database = { timeouts = { create = "90m" } }``."""
    text = literal
    for name in reversed(path[1:]):
        text = f"{{ {key(name)} = {text} }}"
    return f"{key(path[0])} = {text}"


def lookup(group: Group, path: tuple[str, ...]) -> Node | None:
    """What stands at a path; None where nothing does."""
    node: Node = group
    for name in path:
        if not isinstance(node, Group) or name not in node.entries:
            return None
        node = node.entries[name].value
    return node


def _set(
    document: Document, group: Group, path: tuple[str, ...], literal: str, *, depth: int
) -> str:
    text = document.text
    entry = group.entries.get(path[0])
    if entry is None:
        return _insert(text, group, by_hand(path, literal), depth)
    node = entry.value
    if len(path) > 1:
        if not isinstance(node, Group):
            raise NotUnderstood(f"line {node.line}: {path[0]} is not written as {{ … }} there")
        return _set(document, node, path[1:], literal, depth=depth + 1)
    if any(node.start <= place < node.end for place in document.comments):
        raise NotUnderstood(f"line {node.line}: {dotted(path)} holds comments, which would be lost")
    return text[: node.start] + literal + text[node.end :]


def _insert(text: str, group: Group, line: str, depth: int) -> str:
    """One more entry at the end: on a line of its own, or in the line where all stand."""
    if depth == 0:
        head = text.rstrip()
        return f"{head}\n\n{line}\n" if head else f"{line}\n"
    close = group.end - 1
    head, tail = text[:close].rstrip(), text[close:]
    if "\n" in text[group.start : close]:
        return f"{head}\n{'  ' * depth}{line}\n{'  ' * (depth - 1)}{tail}"
    comma = "," if group.entries and not head.endswith(",") else ""
    return f"{head}{comma} {line} {tail}"


def _with(values: Any, path: tuple[str, ...], value: Plain) -> dict[str, Any]:
    inner = values if isinstance(values, dict) else {}
    if len(path) == 1:
        return {**inner, path[0]: value}
    return {**inner, path[0]: _with(inner.get(path[0]), path[1:], value)}


def _dumped(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
