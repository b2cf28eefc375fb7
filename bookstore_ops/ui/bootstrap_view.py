"""What a bootstrap would do, what has drifted, and what was done."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bookstore_ops.bootstrap.settings import Finding
    from bookstore_ops.operations.bootstrapping import BootstrapResult, Survey
    from bookstore_ops.operations.session import Session
    from bookstore_ops.terraform.state import StateSummary
    from bookstore_ops.ui.terminal import Terminal

_LONGEST = 60


def show_intended(
    terminal: "Terminal", session: "Session", survey: "Survey", *, repair: bool
) -> None:
    """What is about to be done; on the way, since a question follows."""
    terminal.say(_heading(session, survey))
    for step in survey.steps(repair=repair):
        terminal.say(f"  {step}")
    terminal.say("")
    _warn_of_other_checkouts(terminal, survey)


def show_standing(
    terminal: "Terminal", session: "Session", survey: "Survey", *, repair: bool
) -> None:
    """What would be done and what has drifted; nothing was changed."""
    name, steps = session.environment.name, survey.steps(repair=repair)
    drift = () if repair else survey.drift
    if steps:
        terminal.result(_heading(session, survey))
        for step in steps:
            terminal.result(f"  {step}")
        _warn_of_other_checkouts(terminal, survey)
    elif not drift:
        terminal.result(
            f"{name} is bootstrapped, nothing to change: its state is in {survey.backend.place}, "
            f"locked by {survey.backend.locks}"
        )
    _show_drift(terminal, survey.drift)
    if steps or drift:
        again = session.command_line("bootstrap") + (" --repair" if survey.drift else "")
        terminal.say(f"Nothing was changed. Do it:  {again}")
    _document(
        terminal,
        session,
        survey,
        steps,
        drift=survey.drift,
        state=survey.found.remote,
        done=False,
    )


def show_result(
    terminal: "Terminal", session: "Session", survey: "Survey", result: "BootstrapResult"
) -> None:
    """What was done."""
    state = result.state
    held = (
        f"{state.resources} resources, serial {state.serial}" if state else "it holds nothing yet"
    )
    terminal.result(
        f"{session.environment.name} is bootstrapped: its state is in {survey.backend.place} "
        f"({held}), locked by {survey.backend.locks}"
    )
    if result.copy:
        terminal.result(f"The state as it was is kept in {result.copy}")
    _show_drift(terminal, result.drift)
    if result.drift:
        terminal.say(f"Set it again:  {session.command_line('bootstrap')} --repair")
    if session.server is None:
        terminal.say(f"Commit {session.backend_file}: every checkout needs it.")
    terminal.say(f"next: {session.command_line('plan')}")
    _document(
        terminal,
        session,
        survey,
        result.steps,
        drift=result.drift,
        state=state,
        done=True,
        copy=str(result.copy) if result.copy else None,
    )


def _heading(session: "Session", survey: "Survey") -> str:
    return (
        f"To bootstrap {session.environment.name} (account {session.account_id}, "
        f"{survey.backend.region}):"
    )


def _warn_of_other_checkouts(terminal: "Terminal", survey: "Survey") -> None:
    before, after = survey.written, survey.backend
    if before is None:
        return
    shared = (before.lock_file and after.lock_file) or (
        before.lock_table is not None and before.lock_table == after.lock_table
    )
    if not shared:
        terminal.warn(
            "a checkout that has the backend.tf of before does not see the new lock: "
            'go by way of lock = "both" unless nobody else works on it'
        )


def _show_drift(terminal: "Terminal", drift: "Sequence[Finding]") -> None:
    if not drift:
        return
    rows = [(f.resource, f.setting or "", *_differing(f)) for f in drift]
    terminal.table(
        ("resource", "setting", "wanted", "found"),
        rows,
        title="Changed since it was bootstrapped:",
    )


def _differing(finding: "Finding") -> tuple[str, str]:
    """Wanted and found, of the parts that differ only."""
    wanted, found = finding.wanted, finding.found
    if finding.setting is None:
        return "there", "missing"
    if isinstance(wanted, dict):
        held = found if isinstance(found, dict) else {}
        parts = [name for name in wanted if held.get(name) != wanted[name]]
        return (
            ", ".join(_part(name, wanted[name]) for name in parts),
            ", ".join(_part(name, held.get(name)) for name in parts) if held else "not set",
        )
    return _short(wanted), _short(found)


def _part(name: str, value: Any) -> str:
    if value is None:
        return f"no {name}"
    return name if isinstance(value, dict) else f"{name} {_short(value)}"


def _short(value: Any) -> str:
    if value is None:
        return "not set"
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _document(
    terminal: "Terminal",
    session: "Session",
    survey: "Survey",
    steps: Sequence[str],
    *,
    drift: "Sequence[Finding]",
    state: "StateSummary | None",
    done: bool,
    copy: str | None = None,
) -> None:
    terminal.document(
        "bsops.bootstrap/1",
        {
            "environment": session.environment.name,
            "account_id": session.account_id,
            "region": survey.backend.region,
            "place": survey.backend.place,
            "lock": {"object": survey.backend.lock_file, "table": survey.backend.lock_table},
            "bootstrapped": done or (survey.written is not None and survey.found.local is None),
            "done": done,
            "steps": list(steps),
            "findings": [asdict(finding) for finding in survey.findings],
            "drift": [asdict(finding) for finding in drift],
            "state": {
                "lineage": state.lineage,
                "serial": state.serial,
                "resources": state.resources,
            }
            if state
            else None,
            "copy": copy,
        },
    )
