"""Write the table of rehearsals in runbooks/README.md from the marks of their tests."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.runbooks.library import listed
from bookstore_ops.workspace import Workspace

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "runbooks" / "README.md"
_TESTS = ROOT / "tests" / "e2e"
_MARK = "pytest.mark.rehearses"
_HEAD = "| Page | Broken | Mended | Not in the sandbox |\n| --- | --- | --- | --- |\n"


@dataclass(frozen=True)
class Rehearsal:
    """What a test says of the page it runs: ``not_here`` is what the sandbox cannot hold."""

    page: str
    broken: str
    mended: str
    not_here: str = ""


def rehearsals() -> list[Rehearsal]:
    """All of them; read, not imported."""
    return [each for path in sorted(_TESTS.glob("test_*.py")) for each in _marks(path)]


def _marks(path: Path) -> Iterator[Rehearsal]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == _MARK:
            (page,) = node.args
            given = {word.arg: ast.literal_eval(word.value) for word in node.keywords if word.arg}
            yield Rehearsal(ast.literal_eval(page), **given)


def table() -> str:
    """The table, in the order of the pages' names."""
    titles = {page.name: page.front.title for page in listed(Workspace(ROOT)) if page.front}
    rows = sorted(rehearsals(), key=lambda each: (each.page, each.broken))
    return _HEAD + "".join(
        f"| [{titles[row.page]}]({row.page}.md) | {row.broken} | {row.mended} | {row.not_here} |\n"
        for row in rows
    )


def page() -> str:
    """The text of the README with the table as it should be."""
    text = TARGET.read_text(encoding="utf-8")
    before, head, rest = text.partition(_HEAD.splitlines()[0])
    if not head:
        raise SystemExit(f"{TARGET.name} has no line {_HEAD.splitlines()[0]!r}")
    after = rest.partition("\n\n")[2]
    return f"{before}{table()}" + (f"\n{after}" if after else "")
