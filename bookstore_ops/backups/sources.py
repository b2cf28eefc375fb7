"""Which backup or which moment is meant, and whether it can be restored from."""

from datetime import UTC, datetime

from bookstore_ops.backups.hands import Source
from bookstore_ops.backups.model import Backup, Found, Store, Window
from bookstore_ops.errors import Refused, UsageError

LATEST = "latest"


def parse_moment(text: str) -> datetime:
    """A moment as it is typed: ISO 8601, with its zone.

    Raises:
        UsageError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise UsageError(
            f"{text} is no moment",
            why="it is not written as ISO 8601"
            if moment is None
            else "it does not say its zone, and an hour off is the wrong data",
            next_step="write it as 2026-11-26T14:05:00Z, or 2026-11-26T15:05:00+01:00",
        )
    return moment.astimezone(UTC)


def find_source(
    store: Store, found: Found, backup: str | None, moment: str | None, again: str
) -> Source:
    """What to restore from: a backup, a moment, else the newest that there is.

    ``again`` is the command that lists what there is.

    Raises:
        Refused: there is no such backup, it is half made, or the moment is outside the window.
        UsageError: both were named, or the moment is none.
    """
    if backup is not None and moment not in {None, LATEST}:
        raise UsageError(
            "--from and --to-time exclude each other",
            why="a backup is of one moment",
            next_step=again,
        )
    if backup is not None:
        return _of(_named(store, found, backup, again))
    if moment is not None and moment != LATEST:
        return Source(moment=_within(store, found.window, parse_moment(moment), again))
    if found.window is not None:
        return Source(moment=found.window.latest.astimezone(UTC).replace(microsecond=0))
    ready = [each for each in found.backups if each.status == "ready"]
    if moment == LATEST or not ready:
        raise Refused(
            f"{store.name} has nothing to restore from",
            why=found.missing or "it has no backup that is ready, and no window",
            next_step=again,
        )
    return _of(ready[0])


def _of(backup: Backup) -> Source:
    return Source(backup=backup.id, arn=backup.arn, of=backup.of, taken=backup.taken)


def _named(store: Store, found: Found, name: str, again: str) -> Backup:
    for backup in found.backups:
        if backup.id != name:
            continue
        if backup.status == "ready":
            return backup
        half = backup.status == "making"
        raise Refused(
            f"the backup {name} of {store.name} cannot be restored from",
            why="it is half made: it is still being taken" if half else "it was not taken well",
            next_step=f"{again}   ({'wait until it is ready' if half else 'choose another'})",
        )
    newest = ", ".join(backup.id for backup in found.backups[:3])
    raise Refused(
        f"{store.name} has no backup {name}",
        why=f"the newest are: {newest}" if newest else "it has none",
        next_step=f"{again} --all",
    )


def _within(store: Store, window: Window | None, moment: datetime, again: str) -> datetime:
    if window is None:
        raise Refused(
            f"{store.name} cannot be restored to a moment",
            why="it has no window: only what was saved as a backup can be had back",
            next_step=f"{again}   (then: --from BACKUP)",
        )
    # AWS tells windows to the millisecond, people type seconds.
    earliest = window.earliest and window.earliest.replace(microsecond=0)
    if moment <= window.latest and (earliest is None or earliest <= moment):
        return moment
    begin = f"{earliest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if earliest else "an unknown moment"
    raise Refused(
        f"{moment:%Y-%m-%dT%H:%M:%SZ} is outside of the window of {store.name}",
        why=f"it can be restored to any second from {begin} to "
        f"{window.latest.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        next_step="choose a moment within it; an older one may be in a backup: " + again,
    )
