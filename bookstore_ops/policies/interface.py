"""What a Python policy gets to see: a plan, resource by resource.

A policy is a file with one function, ``check(plan)``, that yields what it finds: a resource (or
an address) and what is wrong with it. ::

    def check(plan):
        for database in plan.of_type("aws_db_instance"):
            if database.after.get("publicly_accessible"):
                yield database, "can be reached from the internet"

Sensitive values are masked. It runs in a process of its own, without credentials.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Resource:
    """One resource instance as the plan leaves it, changed or not.

    ``before`` and ``after`` are its attributes; ``after`` is empty where it ends. What is known
    only after the apply is absent from ``after``, and true in ``unknown``.
    """

    address: str
    type: str
    name: str
    mode: str
    actions: tuple[str, ...]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    unknown: Mapping[str, Any]
    stateful: bool

    @property
    def ends(self) -> bool:
        """Whether what exists is destroyed: it goes, or is replaced."""
        return "delete" in self.actions

    @property
    def stays(self) -> bool:
        """Whether there is such a resource after the apply."""
        return self.actions not in {("delete",), ("forget",)}

    def is_unknown(self, attribute: str) -> bool:
        """Whether the attribute, or a part of it, is known only after the apply."""
        return bool(self.unknown.get(attribute))


class Plan:
    """A plan: ``environment`` is its name, ``destroy`` whether it is to end all of it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        about = document.get("bookstore", {})
        self.environment: str = about.get("environment", "")
        self.destroy: bool = about.get("destroy", False)
        self.document = document
        stateful = frozenset(about.get("stateful_types", ()))
        self.resources = tuple(
            _resource(raw, stateful)
            for raw in document.get("resource_changes", ())
            if raw.get("mode", "managed") == "managed"
        )

    def of_type(self, *types: str) -> Iterator[Resource]:
        """The resources of these types that there are after the apply."""
        return (each for each in self.resources if each.type in types and each.stays)


def _resource(raw: Mapping[str, Any], stateful: frozenset[str]) -> Resource:
    change = raw.get("change", {})
    return Resource(
        address=raw["address"],
        type=raw.get("type", ""),
        name=raw.get("name", ""),
        mode=raw.get("mode", "managed"),
        actions=tuple(change.get("actions", ())),
        before=_attributes(change.get("before")),
        after=_attributes(change.get("after")),
        unknown=_attributes(change.get("after_unknown")),
        stateful=raw.get("type", "") in stateful,
    )


def _attributes(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
