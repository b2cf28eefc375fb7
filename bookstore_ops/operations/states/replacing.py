"""Storing a state file from this machine in place of the stored state."""

from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.errors import ConfigurationError, OperationFailed, Refused
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.store import Present, no_whole_state, read_present
from bookstore_ops.states.comparison import Comparison
from bookstore_ops.terraform.adapter import Run
from bookstore_ops.terraform.plan import Plan
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary, parse_state


@dataclass(frozen=True)
class WholeState:
    """A whole state about to take the place of the stored one."""

    present: Present
    content: bytes
    summary: StateSummary
    lock_timeout: str

    @property
    def compared(self) -> Comparison:
        """What it brings and what it forgets."""
        return Comparison(self.present.summary, self.summary)

    @property
    def lines(self) -> list[str]:
        """See :class:`Proposal`."""
        return self.compared.lines


@dataclass(frozen=True)
class Replacement(WholeState):
    """A state file offered in place of the stored state."""

    file: Path
    force: bool
    preview: Plan | None = None

    @property
    def doing(self) -> str:
        """See :class:`Proposal`."""
        return f"pushing {self.file.name}"

    @property
    def question(self) -> str:
        """See :class:`Proposal`."""
        return f"Store {self.file.name} as the state"

    @property
    def nothing_to_do(self) -> str:
        """See :class:`Proposal`."""
        same = self.content == self.present.content
        return f"{self.file.name} is what is stored already." if same else ""

    @property
    def remarks(self) -> list[str]:
        """See :class:`Proposal`."""
        return self.compared.objections

    def run(self, session: Session, watch: Watch) -> Run:
        """See :class:`Proposal`."""
        return session.terraform.push_state(
            self.file, watch, force=self.force, lock_timeout=self.lock_timeout
        )

    def verify(self, after: StateSummary) -> str:
        """See :class:`Proposal`."""
        return same_resources(self.summary, after, first=self.present.content is None)


def same_resources(meant: StateSummary, stored: StateSummary, *, first: bool = False) -> str:
    """How the stored state differs from the one meant; empty where it does not.

    ``first``: nothing was stored before. Terraform then begins a lineage of its own, at serial 1;
    what a first apply could not store has none.
    """
    if meant.lineage != stored.lineage and not first:
        return f"its lineage is {stored.lineage}, not {meant.lineage}"
    missing, more = meant.addresses - stored.addresses, stored.addresses - meant.addresses
    found = []
    if missing:
        found.append(f"it lacks {', '.join(sorted(missing)[:10])} ({len(missing)} in all)")
    if more:
        found.append(f"it has besides {', '.join(sorted(more)[:10])} ({len(more)} in all)")
    if stored.serial < meant.serial and not first:
        found.append(f"its serial is {stored.serial}, below {meant.serial}")
    return "\n".join(found)


def propose_push(
    session: Session, file: Path, watch: Watch, *, force: bool, lock_timeout: str
) -> Replacement:
    """Hold the file against what is stored.

    Raises:
        ConfigurationError: there is no such file, or it is no state.
        Refused: its lineage or its serial does not fit, and ``force`` was not given.
        OperationFailed: the stored state is damaged: Terraform reads it first.
    """
    content, summary = _read(session, file)
    present = read_present(session, watch)
    if present.content is not None and present.summary is None:
        raise no_whole_state(session, present)
    offered = Replacement(present, content, summary, lock_timeout, file.resolve(), force)
    objections = [] if offered.nothing_to_do else offered.compared.objections
    if objections and not force:
        gone = offered.compared.gone
        loses = [f"{len(gone)} resources of the stored state are not in yours"] if gone else []
        raise Refused(
            f"{file.name} does not follow the stored state of {session.environment.name}",
            why="\n".join(objections + loses),
            next_step=f"{session.command_line('state push', str(file), '--force')}   (only if "
            "yours is the right one; the stored one is backed up first)",
        )
    return offered


def _read(session: Session, file: Path) -> tuple[bytes, StateSummary]:
    try:
        content = file.read_bytes()
        return content, parse_state(content, str(file))
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {file}",
            why=error.strerror,
            next_step=session.command_line("state push", "FILE"),
        ) from error
    except OperationFailed as error:
        raise ConfigurationError(
            f"{file} is not a whole Terraform state",
            why=error.why,
            next_step=session.command_line("state backup", "--list"),
        ) from error
