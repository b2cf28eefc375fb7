"""Keeping secrets off screens and out of reports: by the provider's schema, and by name."""

import json
import re
from typing import Any

MASK = "(sensitive)"

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
    if sensitive is True or (isinstance(value, str) and _is_secret(path, value)):
        return MASK
    return render(mask(value, sensitive))


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
        marks = sensitive if isinstance(sensitive, dict) else {}
        return {
            key: MASK
            if isinstance(item, str) and _is_secret(key, item)
            else mask(item, marks.get(key, False))
            for key, item in value.items()
        }
    if isinstance(value, list):
        marks_list = sensitive if isinstance(sensitive, list) else []
        return [
            mask(item, marks_list[index] if index < len(marks_list) else False)
            for index, item in enumerate(value)
        ]
    if isinstance(value, str):
        return _mask_document(value)
    return value


def _is_secret(name: str, value: str) -> bool:
    # An ARN under a name like "secrets" points to a secret and is none.
    return bool(value and _SECRET_NAME.search(name)) and not value.startswith("arn:")


def _mask_document(text: str) -> str:
    # Container definitions and policies are JSON in a string: secrets hide inside.
    if not text.startswith(("{", "[")):
        return text
    try:
        inner = json.loads(text)
    except ValueError:
        return text
    masked = _mask_pairs(mask(inner, False))
    return json.dumps(masked, ensure_ascii=False) if masked != inner else text


def _mask_pairs(value: Any) -> Any:
    # [{"name": "DB_PASSWORD", "value": "…"}], the shape of ECS environments.
    if isinstance(value, list):
        return [_mask_pairs(item) for item in value]
    if isinstance(value, dict):
        if isinstance(value.get("name"), str) and "value" in value:
            hidden = _is_secret(value["name"], str(value["value"]))
            return {**value, "value": MASK} if hidden else value
        return {key: _mask_pairs(item) for key, item in value.items()}
    return value
