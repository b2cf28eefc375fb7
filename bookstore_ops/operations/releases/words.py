"""How a release stands, and why it cannot go on or back, in words."""

from bookstore_ops.errors import BsopsError, OperationFailed, Refused
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.releases.model import Phase, Release


def failure(session: ReleaseSession, release: Release) -> BsopsError | None:
    """The error of a release that failed or waits for a person; None for one that did neither."""
    if release.outcome == "failed":
        again = session.command_line("release history", release.service)
        lines, where = _written(session, release)
        return OperationFailed(
            f"the release of {release.label} of {release.service} failed, and was rolled back",
            why=f"{release.reason}{lines}",
            next_step=where or f"{again} --verbose",
        ).leading_to("bad-release")
    if release.paused is not None and release.phase is Phase.CONTRACTING:
        lines, where = _written(session, release)
        resume = session.command_line("release resume", release.service)
        promote = session.command_line("release promote", release.service)
        return Refused(
            f"{release.label} of {release.service} has all traffic, and its contract task failed",
            why=f"{release.paused}{lines}",
            next_step=f"{where + '; then: ' if where else ''}{resume}   "
            f"(runs it again; or, once it is done by hand: {promote})",
        )
    if release.paused is not None and not release.is_over:
        promote = session.command_line("release promote", release.service)
        back = session.command_line("release rollback", release.service)
        at = "" if release.rolls else f" at {release.weight} %"
        return Refused(
            f"the release of {release.service} waits for you{at}",
            why=release.paused,
            next_step=f"{session.command_line('release resume', release.service)}   "
            f"(measures again; or: {promote}, or: {back})",
        )
    return None


def _written(session: ReleaseSession, release: Release) -> tuple[str, str]:
    """The last lines of a migration's task that failed, and the command that shows them all."""
    if not release.failed_task:
        return "", ""
    try:
        log = session.aws.migrations.log(release)
    except BsopsError as error:
        return f"\n(its log: {error.why})", ""
    if log is None:
        return "", ""
    lines = log.lines or ("(it wrote nothing)",)
    where = f"aws logs tail {log.group} --log-stream-names {log.stream}"
    return "".join(f"\n  {line}" for line in lines), where


def no_way_back(session: ReleaseSession, service: str, label: str, by: str) -> Refused:
    """What to say where older images may not fit the schema any more."""
    return Refused(
        f"{service} cannot go back to {label}",
        why=f"the release of {by} contracted the schema: older images may not fit it",
        next_step=session.command_line("release start", service, "--image", "TAG")
        + "   (a newer image; an older one only where the schema was put back by hand)",
    )


def describe(release: Release) -> str:
    """How a release stands, in a few words."""
    if release.is_over:
        return f"{release.outcome}" + (f": {release.reason}" if release.reason else "")
    paused = f", paused: {release.paused}" if release.paused else ""
    return f"{release.phase}, {release.shares}{paused}"


def nearly_done(session: ReleaseSession, release: Release) -> Refused:
    """What to say where all traffic has moved, and the way back may be closed."""
    what = f"the release of {release.service} cannot be given up any more"
    if release.contracted:
        return Refused(
            what,
            why=f"it is {release.phase}: older images may not fit the schema",
            next_step=session.command_line("release resume", release.service),
        )
    left = "the old tasks are gone" if release.rolls else f"{release.previous.color} may be asleep"
    return Refused(
        what,
        why=f"it is {release.phase}: all traffic has moved, and {left}",
        next_step=f"{session.command_line('release rollback', release.service)}   (wakes it first)",
    )


def gone(session: ReleaseSession, current: Release | None) -> Refused:
    """What to say of a release that somebody else has taken, or removed."""
    if current is None:
        return Refused(
            "the release is not in the ledger any more",
            why=f"somebody removed it from {session.store.place}",
            next_step=session.command_line("release status"),
        )
    whose = current.holder.who if current.holder else "somebody"
    return Refused(
        f"the release of {current.service} was taken over by {whose}",
        why=describe(current),
        next_step=session.command_line("release status", current.service),
    )
