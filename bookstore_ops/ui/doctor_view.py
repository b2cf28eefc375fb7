"""What doctor found, group by group, and what there is to be checked."""

from collections import Counter
from typing import TYPE_CHECKING

from bookstore_ops.preflight.document import SCHEMA, findings
from bookstore_ops.ui.error_view import runbook_line
from bookstore_ops.ui.text import Screen, Span, line, plain, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookstore_ops.exit_codes import ExitCode
    from bookstore_ops.preflight.check import Check
    from bookstore_ops.preflight.runner import Result
    from bookstore_ops.ui.terminal import Terminal

_MARKS = {"ok": "✓", "warning": "‼", "error": "✗", "unknown": "?", "skipped": "-"}
_STYLES = {
    "ok": "green",
    "warning": "bold yellow",
    "error": "bold red",
    "unknown": "bold magenta",
    "skipped": "dim",
}
_NOUNS = {"warning": "warnings", "error": "errors"}
_FINE = frozenset({"ok", "skipped"})


def show_findings(
    terminal: "Terminal",
    environment: str | None,
    results: "Sequence[Result]",
    exit_code: "ExitCode",
    *,
    short: bool,
) -> None:
    """Every result, or those alone that are not ok; one line of totals."""
    shown = [r for r in results if not short or r.outcome.status not in _FINE or r.fixed]
    screen = _screen(shown, terminal.width, marks=terminal.shows_marks, about=environment)
    if screen.lines:
        screen.add()
    counts = Counter(str(result.outcome.status) for result in results)
    screen.add(Span(totals(counts), "bold"))
    terminal.result(screen)
    terminal.document(SCHEMA, findings(environment, results, exit_code))


def show_catalogue(terminal: "Terminal", checks: "Sequence[Check]") -> None:
    """What doctor checks."""
    terminal.table(
        ("code", "group", "check", "--fix"),
        [(c.code, c.group.value, c.title, "mends it" if c.fix else "-") for c in checks],
    )
    terminal.document(
        "bsops.doctor-list/1",
        {
            "checks": [
                {
                    "code": check.code,
                    "group": check.group.value,
                    "title": check.title,
                    "docs": check.docs,
                    "fixes": check.fix is not None,
                }
                for check in checks
            ]
        },
    )


def totals(counts: "Counter[str]") -> str:
    """``14 ok, 1 warning, 1 error``; of what there is none, nothing is said but for ok."""
    parts = [
        f"{counts[status]} {_NOUNS.get(status, status) if counts[status] != 1 else status}"
        for status in _MARKS
        if counts[status] or status == "ok"
    ]
    return ", ".join(parts)


def _screen(results: "Sequence[Result]", width: int, *, marks: bool, about: str | None) -> Screen:
    screen = Screen()
    group = None
    for result in results:
        if result.job.check.group != group:
            if group is not None:
                screen.add()
            group = result.job.check.group
            screen.add(Span(group.value, "bold underline" if marks else "bold"))
        _add(screen, result, width, marks=marks, about=about)
    return screen


def _add(screen: Screen, result: "Result", width: int, *, marks: bool, about: str | None) -> None:
    check, outcome = result.job.check, result.outcome
    status = str(outcome.status)
    mark = _MARKS[status] if marks else f"{status:7}"
    name = result.job.context.name
    about_one = about is None and check.scope.name == "ENVIRONMENT"
    what = f"{name}: {outcome.what}" if about_one else outcome.what
    if status == "skipped" and (outcome.why or "").startswith("see "):
        # Several of these follow each other, all for the same reason.
        what = f"{check.title}: {what}"
    # Where there is nothing to be typed, another line tells it.
    brief = status == "skipped" or (status == "unknown" and outcome.next_step is None)
    if outcome.why and brief:
        what += f" ({outcome.why})"
    indent = " " * (2 + len(mark) + 1 + len(check.code) + 2)
    first, *more = wrap(what, width, indent) or [indent]
    screen.add("  ", Span(mark, _STYLES[status]), f" {check.code}  {first.removeprefix(indent)}")
    screen.extend(line(row) for row in more)
    for done in result.fixed:
        screen.add(indent, Span(f"fixed: {plain(done)}", "green"))
    if brief or status in _FINE:
        return
    if outcome.why:
        hang = f"{indent}      "
        rows = wrap(outcome.why, width, hang)
        rows[0] = f"{indent}why:  {rows[0].removeprefix(hang)}"
        screen.extend(line(row) for row in rows)
    if outcome.next_step:
        screen.add(f"{indent}next: ", Span(plain(outcome.next_step), "bold green"))
    if check.runbook:
        context = result.job.context
        run = runbook_line(check.runbook, context.name, sandbox=context.sandbox)
        screen.add(f"{indent}runbook: ", Span(run, "green"))
    screen.add(f"{indent}docs: ", Span(check.docs, "dim"))
