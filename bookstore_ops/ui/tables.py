"""Tables that fit, or records where they would not."""

from collections.abc import Sequence

from bookstore_ops.ui.text import Screen, Span, plain

_GAP = "  "


def layout(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str | None = None,
    width: int | None = None,
) -> Screen:
    """A table no wider than ``width`` (None: as wide as it wants), or one record per row."""
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    screen = Screen()
    if title:
        screen.add(Span(title, "bold"))
    if width is None or sum(widths) + len(_GAP) * (len(widths) - 1) <= width:
        _table(screen, columns, cells, widths)
    else:
        _records(screen, columns, cells)
    return screen


def _table(
    screen: Screen, columns: Sequence[str], rows: list[list[str]], widths: list[int]
) -> None:
    screen.add(Span(_row(columns, widths), "bold"))
    for row in rows:
        screen.add(_row(row, widths))


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
