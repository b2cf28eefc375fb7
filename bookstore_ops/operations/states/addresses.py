"""Moving resources to other addresses, and forgetting them."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from bookstore_ops.errors import Refused
from bookstore_ops.operations.overriding import same_command
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.changes import named_by, unknown_address
from bookstore_ops.operations.states.store import Present, whole_state
from bookstore_ops.terraform.adapter import Run
from bookstore_ops.terraform.addresses import without_keys
from bookstore_ops.terraform.binary import release
from bookstore_ops.terraform.plan import Plan, is_stateful
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary

# `removed` blocks: https://github.com/hashicorp/terraform/releases/tag/v1.7.0
_REMOVED_BLOCKS = (1, 7, 0)
_LAST_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]\Z')


@dataclass(frozen=True)
class Move:
    """Instances that get other addresses; ``moves`` are pairs of old and new."""

    present: Present
    source: str
    target: str
    moves: list[tuple[str, str]]
    lock_timeout: str
    nothing_to_do: str = ""
    preview: Plan | None = None

    @property
    def doing(self) -> str:
        """See :class:`Proposal`."""
        return f"moving {self.source} to {self.target}"

    @property
    def question(self) -> str:
        """See :class:`Proposal`."""
        return f"Move {len(self.moves)} in the state"

    @property
    def lines(self) -> list[str]:
        """See :class:`Proposal`."""
        return [f"{old}  ->  {new}" for old, new in self.moves]

    @property
    def remarks(self) -> list[str]:
        """See :class:`Proposal`."""
        return [
            "A moved block does the same in every environment, and is reviewed with the code:\n"
            f"  moved {{\n    from = {self.source}\n    to   = {self.target}\n  }}"
        ]

    def run(self, session: Session, watch: Watch) -> Run:
        """See :class:`Proposal`."""
        return session.terraform.move_state(
            self.source, self.target, watch, lock_timeout=self.lock_timeout
        )

    def verify(self, after: StateSummary) -> str:
        """See :class:`Proposal`."""
        missing = [new for _, new in self.moves if new not in after.addresses]
        return f"it has no {', '.join(missing)}" if missing else ""


def propose_move(
    session: Session, source: str, target: str, watch: Watch, lock_timeout: str
) -> Move:
    """The instances that ``source`` names (one, a whole resource, a module), and their new names.

    Raises:
        UsageError: there is none.
        Refused: one is there already under the new name.
        OperationFailed: there is no whole state.
    """
    present, _, state = whole_state(session, watch)
    found = named_by(source, state)
    if not found:
        raise unknown_address(session, state, source)
    moves = [(address, target + address[len(source) :]) for address in found]
    taken = [new for _, new in moves if new in state.addresses]
    if taken:
        raise Refused(
            f"the state has {', '.join(taken)} already",
            why="a move never takes another resource's place",
            next_step=session.command_line("state show", taken[0]),
        )
    return Move(present, source, target, moves, lock_timeout)


@dataclass(frozen=True)
class Removal:
    """Instances that the state is to forget; ``named`` is what the operator typed."""

    present: Present
    named: Sequence[str]
    addresses: list[str]
    lock_timeout: str
    knows_removed_blocks: bool
    nothing_to_do: str = ""
    preview: Plan | None = None

    @property
    def doing(self) -> str:
        """See :class:`Proposal`."""
        return f"forgetting {', '.join(self.named)}"

    @property
    def question(self) -> str:
        """See :class:`Proposal`."""
        return f"Forget {len(self.addresses)}; nothing is destroyed. Go on"

    @property
    def lines(self) -> list[str]:
        """See :class:`Proposal`."""
        return [f"forget  {address}" for address in self.addresses]

    @property
    def remarks(self) -> list[str]:
        """See :class:`Proposal`."""
        found = []
        data = [address for address in self.addresses if is_stateful(address)]
        if data:
            found.append(
                f"{', '.join(data)}: holds data, goes on existing and costing, and nothing looks "
                "after it any more"
            )
        found.append("While the tree has them, the next apply makes them once more.")
        if self.knows_removed_blocks:
            found.append(
                "A removed block does the same in every environment, and is reviewed with the "
                f"code:\n  removed {{\n    from = {without_keys(self.named[0])}\n"
                "    lifecycle {\n      destroy = false\n    }\n  }"
            )
        return found

    def run(self, session: Session, watch: Watch) -> Run:
        """See :class:`Proposal`."""
        return session.terraform.remove_state(self.named, watch, lock_timeout=self.lock_timeout)

    def verify(self, after: StateSummary) -> str:
        """See :class:`Proposal`."""
        left = [address for address in self.addresses if address in after.addresses]
        return f"it still has {', '.join(left)}" if left else ""


def propose_removal(
    session: Session, addresses: Sequence[str], watch: Watch, lock_timeout: str
) -> Removal:
    """All instances that ``addresses`` name.

    Raises:
        UsageError: one names none.
        Refused: one that holds data is meant by its module only.
        OperationFailed: there is no whole state.
    """
    present, _, state = whole_state(session, watch)
    found: dict[str, None] = {}
    for address in addresses:
        named = named_by(address, state)
        if not named:
            raise unknown_address(session, state, address)
        found.update(dict.fromkeys(named))
    _require_data_by_name(session, addresses, list(found))
    version = release(session.terraform.binary.version)
    return Removal(present, addresses, list(found), lock_timeout, version >= _REMOVED_BLOCKS)


def _require_data_by_name(session: Session, named: Sequence[str], addresses: Sequence[str]) -> None:
    """What holds data is forgotten only by its own name, not with a module that it is in."""
    by_module = [
        address
        for address in addresses
        if is_stateful(address) and not {address, _LAST_KEY.sub("", address)} & set(named)
    ]
    if by_module and session.server is None:
        raise Refused(
            f"this would forget {len(by_module)} that hold data",
            why="\n".join(by_module),
            next_step=same_command(session, " ".join(map(shlex.quote, by_module))),
        )
