"""Lines of styled text, laid out for a width without any library."""

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.text import Text

# Escape sequences and control characters that providers print; line ends and tabs stay.
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f\x7f]"
)


class Span(NamedTuple):
    """A piece of a line in one style (rich's names: ``bold red``)."""

    text: str
    style: str = ""


_MODULE = re.compile(r"module\.[^.\[]+(\[[^\]]*\])?\.")

Line = tuple[Span, ...]


class Screen:
    """Lines to show. Rich draws it in colour; ``str()`` gives the same characters."""

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self.lines: list[Line] = list(lines)

    def add(self, *parts: str | Span) -> None:
        """Append one line."""
        self.lines.append(line(*parts))

    def extend(self, lines: Iterable[Line]) -> None:
        """Append lines made elsewhere."""
        self.lines.extend(lines)

    def __str__(self) -> str:
        return "\n".join("".join(span.text for span in row).rstrip() for row in self.lines)

    def __rich__(self) -> "Text":
        """The same as rich text."""
        from rich.text import Text

        lines = (Text.assemble(*((span.text, span.style) for span in row)) for row in self.lines)
        return Text("\n", no_wrap=True, overflow="ignore").join(lines)


def line(*parts: str | Span) -> Line:
    """One line from pieces with and without style."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def plain(text: str) -> str:
    """``text`` without what would move a cursor, ring a bell or colour a terminal."""
    return _CONTROL.sub("", text.expandtabs(4))


def shorten(text: str, width: int) -> str:
    """``text`` in at most ``width`` characters, what is missing marked in the middle."""
    if len(text) <= width:
        return text
    if width <= 1:
        return "…"[:width]
    tail = (width - 1) // 2
    return text[: width - 1 - tail] + "…" + (text[-tail:] if tail else "")


def shorten_address(address: str, width: int) -> str:
    """An address in at most ``width`` characters; its outer modules are missed first."""
    rest = address
    while len(rest) + (rest != address) > width:
        outer = _MODULE.match(rest)
        if not outer:
            return shorten(rest, width)
        rest = rest[outer.end() :]
    return rest if rest == address else f"…{rest}"


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Lines broken at spaces; what hung to the right goes on hanging there."""
    import textwrap

    lines: list[str] = []
    for row in plain(text).strip("\n").splitlines():
        words = row.lstrip(" ")
        hang = indent + " " * (len(row) - len(words))
        lines += textwrap.wrap(
            words,
            max(width, len(hang) + 16),
            initial_indent=hang,
            subsequent_indent=hang,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines


def prose(text: str, width: int, style: str = "", indent: str = "") -> list[Line]:
    """Wrapped lines in one style."""
    return [line(Span(row, style)) for row in wrap(text, width, indent)]


def duration(seconds: float) -> str:
    """``12s``, ``2m05s``, ``1h02m``."""
    whole = int(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m{whole % 60:02}s"
    return f"{whole // 3600}h{whole % 3600 // 60:02}m"


def age(seconds: float) -> str:
    """A duration as its largest two units say it: ``3d04h``, ``2h10m``, ``4m``, ``12s``."""
    whole = int(seconds)
    if whole >= 86400:
        return f"{whole // 86400}d{whole % 86400 // 3600:02}h"
    if whole >= 3600:
        return f"{whole // 3600}h{whole % 3600 // 60:02}m"
    return f"{whole // 60}m" if whole >= 60 else f"{whole}s"


def size(count: int) -> str:
    """``812 B``, ``1.2 kB``, ``3.4 MB``, ``21.5 GB``."""
    if count < 1000:
        return f"{count} B"
    if count >= 999_950_000:
        return f"{count / 1e9:.1f} GB"
    return f"{count / 1e3:.1f} kB" if count < 999_950 else f"{count / 1e6:.1f} MB"


def listed(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def plural(count: int, noun: str) -> str:
    """``1 resource``, ``2 resources``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
