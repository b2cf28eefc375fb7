"""The state as a store: it is copied to this machine, and tried out by being read."""

import time

from bookstore_ops.backups.hands import Source
from bookstore_ops.backups.model import Store
from bookstore_ops.backups.tasks import Task
from bookstore_ops.errors import OperationFailed
from bookstore_ops.journal import who
from bookstore_ops.operations.backups.session import BackupSession
from bookstore_ops.operations.states.store import copies_of
from bookstore_ops.releases.model import now, stamp
from bookstore_ops.states.backups import Backup
from bookstore_ops.states.versions import read_version
from bookstore_ops.terraform.state import StateSummary, parse_state


def copy_state(session: BackupSession) -> Backup:
    """Copy the state as it is now to this machine.

    Raises:
        OperationFailed: there is none, or it is damaged.
        EnvironmentMissing: it cannot be written.
    """
    content, summary, version = _read(session, None)
    return copies_of(session.held.request).save(
        content, summary, command=session.held.request.command, version_id=version
    )


def verify_state(session: BackupSession, store: Store, source: Source, asked: str) -> Task:
    """Read a version as a state; it must be of the same lineage as the one that is stored now.

    Raises:
        OperationFailed: it is damaged, or another's.
    """
    began, clock = stamp(now()), time.monotonic()
    _, summary, _ = _read(session, source)
    lineage = _present_lineage(session)
    if lineage is not None and summary.lineage != lineage:
        raise OperationFailed(
            f"{source.words} is not of this state",
            why=f"its lineage is {summary.lineage}, that of today is {lineage}",
            next_step=session.command_line("state versions"),
        )
    return session.tasks.save(
        Task(
            id=f"{session.held.run_id}",
            kind="verify",
            store=store.name,
            asked=asked,
            made_of=source,
            target=f"{summary.resources} resources, serial {summary.serial}",
            region=store.region,
            started=began,
            by=who(),
            phase="ended",
            ended=stamp(now()),
            seconds=round(time.monotonic() - clock, 1),
            outcome="done",
            removed=True,
        )
    )


def _present_lineage(session: BackupSession) -> str | None:
    """None where the present state is damaged: it may be what is to be replaced."""
    try:
        return _read(session, None)[1].lineage
    except OperationFailed:
        return None


def _read(session: BackupSession, source: Source | None) -> tuple[bytes, StateSummary, str | None]:
    backend = session.held.backend
    if source is None:
        found = backend.read_current()
        if found is None:
            raise OperationFailed(
                f"{session.environment.name} has no state",
                why=f"there is nothing at {backend.describe()}",
                next_step=session.command_line("state versions"),
            )
        return found[0], parse_state(found[0], backend.describe()), found[1]
    copy = copies_of(session.held.request).find(source.backup)
    content = copy.read() if copy else read_version(backend, source.backup)
    version = None if copy else source.backup
    return content, parse_state(content, source.words), version
