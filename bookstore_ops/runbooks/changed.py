"""What was edited in a page between a stop and going on."""

from collections.abc import Collection

import msgspec

from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.page import Page


def differences(old: Page, new: Page, ran: Collection[str]) -> list[str]:
    """A line for each block that differs, is new or is gone; ``ran`` are those that ran already."""
    before = {block.name: block for block in old.blocks}
    after = {block.name: block for block in new.blocks}
    found = []
    for name in [*before, *(name for name in after if name not in before)]:
        note = " (it ran already, as it was)" if name in ran else ""
        if name not in after:
            found.append(f"{name} is gone{note}")
        elif name not in before:
            found.append(f"{name} is new")
        elif _content(before[name]) != _content(after[name]):
            found.append(f"{name} differs{note}")
    if [b for b in before if b in after] != [b for b in after if b in before]:
        found.append("the order of the blocks differs")
    if old.front != new.front:
        found.append("the front matter differs")
    return found or ["only its prose differs"]


def _content(block: Block) -> dict[str, object]:
    return {name: value for name, value in msgspec.structs.asdict(block).items() if name != "line"}
