"""Values as HCL, and paths into them as an operator types them."""

import json
import re

from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.reading import Malformed, Plain, read_value

_NAME = re.compile(r"[^\W\d][\w-]*")
_SEGMENT = re.compile(r'"((?:[^"\\]|\\.)*)"|[^."]+')


def literal(value: Plain) -> str:
    """A value in one line."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        inner = ", ".join(f"{key(name)} = {literal(each)}" for name, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    return json.dumps(value)


def key(name: str) -> str:
    """The name of an entry, in quotes where HCL needs them."""
    return name if _NAME.fullmatch(name) else _text(name)


def dotted(path: tuple[str, ...]) -> str:
    """``database.instance_class``."""
    return ".".join(key(part) for part in path)


def by_type(path: tuple[str, ...], shape: str) -> str:
    """What to write for the last part of a path; a place in a list has no name."""
    return shape if path[-1].isdecimal() else f"{key(path[-1])} = {shape}"


def parse_path(text: str) -> tuple[str, ...]:
    """The path that :func:`dotted` writes.

    Raises:
        NotUnderstood: it is none.
    """
    parts: list[str] = []
    position, ended = 0, False
    while found := _SEGMENT.match(text, position):
        quoted = found[1] is not None
        try:
            parts.append(str(_plain_text(found[0])) if quoted else found[0].strip())
        except Malformed as error:
            raise NotUnderstood(f"{text} is no key") from error
        position = found.end()
        ended = text[position : position + 1] != "."
        if ended:
            break
        position += 1
    if position != len(text) or not ended or not all(parts):
        raise NotUnderstood(f"{text or 'nothing'} is no key")
    return tuple(parts)


def _plain_text(text: str) -> Plain:
    from bookstore_ops.tfvars.reading import plain

    return plain(read_value(text))


def _text(value: str) -> str:
    # JSON's \b and \f are none of HCL's escapes.
    text = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    text = re.sub(
        r"\\(.)", lambda m: {"b": "\\u0008", "f": "\\u000c"}.get(m[1], m[0]), text, flags=re.S
    )
    return text.replace("${", "$${").replace("%{", "%%{")
