"""Terraform's errors and warnings, readable in a narrow terminal and in a log."""

from collections.abc import Iterable, Sequence

from bookstore_ops.terraform.events import Diagnostic
from bookstore_ops.ui.text import Line, Screen, Span, line, plain, wrap

_INDENT = "  "


def render_diagnostics(diagnostics: Sequence[Diagnostic], *, width: int) -> Screen:
    """Every error in full; warnings of the same summary once, counted."""
    screen = Screen()
    for diagnostic in (d for d in diagnostics if d.is_error):
        _separate(screen)
        screen.extend(_full(diagnostic, width))
    warnings = [d for d in diagnostics if not d.is_error]
    if warnings:
        _separate(screen)
        screen.extend(_compact(warnings, width))
    return screen


def _separate(screen: Screen) -> None:
    if screen.lines:
        screen.add()


def _full(diagnostic: Diagnostic, width: int) -> Iterable[Line]:
    label, style = ("Error", "bold red") if diagnostic.is_error else ("Warning", "yellow")
    first, *more = wrap(f"{label}: {diagnostic.summary}", width) or [f"{label}:"]
    yield line(Span(label, style), Span(first.removeprefix(label), "bold"))
    for row in more:
        yield line(Span(row, "bold"))
    if diagnostic.address:
        yield line(f"{_INDENT}with ", Span(diagnostic.address, "bold"))
    if diagnostic.range:
        yield line(f"{_INDENT}on {place(diagnostic)}")
    for row in _quoted(diagnostic):
        yield line(Span(f"{_INDENT}  │ {row}", "dim"))
    for row in wrap(diagnostic.detail, width, _INDENT):
        yield line(row)


def place(diagnostic: Diagnostic) -> str:
    """``modules/rds/main.tf:12``, or nothing."""
    if diagnostic.range is None:
        return ""
    return f"{diagnostic.range.filename}:{diagnostic.range.start.line}"


def _quoted(diagnostic: Diagnostic) -> Iterable[str]:
    snippet = diagnostic.snippet
    if snippet is None:
        return
    yield from plain(snippet.code).splitlines()
    for value in snippet.values or ():
        yield plain(f"{value.traversal} {value.statement}")


def _compact(warnings: Sequence[Diagnostic], width: int) -> Iterable[Line]:
    alike: dict[str, list[Diagnostic]] = {}
    for warning in warnings:
        alike.setdefault(warning.summary, []).append(warning)
    for summary, group in alike.items():
        times = f" ({len(group)} times)" if len(group) > 1 else ""
        first, *more = wrap(f"Warning: {summary}{times}", width)
        yield line(Span(first, "yellow"))
        for row in more:
            yield line(Span(row, "yellow"))
        where = group[0].address or place(group[0])
        if where:
            yield line(Span(f"{_INDENT}{'first at' if times else 'at'} {where}", "dim"))
        # The first paragraph says it; the rest is the provider's manual.
        for row in wrap(group[0].detail.strip().split("\n\n")[0], width, _INDENT):
            yield line(Span(row, "dim"))
