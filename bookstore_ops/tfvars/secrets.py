"""Values that are secrets, or look like one: kept off screens, and out of files of values."""

import re
from collections.abc import Iterator
from typing import Any

from bookstore_ops.terraform.masking import MASK, is_secret_name
from bookstore_ops.tfvars.reading import Items, Node, Scalar, plain

FORMS = (
    (re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"), "an access key of AWS"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"), "a private key"),
    (re.compile(r"\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{20,}"), "a token"),
    (re.compile(r"\bxox[abprs]-[\w-]{10,}"), "a token"),
    (re.compile(r"://[^/\s:@]+:[^/\s@]+@"), "an address with a password in it"),
)


def secret_form(path: tuple[str, ...], value: Any) -> str | None:
    """What kind of secret a single value looks like; None where it looks like none."""
    if isinstance(value, str):
        for form, words in FORMS:
            if form.search(value):
                return words
        if value and not value.startswith("arn:") and any(map(is_secret_name, path)):
            return "a secret, by its name"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        return "a secret, by its name" if path and is_secret_name(path[-1]) else None
    return None


def masked(path: tuple[str, ...], value: Any, *, sensitive: bool = False) -> Any:
    """A value with the secrets in it replaced."""
    if value is None:
        return None
    if sensitive:
        return MASK
    if isinstance(value, dict):
        # { name = "DB_PASSWORD", value = "…" }
        name = value.get("name")
        return {
            key: masked((*path, name if key == "value" and isinstance(name, str) else key), each)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [masked(path, each) for each in value]
    return MASK if secret_form(path, value) else value


def secret_scalars(path: tuple[str, ...], node: Node, *, sensitive: bool) -> Iterator[Scalar]:
    """The single values in a file that :func:`masked` would replace."""
    if isinstance(node, Scalar):
        hidden = sensitive and node.value is not None
        if hidden or secret_form(path, node.value):
            yield node
    elif isinstance(node, Items):
        for item in node.items:
            yield from secret_scalars(path, item, sensitive=sensitive)
    else:
        named = node.entries.get("name")
        name = plain(named.value) if named else None
        for key, entry in node.entries.items():
            known_as = name if key == "value" and isinstance(name, str) else key
            yield from secret_scalars((*path, known_as), entry.value, sensitive=sensitive)
