"""Checks of backups: whether they are recent enough, and whether a restore was left half-way."""

from bookstore_ops.backups.model import Standing, Verdict
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.preflight.check import (
    Check,
    Group,
    NotKnown,
    Outcome,
    Scope,
    ok,
    skipped,
    unknown,
    warning,
)
from bookstore_ops.preflight.context import Context, Kept
from bookstore_ops.releases.store import liveness


def _kept(context: Context) -> Kept:
    kept = context.cloud().kept
    if kept is None:
        context.cloud().identity()
        raise NotKnown("not asked", why="AWS was not opened")
    return kept


def _recent(context: Context) -> Outcome:
    standings = _kept(context).standings.get()
    if standings is None:
        return skipped("nothing is applied yet, or its state is in a file")
    missed = [each for each in standings if each.verdict is Verdict.MISSED]
    lost = [each for each in standings if each.verdict is Verdict.UNKNOWN]
    listing = context.command("backup list")
    details = tuple(f"{each.store.name}: {_why(each)}" for each in [*missed, *lost])
    if missed:
        return warning(
            f"{_names(missed)} would lose more than backups.toml allows",
            why=f"{missed[0].store.name}: {_why(missed[0])}",
            next_step=listing,
            details=details,
        )
    if lost:
        return unknown(
            f"nobody can tell what {_names(lost)} would lose",
            why=_why(lost[0]),
            next_step=listing,
            details=details,
        )
    return ok(f"{len(standings)} stores have backups as recent as backups.toml wants them")


def _half_way(context: Context) -> Outcome:
    now = context.probes.now()
    left = [
        task
        for task in _kept(context).tasks.get().open()
        if liveness(task.holder, who(), now) is not Liveness.ALIVE
    ]
    if not left:
        return ok("no restore was left half-way")
    first = left[0]
    sandbox = " --sandbox" if context.sandbox else ""
    words = " ".join([str(context.name), first.store, *first.options])
    return warning(
        f"a {first.kind} of {first.store} was left half-way"
        + (f", and {len(left) - 1} more" if len(left) > 1 else ""),
        why=f"{first.by} began it at {first.started[:19]}Z; {first.target} may be there, "
        "half made, and is paid for",
        next_step=f"bsops backup {first.kind} {words}{sandbox}   "
        + ("(goes on)" if first.kind == "restore" else "(removes it first)"),
        details=tuple(f"{task.kind} of {task.store}: {task.target}" for task in left),
    )


def _names(standings: list[Standing]) -> str:
    return ", ".join(each.store.name for each in standings)


def _why(standing: Standing) -> str:
    return standing.problem or standing.why


CHECKS = (
    Check(
        "BS751",
        Group.BACKUPS,
        "Backups are as recent as they must be",
        "What a store would lose if it were restored now is held against its objective in "
        "`infrastructure/aws/backups.toml`, as `bsops backup list` does; copies in other regions "
        "are left to that. A store that cannot be asked is unknown.",
        "See why the schedule took none: `bsops backup list ENV`. Take one now: "
        "`bsops backup create ENV STORE`.",
        _recent,
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
        deadline=15.0,
    ),
    Check(
        "BS752",
        Group.BACKUPS,
        "No restore was left half-way",
        "A `bsops backup restore` or `verify` that was killed leaves something behind that is "
        "paid for and that nobody uses.",
        "The command that it names goes on with it, or removes it.",
        _half_way,
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
)
