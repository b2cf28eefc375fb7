"""A plan as operators read it: actions, the attributes that force them, masked values.

Built from ``terraform show -json PLAN``
(https://developer.hashicorp.com/terraform/internals/json-format).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

MASK = "(sensitive)"
UNKNOWN = "(known after apply)"

# Values under such names are masked even where the provider's schema does not call them sensitive.
_SECRET_NAME = re.compile(
    r"(?i)(password|passwd|passphrase|secret(?!s?_?(arn|name|id|manager))|token(?!_?(validity|use|ttl))"
    r"|private_?key|access_?key(?!_?id)|credential|auth_?key|api_?key(?!_?(source|id|selection)))"
)

# Destroying one of these loses data (or a name) that Terraform cannot make again.
STATEFUL_TYPES = frozenset(
    {
        "aws_backup_vault",
        "aws_cognito_user_pool",
        "aws_db_instance",
        "aws_docdb_cluster",
        "aws_dynamodb_table",
        "aws_dynamodb_table_replica",
        "aws_ebs_volume",
        "aws_ecr_repository",
        "aws_efs_file_system",
        "aws_elasticache_cluster",
        "aws_elasticache_replication_group",
        "aws_kinesis_stream",
        "aws_kms_key",
        "aws_opensearch_domain",
        "aws_rds_cluster",
        "aws_route53_zone",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
    }
)


class Action(StrEnum):
    """What a plan does to a resource, in the words of Terraform's event stream."""

    CREATE = "create"
    READ = "read"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    FORGET = "forget"
    MOVE = "move"
    IMPORT = "import"
    NOOP = "noop"

    @property
    def destroys(self) -> bool:
        """Whether something that exists ends."""
        return self in {Action.DELETE, Action.REPLACE}


def is_stateful(address: str) -> bool:
    """Whether the resource at ``address`` (instance address, with modules) holds data."""
    without_keys = re.sub(r"\[[^\]]*\]", "", address)
    return without_keys.split(".")[-2] in STATEFUL_TYPES if "." in without_keys else False


class _Change(msgspec.Struct):
    actions: list[str]
    before: Any = None
    after: Any = None
    after_unknown: Any = False
    before_sensitive: Any = False
    after_sensitive: Any = False
    replace_paths: list[list[Any]] = []
    importing: Any = None


class _ResourceChange(msgspec.Struct):
    address: str
    change: _Change
    module_address: str = ""
    previous_address: str = ""
    mode: str = "managed"
    type: str = ""
    action_reason: str = ""
    deposed: str = ""


class _Document(msgspec.Struct):
    resource_changes: list[_ResourceChange] = []
    resource_drift: list[_ResourceChange] = []
    output_changes: dict[str, _Change] = {}
    errored: bool = False


@dataclass(frozen=True)
class AttributeChange:
    """One attribute that differs. ``before`` and ``after`` are rendered and masked; None: absent."""

    path: str
    before: str | None
    after: str | None
    forces_replacement: bool = False


@dataclass(frozen=True)
class ResourceChange:
    """One resource instance that a plan touches."""

    address: str
    module: str
    type: str
    action: Action
    reason: str = ""
    previous_address: str = ""
    attributes: tuple[AttributeChange, ...] = ()

    @property
    def stateful(self) -> bool:
        """Whether it holds data that a destroy would lose."""
        return self.type in STATEFUL_TYPES

    @property
    def forcing(self) -> tuple[AttributeChange, ...]:
        """The attributes that force its replacement."""
        return tuple(attribute for attribute in self.attributes if attribute.forces_replacement)


@dataclass(frozen=True)
class OutputChange:
    """One root output that changes."""

    name: str
    action: Action
    before: str | None
    after: str | None


@dataclass(frozen=True)
class Plan:
    """A whole plan; ``drift`` holds only what changed outside Terraform in attributes that matter."""

    changes: tuple[ResourceChange, ...] = ()
    drift: tuple[ResourceChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    errored: bool = False
    counts: dict[Action, int] = field(default_factory=dict)

    def with_action(self, *actions: Action) -> list[ResourceChange]:
        """The changes of these actions, by address."""
        return sorted(
            (change for change in self.changes if change.action in actions),
            key=lambda change: change.address,
        )


def read_plan(document: bytes) -> Plan:
    """Build a plan from the output of ``terraform show -json PLAN``.

    Raises:
        msgspec.MsgspecError: it is no such document.
    """
    raw = msgspec.json.decode(document, type=_Document)
    changes = [_resource(change) for change in raw.resource_changes]
    shown = tuple(change for change in changes if change.action is not Action.NOOP)
    counts: dict[Action, int] = {}
    for change in shown:
        counts[change.action] = counts.get(change.action, 0) + 1
    drift = (_resource(change) for change in raw.resource_drift if change.mode == "managed")
    return Plan(
        changes=shown,
        # Terraform reports null -> {} and the like for nearly every resource: not drift to a person.
        drift=tuple(d for d in drift if d.action is Action.DELETE or d.attributes),
        outputs=tuple(_outputs(raw.output_changes)),
        errored=raw.errored,
        counts=counts,
    )


def _resource(raw: _ResourceChange) -> ResourceChange:
    action = _action(raw)
    attributes = tuple(_attributes(raw.change)) if action is not Action.CREATE else ()
    return ResourceChange(
        address=raw.address + (f" (deposed {raw.deposed})" if raw.deposed else ""),
        module=raw.module_address,
        type=raw.type,
        action=action,
        reason=raw.action_reason,
        previous_address=raw.previous_address,
        attributes=attributes,
    )


_SINGLE_ACTIONS = {
    "create": Action.CREATE,
    "read": Action.READ,
    "update": Action.UPDATE,
    "delete": Action.DELETE,
    "forget": Action.FORGET,
}


def _action(raw: _ResourceChange) -> Action:
    actions = raw.change.actions
    if len(actions) > 1:
        return Action.REPLACE if "delete" in actions else Action.CREATE
    action = _SINGLE_ACTIONS.get(actions[0], Action.NOOP)
    if action is Action.NOOP and raw.change.importing:
        return Action.IMPORT
    if action is Action.NOOP and raw.previous_address and raw.previous_address != raw.address:
        return Action.MOVE
    return action


def _outputs(raw: dict[str, _Change]) -> Iterator[OutputChange]:
    for name, change in sorted(raw.items()):
        action = _SINGLE_ACTIONS.get(change.actions[0], Action.NOOP)
        if len(change.actions) > 1:
            action = Action.REPLACE
        if action is Action.NOOP:
            continue
        before, after = _rendered(name, change)
        yield OutputChange(name, action, before, after)


def _rendered(path: str, change: _Change) -> tuple[str | None, str | None]:
    before = _value(path, change.before, change.before_sensitive)
    if change.after_unknown is True:
        return before, UNKNOWN
    return before, _value(path, change.after, change.after_sensitive)


def _value(path: str, value: Any, sensitive: Any) -> str | None:
    if value is None:
        return None
    if sensitive is True or _SECRET_NAME.search(path):
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
            if _SECRET_NAME.search(key) and isinstance(item, str) and item
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
            return {**value, "value": MASK} if _SECRET_NAME.search(value["name"]) else value
        return {key: _mask_pairs(item) for key, item in value.items()}
    return value


def _attributes(change: _Change) -> Iterator[AttributeChange]:
    forcing = {_dotted(path) for path in change.replace_paths}
    for path, before, after, sensitive, unknown in _differences(change):
        name = _dotted(path)
        masked = sensitive or bool(_SECRET_NAME.search(name))
        yield AttributeChange(
            path=name,
            before=None if before is None else MASK if masked else render(mask(before, False)),
            after=UNKNOWN
            if unknown
            else None
            if after is None
            else MASK
            if masked
            else render(mask(after, False)),
            forces_replacement=any(name == f or name.startswith((f + ".", f + "[")) for f in forcing),
        )


def _differences(change: _Change) -> Iterator[tuple[list[Any], Any, Any, bool, bool]]:
    if change.actions == ["delete"]:
        return
    yield from _walk(
        [],
        change.before,
        change.after,
        (change.before_sensitive, change.after_sensitive),
        change.after_unknown,
    )


def _walk(
    path: list[Any], before: Any, after: Any, sensitive: tuple[Any, Any], unknown: Any
) -> Iterator[tuple[list[Any], Any, Any, bool, bool]]:
    hidden = sensitive[0] is True or sensitive[1] is True
    if unknown is True:
        yield path, before, None, hidden, True
        return
    if hidden or not _same_shape(before, after):
        if not _equal(before, after):
            yield path, before, after, hidden, False
        return
    for key in _keys(before, after, unknown):
        yield from _walk(
            [*path, key],
            _item(before, key),
            _item(after, key),
            (_item(sensitive[0], key), _item(sensitive[1], key)),
            _item(unknown, key),
        )
    if not isinstance(before, dict | list) and not _equal(before, after):
        yield path, before, after, False, False


def _same_shape(before: Any, after: Any) -> bool:
    if isinstance(before, dict) and isinstance(after, dict):
        return True
    if isinstance(before, list) and isinstance(after, list):
        # Lists of another length are shown whole: index by index they would mislead.
        return len(before) == len(after)
    return not isinstance(before, dict | list) and not isinstance(after, dict | list)


def _equal(before: Any, after: Any) -> bool:
    empty: tuple[Any, ...] = (None, "", [], {})
    return bool(before == after) or (before in empty and after in empty)


def _keys(before: Any, after: Any, unknown: Any) -> list[Any]:
    if isinstance(before, dict) and isinstance(after, dict):
        return sorted({*before, *after, *(unknown if isinstance(unknown, dict) else ())})
    if isinstance(before, list) and isinstance(after, list):
        return list(range(len(after)))
    return []


def _item(value: Any, key: Any) -> Any:
    if isinstance(value, dict):
        return value.get(key)
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return value[key]
    return None


def _dotted(path: list[Any]) -> str:
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text
