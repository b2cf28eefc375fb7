"""Names in an exported document, and how values are referred to there."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bookstore_ops.runbooks.values import REFERENCE

# https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-variables.html
GLOBALS = {"region": "{{ global:REGION }}", "account_id": "{{ global:ACCOUNT_ID }}"}


@dataclass(frozen=True)
class Given:
    """Where a value comes from. ``typed``: the reference has its type; ``json`` is its JSON."""

    reference: str
    typed: bool = True
    json: str | None = None

    @property
    def payload(self) -> str | dict[str, str]:
        """The value as a script step takes it."""
        return {"json": self.json} if self.json else self.reference


def step_name(block: str, prefix: str = "") -> str:
    """The name of a block's step: letters, digits and ``_``, three at least."""
    name = f"{prefix}{block.replace('-', '_')}"
    return name if len(name) >= 3 else f"step_{name}"


def parameter_names(names: Iterable[str]) -> dict[str, str]:
    """A parameter's name as AWS writes them (``min_tasks``: ``MinTasks``), each once."""
    found: dict[str, str] = {}
    for name in names:
        pascal = "".join(part.capitalize() for part in re.split("_+", name)) or "Value"
        while pascal in found.values():
            pascal += "2"
        found[name] = pascal
    return found


def referring(text: str, given: Mapping[str, Given]) -> str:
    """``text`` with the document's references in place of the page's.

    Raises:
        KeyError: a value is not known.
    """
    return REFERENCE.sub(lambda m: "$" if m[1] else given[m[2] or m[3]].reference, text)


def referring_in(document: object, given: Mapping[str, Given]) -> object:
    """The same in every text of a parsed document."""
    if isinstance(document, dict):
        return {key: referring_in(item, given) for key, item in document.items()}
    if isinstance(document, list):
        return [referring_in(item, given) for item in document]
    return referring(document, given) if isinstance(document, str) else document
