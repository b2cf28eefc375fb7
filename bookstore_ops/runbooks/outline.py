"""Where a page's headings and fences are, as the Markdown library reads it; kept between runs.

To load that library and the one for YAML takes longer than all else before a run's first question.
What they make of a page that nothing is wrong with is kept under ``.bsops/cache``, with the page's
whole text: it counts for exactly that text and no other.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import msgspec

from bookstore_ops import __version__
from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.files import write_atomically
from bookstore_ops.runbooks.findings import Finding
from bookstore_ops.runbooks.schema import FrontMatter, read_front_matter

# To be counted up when what is made of a page changes.
_FORM = f"{__version__}/2"


class Mark(msgspec.Struct, frozen=True, omit_defaults=True):
    """A heading or a fence: its first line and the one behind its last, counted from 0."""

    kind: Literal["h1", "h2", "fence"]
    first: int
    last: int
    content: str
    markup: str = ""


class Outline(msgspec.Struct, frozen=True):
    """What the libraries make of a page."""

    marks: list[Mark]
    front: FrontMatter | None
    findings: list[Finding]


class _Kept(msgspec.Struct, frozen=True):
    form: str
    text: str
    outline: Outline


def outline_of(text: str) -> Outline:
    """The outline of a page."""
    tokens = _tokens(text)
    front, findings = _front(tokens)
    return Outline(list(_marks(tokens)), front, findings)


def kept_outline(text: str, place: Path) -> Outline:
    """The same, from the file ``place`` where it has the outline of this text; else it is kept."""
    with suppress(OSError, msgspec.MsgspecError):
        kept = msgspec.json.decode(place.read_bytes(), type=_Kept)
        if (kept.form, kept.text) == (_FORM, text):
            return kept.outline
    made = outline_of(text)
    if made.front is not None and not made.findings:
        # Where nothing can be written, it is read anew each time.
        with suppress(EnvironmentMissing):
            write_atomically(place, msgspec.json.encode(_Kept(_FORM, text, made)), mode=0o600)
    return made


def _tokens(text: str) -> list[Any]:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.front_matter import front_matter_plugin

    # What stands inside of lines is for readers.
    return MarkdownIt("commonmark").use(front_matter_plugin).disable("inline").parse(text)


def _marks(tokens: Sequence[Any]) -> Sequence[Mark]:
    found = []
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        first, last = token.map or (0, 0)
        if token.type == "heading_open" and token.level == 0 and token.tag in {"h1", "h2"}:
            found.append(Mark(token.tag, first, last, following.content))
        elif token.type == "fence":
            found.append(Mark("fence", first, last, token.content, token.markup))
    return found


def _front(tokens: Sequence[Any]) -> tuple[FrontMatter | None, list[Finding]]:
    if not tokens or tokens[0].type != "front_matter":
        fix = "begin it with YAML between two lines of ---; bsops runbook new NAME shows one"
        return None, [Finding(line=1, what="the page has no front matter", fix=fix)]
    return read_front_matter(tokens[0].content, 2)
