"""The pages of a workspace, by name."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.errors import ConfigurationError, UsageError
from bookstore_ops.runbooks.outline import kept_outline
from bookstore_ops.runbooks.page import Page, read_front, read_page
from bookstore_ops.runbooks.schema import FrontMatter
from bookstore_ops.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookstore_ops.runbooks.alarms import Alarm

_INDEX = "README"
_CACHE = "cache/runbooks"


class Listed(msgspec.Struct, frozen=True):
    """A page in the list; ``front`` is None where it cannot be read."""

    name: str
    path: Path
    front: FrontMatter | None


def names(workspace: Workspace) -> list[str]:
    """The names of all pages."""
    return sorted(path.stem for path in workspace.runbooks.glob("*.md") if path.stem != _INDEX)


def load(workspace: Workspace, name: str) -> Page:
    """The page of that name, and no other, is read.

    Raises:
        UsageError: there is none.
        ConfigurationError: it cannot be read.
    """
    path = workspace.runbooks / f"{name}.md"
    known = re.fullmatch(r"[\w-]+", name) and name != _INDEX and path.is_file()
    if not known:
        from bookstore_ops.environments import nearest

        guess = nearest(name, names(workspace))
        raise UsageError(
            f"there is no runbook {name!r}",
            why=f"{workspace.runbooks} has no page of that name",
            next_step=f"did you mean {guess}?  bsops runbook list"
            if guess
            else "bsops runbook list",
        )
    text = _text(path)
    if not workspace.data.is_dir():
        # A look makes no directory.
        return read_page(name, path, text)
    return read_page(name, path, text, kept_outline(text, workspace.data / _CACHE / f"{name}.json"))


def listed(workspace: Workspace, alarm: str | None = None) -> list[Listed]:
    """All pages, or those that an alarm leads to: by their own word, or the alarm's."""
    found = [
        Listed(name, path, read_front(_text(path)))
        for name in names(workspace)
        for path in [workspace.runbooks / f"{name}.md"]
    ]
    if alarm is None:
        return found
    from bookstore_ops.runbooks.alarms import read_alarms

    alarms = read_alarms(workspace.tree)
    says = {each.name: _exactness(each, alarm, alarms) for each in found}
    most = max(says.values(), default=0)
    return [each for each in found if says[each.name] == most > 0]


def _exactness(page: Listed, name: str, alarms: "Sequence[Alarm]") -> int:
    """How exactly a page is meant by an alarm, by the page's own word or the alarm's; 0: not."""
    from bookstore_ops.runbooks.alarms import exactness, fits

    patterns = [*(page.front.alarms if page.front else ())]
    patterns += [each.pattern for each in alarms if each.runbook == page.name]
    return max((exactness(each) for each in patterns if fits(each, name)), default=0)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(
            f"cannot read {path}", why=reason, next_step=f"check the file: ls -l {path}"
        ) from error
