"""Looking at runbooks without running them, and beginning a new one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.files import write_atomically
from bookstore_ops.runbooks.alarms import read_alarms
from bookstore_ops.runbooks.findings import Finding
from bookstore_ops.runbooks.library import load, names
from bookstore_ops.runbooks.lint import CheckCommand, lint
from bookstore_ops.workspace import Workspace


@dataclass(frozen=True)
class Linted:
    """A page's findings."""

    name: str
    path: Path
    findings: Sequence[Finding]


def lint_pages(
    workspace: Workspace, named: Sequence[str], check_command: CheckCommand
) -> list[Linted]:
    """The findings of the pages named, or of all.

    Raises:
        BsopsError: there is no such page, or it cannot be read.
    """
    alarms = read_alarms(workspace.tree)
    pages = [load(workspace, name) for name in named or names(workspace)]
    return [Linted(page.name, page.path, lint(page, alarms, check_command)) for page in pages]


def begin_page(workspace: Workspace, name: str) -> Path:
    """Write a page of that name to begin with; it runs, and lint has nothing to say of it.

    Raises:
        UsageError: the name is none.
        Refused: there is such a page.
    """
    import re

    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise UsageError(
            f"{name!r} is no name of a runbook",
            why="it has lower-case letters, digits and hyphens, and begins with a letter",
            next_step="bsops runbook new service-unhealthy",
        )
    path = workspace.runbooks / f"{name}.md"
    if path.exists():
        raise Refused(
            f"{path} is there already",
            why="bsops runbook new never writes over a page",
            next_step=f"bsops runbook show {name}",
        )
    title = name.replace("-", " ").capitalize()
    write_atomically(path, _BEGINNING.replace("TITLE", title))
    return path


_BEGINNING = """\
---
title: TITLE
summary: In one sentence, what this page mends.
severity: medium
estimated_time: 10m
owner: platform
symptoms:
  - What an operator sees
permissions: []
tools: []
---

# TITLE

What an operator sees, and what is certain.

## Look

Who holds the state, and whether they live:

```bsops {name=look timeout=1m}
bsops lock $environment
```

## Mend

What only a person can do. Say how to know that it is done.

```text {name=mend manual}
Describe it here.
```
"""
