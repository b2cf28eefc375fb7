"""A page: CommonMark with front matter; its ``##`` sections are steps, its blocks are what runs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from bookstore_ops.runbooks.blocks import Block, is_runnable, language_of, read_block
from bookstore_ops.runbooks.findings import Finding, Unreadable
from bookstore_ops.runbooks.schema import FrontMatter, read_front_matter


@dataclass(frozen=True)
class Step:
    """A section: prose and blocks in their order. One without blocks is only read."""

    title: str
    slug: str
    line: int
    parts: tuple[str | Block, ...]

    @property
    def blocks(self) -> list[Block]:
        """Its blocks."""
        return [part for part in self.parts if isinstance(part, Block)]


@dataclass(frozen=True)
class Page:
    """A page as it was read. With ``front`` None, or findings that are no warnings, it cannot run.

    ``heading`` is its ``#`` heading, ``shown_only`` the lines of fences in languages that could
    run, without braces.
    """

    name: str
    path: Path
    text: str
    front: FrontMatter | None
    heading: str
    intro: str
    steps: tuple[Step, ...]
    findings: tuple[Finding, ...]
    shown_only: tuple[tuple[int, str], ...] = field(default=())

    @property
    def sha256(self) -> str:
        """The digest of its text."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def blocks(self) -> list[Block]:
        """All blocks in their order."""
        return [block for step in self.steps for block in step.blocks]

    @property
    def undoing(self) -> set[str]:
        """The names of the blocks that run only to undo another."""
        return {block.undo for block in self.blocks if block.undo}

    @property
    def sequence(self) -> list[tuple[Step, Block]]:
        """What a run runs, in its order."""
        undoing = self.undoing
        return [
            (step, block)
            for step in self.steps
            for block in step.blocks
            if block.name not in undoing
        ]

    def block(self, name: str) -> Block | None:
        """The block of that name."""
        return next((block for block in self.blocks if block.name == name), None)


def slug(title: str) -> str:
    """A heading in one word, as its anchor on a Git page."""
    return re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", title.lower()).strip())


def read_page(name: str, path: Path, text: str) -> Page:
    """The page in ``text``; what is wrong with it is among its findings."""
    tokens = _tokens(text)
    lines = text.splitlines()
    findings: list[Finding] = []
    front = _front(tokens, findings)
    reader = _Reader(lines, findings)
    for token, following in _in_pairs(tokens):
        if token.type == "heading_open" and token.level == 0 and token.tag in {"h1", "h2"}:
            reader.heading(token, following.content)
        elif token.type == "fence":
            reader.fence(token)
    reader.end()
    return Page(
        name,
        path,
        text,
        front,
        reader.title,
        reader.intro,
        tuple(reader.steps),
        tuple(sorted(findings, key=lambda finding: finding.line)),
        tuple(reader.shown_only),
    )


def read_front(text: str) -> FrontMatter | None:
    """Only what a page says of itself; None where that cannot be read."""
    front = re.match(r"---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", text, re.DOTALL)
    return read_front_matter(front[1], 2)[0] if front else None


def _tokens(text: str) -> list[Any]:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin

    # What stands inside of lines is for readers.
    return MarkdownIt("commonmark").use(front_matter_plugin).disable("inline").parse(text)


def _in_pairs(tokens: list[Any]) -> Iterator[tuple[Any, Any]]:
    yield from zip(tokens, [*tokens[1:], None], strict=True)


def _front(tokens: list[Any], findings: list[Finding]) -> FrontMatter | None:
    if not tokens or tokens[0].type != "front_matter":
        findings.append(
            Finding(
                line=1,
                what="the page has no front matter",
                fix="begin it with YAML between two lines of ---; bsops runbook new NAME shows one",
            )
        )
        return None
    front, found = read_front_matter(tokens[0].content, 2)
    findings.extend(found)
    return front


class _Reader:
    """Cuts a page into steps, prose and blocks while its tokens go by."""

    def __init__(self, lines: list[str], findings: list[Finding]) -> None:
        self._lines = lines
        self._findings = findings
        self.title = ""
        self.intro = ""
        self.steps: list[Step] = []
        self.shown_only: list[tuple[int, str]] = []
        self._names: set[str] = set()
        self._heading: tuple[str, int] | None = None
        self._parts: list[str | Block] = []
        self._from = 0

    def heading(self, token: Any, text: str) -> None:
        """A ``#`` or ``##`` heading."""
        if token.tag == "h1":
            self.title = self.title or text
            self._from = token.map[1]
            return
        self.end(token.map[0])
        self._heading, self._parts, self._from = (text, token.map[0] + 1), [], token.map[1]

    def fence(self, token: Any) -> None:
        """A fenced block, of whatever kind."""
        first, last = token.map
        # The library resolves escapes in info strings, which regular expressions are full of.
        info = self._lines[first].partition(token.markup)[2].strip("`~")
        if not is_runnable(info):
            self.shown_only.append((first + 1, language_of(info)))
            return
        self._prose(first)
        self._from = last
        try:
            block = read_block(info, token.content, first + 1)
        except Unreadable as error:
            self._findings.append(Finding(line=first + 1, what=error.what, fix=error.fix))
            return
        if self._heading is None:
            self._findings.append(
                Finding(
                    line=first + 1,
                    what=f"the block {block.name} stands before the first step",
                    fix="put a ## heading above it",
                )
            )
        if block.name in self._names:
            self._findings.append(
                Finding(
                    line=first + 1,
                    what=f"a second block is named {block.name}",
                    fix="give it another name",
                )
            )
        self._names.add(block.name)
        self._parts.append(block)

    def end(self, line: int | None = None) -> None:
        """The step under way ends before ``line``."""
        self._prose(len(self._lines) if line is None else line)
        if self._heading is None:
            self.intro = "\n\n".join(part for part in self._parts if isinstance(part, str))
            return
        title, first = self._heading
        self.steps.append(Step(title, slug(title), first, tuple(self._parts)))

    def _prose(self, until: int) -> None:
        rows = [row.rstrip() for row in self._lines[self._from : until]]
        text = "\n".join(rows).strip("\n")
        if text.strip():
            self._parts.append(text)
