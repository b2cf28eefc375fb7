"""What is idle, on the screen: one table, and what could not be told."""

from typing import TYPE_CHECKING

from bookstore_ops.idle.model import Verdict
from bookstore_ops.ui.text import Screen, Span, plain, plural

if TYPE_CHECKING:
    from bookstore_ops.idle.model import Finding
    from bookstore_ops.operations.idle import Report
    from bookstore_ops.ui.terminal import Terminal


def show_report(terminal: "Terminal", report: "Report") -> None:
    """What is idle as one table, what nobody could tell, and the document."""
    idle, unknown = report.of(Verdict.IDLE), report.of(Verdict.UNKNOWN)
    if idle:
        columns = ("resource", "what", "since", "how much", "why it is called idle", "what ends it")
        terminal.table(columns, [_row(each) for each in idle])
        terminal.result("")
    for each in unknown:
        screen = Screen()
        screen.add(Span(f"unknown: {each.kind} {each.name}: ", "bold yellow"), plain(each.why))
        terminal.result(screen)
    used = len(report.findings) - len(idle) - len(unknown)
    terminal.result(
        f"{report.environment}: {len(idle)} idle, {len(unknown)} unknown, {used} in use, of "
        f"{plural(len(report.findings), 'resource')} looked at over {plural(report.days, 'day')}"
    )
    terminal.document(
        "bsops.idle/1",
        {
            "environment": report.environment,
            "region": report.region,
            "days": report.days,
            "idle": [_document(each) for each in idle],
            "unknown": [_document(each) for each in unknown],
            "used": used,
        },
    )


def _row(finding: "Finding") -> tuple[str, ...]:
    since = finding.since
    return (
        finding.address or finding.name,
        finding.kind,
        f"{since:%Y-%m-%d}" if since else "-",
        finding.amount or "-",
        finding.why,
        finding.mend or "-",
    )


def _document(finding: "Finding") -> dict[str, object]:
    return {
        "kind": finding.kind,
        "name": finding.name,
        "address": finding.address or None,
        "since": finding.since and finding.since.isoformat(timespec="seconds"),
        "amount": finding.amount or None,
        "why": finding.why,
        "next": finding.mend or None,
    }
