"""Long lists in little room: sections that say what they leave out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from bookstore_ops.terraform.plan import ResourceChange
from bookstore_ops.terraform.services import service_of
from bookstore_ops.ui.change_view import ChangeBlock
from bookstore_ops.ui.text import Line, Span, line, plural, shorten

# Narrower screens name a service's types on a line of their own.
_WIDE = 70


class Part(Protocol):
    """A piece of a screen that can do with less room than it wants."""

    def wanted(self, most: int) -> int:
        """How many lines it would take; counting stops at ``most``."""

    def lines(self, room: int | None, width: int) -> tuple[list[Line], bool]:
        """At most ``room`` lines (None: all), and whether that is not everything."""


@dataclass
class Section:
    """A heading and changes below it, the gravest first."""

    title: Line
    blocks: Sequence[ChangeBlock]

    def wanted(self, most: int) -> int:
        """See :meth:`Part.wanted`."""
        lines = 1
        for block in self.blocks:
            if lines >= most:
                return most
            lines += 1 + len(block.body)
        return min(lines, most)

    def lines(self, room: int | None, width: int) -> tuple[list[Line], bool]:
        """See :meth:`Part.lines`."""
        room = self.wanted(1_000_000) if room is None else room
        heads = len(self.blocks) if len(self.blocks) < room else max(room - 2, 0)
        spare = room - 1 - heads - (heads < len(self.blocks))
        rows, folded = [self.title], heads < len(self.blocks)
        folded = folded or any(block.abridged for block in self.blocks[:heads])
        for block in self.blocks[:heads]:
            body = block.body[:spare] if spare > 0 else []
            spare -= len(body)
            folded = folded or (spare <= 0 and len(body) < len(block.body))
            rows += [block.head, *body]
        if heads < len(self.blocks):
            rest = [block.change for block in self.blocks[heads:]]
            rows.append(line(Span(_rest(rest, width), "dim")))
        return rows, folded


@dataclass
class Listing:
    """A heading and lines of one kind below it; ``sums_up`` if they are totals of more."""

    title: Line
    rows: Sequence[Line]
    sums_up: bool = False

    def wanted(self, most: int) -> int:
        """See :meth:`Part.wanted`."""
        return min(1 + len(self.rows), most)

    def lines(self, room: int | None, width: int) -> tuple[list[Line], bool]:  # noqa: ARG002
        """See :meth:`Part.lines`."""
        if room is None or len(self.rows) < room:
            return [self.title, *self.rows], self.sums_up
        shown = max(room - 2, 0)
        rest = line(Span(f"  … {len(self.rows) - shown} more", "dim"))
        return [self.title, *self.rows[:shown], rest], True


def allot(wanted: Sequence[int], least: Sequence[int], total: int) -> list[int]:
    """Rooms for sections: each gets its least, the earlier then take what is left."""
    rooms = [min(want, floor) for want, floor in zip(wanted, least, strict=True)]
    left = total - sum(rooms)
    for index, want in enumerate(wanted):
        more = max(min(want - rooms[index], left), 0)
        rooms[index] += more
        left -= more
    return rooms


def by_service(changes: Iterable[ResourceChange], width: int) -> list[Line]:
    """``34  VPC              9 aws_subnet, 6 aws_route_table, 2 more types``, the largest first."""
    services: dict[str, Counter[str]] = {}
    for change in changes:
        services.setdefault(service_of(change.type), Counter())[change.type] += 1
    ordered = sorted(services.items(), key=lambda item: (-item[1].total(), item[0]))
    column = max((len(name) for name in services), default=0)
    return [row for name, types in ordered for row in _service_lines(name, types, column, width)]


def _service_lines(name: str, types: Counter[str], column: int, width: int) -> list[Line]:
    count = f"  {types.total():>4}  "
    room = width - len(count)
    if width >= _WIDE:
        short = shorten(name, room // 2)
        start = f"{short:<{min(column, room // 2)}}  "
        return [line(Span(count, "green"), start, Span(_types(types, room - len(start)), "dim"))]
    return [
        line(Span(count, "green"), shorten(name, room)),
        line(Span(" " * len(count) + _types(types, room), "dim")),
    ]


def _types(types: Counter[str], room: int) -> str:
    ordered = [f"{count} {name}" for name, count in types.most_common()]
    for kept in range(len(ordered), 0, -1):
        missing = len(ordered) - kept
        text = ", ".join([*ordered[:kept], *([f"{plural(missing, 'more type')}"] * bool(missing))])
        if len(text) <= room:
            return text
    return shorten(ordered[0], room) if len(ordered) == 1 else plural(len(ordered), "type")


def _rest(changes: list[ResourceChange], width: int) -> str:
    text = f"  … {len(changes)} more"
    stateful = sum(change.stateful and change.action.destroys for change in changes)
    if stateful:
        text += f", {stateful} with DATA LOSS"
    types = Counter(change.type for change in changes)
    return f"{text}: {_types(types, width - len(text) - 2)}"
