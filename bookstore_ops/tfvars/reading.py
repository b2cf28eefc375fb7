"""A ``.tfvars`` file as Terraform takes it: plain values, each with its place."""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from bookstore_ops.terraform.masking import is_secret_name
from bookstore_ops.tfvars.blocks import NotUnderstood

_COMMENT = r"\#[^\n]*|//[^\n]*|/\*.*?\*/"
_INLINE = re.compile(rf"(?:[ \t\r]++|{_COMMENT})*", re.S)
_SPACE = re.compile(rf"(?:\s++|{_COMMENT})*", re.S)
_COMMENTS = re.compile(_COMMENT, re.S)
_NAME = re.compile(r"[^\W\d][\w-]*")
_STRING = re.compile(r'"((?:[^"\\\n$%]++|\\.|\$\$\{|%%\{|\$(?!\{)|%(?!\{))*)"')
_NUMBER = re.compile(r"-?\d{1,60}(\.\d{1,60})?([eE][+-]?\d{1,3})?(?![\w.])")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)|\$\$\{|%%\{")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
# Deeper than any tree's groups; Python's own stack ends later.
_DEPTH = 64

Plain = str | int | float | bool | None | list[Any] | dict[str, Any]


class Malformed(NotUnderstood):
    """The text is no file of values. ``write`` is what to write instead."""

    def __init__(self, line: int, what: str, write: str) -> None:
        super().__init__(f"line {line}: {what}")
        self.line = line
        self.what = what
        self.write = write


@dataclass(frozen=True)
class Scalar:
    """Text, a number, true, false or null."""

    start: int
    end: int
    line: int
    value: str | int | float | bool | None


@dataclass(frozen=True)
class Items:
    """``[ … ]``."""

    start: int
    end: int
    line: int
    items: list["Node"]


@dataclass(frozen=True)
class Group:
    """``{ … }``, or a whole file; ``end`` is past its brace."""

    start: int
    end: int
    line: int
    entries: dict[str, "Entry"]


@dataclass(frozen=True)
class Entry:
    """``name = value``."""

    name: str
    line: int
    value: "Node"


Node = Scalar | Items | Group


@dataclass(frozen=True)
class Document:
    """A file of values; ``comments`` are the places where one begins."""

    text: str
    group: Group
    comments: list[int] = field(default_factory=list)


def decode(content: bytes) -> str:
    """The text of a file.

    Raises:
        Malformed: it is not UTF-8, or begins or ends its lines as other systems do.
    """
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Malformed(line, "this is not UTF-8", "save the file as UTF-8") from error
    if text.startswith("\ufeff"):
        raise Malformed(
            1, "the file begins with a byte order mark", "save it as UTF-8 without one (no BOM)"
        )
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        raise Malformed(
            line, "the line ends with a carriage return", "save the file with LF line ends"
        )
    return text


def read_file(path: Path) -> Document:
    """The values in a file; see :func:`read`. A file that is not there holds none."""
    return read(decode(path.read_bytes()) if path.exists() else "")


def read(text: str) -> Document:
    """The values in a text.

    Raises:
        Malformed: Terraform would not take it, or it holds more than plain values.
    """
    reader = _Reader(text)
    entries, _ = reader.entries(0, 0, opened=None)
    return Document(text, Group(0, len(text), 1, entries), reader.comments)


def read_value(text: str) -> Node:
    """One value by itself.

    Raises:
        Malformed: it is none.
    """
    reader = _Reader(text)
    node = reader.value(reader.space(0), 0, "a value")
    rest = reader.space(node.end)
    if rest < len(text):
        raise reader.unexpected(rest)
    return node


def plain(node: Node) -> Plain:
    """The value as Python has it."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {name: plain(entry.value) for name, entry in node.entries.items()}


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._newlines = [found.start() for found in re.finditer("\n", text)]
        self.comments: list[int] = []

    def line(self, position: int) -> int:
        return bisect_left(self._newlines, position) + 1

    def space(self, position: int, pattern: re.Pattern[str] = _SPACE) -> int:
        found = pattern.match(self._text, position)
        end = found.end() if found else position
        if end > position:
            between = _COMMENTS.finditer(self._text, position, end)
            self.comments += [comment.start() for comment in between]
        return end

    def unexpected(self, position: int) -> Malformed:
        if position >= len(self._text):
            return Malformed(
                self.line(position), "the file ends where a value belongs", "write the value"
            )
        found = re.compile(r"[\w.-]+|.", re.S).match(self._text, position)
        word = self._shown(position, found[0] if found else "")
        shown = "the line ends here" if word == "\n" else f"{word} does not belong here"
        return Malformed(
            self.line(position), shown, 'values only, one a line: name = "text", 1, true, [ ], { }'
        )

    def _shown(self, position: int, word: str) -> str:
        """A word of the file; not in a line that may hold a secret."""
        begin, end = self._text.rfind("\n", 0, position) + 1, self._text.find("\n", position)
        line = self._text[begin : end if end >= 0 else None]
        return "what stands here" if word != "\n" and is_secret_name(line) else word[:30]

    def entries(
        self, position: int, depth: int, *, opened: int | None
    ) -> tuple[dict[str, Entry], int]:
        """What stands in a group; ``opened`` is where its brace is, None for the whole file."""
        found: dict[str, Entry] = {}
        while True:
            position = self.space(position)
            if self._text[position : position + 1] == "}" and opened is not None:
                return found, position + 1
            if position >= len(self._text):
                if opened is None:
                    return found, position
                raise Malformed(self.line(opened), "this { is never closed", "add the }")
            name, entry = self._entry(position, depth, inside=opened is not None)
            if name in found:
                raise Malformed(
                    entry.line,
                    f"{name} stands here for the second time (first in line {found[name].line})",
                    "keep one of the two",
                )
            found[name] = entry
            position = self._end_of_entry(entry.value.end, inside=opened is not None)

    def _entry(self, position: int, depth: int, *, inside: bool) -> tuple[str, Entry]:
        line = self.line(position)
        name, after = self._name(position, quoted=inside)
        after = self.space(after, _INLINE)
        sign = self._text[after : after + 1]
        if sign == "{":
            raise Malformed(line, f"{name} has no =", f"write: {name} = {{ … }}")
        if sign not in ({"=", ":"} if inside else {"="}):
            raise (
                self.unexpected(after)
                if sign
                else Malformed(line, f"{name} has no value", f"write: {name} = …")
            )
        return name, Entry(name, line, self.value(self.space(after + 1, _INLINE), depth, name))

    def _name(self, position: int, *, quoted: bool) -> tuple[str, int]:
        found = _NAME.match(self._text, position)
        if found:
            return found[0], found.end()
        if quoted and self._text[position] == '"':
            node = self._string(position)
            return str(node.value), node.end
        raise self.unexpected(position)

    def _end_of_entry(self, position: int, *, inside: bool) -> int:
        after = self.space(position, _INLINE)
        here = self._text[after : after + 1]
        if here in {"", "\n"} or (inside and here == "}"):
            return after
        if inside and here == ",":
            return after + 1
        raise self.unexpected(after)

    def value(self, position: int, depth: int, name: str) -> Node:
        """The value that begins at ``position``."""
        here = self._text[position : position + 1]
        if depth > _DEPTH:
            raise Malformed(
                self.line(position), f"{name} goes deeper than {_DEPTH} levels", "write less deep"
            )
        if here == '"':
            return self._string(position)
        if here == "[":
            return self._items(position, depth + 1, name)
        if here == "{":
            entries, end = self.entries(position + 1, depth + 1, opened=position)
            return Group(position, end, self.line(position), entries)
        return self._word(position, here, name)

    def _word(self, position: int, here: str, name: str) -> Scalar:
        line = self.line(position)
        number = _NUMBER.match(self._text, position)
        if number:
            whole = not (number[1] or number[2])
            value = int(number[0]) if whole else float(number[0])
            if value not in {float("inf"), float("-inf")}:
                return Scalar(position, number.end(), line, value)
        if self._text.startswith("<<", position):
            raise Malformed(
                line,
                f"{name} is a heredoc, which bsops does not read here",
                f'write one text: {name} = "first line\\nsecond line"',
            )
        word = _NAME.match(self._text, position)
        if word and word[0] in _WORDS and self._text[word.end() : word.end() + 1] not in {"(", "."}:
            return Scalar(position, word.end(), line, _WORDS[word[0]])
        if word:
            raise Malformed(
                line,
                f"{name} is neither text in quotes nor a number: {self._shown(position, word[0])}",
                f'for text, write: {name} = "…"   (values hold no expressions)',
            )
        if here in {"", "\n"}:
            raise Malformed(line, f"{name} has no value", f"write: {name} = …")
        raise self.unexpected(position)

    def _items(self, position: int, depth: int, name: str) -> Items:
        items: list[Node] = []
        after = self.space(position + 1)
        while self._text[after : after + 1] != "]":
            if after >= len(self._text):
                raise Malformed(self.line(position), "this [ is never closed", "add the ]")
            items.append(self.value(after, depth, name))
            after = self.space(items[-1].end)
            sign = self._text[after : after + 1]
            if sign == ",":
                after = self.space(after + 1)
            elif sign not in {"]", ""}:
                raise Malformed(
                    self.line(after), f"{name}: a comma is missing here", 'write: ["a", "b"]'
                )
        return Items(position, after + 1, self.line(position), items)

    def _string(self, position: int) -> Scalar:
        found = _STRING.match(self._text, position)
        line = self.line(position)
        if not found:
            rest = self._text[position + 1 :].split("\n", 1)[0]
            if "${" in rest or "%{" in rest:
                raise Malformed(line, "this text holds a template", "values hold text only")
            raise Malformed(line, "this text is not closed", 'end it with " in the same line')

        def unescaped(escape: re.Match[str]) -> str:
            code = escape[1]
            if code is None:
                return escape[0][1:]
            if len(code) > 1 and int(code[1:], 16) < 0x110000:
                return chr(int(code[1:], 16))
            if code in _ESCAPES:
                return _ESCAPES[code]
            raise Malformed(
                line, f"\\{code[:1]} is no escape", 'a backslash itself is written "\\\\"'
            )

        return Scalar(position, found.end(), line, _ESCAPE.sub(unescaped, found[1]))


Kind = Literal["text", "number", "true or false", "null", "a list", "an object"]


def kind_of(value: Plain) -> Kind:
    """What a value is, in words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "text"
        case list():
            return "a list"
        case dict():
            return "an object"
        case _:
            return "number"
