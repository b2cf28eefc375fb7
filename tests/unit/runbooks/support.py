"""Pages by hand."""

from pathlib import Path

from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.page import Page, read_page

FRONT = """\
title: Try
summary: A page to try things with.
severity: low
estimated_time: 5m
owner: platform
"""


def text_of(body: str, front: str = "") -> str:
    """A whole page with ``body`` as its steps, and more front matter."""
    return f"---\n{FRONT}{front}---\n\n# Try\n\n{body}"


def page_of(body: str, front: str = "") -> Page:
    """The same, read."""
    return read_page("try", Path("runbooks/try.md"), text_of(body, front))


def step(info: str, text: str = "true\n", title: str = "One") -> str:
    """A step of one block."""
    return f"## {title}\n\n```{info}\n{text}```\n"


def block_of(info: str, text: str = "true\n") -> Block:
    """The one block of a page; the page must have nothing that is wrong."""
    page = page_of(step(info, text))
    assert page.findings == ()
    (block,) = page.blocks
    return block
