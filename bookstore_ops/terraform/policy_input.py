"""What policies get of a plan: what changes and what stays, with everything secret masked."""

from typing import Any

import msgspec

from bookstore_ops.terraform.masking import mask
from bookstore_ops.terraform.plan import STATEFUL_TYPES

_KEPT = ("format_version", "terraform_version")


class _ShapeOfChange(msgspec.Struct):
    address: str
    change: dict[str, Any]
    type: str = ""
    name: str = ""


class _Shape(msgspec.Struct):
    resource_changes: list[_ShapeOfChange] = []
    output_changes: dict[str, dict[str, Any]] = {}


def policy_input(document: bytes, environment: str, *, destroy: bool) -> dict[str, Any]:
    """The part of ``terraform show -json PLAN`` that policies are given.

    It keeps Terraform's shape
    (https://developer.hashicorp.com/terraform/internals/json-format#plan-representation) and adds
    ``bookstore``. Variables, configuration and prior state stay out: they hold secrets unmarked.

    Raises:
        msgspec.MsgspecError: it is no such document.
    """
    raw = msgspec.json.decode(document, type=dict[str, Any])
    msgspec.convert(raw, _Shape)
    return {
        **{key: raw[key] for key in _KEPT if key in raw},
        "bookstore": {
            "environment": environment,
            "destroy": destroy,
            "stateful_types": sorted(STATEFUL_TYPES),
        },
        "resource_changes": [
            {**each, "change": _masked(each["change"])} for each in raw.get("resource_changes", [])
        ],
        "output_changes": {
            name: _masked(change, name) for name, change in raw.get("output_changes", {}).items()
        },
    }


def _masked(change: dict[str, Any], name: str = "") -> dict[str, Any]:
    """A change whose values are masked, by the provider's marks and by their names."""
    kept = {key: value for key, value in change.items() if not key.endswith("_sensitive")}
    for side in ("before", "after"):
        if side in change:
            marks = change.get(f"{side}_sensitive", False)
            kept[side] = _one(name, change[side], marks) if name else mask(change[side], marks)
    return kept


def _one(name: str, value: Any, marks: Any) -> Any:
    """An output, which has nothing but its name to be known by."""
    return mask({name: value}, {name: marks})[name]
