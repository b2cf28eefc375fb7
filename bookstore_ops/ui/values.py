"""Where two values differ: inside JSON, lists and texts of many lines, not just that they do."""

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from bookstore_ops.terraform.masking import MASK, render
from bookstore_ops.terraform.plan import AttributeChange

# Comparing texts line by line takes the square of their length.
_MOST_LINES = 400


class Difference(NamedTuple):
    """One differing place; None: absent on that side."""

    path: str
    before: str | None
    after: str | None


def differences(attribute: AttributeChange) -> list[Difference]:
    """The places in which an attribute differs; at least one."""
    whole = Difference(attribute.path, attribute.before, attribute.after)
    if attribute.before is None or attribute.after is None:
        return [whole]
    try:
        before, after = json.loads(attribute.before), json.loads(attribute.after)
    except ValueError:  # masked, or not known before apply
        return [whole]
    return list(_walk(attribute.path, before, after)) or [Difference(attribute.path, MASK, MASK)]


def _walk(path: str, before: object, after: object) -> Iterator[Difference]:
    before, after = _opened(before, after)
    match before, after:
        case dict(), dict():
            for key in sorted({*before, *after}):
                yield from _walk(f"{path}.{key}", before.get(key), after.get(key))
        case list(), list() if len(before) == len(after):
            for index, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from _walk(f"{path}[{index}]", one, other)
        case list(), list():
            yield from _members(path, before, after)
        case str(), str() if _long(before, after):
            yield from _lines(path, before.splitlines(), after.splitlines())
        case _:
            if before != after:
                yield Difference(path, _shown(before), _shown(after))


def _opened(before: object, after: object) -> tuple[object, object]:
    # Policies and container definitions are JSON in a string.
    if isinstance(before, str) and isinstance(after, str) and before[:1] + after[:1] in _OPENING:
        try:
            return json.loads(before), json.loads(after)
        except ValueError:
            pass
    return before, after


_OPENING = {"{{", "[["}


def _members(path: str, before: list[object], after: list[object]) -> Iterator[Difference]:
    gone = [item for item in before if item not in after]
    come = [item for item in after if item not in before]
    if not gone and not come:
        yield Difference(path, render(before), render(after))
    for item in gone:
        yield Difference(path, _shown(item), None)
    for item in come:
        yield Difference(path, None, _shown(item))


def _long(before: str, after: str) -> bool:
    lines = max(before.count("\n"), after.count("\n"))
    return before != after and 0 < lines <= _MOST_LINES


def _lines(path: str, before: list[str], after: list[str]) -> Iterator[Difference]:
    matcher = SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, start, end, other_start, other_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        pairs = zip_longest(before[start:end], after[other_start:other_end])
        for offset, (one, other) in enumerate(pairs):
            number = (other_start if other is not None else start) + offset + 1
            yield Difference(f"{path} line {number}", _shown(one), _shown(other))


def _shown(value: object) -> str | None:
    if value is None:
        return None
    return MASK if value == MASK else render(value)
