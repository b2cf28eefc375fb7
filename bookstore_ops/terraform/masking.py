"""Keeping secrets off screens and out of reports: by the provider's schema, and by name."""

import json
import re
from typing import Any

MASK = "(sensitive)"
# What nobody knows yet is no secret.
UNKNOWN = "(known after apply)"

# Values under such names are masked even where the provider's schema does not call them sensitive.
_SECRET_NAME = re.compile(
    r"(?i)(password|passwd|passphrase|secret(?!s?_?(arn|name|id|manager))|token(?!_?(validity|use|ttl))"
    r"|private_?key|access_?key(?!_?id)|credential|auth_?key|api_?key(?!_?(source|id|selection)))"
)


def masked_value(path: str, value: Any, sensitive: Any) -> str | None:
    """The value of an attribute or output in one line, masked; None where there is none.

    ``sensitive`` is Terraform's mark: true, or the same shape as the value with true inside.
    """
    if value is None:
        return None
    masked = MASK if sensitive is True else _mask_named(path, value, sensitive)
    return MASK if masked is MASK else render(masked)


def render(value: Any) -> str:
    """A value in one line, as Terraform's JSON writes it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def mask(value: Any, sensitive: Any) -> Any:
    """``value`` with what is sensitive, by schema or by name, replaced by :data:`MASK`."""
    if sensitive is True and value is not None:
        return MASK
    if isinstance(value, dict):
        return {
            key: _mask_named(_name_of(key, value), item, _mark(sensitive, key))
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [mask(item, _mark(sensitive, index)) for index, item in enumerate(value)]
    if isinstance(value, str):
        return _mask_document(value)
    return value


def is_secret_name(name: str) -> bool:
    """Whether what goes by such a name is kept off screens."""
    return bool(_SECRET_NAME.search(name))


def _mask_named(name: str, value: Any, sensitive: Any) -> Any:
    if sensitive is True or not is_secret_name(name):
        return mask(value, sensitive)
    if isinstance(value, str):
        # An ARN under a name like "secrets" points to a secret and is none.
        return MASK if value and value != UNKNOWN and not value.startswith("arn:") else value
    if isinstance(value, list):
        marked = [(item, _mark(sensitive, index)) for index, item in enumerate(value)]
        return [_mask_text(name, item, mark) for item, mark in marked]
    if isinstance(value, dict):
        return {key: _mask_text(name, item, _mark(sensitive, key)) for key, item in value.items()}
    return mask(value, sensitive)


def _mask_text(name: str, value: Any, sensitive: Any) -> Any:
    """An element of a collection with a secret's name: text is a secret, blocks say by key."""
    return _mask_named(name, value, sensitive) if isinstance(value, str) else mask(value, sensitive)


def _name_of(key: str, siblings: dict[str, Any]) -> str:
    # {"name": "DB_PASSWORD", "value": "…"}: environments of containers and of builds.
    name = siblings.get("name")
    return name if key == "value" and isinstance(name, str) else key


def _mark(sensitive: Any, key: Any) -> Any:
    if isinstance(sensitive, dict):
        return sensitive.get(key, False)
    if isinstance(sensitive, list) and isinstance(key, int) and key < len(sensitive):
        return sensitive[key]
    return False


def _mask_document(text: str) -> str:
    # Container definitions and policies are JSON in a string: secrets hide inside.
    if not text.lstrip().startswith(("{", "[")):
        return text
    try:
        inner = json.loads(text)
        masked = mask(inner, False)
    except (ValueError, RecursionError):
        return text
    return json.dumps(masked, ensure_ascii=False) if masked != inner else text
