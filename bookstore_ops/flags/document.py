"""The document of the flags, as AppConfig keeps it.

https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-type-reference-feature-flags.html
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bookstore_ops.errors import UsageError
from bookstore_ops.flags.model import PERCENT

Value = bool | int | float | str


@dataclass(frozen=True)
class Flag:
    """One flag: whether it is on, and its attributes with what each may be."""

    name: str
    enabled: bool
    description: str = ""
    temporary: bool = False
    attributes: Mapping[str, Value] = field(default_factory=dict)
    constraints: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def percent(self) -> int | float | None:
        """The share of the customers that have it; None where it has no such attribute."""
        value = self.attributes.get(PERCENT)
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None

    @property
    def share(self) -> int | float:
        """The share of the customers that have it now, in per cent."""
        if not self.enabled:
            return 0
        return 100 if self.percent is None else self.percent

    @property
    def reach(self) -> str:
        """Who has it now, in words."""
        if not self.enabled:
            return "nobody (off)"
        if self.share <= 0:
            return "nobody (on at 0 %)"
        return "all customers" if self.share >= 100 else f"{self.share:g} % of the customers"

    def given(self, values: Mapping[str, Value]) -> "Flag":
        """The flag with these values."""
        enabled = bool(values.get("enabled", self.enabled))
        others = {key: value for key, value in values.items() if key != "enabled"}
        return replace(self, enabled=enabled, attributes={**self.attributes, **others})


def flags_of(document: Mapping[str, Any]) -> dict[str, Flag]:
    """The flags by name."""
    found = {}
    for name, defined in sorted(document.get("flags", {}).items()):
        values = document.get("values", {}).get(name, {})
        constraints = {
            attribute: said.get("constraints", {})
            for attribute, said in defined.get("attributes", {}).items()
        }
        found[name] = Flag(
            name,
            enabled=bool(values.get("enabled", False)),
            description=defined.get("description", ""),
            temporary="_deprecation" in defined,
            attributes={key: values[key] for key in sorted(constraints) if key in values},
            constraints=constraints,
        )
    return found


def with_values(
    document: Mapping[str, Any], name: str, values: Mapping[str, Value]
) -> dict[str, Any]:
    """The document with these values of one flag; all others as they are."""
    had = document.get("values", {})
    return {**document, "values": {**had, name: {**had.get(name, {}), **values}}}


def parse_values(flag: Flag, said: Sequence[str], again: str) -> dict[str, Value]:
    """What an operator means by ``on``, ``off``, ``VALUE`` and ``ATTRIBUTE=VALUE``.

    Raises:
        UsageError: the flag has no such attribute, may not have that value, or two are said.
    """
    values: dict[str, Value] = {}
    for each in said:
        for key, value in _parse_value(flag, each, again).items():
            if values.setdefault(key, value) != value:
                raise UsageError(
                    f"two values are said of {flag.name}: {' '.join(said)}",
                    why=f"{'on or off' if key == 'enabled' else key} can be one only",
                    next_step=f"{again} {each}",
                )
    return values


def _parse_value(flag: Flag, said: str, again: str) -> dict[str, Value]:
    if said in {"on", "off"}:
        return {"enabled": said == "on"}
    name, separator, text = said.partition("=")
    if not separator:
        if len(flag.constraints) != 1:
            raise UsageError(
                f"{said} says not which attribute of {flag.name} is meant",
                why=f"it has: {', '.join(sorted(flag.constraints)) or 'none, it is on or off'}",
                next_step=f"{again} {'ATTRIBUTE=VALUE' if flag.constraints else 'on'}",
            )
        (name,), text = flag.constraints, said
    if name not in flag.constraints:
        raise UsageError(
            f"{flag.name} has no attribute {name}",
            why=f"it has: {', '.join(sorted(flag.constraints)) or 'none, it is on or off'}",
            next_step=f"{again} on",
        )
    value = _typed(flag.constraints[name], text)
    wrong = (
        "it is no value of its type" if value is None else _breach(flag.constraints[name], value)
    )
    if value is None or wrong:
        raise UsageError(
            f"{name} of {flag.name} cannot be {text}",
            why=f"{wrong}: {_words(flag.constraints[name])}",
            next_step=f"{again} {name}=VALUE",
        )
    return {name: value}


def _typed(limits: Mapping[str, Any], text: str) -> Value | None:
    match limits.get("type"):
        case "boolean":
            return {"true": True, "false": False}.get(text)
        case "number":
            if not re.fullmatch(r"-?\d+(\.\d+)?", text):
                return None
            return float(text) if "." in text else int(text)
        case "string":
            return text
    return None  # lists are for a file, not for a command line


def _breach(limits: Mapping[str, Any], value: Value) -> str:
    """How a value breaks the limits; empty: it does not."""
    if isinstance(value, str):
        if "enum" in limits and value not in limits["enum"]:
            return "it is none of those allowed"
        if "pattern" in limits and not re.search(limits["pattern"], value):
            return "it does not match"
        return ""
    if "minimum" in limits and value < limits["minimum"]:
        return "it is too small"
    return "it is too large" if "maximum" in limits and value > limits["maximum"] else ""


def _words(limits: Mapping[str, Any]) -> str:
    said = [str(limits.get("type", "of any type"))]
    said += [f"{key} {limits[key]}" for key in ("minimum", "maximum", "pattern") if key in limits]
    if "enum" in limits:
        said.append(f"one of {', '.join(map(str, limits['enum']))}")
    return ", ".join(said)
