"""What the events of an apply say was made, held against what a state knows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.terraform.events import ApplyComplete, EventReader
from bookstore_ops.terraform.ledger import draw_up
from bookstore_ops.terraform.progress import Progress
from bookstore_ops.terraform.state import StateSummary


@dataclass(frozen=True)
class Unknown:
    """A resource that the state does not know. Without ``identifier`` its creation had begun and
    nobody told its end: AWS may or may not have it."""

    address: str
    identifier: str = ""


def unknown_to(state: StateSummary | None, files: Iterable[Path]) -> list[Unknown]:
    """What these event files say was made, or begun, and ``state`` does not know."""
    known = state.addresses if state else frozenset[str]()
    progress, made = Progress(), dict[str, str]()
    for file in files:
        _follow(file, progress, made)
    found = [Unknown(address, made[address]) for address in made]
    doubts = (step for step in draw_up(progress, ()).in_doubt if step.action == "create")
    found += [Unknown(step.address) for step in doubts if step.address not in made]
    return sorted((u for u in found if u.address not in known), key=lambda u: u.address)


def named_in(words: Sequence[str], address: str) -> bool:
    """Whether a command line names an address, its resource or a module it is in."""
    return any(address == word or address.startswith((f"{word}[", f"{word}.")) for word in words)


def _follow(file: Path, progress: Progress, made: dict[str, str]) -> None:
    reader = EventReader()
    with file.open("rb") as lines:
        for row in lines:
            event = reader.read(row)
            if event is None:
                continue
            progress.add(event)
            if isinstance(event, ApplyComplete):
                if event.hook.action == "create":
                    made[event.hook.resource.addr] = event.hook.id_value
                elif event.hook.action == "delete":
                    made.pop(event.hook.resource.addr, None)
