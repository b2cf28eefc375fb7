"""Runbooks on the screen: the list, a page, what is wrong with it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.ui.text import Screen, Span, line, plain, plural

if TYPE_CHECKING:
    from bookstore_ops.operations.runbooks.reading import Linted
    from bookstore_ops.operations.runbooks.records import Past
    from bookstore_ops.runbooks.blocks import Block
    from bookstore_ops.runbooks.findings import Finding
    from bookstore_ops.runbooks.library import Listed
    from bookstore_ops.runbooks.page import Page
    from bookstore_ops.runbooks.ssm.document import Exported
    from bookstore_ops.runbooks.transcript import Transcript
    from bookstore_ops.ui.terminal import Terminal


def show_list(terminal: "Terminal", pages: Sequence["Listed"], alarm: str | None) -> None:
    """The runbooks, a line each."""
    if not pages:
        terminal.result(f"No runbook for {alarm}." if alarm else "No runbooks yet.")
        terminal.say("bsops runbook list" if alarm else "bsops runbook new NAME writes one")
    else:
        rows = [_row(page) for page in pages]
        terminal.table(("runbook", "severity", "time", "what it mends"), rows)
    terminal.document(
        "bsops.runbook.list/1",
        {
            "alarm": alarm,
            "runbooks": [
                {"name": page.name, "path": str(page.path), **_front(page)} for page in pages
            ],
        },
    )


def _row(page: "Listed") -> tuple[str, ...]:
    front = page.front
    if front is None:
        return page.name, "-", "-", f"cannot be read: bsops runbook lint {page.name}"
    return page.name, front.severity, front.estimated_time, front.summary


def _front(page: "Listed") -> dict[str, object]:
    return {"front": msgspec.to_builtins(page.front)}


def show_page(terminal: "Terminal", page: "Page") -> None:
    """A page's head and steps; what a run would show in full."""
    front = page.front
    screen = Screen()
    screen.add(Span(front.title if front else page.name, "bold"), f"  ({page.path})")
    if front:
        screen.add(front.summary)
        screen.add("")
        for label, text in _head(page):
            screen.add(Span(f"{label:<12}", "dim"), text)
    for number, step in enumerate(page.steps, start=1):
        screen.add("")
        screen.add(Span(f"{number}. {step.title}", "bold"), Span(f"  {step.slug}", "dim"))
        for part in step.parts:
            if isinstance(part, str):
                screen.extend(line(f"   {row}") for row in plain(part).splitlines())
            else:
                screen.add("   ", Span(f"[{part.name}]", "cyan"), f" {traits(part)}")
                screen.extend(
                    line(Span(f"     {row}", "green")) for row in plain(part.text).splitlines()
                )
    terminal.result(screen)
    wrong = [finding for finding in page.findings if not finding.warning]
    if wrong:
        terminal.warn(f"{plural(len(wrong), 'thing')} wrong: bsops runbook lint {page.name}")
    terminal.document(
        "bsops.runbook.page/1",
        {
            "name": page.name,
            "path": str(page.path),
            "front": msgspec.to_builtins(front),
            "steps": [
                {
                    "title": step.title,
                    "slug": step.slug,
                    "line": step.line,
                    "blocks": [_block(block) for block in step.blocks],
                }
                for step in page.steps
            ],
        },
    )


def _head(page: "Page") -> list[tuple[str, str]]:
    front = page.front
    if front is None:
        return []
    rehearsed = str(front.last_rehearsed) if front.last_rehearsed else "never"
    rows = [
        ("severity", front.severity),
        ("time", front.estimated_time),
        ("owner", front.owner),
        ("rehearsed", rehearsed),
        ("alarms", ", ".join(front.alarms)),
        ("symptoms", "; ".join(front.symptoms)),
        ("services", ", ".join(front.services)),
        ("permissions", ", ".join(front.permissions)),
        ("tools", ", ".join(front.tools)),
    ]
    for name, parameter in front.parameters.items():
        default = "" if parameter.default is None else f" (else {parameter.default})"
        rows.append(("parameter", f"{name}: {parameter.description}{default}"))
    return [(label, text) for label, text in rows if text]


def traits(block: "Block") -> str:
    """What a block says of itself, in words."""
    from bookstore_ops.runbooks.effects import changes

    words = [block.language if not block.manual else "by hand"]
    if block.manual:
        return ", ".join(words)
    words.append("changes something" if changes(block) else "only looks")
    words += ["dangerous"] if block.danger else []
    words += [f"if {block.when.text}"] if block.when else []
    undo = "cannot be undone" if block.undo == "none" else f"undone by {block.undo}"
    words += [undo] if block.undo else []
    return ", ".join(words)


def _block(block: "Block") -> dict[str, object]:
    from bookstore_ops.runbooks.effects import changes

    return {
        "name": block.name,
        "language": block.language,
        "line": block.line,
        "text": block.text,
        "changes": changes(block),
        "manual": block.manual,
        "danger": block.danger,
        "confirm": block.confirm,
        "when": block.when.text if block.when else None,
        "undo": block.undo,
        "captures": [capture.name for capture in block.captures],
    }


def show_findings(terminal: "Terminal", pages: Sequence["Linted"]) -> None:
    """What is wrong with the pages, as editors understand it: file, line, what."""
    screen = Screen()
    for page in pages:
        for finding in page.findings:
            label, style = ("warning", "yellow") if finding.warning else ("error", "red")
            screen.add(
                f"{_short(page.path)}:{finding.line}: ", Span(label, style), f": {finding.what}"
            )
            screen.add(Span("    fix: ", "dim"), finding.fix)
    if screen.lines:
        terminal.result(screen)
    findings = [finding for page in pages for finding in page.findings]
    errors = sum(not finding.warning for finding in findings)
    warnings = plural(len(findings) - errors, "warning")
    terminal.result(f"{plural(len(pages), 'runbook')}: {plural(errors, 'error')}, {warnings}")
    terminal.document(
        "bsops.runbook.lint/1",
        {
            "errors": errors,
            "warnings": len(findings) - errors,
            "findings": [_finding(page, finding) for page in pages for finding in page.findings],
        },
    )


def _finding(page: "Linted", finding: "Finding") -> dict[str, object]:
    return {"runbook": page.name, "file": str(page.path), **msgspec.to_builtins(finding)}


def show_exported(
    terminal: "Terminal", name: str, system: str, made: "Exported", out: Path | None
) -> None:
    """The document, or where it was written; and what of the page it does not hold."""
    if out is None:
        terminal.data(made.text(as_json=False))
    else:
        terminal.result(f"wrote {out}: {plural(len(made.document['mainSteps']), 'step')}")
    for left_out in made.left_out:
        terminal.notice(f"not as on the page: {left_out.name}: {left_out.why}")
    terminal.document(
        "bsops.runbook.export/1",
        {
            "runbook": name,
            "format": system,
            "path": str(out) if out else None,
            "document": made.document,
            "left_out": [vars(each) for each in made.left_out],
        },
    )


def show_history(terminal: "Terminal", runs: Sequence["Past"]) -> None:
    """Past runs, the newest last, so that it stands above the prompt."""
    if not runs:
        terminal.result("No runs yet.")
    else:
        columns = ("run", "runbook", "environment", "who", "state", "at")
        terminal.table(columns, [_run_row(past) for past in runs])
    open_runs = [past for past in runs if past.state not in {"done", "undone", "running"}]
    if open_runs:
        terminal.say(f"go on with one: bsops runbook resume {open_runs[-1].run}")
    terminal.document(
        "bsops.runbook.history/1",
        {
            "runs": [
                {
                    "state": past.state,
                    "led_by": [taken.who for taken in past.standing.taken],
                    "outcomes": {n: e.outcome for n, e in past.standing.ended.items()},
                    **msgspec.to_builtins(past.standing.begun),
                }
                for past in runs
            ]
        },
    )


def _run_row(past: "Past") -> tuple[str, ...]:
    beginning, ended = past.standing.begun, list(past.standing.ended)
    return (
        past.run,
        beginning.runbook,
        beginning.environment + (" (sandbox)" if beginning.sandbox else ""),
        past.standing.taken[-1].who if past.standing.taken else "-",
        past.state,
        ended[-1] if ended else "-",
    )


def show_report(terminal: "Terminal", transcript: "Transcript") -> None:
    """The transcript as a document."""
    terminal.document(
        "bsops.runbook.report/1",
        {
            "run": msgspec.to_builtins(transcript.begun),
            "ending": transcript.ending,
            "led_by": transcript.people,
            "remarks": [vars(remark) for remark in transcript.remarks],
            "entries": [
                {
                    "began": entry.began,
                    "who": entry.who,
                    "shown": entry.shown,
                    "text": entry.output,
                    **msgspec.to_builtins(entry.ended),
                }
                for entry in transcript.entries
            ],
        },
    )


def _short(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
