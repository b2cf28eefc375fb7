"""What a bundle holds, before it is written and after."""

from pathlib import Path
from typing import TYPE_CHECKING

from bookstore_ops.ui.text import Screen, Span, plural, prose, size

if TYPE_CHECKING:
    from bookstore_ops.operations.support.bundling import Bundle
    from bookstore_ops.ui.terminal import Terminal


def contents(bundle: "Bundle", width: int) -> Screen:
    """Each file with its size, what is missing, and what was taken out."""
    screen = Screen()
    screen.add(Span("In it", "bold"))
    names = max(len(part.name) for part in bundle.parts)
    for part in bundle.parts:
        row = f"  {size(len(part.content)):>8}  {part.name}"
        note = f"{' ' * (names - len(part.name))}   {part.note}" if part.note else ""
        if note and len(row) + len(note) > width:
            screen.add(row)
            screen.extend(prose(part.note or "", width, "dim", " " * 12))
        else:
            screen.add(row, Span(note, "dim"))
    if bundle.missing:
        screen.add()
        screen.add(Span("Not in it", "bold"))
        for each in bundle.missing:
            screen.extend(prose(f"{each.name}: {each.why}", width, indent="  "))
    screen.add()
    total = sum(len(part.content) for part in bundle.parts)
    masked = f"{plural(bundle.secrets, 'secret')} masked"
    accounts = f", {plural(bundle.accounts, 'account number')} replaced" if bundle.accounts else ""
    count = plural(len(bundle.parts), "file")
    screen.add(Span(f"{count}, {size(total)} before packing; {masked}{accounts}", "bold"))
    return screen


def show_list(terminal: "Terminal", bundle: "Bundle") -> None:
    """What would be in it."""
    terminal.result(contents(bundle, terminal.width))
    _document(terminal, bundle, None, None)


def show_before(terminal: "Terminal", bundle: "Bundle") -> None:
    """What is about to be written."""
    terminal.show(contents(bundle, terminal.width))


def show_written(terminal: "Terminal", bundle: "Bundle", target: Path, packed: int) -> None:
    """Where it is."""
    terminal.result(f"wrote {target} ({size(packed)})")
    terminal.say("Only you can read it. Look into it before you attach it to an issue:")
    terminal.say("masking knows many secrets, and not all.")
    _document(terminal, bundle, target, packed)


def _document(
    terminal: "Terminal", bundle: "Bundle", target: Path | None, packed: int | None
) -> None:
    terminal.document(
        "bsops.support.bundle/1",
        {
            "written": str(target) if target else None,
            "bytes": packed,
            "files": [
                {"name": part.name, "bytes": len(part.content), "note": part.note}
                for part in bundle.parts
            ],
            "missing": [{"name": each.name, "why": each.why} for each in bundle.missing],
            "masked": {"secrets": bundle.secrets, "accounts": bundle.accounts},
        },
    )
