"""Storing what an apply could not store, and proving that nothing it made is lost."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.journal import Entry, Journal
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.replacing import WholeState, same_resources
from bookstore_ops.operations.states.store import backups, no_whole_state, read_present
from bookstore_ops.states.backups import Backup
from bookstore_ops.states.made import Unknown, named_in, unknown_to
from bookstore_ops.terraform.adapter import Run
from bookstore_ops.terraform.plan import Plan
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary, parse_state

# What Terraform leaves in a root whose backend would not take the state.
LEFTOVER = "errored.tfstate"


@dataclass(frozen=True)
class Recovery(WholeState):
    """What Terraform left in ``file``, about to be stored."""

    file: Path
    nothing_to_do: str = ""
    preview: Plan | None = None

    @property
    def doing(self) -> str:
        """See :class:`Proposal`."""
        return f"storing {LEFTOVER}"

    @property
    def question(self) -> str:
        """See :class:`Proposal`."""
        return f"Store {LEFTOVER} as the state"

    @property
    def remarks(self) -> list[str]:
        """See :class:`Proposal`."""
        if self.present.summary is None:
            return [f"It is {self.file}; nothing is stored yet."]
        return [f"It is {self.file}; it follows the stored state: same lineage, higher serial."]

    def run(self, session: Session, watch: Watch) -> Run:
        """See :class:`Proposal`."""
        return session.terraform.push_state(
            self.file, watch, force=False, lock_timeout=self.lock_timeout
        )

    def verify(self, after: StateSummary) -> str:
        """See :class:`Proposal`."""
        return same_resources(self.summary, after, first=self.present.content is None)


@dataclass(frozen=True)
class Account:
    """What the record of the last apply says, held against the state.

    ``run`` names that apply; None where this machine has no record of one. ``unknown`` is what it
    made, or began to make, and the state does not know.
    """

    run: str | None
    ended: str
    state: StateSummary | None
    unknown: list[Unknown]


def propose_recovery(session: Session, watch: Watch, lock_timeout: str) -> Recovery | None:
    """What Terraform left in the root; None where it left nothing.

    Raises:
        OperationFailed: what was left is no whole state, or the stored one is damaged.
        Refused: it does not follow the stored state.
    """
    file = session.root / LEFTOVER
    present = read_present(session, watch)
    if present.content is not None and present.summary is None:
        raise no_whole_state(session, present)
    if not file.exists():
        return None
    content = file.read_bytes()
    try:
        summary = parse_state(content, str(file))
    except OperationFailed as error:
        raise OperationFailed(
            f"{file} is no whole state",
            why=error.why,
            next_step=f"keep the file; what is stored: {session.command_line('state list')}",
        ) from error
    recovery = Recovery(present, content, summary, lock_timeout, file)
    if recovery.compared.objections and not _is_stored(recovery):
        raise _does_not_follow(session, recovery)
    return recovery


def keep_leftover(session: Session, recovery: Recovery) -> Backup:
    """A copy of what Terraform left, before anything is done with it."""
    return backups(session).save(
        recovery.content, recovery.summary, command=session.request.command, kind="errored"
    )


def set_leftover_aside(session: Session, recovery: Recovery, kept: Backup) -> None:
    """Move what Terraform left to the backups: it is stored now, and must not be stored twice."""
    backups(session).set_aside(recovery.file, kept)


def hold_against_record(session: Session, watch: Watch) -> Account:
    """What the last apply made that the state does not know.

    Raises:
        OperationFailed: the state is damaged, or the backend does not answer.
    """
    present = read_present(session, watch)
    if present.content is not None and present.summary is None:
        raise no_whole_state(session, present)
    entries = Journal(session.request.workspace.journal).entries(session.environment.name)
    entries = [entry for entry in entries if _is_of(session, entry)]
    for number, entry in reversed(list(enumerate(entries))):
        files = _event_files(session, entry)
        if entry.started.command in {"apply", "destroy"} and files:
            later = entries[number + 1 :]
            unknown = [
                made
                for made in unknown_to(present.summary, files)
                if not any(_took_out(after, made.address) for after in later)
            ]
            return Account(entry.started.run, entry.outcome, present.summary, unknown)
    return Account(None, "", present.summary, [])


def import_command(session: Session, unknown: Unknown) -> str:
    """The command that takes one into the state."""
    return session.command_line("state import", unknown.address, unknown.identifier or "ID")


def _is_of(session: Session, entry: Entry) -> bool:
    """Whether a run was in this place: real AWS, or a sandbox."""
    return entry.started.sandbox == (session.server is not None)


def _event_files(session: Session, entry: Entry) -> list[Path]:
    """What an apply said, unless it said so to a sandbox that is gone."""
    runs = session.request.workspace.data / "runs"
    files = sorted((runs / entry.started.run).glob("*-apply.jsonl"))
    if session.server is None:
        return files
    # Not by when the run began: it may have started the sandbox itself.
    since = datetime.fromisoformat(session.server.started).timestamp()
    return [file for file in files if file.stat().st_mtime >= since]


def _took_out(entry: Entry, address: str) -> bool:
    """Whether a later command has renamed or forgotten it on purpose."""
    started = entry.started
    forgets = started.command in {"state mv", "state rm"} and entry.outcome == "done"
    return forgets and named_in(started.arguments, address)


def _is_stored(recovery: Recovery) -> bool:
    """Whether what was left is what is stored, written differently."""
    stored = recovery.present.content
    return stored is not None and msgspec.json.decode(stored) == msgspec.json.decode(
        recovery.content
    )


def _does_not_follow(session: Session, recovery: Recovery) -> Refused:
    only = recovery.compared.back
    why = [*recovery.compared.objections]
    if only:
        why.append(f"only {LEFTOVER} knows: {', '.join(only)}")
    step = (
        f"{session.command_line('state import', only[0], 'ID')}   (for each of them; the ID "
        f"stands in {recovery.file})"
        if only
        else f"{session.command_line('plan')}   (the stored state knows all that {LEFTOVER} "
        "knows; compare them before you remove that file)"
    )
    return Refused(
        f"{LEFTOVER} does not follow the stored state: somebody wrote that since",
        why="\n".join(why),
        next_step=step,
    )
