"""A plan as operators read it: actions, the attributes that force them, masked values.

Built from ``terraform show -json PLAN``
(https://developer.hashicorp.com/terraform/internals/json-format).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import msgspec

from bookstore_ops.terraform.addresses import without_keys
from bookstore_ops.terraform.masking import UNKNOWN, masked_value
from bookstore_ops.terraform.plan_diff import differences, dotted, fill_unknown

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
    words = without_keys(address).split(".")
    return len(words) > 1 and words[-2] in STATEFUL_TYPES


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


class _ConfiguredResource(msgspec.Struct):
    address: str
    expressions: dict[str, msgspec.Raw] = {}


class _ModuleCall(msgspec.Struct):
    module: "_ConfiguredModule"


class _ConfiguredModule(msgspec.Struct, frozen=True):
    resources: list[_ConfiguredResource] = []
    module_calls: dict[str, _ModuleCall] = {}


class _Configuration(msgspec.Struct, frozen=True):
    root_module: _ConfiguredModule


class _Document(msgspec.Struct):
    configuration: _Configuration | None = None
    resource_changes: list[_ResourceChange] = []
    resource_drift: list[_ResourceChange] = []
    output_changes: dict[str, _Change] = {}
    errored: bool = False


@dataclass(frozen=True)
class AttributeChange:
    """One attribute that differs, rendered and masked; None stands for an absent value."""

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
    """A whole plan; ``drift`` is what changed outside Terraform and this plan would change back.

    ``unrelated_drift`` counts resources that differ only in attributes the configuration leaves to
    AWS: Terraform reports them after nearly every apply. ``settled`` are those differences.
    """

    changes: tuple[ResourceChange, ...] = ()
    drift: tuple[ResourceChange, ...] = ()
    outputs: tuple[OutputChange, ...] = ()
    errored: bool = False
    counts: dict[Action, int] = field(default_factory=dict)
    unrelated_drift: int = 0
    settled: tuple[ResourceChange, ...] = ()

    def with_action(self, *actions: Action) -> list[ResourceChange]:
        """The changes of these actions, by address."""
        return sorted(
            (change for change in self.changes if change.action in actions),
            key=lambda change: change.address,
        )


def read_plan(document: bytes, *, all_drift: bool = False) -> Plan:
    """Build a plan from the output of ``terraform show -json PLAN``.

    ``all_drift``: keep every difference met while reading, as a refresh-only plan is about.

    Raises:
        msgspec.MsgspecError: it is no such document.
    """
    raw = msgspec.json.decode(document, type=_Document)
    changes = [_resource(change) for change in raw.resource_changes]
    shown = tuple(change for change in changes if change.action is not Action.NOOP)
    counts: dict[Action, int] = {}
    for change in shown:
        counts[change.action] = counts.get(change.action, 0) + 1
    met = [_resource(change) for change in raw.resource_drift if change.mode == "managed"]
    met = [drift for drift in met if drift.action is Action.DELETE or drift.attributes]
    # A tainted resource is replaced for what is known already, not for what was read now.
    configured = _configured(raw.configuration.root_module) if raw.configuration else None
    touched = {
        c.address: _answers(c, configured) for c in shown if c.reason != "replace_because_tainted"
    }
    drift = met if all_drift else [d for d in (_relevant(m, touched) for m in met) if d]
    told = {d.address: _paths(d) for d in drift}
    rest = [_without(m, told.get(m.address, set())) for m in met if m.action is not Action.DELETE]
    return Plan(
        changes=shown,
        drift=tuple(drift),
        outputs=tuple(_outputs(raw.output_changes)),
        errored=raw.errored,
        counts=counts,
        unrelated_drift=len(met) - len(drift),
        settled=() if all_drift else tuple(r for r in rest if r.attributes),
    )


def _paths(change: ResourceChange) -> set[str]:
    return {attribute.path for attribute in change.attributes}


def _answers(change: ResourceChange, configured: dict[str, set[str]] | None) -> set[str]:
    """The attributes that a change sets: one that AWS will compute anew answers to nothing."""
    if configured is None:
        return _paths(change)
    own = configured.get(without_keys(change.address), set())
    return {
        attribute.path
        for attribute in change.attributes
        if attribute.after != UNKNOWN or re.split(r"[.\[]", attribute.path)[0] in own
    }


def _configured(module: _ConfiguredModule, prefix: str = "") -> dict[str, set[str]]:
    """The arguments that the configuration gives each resource, by its address without keys."""
    found = {f"{prefix}{r.address}": set(r.expressions) for r in module.resources}
    for name, call in module.module_calls.items():
        found |= _configured(call.module, f"{prefix}module.{name}.")
    return found


def _relevant(drift: ResourceChange, touched: dict[str, set[str]]) -> ResourceChange | None:
    """The part of a drift that the plan answers to; None if it answers to nothing of it."""
    if drift.action is Action.DELETE:
        return drift
    paths = touched.get(drift.address, set())
    kept = tuple(
        attribute
        for attribute in drift.attributes
        if any(overlap(attribute.path, path) for path in paths)
    )
    return replace(drift, attributes=kept) if kept else None


def _without(drift: ResourceChange, paths: set[str]) -> ResourceChange:
    kept = tuple(attribute for attribute in drift.attributes if attribute.path not in paths)
    return replace(drift, attributes=kept)


def overlap(one: str, other: str) -> bool:
    """Whether one attribute path is the other, or lies within it."""
    return (
        one == other
        or one.startswith((f"{other}.", f"{other}["))
        or other.startswith((f"{one}.", f"{one}["))
    )


def covers(named: str, address: str) -> bool:
    """Whether ``named`` (an instance, a resource or a module) is or holds ``address``."""
    return any(
        full == named or full.startswith((f"{named}.", f"{named}["))
        for full in (address, without_keys(address))
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
    before = masked_value(path, change.before, change.before_sensitive)
    if change.after_unknown is True:
        return before, UNKNOWN
    after = fill_unknown(change.after, change.after_unknown, UNKNOWN)
    return before, masked_value(path, after, change.after_sensitive)


def _attributes(change: _Change) -> Iterator[AttributeChange]:
    if change.actions in (["delete"], ["forget"]):
        return
    forcing = {dotted(path) for path in change.replace_paths}
    found = differences(
        change.before,
        change.after,
        sensitive=(change.before_sensitive, change.after_sensitive),
        unknown=change.after_unknown,
    )
    for name, before, after, (old_marks, new_marks), unknown in found:
        yield AttributeChange(
            path=name,
            before=masked_value(name, before, old_marks),
            after=UNKNOWN if unknown else masked_value(name, after, new_marks),
            forces_replacement=any(
                name == f or name.startswith((f"{f}.", f"{f}[")) for f in forcing
            ),
        )
