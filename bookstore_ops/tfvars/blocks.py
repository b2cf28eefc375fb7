"""The blocks and arguments of HCL with their places; expressions stay text.

python-hcl2 reads this tree, too: it takes some ten seconds for it, and forgets where things stand.
"""

import re
from dataclasses import dataclass, field

_SPACE = re.compile(r"(?:[\s,]|\#[^\n]*|//[^\n]*|/\*.*?\*/)*", re.S)
_WORD = re.compile(r'[\w-]+|"[^"\n]*"')
_HEREDOC = re.compile(r"<<-?(\w+)\n.*?^\s*\1[ \t]*$", re.S | re.M)
_COMMENT = re.compile(r"\#[^\n]*|//[^\n]*|/\*.*?\*/", re.S)
_OPEN, _CLOSE = "([{", ")]}"
# What may be passed over at once: it begins nothing, and it ends nothing.
_PLAIN = re.compile(r"[^\"()\[\]{}<#/]+")
_PLAIN_IN_LINE = re.compile(r"[^\"()\[\]{}<#/,\n]+")
_PLAIN_IN_STRING = re.compile(r"[^\"\\$%]+")


@dataclass(frozen=True)
class Argument:
    """``name = expression``; ``start`` and ``end`` bound the expression."""

    name: str
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Block:
    """``kind "label" { … }``, which begins at ``start``."""

    kind: str
    labels: tuple[str, ...]
    body: "Body"
    start: int = 0


@dataclass
class Body:
    """What stands between braces, or in a whole file; ``end`` is where it ends."""

    arguments: dict[str, Argument] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)
    end: int = 0

    def of_kind(self, kind: str) -> list[Block]:
        """The blocks of a kind."""
        return [block for block in self.blocks if block.kind == kind]


class NotUnderstood(ValueError):
    """The text is no HCL that this module knows."""


def parse(text: str, start: int = 0) -> Body:
    """The body that begins at ``start``: up to its closing brace, or to the end of the text.

    Raises:
        NotUnderstood: it cannot be read with certainty.
    """
    body = Body()
    position = _after_space(text, start)
    while position < len(text) and text[position] != "}":
        words, first = [], position
        while word := _WORD.match(text, position):
            words.append(word[0].strip('"'))
            position = word.end()
            while position < len(text) and text[position] in " \t":
                position += 1
        sign = text[position : position + 1]
        if sign in {"=", ":"} and len(words) == 1:
            begin = position + 1
            while text[begin : begin + 1] in {" ", "\t"}:
                begin += 1
            end = _end_of_expression(text, begin)
            if words[0] in body.arguments:
                raise NotUnderstood(f"{words[0]} stands there twice")
            body.arguments[words[0]] = Argument(words[0], text[begin:end].rstrip(), begin, end)
            position = end
        elif sign == "{" and words:
            inner = parse(text, position + 1)
            body.blocks.append(Block(words[0], tuple(words[1:]), inner, first))
            position = inner.end + 1
        else:
            line = text.count("\n", 0, position) + 1
            raise NotUnderstood(f"line {line} is neither an argument nor a block")
        position = _after_space(text, position)
    if start and position >= len(text):
        raise NotUnderstood("a brace is never closed")
    body.end = position
    return body


def object_body(argument: Argument) -> Body | None:
    """The inside of ``{ … }``, places counted within the expression; None for what is none."""
    if not argument.text.startswith("{"):
        return None
    body = parse(argument.text, 1)
    return body if body.end == len(argument.text) - 1 and not body.blocks else None


def split_call(text: str) -> tuple[str, list[str]] | None:
    """``optional(string, "5m")`` as its name and arguments; None for what is no call."""
    found = re.match(r"(\w+)\(", text)
    if not found or not text.endswith(")"):
        return None
    inner, parts, begin, position = text[:-1], [], found.end(), found.end()
    while position < len(inner):
        if inner[position] == ",":
            parts.append(inner[begin:position].strip())
            begin = position + 1
        position = _step(inner, position)
    return found[1], [*parts, inner[begin:].strip()]


def _after_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _end_of_expression(text: str, position: int) -> int:
    while position < len(text):
        if plain := _PLAIN_IN_LINE.match(text, position):
            position = plain.end()
            continue
        if text[position] in "\n,}" or text.startswith(("#", "//"), position):
            break
        position = _step(text, position)
    while text[position - 1] in " \t":
        position -= 1
    return position


def _step(text: str, position: int) -> int:
    """Past what begins at ``position``: a string, brackets, a heredoc, or one character."""
    here = text[position]
    if here == '"':
        return _after_string(text, position + 1)
    if here in _OPEN:
        return _after_brackets(text, position + 1)
    if here == "<":
        heredoc = _HEREDOC.match(text, position)
        if heredoc:
            return heredoc.end()
    return position + 1


def _after_string(text: str, position: int) -> int:
    while position < len(text) and text[position] != '"':
        if plain := _PLAIN_IN_STRING.match(text, position):
            position = plain.end()
        elif text[position] == "\\":
            position += 2
        elif text[position : position + 3] in {"$${", "%%{"}:
            position += 3
        elif text[position : position + 2] in {"${", "%{"}:
            position = _after_brackets(text, position + 2)
        else:
            position += 1
    return position + 1


def _after_brackets(text: str, position: int) -> int:
    while position < len(text) and text[position] not in _CLOSE:
        passed = _PLAIN.match(text, position) or _COMMENT.match(text, position)
        position = passed.end() if passed else _step(text, position)
    if position >= len(text):
        raise NotUnderstood("a bracket is never closed")
    return position + 1
