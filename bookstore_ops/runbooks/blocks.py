"""A fenced block that runs, read from its info string: a language and ``{attributes}``."""

import re
import shlex
from collections.abc import Sequence

import msgspec

from bookstore_ops.runbooks.conditions import (
    Capture,
    Condition,
    Expect,
    read_capture,
    read_condition,
    read_expect,
)
from bookstore_ops.runbooks.findings import Unreadable

LANGUAGES = ("bash", "bsops", "python", "aws")
NO_UNDO = "none"

_UNITS = {"s": 1, "m": 60, "h": 3600}
_FLAGS = ("confirm", "manual", "danger", "reads")
_KEYS = (
    "name",
    "confirm",
    "timeout",
    "retry",
    "every",
    "within",
    "expect",
    "capture",
    "when",
    "undo",
)
_SEVERAL = ("expect", "capture")
_INFO = re.compile(r"\s*([\w+-]*)\s*(?:\{(.*)\}\s*)?(.*)", re.DOTALL)


class Block(msgspec.Struct, frozen=True):
    """What runs, or what a person does by hand (``manual``).

    ``line`` is the line of the fence. ``reads``: it says that it only looks. ``undo`` is the name
    of the block that takes it back, ``none`` where nothing can. ``within`` is for how many seconds
    it is run again until its expectations hold.
    """

    name: str
    language: str
    text: str
    line: int
    confirm: bool = False
    question: str | None = None
    manual: bool = False
    danger: bool = False
    reads: bool = False
    timeout: float = 600.0
    retry: int = 0
    every: float = 5.0
    within: float | None = None
    expects: tuple[Expect, ...] = ()
    captures: tuple[Capture, ...] = ()
    when: Condition | None = None
    undo: str | None = None

    @property
    def secret_names(self) -> set[str]:
        """The captures that are secrets, by their names or by what they look for."""
        return {capture.name for capture in self.captures if capture.is_secret}


def seconds(text: str) -> float:
    """A duration: ``30s``, ``5m``, ``1h``.

    Raises:
        Unreadable: it is none.
    """
    found = re.fullmatch(r"([1-9][0-9]*)([smh])", text)
    if not found:
        raise Unreadable(f"{text!r} is no duration", "write a number and a unit, e.g. 30s, 5m, 1h")
    return float(int(found[1]) * _UNITS[found[2]])


def is_runnable(info: str) -> bool:
    """Whether a fence is a block: what runs says so by braces, all else is only shown."""
    return _INFO.fullmatch(info)[2] is not None  # type: ignore[index]


def language_of(info: str) -> str:
    """The first word of an info string."""
    return str(_INFO.fullmatch(info)[1])  # type: ignore[index]


def read_block(info: str, text: str, line: int) -> Block:
    """The block that an info string and a text make.

    Raises:
        Unreadable: an attribute is unknown or wrong, or the name is missing.
    """
    found = _INFO.fullmatch(info)
    language, inside, behind = (found[1], found[2] or "", found[3]) if found else ("", "", "")
    if behind.strip():
        raise Unreadable(
            f"something stands behind the braces: {behind.strip()}", "move it into the braces"
        )
    single, several, flags = _sorted_out(inside)
    name = single.get("name", "")
    if not re.fullmatch(r"[a-z][a-z0-9-]*", name) or name == NO_UNDO:
        raise Unreadable(
            "the block has no name" if not name else f"{name!r} is no name of a block",
            "write name=some-words in the braces: lower-case letters, digits, hyphens",
        )
    if language not in LANGUAGES and not (language == "text" and "manual" in flags):
        raise Unreadable(
            f"nothing runs a block of language {language or '(none)'}",
            f"use one of {', '.join(LANGUAGES)}; or text with manual; or take the braces away",
        )
    retry = single.get("retry", "0")
    if not re.fullmatch(r"\d{1,2}", retry):
        raise Unreadable(f"retry={retry!r} is no number", "write how often to try again: retry=3")
    when = single.get("when")
    return Block(
        name=name,
        language=language,
        text=text,
        line=line,
        confirm="confirm" in flags or "confirm" in single,
        question=single.get("confirm"),
        manual="manual" in flags,
        danger="danger" in flags,
        reads="reads" in flags,
        timeout=seconds(single.get("timeout", "10m")),
        retry=int(retry),
        every=seconds(single.get("every", "5s")),
        within=seconds(single["within"]) if "within" in single else None,
        expects=tuple(read_expect(value) for value in several["expect"]),
        captures=tuple(read_capture(value) for value in several["capture"]),
        when=read_condition(when) if when else None,
        undo=single.get("undo"),
    )


def _sorted_out(inside: str) -> tuple[dict[str, str], dict[str, list[str]], set[str]]:
    single: dict[str, str] = {}
    several: dict[str, list[str]] = {key: [] for key in _SEVERAL}
    flags: set[str] = set()
    for word in _words(inside):
        key, equals, value = word.partition("=")
        if key in _SEVERAL and equals:
            several[key].append(value)
        elif (equals and key in _KEYS and key not in single) or (not equals and key in _FLAGS):
            flags.update([] if equals else [key])
            single.update({key: value} if equals else {})
        else:
            raise _no_attribute(key, given=key in single, equals=bool(equals))
    return single, several, flags


def _words(inside: str) -> Sequence[str]:
    try:
        return shlex.split(inside)
    except ValueError as error:
        raise Unreadable(
            f"the attributes cannot be read: {str(error).lower()}", "close the quotation mark"
        ) from error


def _no_attribute(key: str, *, given: bool, equals: bool) -> Unreadable:
    if given:
        return Unreadable(f"{key} is given twice", f"keep one {key}")
    if key in _KEYS and not equals:
        return Unreadable(f"{key} has no value", f"write {key}=VALUE")
    if key in _FLAGS:
        return Unreadable(f"{key} takes no value", f"write {key} alone")
    known = ", ".join(dict.fromkeys((*_KEYS, *_FLAGS)))
    return Unreadable(f"there is no attribute {key}", f"use one of: {known}")
