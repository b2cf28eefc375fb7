"""The resources that a root declares, in its own files and in every module it reaches."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.tfvars.blocks import Block, Body, NotUnderstood, parse
from bookstore_ops.tfvars.types import constant


@dataclass(frozen=True)
class Declared:
    """A resource or data source; ``address`` has no keys of instances.

    ``always``: neither it nor a module on the way to it has ``count`` or ``for_each``.
    """

    address: str
    kind: str
    type: str
    always: bool
    body: Body

    @property
    def is_data(self) -> bool:
        """Whether it is only read."""
        return self.kind == "data"


def find_resources(root: Path) -> list[Declared]:
    """Everything declared below a root module.

    Raises:
        NotUnderstood: a file cannot be read with certainty.
    """
    return list(_Reader().walk(root, "", always=True))


class _Reader:
    """Reads each module once, however often it is called."""

    def __init__(self) -> None:
        self._blocks: dict[Path, list[Block]] = {}

    def walk(self, directory: Path, prefix: str, *, always: bool) -> Iterator[Declared]:
        for block in self._module(directory):
            certain = always and not block.body.arguments.keys() & {"count", "for_each"}
            if block.kind in {"resource", "data"} and len(block.labels) == 2:
                labels = (*(["data"] if block.kind == "data" else []), *block.labels)
                yield Declared(
                    prefix + ".".join(labels), block.kind, block.labels[0], certain, block.body
                )
            if block.kind == "module" and (target := _target(directory, block)):
                inner = f"{prefix}module.{block.labels[0]}."
                yield from self.walk(target, inner, always=certain)

    def _module(self, directory: Path) -> list[Block]:
        if directory not in self._blocks:
            paths = sorted(directory.glob("*.tf"))
            self._blocks[directory] = [
                block
                for path in paths
                if not path.name.endswith("_override.tf")
                for block in _read(path)
            ]
        return self._blocks[directory]


def _read(path: Path) -> list[Block]:
    try:
        return parse(path.read_text(encoding="utf-8", errors="replace")).blocks
    except NotUnderstood as error:
        raise NotUnderstood(f"{path}: {error}") from error


def _target(directory: Path, call: Block) -> Path | None:
    """The directory of a module of the tree itself; None for one from elsewhere."""
    source = call.body.arguments.get("source")
    place = constant(source.text) if source else None
    if not isinstance(place, str) or not place.startswith("."):
        return None
    target = (directory / place).resolve()
    return target if target.is_dir() else None
