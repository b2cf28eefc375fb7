"""Backups on the screen: what there is, and what each store would lose."""

import time
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from bookstore_ops.ui.apply_result import apply_document, show_account
from bookstore_ops.ui.text import Screen, Span, age, duration, plain, plural, size
from bookstore_ops.ui.watch import Region

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from bookstore_ops.backups.model import Backup, Standing
    from bookstore_ops.backups.tasks import Task
    from bookstore_ops.operations.applying import ApplyResult
    from bookstore_ops.operations.backups.adopting import Adopted
    from bookstore_ops.operations.backups.copying import Copied
    from bookstore_ops.operations.backups.listing import Inventory
    from bookstore_ops.operations.backups.making import Made
    from bookstore_ops.operations.backups.restoring import Verified
    from bookstore_ops.operations.backups.switching import Ways
    from bookstore_ops.ui.terminal import Terminal

_SHOWN = 3
# CI systems end jobs that say nothing.
_KEEPALIVE_SECONDS = 30.0
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
    _verdicts(terminal, inventory)
    for standing in inventory.standings:
        reason = ": ".join(filter(None, (standing.problem, standing.why)))
        if reason:
            screen = Screen()
            where = f" in {standing.region}" if standing.is_copy else ""
            name = f"{standing.store.name}{where}: "
            screen.add(Span(name, _STYLES[standing.verdict]), plain(reason))
            terminal.result(screen)
    terminal.document(
        "bsops.backup-list/1",
        {
            "environment": inventory.environment,
            "stores": [
                {
                    **standing_document(each),
                    "verified": _proof(inventory.proofs.get(each.store.name), each),
                }
                for each in inventory.standings
            ],
        },
    )


def _verdicts(terminal: "Terminal", inventory: "Inventory") -> None:
    columns = ("store", "region", "can go back to", "would lose", "may lose", "objective", "tried")
    terminal.table(
        columns,
        [
            (
                standing.store.name,
                standing.region + (" (copy)" if standing.is_copy else ""),
                _reach(standing),
                "?" if standing.lost_seconds is None else age(standing.lost_seconds),
                "-" if standing.objective_seconds is None else age(standing.objective_seconds),
                standing.verdict.value,
                "-" if standing.is_copy else _tried(standing, inventory.proofs),
            )
            for standing in inventory.standings
        ],
    )


def _reach(standing: "Standing") -> str:
    """The newest moment that can be had back; where there is a window, from its beginning on."""
    window, newest = standing.found.window, _moment(standing.found.point)
    if window is None or window.earliest is None:
        return newest
    return f"{_moment(window.earliest)} .. {newest}"


def _tried(standing: "Standing", proofs: "Mapping[str, Task]") -> str:
    """When it was last proved that the store can be restored, and how long that took."""
    proof = proofs.get(standing.store.name)
    if proof is None:
        return "never"
    since = (standing.at - datetime.fromisoformat(proof.ended)).total_seconds()
    return f"{age(max(0.0, since))} ago, took {_seconds(proof.seconds or 0)}"


def show_made(terminal: "Terminal", made: "Sequence[Made]", listing: str) -> None:
    """The backups that were taken, or are being taken."""
    rows = [(e.store.name, part, e.status) for e in made for part in e.backup.split(",")]
    terminal.table(("store", "backup", "status"), rows)
    if any(each.status != "ready" for each in made):
        terminal.result(f"Whether they are ready:  {listing}")
    terminal.document(
        "bsops.backup-create/1",
        {"backups": [{"store": e.store.name, "id": e.backup, "status": e.status} for e in made]},
    )


def show_copied(terminal: "Terminal", made: "Copied") -> None:
    """A copy in another region."""
    ready = made.status == "ready"
    terminal.result(
        f"{made.source.id} of {made.store.name} is {'in' if ready else 'on its way to'} "
        f"{made.region}: {made.copy}"
    )
    terminal.document(
        "bsops.backup-copy/1",
        {
            "store": made.store.name,
            "source": made.source.id,
            "copy": made.copy,
            "region": made.region,
            "status": made.status,
        },
    )


def show_restored(terminal: "Terminal", task: "Task", ways: "Ways", *, adopted: bool) -> None:
    """What was made beside the old one, and how to switch to it and back.

    ``adopted``: it is about to take the old one's place, which has a document of its own.
    """
    screen = Screen()
    screen.add(
        Span(task.target, "bold"),
        f" was made of {task.source}, in {_seconds(task.seconds or 0)}; {task.store} is as it was",
    )
    if adopted:
        terminal.show(screen)
        return
    for heading, command in (("To switch to it:", ways.switch), ("And back:", ways.back)):
        screen.add(Span(heading, "bold"), f"  {command}")
    screen.add(plain(ways.note))
    terminal.result(screen)
    terminal.document(
        "bsops.backup-restore/1",
        {
            **_task(task),
            "switch": ways.switch,
            "switch_back": ways.back,
            "note": ways.note,
        },
    )


def show_adopted(terminal: "Terminal", adopted: "Adopted") -> None:
    """What has taken which place."""
    screen = Screen()
    screen.add(Span(adopted.name, "bold"), f" is {adopted.store.name} now")
    if adopted.before:
        screen.add(f"What was before is {adopted.before}; nothing looks after it any more.")
    if adopted.value:
        screen.add(f"The value {adopted.value} says so: commit it.")
    terminal.result(screen)


def show_followed(
    terminal: "Terminal",
    adopted: "Adopted",
    result: "ApplyResult | None",
    services: "Sequence[str]",
    environment: str,
) -> None:
    """How they took it who depend on what was adopted; None: there was nothing to tell.

    ``services`` have tasks that know of it only after a release.
    """
    if result is None:
        terminal.result("Nothing else names it: the plan is empty.")
    elif result.error is None:
        told = plural(len(result.ledger.applied), "resource")
        screen = Screen()
        screen.add(f"Told of it, since they name it: {told}.")
        if services:
            screen.add(f"Their tasks know of it once they are released: {', '.join(services)}")
        terminal.result(screen)
    else:
        show_account(terminal, result, environment, "apply")
    terminal.document(
        "bsops.backup-adopt/1",
        {
            "store": adopted.store.name,
            "name": adopted.name,
            "before": adopted.before or None,
            "value": adopted.value or None,
            "undo_state": adopted.undo,
            "release": list(services),
            "applied": None if result is None else apply_document(result),
        },
    )


def show_verified(terminal: "Terminal", proof: "Verified") -> None:
    """That a backup can be restored, and how long it took."""
    task, limit = proof.task, proof.time_seconds
    took = task.seconds or 0.0
    late = limit is not None and took > limit
    screen = Screen()
    allowed = "" if limit is None else f" ({age(limit)} are allowed)"
    screen.add(
        Span("restorable", "bold green"),
        f": {task.store} from {task.source}: {task.target}, after {_seconds(took)}{allowed}",
    )
    if late:
        screen.add(Span("That is longer than backups.toml allows.", "bold yellow"))
    terminal.result(screen)
    terminal.document("bsops.backup-verify/1", {**_task(task), "time_seconds": limit, "late": late})


def _seconds(took: float) -> str:
    return duration(took) if took >= 10 else f"{took:.1f}s"


def _task(task: "Task") -> dict[str, object]:
    return {
        "id": task.id,
        "store": task.store,
        "source": task.source,
        "target": task.target,
        "region": task.region,
        "started": task.started,
        "ended": task.ended or None,
        "seconds": task.seconds,
        "outcome": task.outcome,
        "removed": task.removed,
    }


class BackupWatch:
    """Tells what is waited for: one line that is redrawn, or a line now and then."""

    def __init__(self, terminal: "Terminal") -> None:
        self._terminal = terminal
        self._region: Region | None = None
        self._last = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._region:
            self._region.close()

    def waiting(self, what: str, seconds: float) -> None:
        """See :class:`Watcher`."""
        text = f"waiting {what}: {duration(seconds)}"
        if self._terminal.animated:
            self._region = self._region or Region(self._terminal)
            screen = Screen()
            screen.add(Span(text, "dim"))
            self._region.draw(screen)
        elif time.monotonic() - self._last > _KEEPALIVE_SECONDS:
            self._terminal.say(text)
            self._last = time.monotonic()


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


def _proof(proof: "Task | None", standing: "Standing") -> dict[str, object] | None:
    if proof is None or standing.is_copy:
        return None
    return {"at": proof.ended, "seconds": proof.seconds, "source": proof.source}


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
