"""A page: CommonMark with front matter; its ``##`` sections are steps, its blocks are what runs."""

import re
from pathlib import Path

import msgspec

from bookstore_ops.runbooks.blocks import Block, is_runnable, language_of, read_block
from bookstore_ops.runbooks.findings import Finding, Unreadable
from bookstore_ops.runbooks.outline import Mark, Outline, outline_of
from bookstore_ops.runbooks.schema import FrontMatter, read_front_matter


class Step(msgspec.Struct, frozen=True):
    """A section: prose and blocks in their order. One without blocks is only read."""

    title: str
    slug: str
    line: int
    parts: tuple[str | Block, ...]

    @property
    def blocks(self) -> list[Block]:
        """Its blocks."""
        return [part for part in self.parts if isinstance(part, Block)]


class Page(msgspec.Struct, frozen=True):
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
    shown_only: tuple[tuple[int, str], ...] = ()

    @property
    def sha256(self) -> str:
        """The digest of its text."""
        from hashlib import sha256

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


def read_page(name: str, path: Path, text: str, outline: Outline | None = None) -> Page:
    """The page in ``text``; what is wrong with it is among its findings."""
    outline = outline or outline_of(text)
    lines = text.splitlines()
    findings = list(outline.findings)
    reader = _Reader(lines, findings)
    for mark in outline.marks:
        if mark.kind == "fence":
            reader.fence(mark)
        else:
            reader.heading(mark)
    reader.end()
    return Page(
        name,
        path,
        text,
        outline.front,
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

    def heading(self, mark: Mark) -> None:
        """A ``#`` or ``##`` heading."""
        if mark.kind == "h1":
            self.title = self.title or mark.content
            self._from = mark.last
            return
        self.end(mark.first)
        self._heading, self._parts, self._from = (mark.content, mark.first + 1), [], mark.last

    def fence(self, mark: Mark) -> None:
        """A fenced block, of whatever kind."""
        first, last = mark.first, mark.last
        # The library resolves escapes in info strings, which regular expressions are full of.
        info = self._lines[first].partition(mark.markup)[2].strip("`~")
        if not is_runnable(info):
            self.shown_only.append((first + 1, language_of(info)))
            return
        self._prose(first)
        self._from = last
        try:
            block = read_block(info, mark.content, first + 1)
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
