"""Backups on the screen: what there is, and what each store would lose."""

from datetime import datetime
from typing import TYPE_CHECKING

from bookstore_ops.ui.text import Screen, Span, age, plain, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookstore_ops.backups.model import Backup, Standing
    from bookstore_ops.operations.backup_listing import Inventory
    from bookstore_ops.ui.terminal import Terminal

_SHOWN = 3
_STYLES = {"met": "green", "missed": "bold red", "unknown": "bold yellow", "no objective": "dim"}


def show_inventory(terminal: "Terminal", inventory: "Inventory", *, everything: bool) -> None:
    """All backups as one table, then how each store stands."""
    rows = [
        _row(standing, backup)
        for standing in inventory.standings
        for backup in standing.found.backups[: None if everything else _SHOWN]
    ]
    if rows:
        columns = ("store", "backup", "kind", "age", "size", "region", "encrypted", "status")
        terminal.table(columns, rows)
        terminal.result("")
    _verdicts(terminal, inventory.standings)
    for standing in inventory.standings:
        reason = ": ".join(filter(None, (standing.problem, standing.why)))
        if reason:
            screen = Screen()
            screen.add(Span(f"{standing.store.name}: ", _STYLES[standing.verdict]), plain(reason))
            terminal.result(screen)
    terminal.document(
        "bsops.backup-list/1",
        {
            "environment": inventory.environment,
            "stores": [standing_document(each) for each in inventory.standings],
        },
    )


def _verdicts(terminal: "Terminal", standings: "Sequence[Standing]") -> None:
    columns = ("store", "region", "can go back to", "would lose", "may lose", "objective")
    terminal.table(
        columns,
        [
            (
                standing.store.name,
                standing.region + (" (copy)" if standing.is_copy else ""),
                _moment(standing.found.point),
                "?" if standing.lost_seconds is None else age(standing.lost_seconds),
                "-" if standing.objective_seconds is None else age(standing.objective_seconds),
                standing.verdict.value,
            )
            for standing in standings
        ],
    )


def standing_document(standing: "Standing") -> dict[str, object]:
    """A store in one region as JSON."""
    found, window = standing.found, standing.found.window
    return {
        "store": standing.store.name,
        "kind": standing.store.kind.value,
        "id": standing.store.id,
        "region": standing.region,
        "copy": standing.is_copy,
        "recovery_point": _iso(found.point),
        "lost_seconds": standing.lost_seconds,
        "objective_seconds": standing.objective_seconds,
        "verdict": standing.verdict.value,
        "problem": standing.problem or None,
        "why": standing.why or None,
        "window": window and {"earliest": _iso(window.earliest), "latest": _iso(window.latest)},
        "backups": [
            {
                "id": backup.id,
                "kind": backup.kind,
                "of": backup.of or None,
                "status": backup.status,
                "taken": _iso(backup.taken),
                "age_seconds": backup.taken and (standing.at - backup.taken).total_seconds(),
                "size_bytes": backup.size_bytes,
                "region": backup.region,
                "encrypted": backup.encrypted,
            }
            for backup in found.backups
        ],
    }


def _row(standing: "Standing", backup: "Backup") -> tuple[str, ...]:
    taken = backup.taken
    return (
        standing.store.name,
        f"{backup.id} ({backup.of})" if backup.of else backup.id,
        backup.kind,
        "?" if taken is None else age(max(0.0, (standing.at - taken).total_seconds())),
        "?" if backup.size_bytes is None else size(backup.size_bytes),
        backup.region,
        {True: "yes", False: "no", None: "?"}[backup.encrypted],
        backup.status,
    )


def _iso(moment: datetime | None) -> str | None:
    from datetime import UTC

    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _moment(moment: datetime | None) -> str:
    text = _iso(moment)
    return f"{text[:19]}Z".replace("T", " ") if text else "nothing"
