"""The small languages of a block's attributes: expect, capture, when."""

import json
import operator
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from bookstore_ops.runbooks.findings import Unreadable
from bookstore_ops.runbooks.values import Value, Values, as_text
from bookstore_ops.terraform.masking import MASK, is_secret_name

_EXPECT_FORMS = "exit 0 2 · output ~ REGEX · output !~ REGEX · json PATH · json PATH == VALUE"
_CAPTURE_FORMS = "NAME · NAME ~ REGEX · NAME json PATH"
_WHEN_FORMS = "NAME · not NAME · NAME == VALUE · NAME != VALUE · NAME ~ REGEX, joined by ' and '"

# JMESPath has comparisons of its own inside of brackets: this is the one behind the last.
_COMPARISON = re.compile(r"(.+?)\s+(==|!=|<=|>=|<|>)\s+([^\]]+)", re.DOTALL)
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class NotHeld(Exception):
    """What a block was to answer, it did not; the message says what it answered instead."""


class JsonPath(msgspec.Struct, frozen=True):
    """A JMESPath expression, and what its value is compared with."""

    path: str
    sign: str = ""
    wanted: Any = None

    @property
    def problem(self) -> str | None:
        """Why the path is none; found out by lint, since a run need not load JMESPath for it."""
        import jmespath
        from jmespath.exceptions import JMESPathError

        try:
            jmespath.compile(self.path)
        except JMESPathError:
            return f"{self.path!r} is no JMESPath expression"
        return None

    def find(self, output: str) -> Any:
        """What the expression finds in ``output``.

        Raises:
            NotHeld: the output is no JSON, or the expression does not fit it.
        """
        import jmespath
        from jmespath.exceptions import JMESPathError

        try:
            return jmespath.search(self.path, json.loads(output))
        except ValueError as error:
            if isinstance(error, JMESPathError):
                raise NotHeld(f"{self.path} does not fit the answer: {error}") from error
            raise NotHeld("the output is no JSON") from error

    def check(self, output: str) -> None:
        """Compare.

        Raises:
            NotHeld: it does not hold.
        """
        found = self.find(output)
        secret = is_secret_name(self.path) and found is not None
        shown = MASK if secret else json.dumps(found, ensure_ascii=False)[:200]
        try:
            held = _OPERATORS[self.sign](found, self.wanted) if self.sign else bool(found)
        except TypeError:
            held = False
        if not held:
            expected = f" {self.sign} {json.dumps(self.wanted)}" if self.sign else ""
            raise NotHeld(f"expected {self.path}{expected}, found {shown}")


class Expect(msgspec.Struct, frozen=True):
    """One expectation: exit codes, a pattern in the output or its absence, or JSON."""

    text: str
    codes: tuple[int, ...] = ()
    pattern: re.Pattern[str] | None = None
    absent: bool = False
    json: JsonPath | None = None

    def check(self, code: int, output: str) -> None:
        """Hold the end of a command against it.

        Raises:
            NotHeld: it does not hold.
        """
        if self.codes and code not in self.codes:
            wanted = " or ".join(map(str, self.codes))
            raise NotHeld(f"it exited with {code}, expected {wanted}")
        if self.pattern and bool(self.pattern.search(output)) == self.absent:
            verb = "holds" if self.absent else "does not hold"
            raise NotHeld(f"the output {verb} {self.pattern.pattern}")
        if self.json:
            self.json.check(output)


class Capture(msgspec.Struct, frozen=True):
    """A value taken from the output for later blocks: all of it, a pattern's part, or JSON."""

    name: str
    pattern: re.Pattern[str] | None = None
    json: JsonPath | None = None

    @property
    def is_secret(self) -> bool:
        """Whether its name, or what it looks for, goes by a secret's name."""
        looks_for = (
            self.json.path if self.json else "",
            self.pattern.pattern if self.pattern else "",
        )
        return any(map(is_secret_name, (self.name, *looks_for)))

    def take(self, output: str) -> Value:
        """The value.

        Raises:
            NotHeld: the output does not hold it, or it could reach no command.
        """
        if self.json:
            value = self.json.find(output)
            if value is None:
                raise NotHeld(f"nothing to capture as {self.name}: {self.json.path} finds nothing")
        elif self.pattern:
            found = self.pattern.search(output)
            if not found:
                raise NotHeld(f"nothing to capture as {self.name}: no {self.pattern.pattern}")
            value = found[1] if self.pattern.groups else found[0]
        else:
            value = output.rstrip("\r\n")
        if "\0" in as_text(value):
            raise NotHeld(f"what would be {self.name} holds a NUL character")
        return value


class Term(msgspec.Struct, frozen=True):
    """One part of a condition."""

    name: str
    sign: str = ""
    wanted: str = ""
    negated: bool = False

    def holds(self, values: Values) -> bool:
        """Whether it is true of the values; one that is not known is empty."""
        value = values.get(self.name)
        text = "" if value is None else as_text(value)
        match self.sign:
            case "==":
                return text == self.wanted
            case "!=":
                return text != self.wanted
            case "~":
                return re.search(self.wanted, text) is not None
            case _:
                truth = value not in (None, "", False, 0, "false", "0", [], {})
                return truth != self.negated


class Condition(msgspec.Struct, frozen=True):
    """When a block runs: all of its terms are true."""

    text: str
    terms: tuple[Term, ...]

    def holds(self, values: Values) -> bool:
        """Whether it is true of the values."""
        return all(term.holds(values) for term in self.terms)

    @property
    def names(self) -> set[str]:
        """The values it asks for."""
        return {term.name for term in self.terms}


def read_expect(text: str) -> Expect:
    """An expectation as it is written.

    Raises:
        Unreadable: it is none.
    """
    kind, _, rest = text.partition(" ")
    rest = rest.strip()
    if kind == "exit" and re.fullmatch(r"\d+(\s+\d+)*", rest):
        return Expect(text, codes=tuple(map(int, rest.split())))
    if kind == "output":
        sign, _, pattern = rest.partition(" ")
        if sign in {"~", "!~"} and pattern:
            return Expect(text, pattern=_pattern(pattern), absent=sign == "!~")
    if kind == "json" and rest:
        return Expect(text, json=_path(rest, compared=True))
    raise Unreadable(f"expect={text!r} is no expectation", f"write one of: {_EXPECT_FORMS}")


def read_capture(text: str) -> Capture:
    """A capture as it is written.

    Raises:
        Unreadable: it is none.
    """
    found = re.fullmatch(r"([a-z][a-z0-9_]*)(?:\s+(~|json)\s+(.+))?", text, re.DOTALL)
    if not found or found[1].endswith("_proxy"):
        raise Unreadable(f"capture={text!r} is no capture", f"write one of: {_CAPTURE_FORMS}")
    name, kind, rest = found.groups()
    if kind == "~":
        return Capture(name, pattern=_pattern(rest))
    return Capture(name, json=_path(rest, compared=False) if kind else None)


def read_condition(text: str) -> Condition:
    """A condition as it is written.

    Raises:
        Unreadable: it is none.
    """
    terms = []
    for part in re.split(r"\s+and\s+", text.strip()):
        found = re.fullmatch(r"(not\s+)?([a-z][a-z0-9_]*)(?:\s*(==|!=|~)\s*(.+))?", part, re.DOTALL)
        if not found or (found[1] and found[3]):
            raise Unreadable(f"when={text!r} is no condition", f"write: {_WHEN_FORMS}")
        wanted = (found[4] or "").strip()
        if wanted[:1] in {"'", '"'} and wanted[-1:] == wanted[:1]:
            wanted = wanted[1:-1]
        if found[3] == "~":
            _pattern(wanted)
        terms.append(Term(found[2], found[3] or "", wanted, negated=bool(found[1])))
    return Condition(text, tuple(terms))


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text, re.MULTILINE)
    except re.error as error:
        raise Unreadable(
            f"{text!r} is no regular expression: {error}", "correct the expression"
        ) from error


def _path(text: str, *, compared: bool) -> JsonPath:
    found = _COMPARISON.fullmatch(text) if compared else None
    path, sign, word = found.groups() if found else (text, "", "")
    wanted: Any = word.strip().strip("'")
    with suppress(ValueError):
        wanted = json.loads(word)
    return JsonPath(path, sign, wanted)
