"""Write the index by symptom and by alarm in runbooks/README.md from what the pages say."""

from collections.abc import Iterator
from pathlib import Path

from bookstore_ops.runbooks.library import listed
from bookstore_ops.runbooks.schema import FrontMatter
from bookstore_ops.workspace import Workspace

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "runbooks" / "README.md"
_SYMPTOM = "| What you see | Page |"
_ALARM = "| Alarm | Page |"


def tables() -> dict[str, str]:
    """Both tables by their heads."""
    return {
        _SYMPTOM: _table(_SYMPTOM, _symptoms()),
        _ALARM: _table(_ALARM, _alarms()),
    }


def _symptoms() -> Iterator[tuple[str, str]]:
    for link, front in _pages():
        yield from ((symptom, link) for symptom in front.symptoms)


def _alarms() -> Iterator[tuple[str, str]]:
    for link, front in _pages():
        yield from ((f"`{alarm}`", link) for alarm in front.alarms)


def _pages() -> Iterator[tuple[str, FrontMatter]]:
    for each in listed(Workspace(ROOT)):
        if each.front:
            yield f"[{each.front.title}]({each.name}.md)", each.front


def _table(head: str, rows: Iterator[tuple[str, str]]) -> str:
    lines = [f"| {said} | {link} |" for said, link in sorted(rows, key=lambda row: row[0].lower())]
    return "\n".join([head, "| --- | --- |", *lines])


def page() -> str:
    """The text of the README with both tables as they should be."""
    text = TARGET.read_text(encoding="utf-8")
    for head, table in tables().items():
        before, found, rest = text.partition(head)
        if not found:
            raise SystemExit(f"{TARGET.name} has no line {head!r}")
        after = rest.partition("\n\n")[2]
        text = f"{before}{table}\n" + (f"\n{after}" if after else "")
    return text
