"""The state of an environment as its backend holds it now, and the copies kept of it."""

from dataclasses import dataclass

from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.session import Session
from bookstore_ops.states.backups import Backup, BackupStore
from bookstore_ops.terraform.backends import S3Backend, StateBackend, open_backend
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary, parse_state


@dataclass(frozen=True)
class Present:
    """What a backend holds now: a whole state, none at all, or ``problem``: one that is damaged."""

    backend: StateBackend
    content: bytes | None
    summary: StateSummary | None
    problem: str = ""
    version_id: str | None = None

    @property
    def is_whole(self) -> bool:
        """Whether Terraform could work on it."""
        return self.summary is not None


def read_present(session: Session, watch: Watch) -> Present:
    """Look at the state without changing anything, whatever it is like.

    Raises:
        OperationFailed: the backend does not answer.
    """
    session.initialise(watch)
    backend = open_backend(session.root, session.environ)
    version_id = None
    if isinstance(backend, S3Backend):
        found = backend.read_current()
        content, version_id = found or (None, None)
    else:
        content = backend.read()
    if content is None:
        return Present(backend, None, None)
    try:
        summary = parse_state(content, backend.describe())
    except OperationFailed as error:
        return Present(backend, content, None, f"{error.what}: {error.why}", version_id)
    return Present(backend, content, summary, "", version_id)


def whole_state(session: Session, watch: Watch) -> tuple[Present, bytes, StateSummary]:
    """The state, which must be there and whole.

    Raises:
        OperationFailed: it is not; or the backend does not answer.
    """
    present = read_present(session, watch)
    if present.content is not None and present.summary is not None:
        return present, present.content, present.summary
    raise no_whole_state(session, present)


def no_whole_state(session: Session, present: Present) -> BsopsError:
    """The error where a command needs a state and there is none, or a damaged one."""
    if present.content is None:
        return OperationFailed(
            f"{session.environment.name} has no state",
            why=f"there is nothing at {present.backend.describe()}",
            next_step=f"{session.command_line('apply')}   (makes the first; was there one before? "
            f"{session.command_line('state versions')})",
        ).leading_to("state-trouble")
    return OperationFailed(
        f"the state of {session.environment.name} is damaged",
        why=present.problem,
        next_step=f"{session.command_line('state versions')}   (then: "
        f"{session.command_line('state restore', 'VERSION-ID')})",
    ).leading_to("state-trouble")


def backups(session: Session) -> BackupStore:
    """Where the copies of this environment's state lie."""
    return copies_of(session.request)


def copies_of(request: Request) -> BackupStore:
    """The same for who runs no Terraform; the sandbox's go with the sandbox."""
    home = ("sandbox",) if request.sandbox else ()
    name = request.environment.name
    return BackupStore(request.workspace.make_data_directory(*home, "backups", "state", name), name)


def take_backup(session: Session, present: Present) -> Backup | None:
    """Keep a copy of what is there now; None where there is nothing.

    Raises:
        EnvironmentMissing: it cannot be written; then nothing may be changed.
    """
    if present.content is None:
        return None
    return backups(session).save(
        present.content,
        present.summary,
        command=session.request.command,
        version_id=present.version_id,
        problem=present.problem,
    )


def keep_copy(session: Session, watch: Watch) -> Backup:
    """A copy made by hand.

    Raises:
        OperationFailed: there is no state to copy.
    """
    present = read_present(session, watch)
    saved = take_backup(session, present)
    if saved is None:
        raise no_whole_state(session, present)
    return saved


def restore_command(session: Session, backup: Backup | None) -> str | None:
    """The command that undoes what was done after ``backup`` was taken."""
    return None if backup is None else session.command_line("state restore", backup.name)
