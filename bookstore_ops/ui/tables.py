"""Tables that fit, or records where they would not."""

import textwrap
from collections.abc import Sequence

from bookstore_ops.ui.text import Screen, Span, plain

_GAP = "  "
# A column narrower than that holds no value that could be read.
_NARROWEST = 12


def layout(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str | None = None,
    width: int | None = None,
    fold: bool = False,
) -> Screen:
    """A table no wider than ``width`` (None: as wide as it wants), or one record per row.

    ``fold``: cells may take several lines, but for those of the first column.
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    screen = Screen()
    if title:
        screen.add(Span(title, "bold"))
    free = None if width is None else width - len(_GAP) * (len(widths) - 1)
    if free is not None and fold:
        widths = [widths[0], *_narrowed(widths[1:], free - widths[0])]
    if free is None or sum(widths) <= free:
        _table(screen, columns, cells, widths)
    else:
        _records(screen, columns, cells)
    return screen


def _table(
    screen: Screen, columns: Sequence[str], rows: list[list[str]], widths: list[int]
) -> None:
    screen.add(Span(_row(columns, widths), "bold"))
    for row in rows:
        lines = [_folded(cell, width) for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, lines))):
            screen.add(_row([each[number] if number < len(each) else "" for each in lines], widths))


def _narrowed(widths: Sequence[int], free: int) -> list[int]:
    """These widths, the widest made less wide until they fit; as they are where none can be."""
    narrowed = list(widths)
    while sum(narrowed) > free:
        widest = narrowed.index(max(narrowed))
        if narrowed[widest] <= _NARROWEST:
            return list(widths)
        narrowed[widest] -= 1
    return narrowed


def _folded(cell: str, width: int) -> list[str]:
    return [cell] if len(cell) <= width else textwrap.wrap(cell, width, break_on_hyphens=False)


def _row(cells: Sequence[str], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return _GAP.join(padded).rstrip()


def _records(screen: Screen, columns: Sequence[str], rows: list[list[str]]) -> None:
    label = max(map(len, columns)) + len(_GAP)
    for index, row in enumerate(rows):
        if index:
            screen.add()
        for name, cell in zip(columns, row, strict=True):
            screen.add(Span(name.ljust(label), "bold"), cell)
