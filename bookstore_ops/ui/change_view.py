"""One change of a plan as lines: its address, why, and the attributes that differ."""

from collections.abc import Iterator
from functools import cached_property

from bookstore_ops.terraform.masking import MASK, UNKNOWN
from bookstore_ops.terraform.plan import AttributeChange, ResourceChange
from bookstore_ops.ui.actions import sign, style
from bookstore_ops.ui.text import Line, Span, line, plain, plural, prose, shorten
from bookstore_ops.ui.values import Difference, differences

_INDENT = 6
_MOST_ATTRIBUTES = 6
_ENOUGH_FOR_VALUES = 30

_REASONS = {
    "replace_because_tainted": "tainted: its creation failed, or it was marked",
    "tainted": "tainted: its creation failed, or it was marked",
    "replace_by_request": "asked for with --replace",
    "requested": "asked for with --replace",
    "replace_by_triggers": "what its replace_triggered_by names changes",
    "delete_because_no_resource_config": "no longer in the configuration",
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_wrong_repetition": "count or for_each was added or removed",
    "delete_because_count_index": "beyond the new count",
    "delete_because_each_key": "its key is no longer in for_each",
    "delete_because_no_move_target": "moved to an address that is not in the configuration",
}


class ChangeBlock:
    """A change as a line and the lines below it; those are made only when they are looked at.

    ``loss`` is the word for the end of something that holds data.
    """

    def __init__(self, change: ResourceChange, width: int, *, everything: bool, loss: str) -> None:
        self.change = change
        self._loss = loss
        self._width = width
        self._everything = everything

    @property
    def head(self) -> Line:
        """The action and the address, which is never shortened: it is there to be copied."""
        action = self.change.action
        moved_from = f"{self.change.previous_address} -> " if action == "move" else ""
        loses_data = action.destroys and self.change.stateful
        return line(
            Span(f"  {sign(action):<3} ", style(action)),
            Span(self._loss if loses_data else "", "bold white on red"),
            Span(" " if loses_data else ""),
            Span(moved_from),
            Span(self.change.address, "bold" if action.destroys else ""),
        )

    @cached_property
    def body(self) -> list[Line]:
        """Why, and what differs, the attributes that force a replacement first."""
        lines = []
        reason = _REASONS.get(self.change.reason)
        if reason:
            lines += prose(reason, self._width, "dim", " " * _INDENT)
        if self._moves_besides:
            lines.append(line(" " * _INDENT, f"moved from {self.change.previous_address}"))
        shown, hidden = self._chosen()
        for attribute in shown:
            lines += self._attribute(attribute)
        if hidden:
            lines.append(line(Span(f"{'':{_INDENT}}… {plural(hidden, 'more attribute')}", "dim")))
        return lines

    @property
    def abridged(self) -> bool:
        """Whether attributes are only counted."""
        return self._chosen()[1] > 0

    @property
    def _moves_besides(self) -> bool:
        previous = self.change.previous_address
        return bool(previous) and previous != self.change.address and self.change.action != "move"

    def _chosen(self) -> tuple[list[AttributeChange], int]:
        ordered = sorted(self.change.attributes, key=lambda a: not a.forces_replacement)
        if self._everything:
            return ordered, 0
        # Computed attributes follow from the others and say nothing yet.
        telling = [a for a in ordered if a.forces_replacement or a.after != UNKNOWN]
        shown = telling[:_MOST_ATTRIBUTES]
        return shown, len(ordered) - len(shown)

    def _attribute(self, attribute: AttributeChange) -> Iterator[Line]:
        found = differences(attribute)
        shown = found if self._everything else found[:_MOST_ATTRIBUTES]
        for index, difference in enumerate(shown):
            forces = attribute.forces_replacement and index == 0
            yield from difference_lines(
                difference,
                indent=_INDENT,
                width=None if self._everything else self._width,
                note="forces replacement" if forces else "",
            )
        if len(found) > len(shown):
            rest = f"{'':{_INDENT}}… {len(found) - len(shown)} more in {attribute.path}"
            yield line(Span(rest, "dim"))


def difference_lines(
    difference: Difference,
    *,
    indent: int,
    width: int | None,
    note: str = "",
    signs: tuple[str, str] = ("+ ", "- "),
) -> Iterator[Line]:
    """``path  before -> after  note`` on one line if it fits, else on two or three.

    ``signs`` mark a value that only comes and one that only goes.
    """
    path, pad = plain(difference.path), " " * indent
    tail = f"  {note}" if note else ""
    room = None if width is None else width - indent - len(path) - 2 - len(tail)
    if room is None or len(_values(difference, None, signs)) <= room or room >= _ENOUGH_FOR_VALUES:
        value = _values(difference, room, signs)
        yield line(f"{pad}{path}  ", Span(value, _tint(difference)), Span(tail, "bold red"))
        return
    yield line(f"{pad}{path}")
    value = _values(difference, (width or 0) - indent - 2, signs)
    yield line(f"{pad}  ", Span(value, _tint(difference)))
    if note:
        yield line(f"{pad}  ", Span(note, "bold red"))


def _tint(difference: Difference) -> str:
    if difference.before is None:
        return "green"
    return "red" if difference.after is None else "yellow"


def _values(difference: Difference, room: int | None, signs: tuple[str, str]) -> str:
    _, before, after = difference
    if before == after == MASK:
        return f"{MASK} changes"
    if before is None or after is None:
        text = plain(f"{signs[0]}{after}" if before is None else f"{signs[1]}{before}")
        return text if room is None else shorten(text, max(room, 8))
    before, after = plain(before), plain(after)
    if room is None or len(before) + len(after) + 4 <= room:
        return f"{before} -> {after}"
    half = max((room - 4) // 2, 4)
    first = max(half, room - 4 - len(after))
    before = shorten(before, first)
    return f"{before} -> {shorten(after, max(room - 4 - len(before), 4))}"
