"""Runbooks as documents of other systems."""

from pathlib import Path

from bookstore_ops.errors import ConfigurationError, OperationFailed
from bookstore_ops.files import write_atomically
from bookstore_ops.operations.runbooks.reading import lint_pages
from bookstore_ops.runbooks.library import load
from bookstore_ops.runbooks.lint import CheckCommand
from bookstore_ops.runbooks.selection import require_runnable
from bookstore_ops.runbooks.ssm.document import MOST_BYTES, Exported, export
from bookstore_ops.workspace import Workspace


def export_page(workspace: Workspace, name: str, check_command: CheckCommand) -> Exported:
    """A page as an AWS Systems Manager Automation document.

    Raises:
        ConfigurationError: lint has something against the page.
        OperationFailed: the document would be longer than AWS takes.
    """
    page = load(workspace, name)
    front = require_runnable(page)
    (linted,) = lint_pages(workspace, [name], check_command)
    wrong = [finding for finding in linted.findings if not finding.warning]
    if wrong:
        raise ConfigurationError(
            f"{page.path}:{wrong[0].line}: {wrong[0].what}",
            why="only a page that is well is exported",
            next_step=f"{wrong[0].fix};  bsops runbook lint {name}",
        )
    made = export(page, front)
    size = len(made.text(as_json=False).encode())
    if size > MOST_BYTES:
        raise OperationFailed(
            f"the document of {name} would have {size} bytes",
            why=f"AWS takes {MOST_BYTES}",
            next_step="cut the page in two",
        )
    return made


def write_document(made: Exported, path: Path) -> None:
    """Write a document: JSON where the file's name ends so, else YAML.

    Raises:
        EnvironmentMissing: it cannot be written.
    """
    write_atomically(path, made.text(as_json=path.suffix == ".json"))
