"""What the tests read out of the project's Markdown."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAGES = (
    README,
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "environments").rglob("*.md")),
    *sorted((ROOT / "runbooks").rglob("*.md")),
    *sorted((ROOT / "benchmarks").rglob("*.md")),
)

_FENCE = re.compile(r"^ *```(\w*)[^\n`]*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
_SEPARATORS = frozenset({"&&", "||", "|", ";", "&", ">"})
# Stand for a command's name in prose.
_PLACEHOLDERS = frozenset({"COMMAND", "NAME", "…"})


@dataclass(frozen=True)
class Line:
    """A bsops command somewhere in a page, as words after ``bsops``."""

    page: Path
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}: bsops {' '.join(self.words)}"


def bsops_lines(page: Path) -> list[Line]:
    """Every bsops command in a page's shell blocks and code spans."""
    text = page.read_text(encoding="utf-8")
    shell = [
        body for kind, body in _FENCE.findall(text) if kind in {"bash", "bsops", "console", "sh"}
    ]
    sources = [line for body in shell for line in body.splitlines()]
    sources += _CODE_SPAN.findall(_FENCE.sub("", text))
    return [Line(page, words) for source in sources for words in _commands(source)]


def _commands(source: str) -> Iterator[tuple[str, ...]]:
    # In a table a pipe inside code is written with a backslash.
    lexer = shlex.shlex(source.replace("\\|", "|"), posix=True, punctuation_chars="&|;>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    command: list[str] = []
    try:
        words = list(lexer)
    except ValueError:  # prose with an apostrophe is no command
        return
    for word in [*words, ";"]:
        if word not in _SEPARATORS:
            command.append(word)
            continue
        if (
            len(command) > 1
            and Path(command[0]).name == "bsops"
            and command[1] not in _PLACEHOLDERS
        ):
            yield tuple(command[1:])
        command = []


def relative_links(page: Path) -> list[str]:
    """The targets of a page's links that are files of ours, anchors cut off."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    targets = [target.partition("#")[0] for target in _LINK.findall(text)]
    return [target for target in targets if target and "://" not in target]


def table(page: Path, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, code marks stripped."""
    _, _, below = page.read_text(encoding="utf-8").partition(f"\n{heading}\n")
    rows = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert rows, f"{page.name} has no table below {heading!r}"
    cells = [
        [cell.strip().strip("`") for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
        for row in rows[0].splitlines()
    ]
    return cells[2:]


def marked_command(name: str) -> str:
    """The command between the README's markers of that name, which CI runs as it stands."""
    text = README.read_text(encoding="utf-8")
    found = re.search(
        rf"<!-- command:{name} -->\n```bash\n(.*?)\n```\n<!-- /command:{name} -->", text, re.DOTALL
    )
    assert found, f"README.md has no command:{name}"
    return found[1]
