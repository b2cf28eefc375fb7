"""Making an older state the newest, from a backup or from a version that S3 has kept."""

from dataclasses import dataclass

from bookstore_ops.errors import BsopsError, ConfigurationError, OperationFailed, Refused
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.replacing import WholeState, same_resources
from bookstore_ops.operations.states.store import Present, backups, read_present
from bookstore_ops.states.backups import Backup
from bookstore_ops.states.rescue import digest_of, new_copy, write_state
from bookstore_ops.states.versions import read_version, read_versions
from bookstore_ops.terraform.adapter import Run
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.terraform.plan import Plan
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary, parse_state, with_serial

# How far back it is looked for the highest serial there ever was.
_LOOKED_BACK = 10


@dataclass(frozen=True)
class Restoration(WholeState):
    """An older state about to become the newest, as serial ``serial``.

    ``unreadable``: why Terraform, which reads the stored state first, could not write this one;
    bsops then does, under the same lock.
    """

    source: str
    named: str
    backup: Backup | None
    serial: int
    force: bool
    unreadable: str = ""
    preview: Plan | None = None

    @property
    def doing(self) -> str:
        """See :class:`Proposal`."""
        return f"restoring {self.source}"

    @property
    def question(self) -> str:
        """See :class:`Proposal`."""
        return f"Make {self.source} the newest state"

    @property
    def nothing_to_do(self) -> str:
        """See :class:`Proposal`."""
        same = self.content == self.present.content
        return f"The state is {self.source} already." if same else ""

    @property
    def remarks(self) -> list[str]:
        """See :class:`Proposal`."""
        found = []
        if self.compared.other_lineage:
            found.append("it is of another lineage than the stored state")
        if self.unreadable:
            found.append(
                f"{self.unreadable}, and Terraform reads it before it writes: bsops writes this "
                "one itself, under the same lock."
            )
        return found

    @property
    def undoes(self) -> bool:
        """Whether nothing was written since but by the command that the backup was taken for."""
        now = self.present.summary
        return bool(
            now
            and self.backup
            and self.backup.record.replaced_by == now.serial
            and self.backup.record.replaced_lineage == now.lineage
        )

    def run(self, session: Session, watch: Watch) -> Run | None:
        """See :class:`Proposal`."""
        content = with_serial(self.content, self.serial)
        if self.unreadable:
            write_state(self.present.backend, content, operation="bsops state restore")
            return None
        file = new_copy(backups(session).directory, content)
        try:
            return session.terraform.push_state(
                file, watch, force=self.compared.other_lineage, lock_timeout=self.lock_timeout
            )
        finally:
            file.unlink(missing_ok=True)

    def verify(self, after: StateSummary) -> str:
        """See :class:`Proposal`."""
        return same_resources(self.summary, after)


def propose_restoration(
    session: Session, named: str | None, watch: Watch, *, force: bool, lock_timeout: str
) -> Restoration:
    """Find the state to restore: a backup's name, an S3 version, or the latest backup.

    Raises:
        ConfigurationError: there is no such one.
        Refused: it is no whole state, or (without ``force``) of another lineage or outrun.
        BsopsError: it cannot be read.
    """
    present = read_present(session, watch)
    backup = backups(session).find(named or "latest")
    if backup is not None:
        source, content = f"backup {backup.name}", backup.read()
    else:
        source, content = f"version {named}", _version(session, present, named)
    try:
        summary = parse_state(content, source)
    except OperationFailed as error:
        raise Refused(
            f"{source} is no whole state, nothing was changed",
            why=error.why,
            next_step=f"{session.command_line('state versions')}   (choose one that can be read)",
        ) from error
    restoration = Restoration(
        present=present,
        source=source,
        named=backup.name if backup else str(named),
        content=content,
        summary=summary,
        backup=backup,
        serial=_highest_serial(session, present, summary) + 1,
        force=force,
        lock_timeout=lock_timeout,
        unreadable=_unreadable(present),
    )
    _check(session, restoration)
    return restoration


def _check(session: Session, restoration: Restoration) -> None:
    """Refuse another lineage, and to step over writes that no backup of ours accounts for."""
    compared, now = restoration.compared, restoration.present.summary
    if restoration.force or now is None or restoration.undoes or restoration.nothing_to_do:
        return
    if compared.other_lineage:
        why = [f"lineage: stored {now.lineage}, {restoration.source} {compared.new.lineage}"]
    elif compared.older:
        why = [
            f"serial: stored {now.serial}, {restoration.source} {compared.new.serial}: "
            "something else was written since"
        ]
    else:
        return
    if compared.gone:
        more = f" and {len(compared.gone) - 10} more" if len(compared.gone) > 10 else ""
        why.append(f"it would forget: {', '.join(compared.gone[:10])}{more}")
    raise Refused(
        f"{restoration.source} is not what was stored just before",
        why="\n".join(why),
        next_step=f"{session.command_line('state restore', restoration.named, '--force')}   "
        "(the present state is backed up first)",
    )


def _unreadable(present: Present) -> str:
    if present.content is None:
        return "The stored state is gone"
    if present.summary is None:
        return "The stored state is damaged"
    backend = present.backend
    if not isinstance(backend, S3Backend) or not backend.lock_table:
        return ""
    if backend.read_digest() in {None, digest_of(present.content)}:
        return ""
    return "The stored state is not what the lock table's digest expects"


def _version(session: Session, present: Present, named: str | None) -> bytes:
    if named is None:
        raise ConfigurationError(
            f"there is no backup of the state of {session.environment.name} on this machine",
            why=f"{backups(session).directory} holds none",
            next_step=f"{session.command_line('state versions')}   (what S3 has kept)",
        )
    if isinstance(present.backend, S3Backend):
        return read_version(present.backend, named)
    raise ConfigurationError(
        f"there is no backup {named}",
        why=f"the state is a file ({present.backend.describe()}), which keeps no versions",
        next_step=session.command_line("state backup", "--list"),
    )


def _highest_serial(session: Session, present: Present, restored: StateSummary) -> int:
    if present.summary is not None:
        return max(present.summary.serial, restored.serial)
    known = [restored.serial]
    known += [copy.record.serial for copy in backups(session).all()[:_LOOKED_BACK]]
    if isinstance(present.backend, S3Backend):
        try:
            kept = read_versions(present.backend, _LOOKED_BACK).versions
        except BsopsError:
            kept = []
        known += [version.summary.serial for version in kept if version.summary]
    return max(known)
