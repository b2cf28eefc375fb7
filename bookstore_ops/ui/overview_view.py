"""The table of environments."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookstore_ops.operations.overview import Standing
    from bookstore_ops.ui.terminal import Terminal


def show_overview(terminal: "Terminal", standings: Sequence["Standing"]) -> None:
    """Every environment with its account, its guards, its saved plan and its last run."""
    columns = ("environment", "account", "region", "protected", "values", "saved plan", "last run")
    terminal.table(columns, [_row(standing) for standing in standings])
    for standing in standings:
        if standing.problem:
            terminal.warn(standing.problem)
    terminal.document("bsops.envs/1", {"environments": [_document(s) for s in standings]})


def _row(standing: "Standing") -> tuple[str, ...]:
    environment = standing.environment
    return (
        standing.name,
        environment.account_id if environment else "?",
        environment.region if environment else "?",
        ("yes" if environment.protected else "no") if environment else "?",
        "yes" if standing.has_values else "missing",
        standing.plan.name if standing.plan else "-",
        _last_run(standing),
    )


def _last_run(standing: "Standing") -> str:
    run = standing.last_run
    return f"{run.started.command} {run.outcome}, {run.started.time}" if run else "-"


def _document(standing: "Standing") -> dict[str, object]:
    environment, run = standing.environment, standing.last_run
    return {
        "name": standing.name,
        "problem": standing.problem,
        "account_id": environment.account_id if environment else None,
        "region": environment.region if environment else None,
        "protected": environment.protected if environment else None,
        "has_values": standing.has_values,
        "initialised": standing.initialised,
        "saved_plan": standing.plan.name if standing.plan else None,
        "last_run": {
            "command": run.started.command,
            "outcome": run.outcome,
            "time": run.started.time,
        }
        if run
        else None,
    }
