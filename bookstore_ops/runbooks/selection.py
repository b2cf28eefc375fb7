"""Which blocks a run is to run: all, those from one on, or one alone."""

from bookstore_ops.errors import ConfigurationError, UsageError
from bookstore_ops.runbooks.page import Page
from bookstore_ops.runbooks.schema import FrontMatter


def require_runnable(page: Page) -> FrontMatter:
    """The front matter of a page that can be read as a whole, and runs something.

    Raises:
        ConfigurationError: it says where it is wrong.
    """
    wrong = [finding for finding in page.findings if not finding.warning]
    if wrong or page.front is None:
        first = wrong[0]
        more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
        raise ConfigurationError(
            f"{page.path}:{first.line}: {first.what}{more}",
            why="a page is run only if all of it can be read",
            next_step=f"{first.fix};  bsops runbook lint {page.name}",
        )
    if not page.sequence:
        raise ConfigurationError(
            f"{page.path} has no step that runs",
            why="a block runs if it has a name: {name=…} behind its language",
            next_step=f"bsops runbook lint {page.name}",
        )
    return page.front


def select(page: Page, first: str | None, only: str | None) -> list[str]:
    """The names of the blocks to run. ``first`` and ``only`` name a block or a step.

    Raises:
        UsageError: there is no such block or step.
    """
    if first and only:
        raise UsageError(
            "--from and --only do not go together",
            why="one runs all from there on, the other that alone",
            next_step="leave one of them out",
        )
    every = [block.name for _, block in page.sequence]
    if only:
        return _named(page, only)
    if first:
        return every[every.index(_named(page, first)[0]) :]
    return every


def _named(page: Page, name: str) -> list[str]:
    found = [block.name for step, block in page.sequence if name in {block.name, step.slug}]
    if not found:
        steps = dict.fromkeys(step.slug for step, _ in page.sequence)
        raise UsageError(
            f"{page.name} has no step {name!r}",
            why=f"its steps: {', '.join(steps)}",
            next_step=f"bsops runbook show {page.name}",
        )
    return found
