"""Who holds a state, and what became of its lock."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.text import Screen, Span, duration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookstore_ops.operations.holders import HeldLock
    from bookstore_ops.operations.locking import LockReport, Unlocked
    from bookstore_ops.ui.terminal import Terminal

_STYLES = {"alive": "bold green", "dead": "bold red", "unknown": "bold yellow"}


def show_lock(
    terminal: "Terminal",
    report: "LockReport",
    unlock_command: str,
    *,
    aside: bool = False,
) -> None:
    """All about the locks of one environment; ``aside``: on the way to breaking them."""
    show = terminal.show if aside else terminal.result
    if not report.held:
        show(f"{report.environment} is not locked ({report.place})")
    for held in report.held:
        show(_lock(held))
    if report.held and not aside:
        terminal.say(_advice(report, unlock_command))
    if not aside:
        terminal.document("bsops.lock/1", report_document(report))


def show_locks(terminal: "Terminal", reports: "Sequence[LockReport]") -> None:
    """One row for each lock, and for each environment without one."""
    columns = ("environment", "lock", "holder", "doing", "since", "holder is", "why")
    terminal.table(columns, [row for report in reports for row in _rows(report)])
    terminal.document("bsops.locks/1", {"environments": [report_document(r) for r in reports]})


def show_nothing_locked(terminal: "Terminal") -> None:
    """No environment is locked."""
    terminal.result("No environment is locked.")
    terminal.document("bsops.unlock/1", {"environment": None, "broken": [], "next": []})


def show_unlocked(terminal: "Terminal", environment: str, done: "Unlocked | None") -> None:
    """What was broken (None: there was nothing to break), and what to look at next."""
    broken = done.broken if done else ()
    for held in broken:
        terminal.result(f"{environment}: the lock {held.lock.id or held.lock.place} is gone")
    for number, command in enumerate(done.next_commands if done else ()):
        terminal.say(("next: " if number == 0 else "      ") + command)
    terminal.document(
        "bsops.unlock/1",
        {
            "environment": environment,
            "broken": [lock_document(held) for held in broken],
            "next": list(done.next_commands) if done else [],
        },
    )


def report_document(report: "LockReport") -> dict[str, object]:
    """The locks of one environment as JSON."""
    return {
        "environment": report.environment,
        "state": report.place or None,
        "locked": bool(report.held) if report.problem is None else None,
        "locks": [lock_document(held) for held in report.held],
        "problem": report.problem.what if report.problem else None,
    }


def lock_document(held: "HeldLock") -> dict[str, object]:
    """One lock as JSON; ``age_seconds`` is None where nothing says when it was taken."""
    lock, verdict = held.lock, held.verdict
    age = lock.age_seconds
    return {
        "kind": lock.kind.value,
        "place": lock.place,
        "id": lock.id or None,
        "who": lock.who or None,
        "operation": lock.operation or None,
        "terraform_version": lock.version or None,
        "created": lock.created or None,
        "age_seconds": None if age is None else round(age, 1),
        "path": lock.path or None,
        "info": lock.info or None,
        "problem": lock.problem or None,
        "holder": verdict.liveness.value,
        "reason": verdict.reason,
        "mine": verdict.mine,
        "pid": verdict.pid,
        "run": verdict.run.run if verdict.run else verdict.sign.run if verdict.sign else None,
        "last_sign_of_life": verdict.sign.seen if verdict.sign else None,
        "ci": verdict.ci,
    }


def _lock(held: "HeldLock") -> Screen:
    lock, verdict = held.lock, held.verdict
    state = verdict.liveness.value
    age = lock.age_seconds
    who = lock.who or "nobody it names"
    rows: list[tuple[str, str | Span, str]] = [
        ("holder", who, " (you, on this machine)" if verdict.mine else ""),
        ("is", Span(state.upper(), _STYLES[state]), f": {verdict.reason}"),
        ("doing", lock.command or "not said", f" ({held.progress})" if held.progress else ""),
        ("since", "not said" if age is None else f"{duration(age)} ago", f"  {lock.created}"),
        ("CI run", verdict.ci or "", ""),
        ("Terraform", lock.version, ""),
        ("info", lock.info, ""),
        ("ID", lock.id or "none that can be read", ""),
        ("kept in", lock.place, f" ({lock.kind.value})"),
    ]
    screen = Screen()
    for label, value, more in rows:
        if value:
            screen.add(Span(f"{label:10}", "bold"), value, more)
    return screen


def _advice(report: "LockReport", unlock_command: str) -> str:
    states = {held.verdict.liveness.value for held in report.held}
    if states == {"dead"}:
        return f"next: {unlock_command}"
    if "alive" in states:
        return "next: wait for it with --lock-timeout 10m"
    return f"next: ask the holder; if nobody holds it any more: {unlock_command}"


def _rows(report: "LockReport") -> list[tuple[str, ...]]:
    if report.problem:
        why = report.problem.what
        return [(report.environment, "not known", "-", "-", "-", "-", why)]
    if not report.held:
        return [(report.environment, "free", "-", "-", "-", "-", "-")]
    return [
        (
            report.environment,
            held.lock.kind.value,
            held.lock.who or "not named",
            held.lock.command or "-",
            "-" if held.lock.age_seconds is None else f"{duration(held.lock.age_seconds)} ago",
            held.verdict.liveness.value,
            held.verdict.reason,
        )
        for held in report.held
    ]
