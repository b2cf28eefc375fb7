"""Walking a change's before and after to the attributes that differ."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bookstore_ops.terraform.masking import is_secret_name


class Difference(NamedTuple):
    """One attribute that differs; ``unknown``: its new value is known after apply.

    ``sensitive`` holds the marks of both values, each true or of the value's own shape.
    """

    path: str
    before: Any
    after: Any
    sensitive: tuple[Any, Any]
    unknown: bool


def differences(
    before: Any, after: Any, *, sensitive: tuple[Any, Any], unknown: Any
) -> Iterator[Difference]:
    """The attributes in which ``after`` differs from ``before``, deepest first-known path each.

    ``sensitive`` holds Terraform's marks of both, ``unknown`` those of values known after apply.
    """
    for path, old, new, marks, later in _walk([], before, after, sensitive, unknown):
        yield Difference(dotted(path), old, new, marks, later)


def _walk(
    path: list[Any], before: Any, after: Any, sensitive: tuple[Any, Any], unknown: Any
) -> Iterator[tuple[list[Any], Any, Any, tuple[Any, Any], bool]]:
    hidden = sensitive[0] is True or sensitive[1] is True
    marks = (True, True) if hidden else sensitive
    if unknown is True:
        yield path, before, None, marks, True
        return
    if hidden or not _same_shape(before, after):
        if not _equal(before, after):
            yield path, before, after, marks, False
        return
    for key in _keys(before, after, unknown):
        yield from _walk(
            [*path, key],
            _item(before, key),
            _item(after, key),
            (True, True)
            if key == "value" and _is_secret_pair(before, after)
            else (_item(sensitive[0], key), _item(sensitive[1], key)),
            _item(unknown, key),
        )
    if not isinstance(before, dict | list) and not _equal(before, after):
        yield path, before, after, marks, False


def _is_secret_pair(*blocks: Any) -> bool:
    """Whether one is like ``{"name": "DB_PASSWORD", "value": "…"}``."""
    return any(is_secret_name(str(_item(block, "name") or "")) for block in blocks)


def _same_shape(before: Any, after: Any) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return True
    if isinstance(before, list) and isinstance(after, list):
        # Lists of another length are shown whole: index by index they would mislead.
        return len(before) == len(after)
    return not isinstance(before, dict | list) and not isinstance(after, dict | list)


def _equal(before: Any, after: Any) -> bool:
    empty: tuple[Any, ...] = (None, "", [], {})
    return bool(before == after) or (before in empty and after in empty)


def _keys(before: Any, after: Any, unknown: Any) -> list[Any]:
    if isinstance(before, dict) and isinstance(after, dict):
        return sorted({*before, *after, *(unknown if isinstance(unknown, dict) else ())})
    if isinstance(before, list) and isinstance(after, list):
        return list(range(len(after)))
    return []


def _item(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def dotted(path: list[Any]) -> str:
    """``["tags", "Name"]`` -> ``tags.Name``, ``["ingress", 0]`` -> ``ingress[0]``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def fill_unknown(value: Any, unknown: Any, word: str) -> Any:
    """``value`` with ``word`` where Terraform marks it as known after apply."""
    if unknown is True:
        return word
    if isinstance(unknown, dict):
        known = value if isinstance(value, dict) else {}
        return {
            key: fill_unknown(known.get(key), unknown.get(key), word)
            for key in {**known, **unknown}
        }
    if isinstance(unknown, list) and isinstance(value, list):
        marks = [*unknown, *[False] * len(value)]
        return [fill_unknown(item, mark, word) for item, mark in zip(value, marks, strict=False)]
    return value
