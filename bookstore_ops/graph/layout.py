"""Boxes and arrows in layers, left to right: who needs stands left of what it needs.

Sugiyama's way in four steps: break cycles, give each box a layer, order the boxes of each layer so
that few arrows cross, then choose heights. (grandalf does these too; it is unmaintained, untyped,
and knows no boxes of different sizes.)
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import fmean

_SWEEPS = 24
_SETTLINGS = 12


@dataclass(frozen=True)
class Box:
    """A rectangle by its name; ``x`` and ``y`` are its upper left corner."""

    name: str
    width: float
    height: float
    x: float = 0
    y: float = 0


@dataclass(frozen=True)
class Arrow:
    """From who needs to what is needed, over no box.

    ``points`` come in pairs, one for each column of boxes: there it runs level, from the first
    to the second. ``mutual``: what is needed needs it, too.
    """

    start: str
    end: str
    points: tuple[tuple[float, float], ...]
    mutual: bool = False


@dataclass(frozen=True)
class Layout:
    """Everything placed; ``implied`` counts the arrows that follow from others, left out."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: float
    height: float
    implied: int


@dataclass(frozen=True)
class Spacing:
    """Room between columns, between boxes of a column, and for an arrow that passes by."""

    columns: float = 96
    rows: float = 22
    passing: float = 9


@dataclass
class _Place:
    """A box, or the place where an arrow passes through a column (``name`` None)."""

    name: str | None = None
    width: float = 0
    height: float = 0
    left: list["_Place"] = field(default_factory=list)
    right: list["_Place"] = field(default_factory=list)
    y: float = 0

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


def lay_out(
    sizes: Mapping[str, tuple[float, float]],
    needs: Mapping[str, Iterable[str]],
    spacing: Spacing | None = None,
) -> Layout:
    """Place the boxes of these sizes and the arrows between them."""
    room = spacing or Spacing()
    edges = {name: sorted(set(needs.get(name, ())) - {name}) for name in sorted(sizes)}
    forward, turned = _break_cycles(edges)
    kept = _reduce(forward, {(end, start) for start, end in turned})
    implied = sum(map(len, forward.values())) - sum(map(len, kept.values()))
    for start, end in sorted(turned):
        if start not in kept[end]:
            kept[end].append(start)
    layer = _layers(kept)
    columns, chains = _columns(sizes, kept, layer)
    _order(columns)
    for column in columns:
        _stack(column, room)
    _settle(columns, room)
    return _place(columns, chains, edges, room, implied)


def _break_cycles(
    edges: Mapping[str, Sequence[str]],
) -> tuple[dict[str, list[str]], set[tuple[str, str]]]:
    """The edges that close no cycle, and those that do."""
    forward: dict[str, list[str]] = {name: [] for name in edges}
    turned: set[tuple[str, str]] = set()
    done: set[str] = set()
    open_: set[str] = set()

    def visit(name: str) -> None:
        open_.add(name)
        for other in edges[name]:
            if other in open_:
                turned.add((name, other))
                continue
            forward[name].append(other)
            if other not in done:
                visit(other)
        open_.discard(name)
        done.add(name)

    # Whom nobody needs first: an edge that points back is then found where a reader expects it.
    needed = {other for others in edges.values() for other in others}
    for name in sorted(edges, key=lambda name: (name in needed, name)):
        if name not in done:
            visit(name)
    return forward, turned


def _reduce(edges: Mapping[str, Sequence[str]], kept: Set[tuple[str, str]]) -> dict[str, list[str]]:
    """Without the edges that follow from others, but for those to be ``kept``."""
    below: dict[str, set[str]] = {}

    def reach(name: str) -> set[str]:
        if name not in below:
            below[name] = set()
            for other in edges[name]:
                below[name] |= {other} | reach(other)
        return below[name]

    return {
        name: [
            other
            for other in others
            if (name, other) in kept or not any(other in reach(o) for o in others if o != other)
        ]
        for name, others in edges.items()
    }


def _layers(edges: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Column of each: as far right as what it needs allows; the last column needs nothing."""
    height: dict[str, int] = {}

    def measure(name: str) -> int:
        if name not in height:
            height[name] = 1 + max((measure(other) for other in edges[name]), default=-1)
        return height[name]

    most = max((measure(name) for name in edges), default=0)
    return {name: most - height[name] for name in edges}


def _columns(
    sizes: Mapping[str, tuple[float, float]],
    edges: Mapping[str, Sequence[str]],
    layer: Mapping[str, int],
) -> tuple[list[list[_Place]], dict[tuple[str, str], list[_Place]]]:
    """The places of each column, and those that each arrow visits, ends included."""
    columns: list[list[_Place]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    places = {name: _Place(name, width, height) for name, (width, height) in sorted(sizes.items())}
    for name, place in places.items():
        columns[layer[name]].append(place)
    chains: dict[tuple[str, str], list[_Place]] = {}
    for name, others in edges.items():
        for other in others:
            chain = [places[name]]
            for column in range(layer[name] + 1, layer[other]):
                chain.append(_Place())
                columns[column].append(chain[-1])
            chain.append(places[other])
            chains[name, other] = chain
            for one, next_one in pairwise(chain):
                one.right.append(next_one)
                next_one.left.append(one)
    return columns, chains


def _order(columns: list[list[_Place]]) -> None:
    """Order each column by the middle of its neighbours, to and fro; the best order stays."""
    best = [list(column) for column in columns]
    fewest = _crossings(columns)
    for sweep in range(_SWEEPS):
        to_right = sweep % 2 == 0
        for column in columns if to_right else reversed(columns):
            _by_neighbours(column, columns, to_right=to_right)
        crossings = _crossings(columns)
        if crossings < fewest:
            fewest, best = crossings, [list(column) for column in columns]
    columns[:] = best


def _by_neighbours(column: list[_Place], columns: list[list[_Place]], *, to_right: bool) -> None:
    rank = {id(place): index for each in columns for index, place in enumerate(each)}

    def centre(place: _Place) -> float:
        neighbours = place.left if to_right else place.right
        return fmean(rank[id(n)] for n in neighbours) if neighbours else rank[id(place)]

    column.sort(key=centre)


def _crossings(columns: list[list[_Place]]) -> int:
    total = 0
    for column, following in pairwise(columns):
        rank = {id(place): index for index, place in enumerate(following)}
        ends: list[int] = []
        for place in column:
            mine = sorted(rank[id(other)] for other in place.right)
            total += sum(1 for end in mine for earlier in ends if earlier > end)
            ends += mine
    return total


def _gap(upper: _Place, lower: _Place, room: Spacing) -> float:
    """From the top of one to the top of the next below it, at least."""
    both_boxes = upper.name is not None and lower.name is not None
    return upper.height + (room.rows if both_boxes else room.passing + room.rows / 3)


def _stack(column: list[_Place], room: Spacing) -> None:
    for upper, lower in pairwise(column):
        lower.y = upper.y + _gap(upper, lower, room)


def _settle(columns: list[list[_Place]], room: Spacing) -> None:
    """Pull each place to the height of its neighbours, keeping order and distances."""
    for turn in range(_SETTLINGS):
        for column in columns if turn % 2 == 0 else reversed(columns):
            wishes = []
            for place in column:
                near = [other.middle for other in (*place.left, *place.right)]
                wishes.append((fmean(near) if near else place.middle) - place.height / 2)
            _least_squares(column, wishes, room)


def _least_squares(column: list[_Place], wishes: list[float], room: Spacing) -> None:
    """Heights as near to the wishes as order and distances allow (pool adjacent violators)."""
    offsets = [0.0]
    for upper, lower in pairwise(column):
        offsets.append(offsets[-1] + _gap(upper, lower, room))
    pools: list[list[float]] = []
    for wish, offset in zip(wishes, offsets, strict=False):
        pools.append([wish - offset])
        while len(pools) > 1 and fmean(pools[-2]) >= fmean(pools[-1]):
            pools[-2:] = [[*pools[-2], *pools[-1]]]
    bases = [fmean(pool) for pool in pools for _ in pool]
    for place, base, offset in zip(column, bases, offsets, strict=False):
        place.y = base + offset


def _place(
    columns: list[list[_Place]],
    chains: Mapping[tuple[str, str], list[_Place]],
    edges: Mapping[str, Sequence[str]],
    room: Spacing,
    implied: int,
) -> Layout:
    top = min((place.y for column in columns for place in column), default=0)
    bounds: dict[int, tuple[float, float]] = {}
    boxes: dict[str, Box] = {}
    x = 0.0
    for column in columns:
        width = max(place.width for place in column)
        for place in column:
            place.y -= top
            bounds[id(place)] = (x, x + width)
            if place.name is not None:
                left = x + (width - place.width) / 2
                boxes[place.name] = Box(place.name, place.width, place.height, left, place.y)
        x += width + room.columns
    ports = _ports(columns)
    arrows = []
    for (start, end), chain in chains.items():
        first, last = boxes[start], boxes[end]
        y = ports[id(chain[0]), id(chain[1]), "right"]
        points = [(first.x + first.width, y), (bounds[id(chain[0])][1], y)]
        for place in chain[1:-1]:
            points += [(edge, place.y) for edge in bounds[id(place)]]
        y = ports[id(chain[-1]), id(chain[-2]), "left"]
        points += [(bounds[id(chain[-1])][0], y), (last.x, y)]
        if end in edges[start]:
            arrows.append(Arrow(start, end, tuple(points), mutual=start in edges[end]))
        else:
            arrows.append(Arrow(end, start, tuple(points[::-1])))
    return Layout(
        tuple(boxes.values()),
        tuple(arrows),
        max(x - room.columns, 0),
        max((place.y + place.height for column in columns for place in column), default=0),
        implied,
    )


def _ports(columns: list[list[_Place]]) -> dict[tuple[int, int, str], float]:
    """Where each arrow touches a box: spread over its side, in the order of the other ends."""
    ports: dict[tuple[int, int, str], float] = {}
    for place in (p for column in columns for p in column if p.name is not None):
        for side, others in (("left", place.left), ("right", place.right)):
            ordered = sorted(others, key=lambda other: other.middle)
            for index, other in enumerate(ordered, start=1):
                ports[id(place), id(other), side] = place.y + place.height * index / (
                    len(ordered) + 1
                )
    return ports
