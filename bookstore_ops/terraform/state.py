"""Terraform's state files: identity, and what they hold."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from bookstore_ops.errors import OperationFailed
from bookstore_ops.terraform.addresses import without_keys


class StateSummary(msgspec.Struct, frozen=True):
    """A state's identity, and the managed instances in it by address.

    ``serial`` grows with each write of the same ``lineage``; a ``tainted`` instance is replaced by
    the next apply.
    """

    lineage: str = ""
    serial: int = 0
    addresses: frozenset[str] = frozenset()
    tainted: frozenset[str] = frozenset()

    @property
    def resources(self) -> int:
        """How many managed instances there are."""
        return len(self.addresses)


class _Instance(msgspec.Struct):
    index_key: str | int | None = None
    status: str = ""


class _FullInstance(_Instance):
    attributes: dict[str, Any] = {}
    dependencies: list[str] = []


class _Resource(msgspec.Struct):
    mode: str
    type: str
    name: str
    module: str = ""
    instances: list[_Instance] = []

    def address(self, instance: _Instance) -> str:
        """The address of one of its instances."""
        key = (
            ""
            if instance.index_key is None
            else f"[{json.dumps(instance.index_key, ensure_ascii=False)}]"
        )
        module = f"{self.module}." if self.module else ""
        return f"{module}{self.type}.{self.name}{key}"


class _FullResource(_Resource):
    instances: list[_FullInstance] = []  # type: ignore[assignment]  # the same, and more


class _StateFile(msgspec.Struct):
    version: int
    lineage: str = ""
    serial: int = 0
    resources: list[_Resource] = []


class _FullStateFile(msgspec.Struct):
    resources: list[_FullResource] = []


class StateInstance(msgspec.Struct, frozen=True):
    """One managed instance with all that the state knows of it, secrets included."""

    address: str
    type: str
    attributes: dict[str, Any]


def instances(content: bytes) -> list[StateInstance]:
    """Every managed instance of a state that :func:`parse_state` took for whole."""
    state = msgspec.json.decode(content, type=_FullStateFile)
    return [
        StateInstance(resource.address(instance), resource.type, instance.attributes)
        for resource in state.resources
        if resource.mode == "managed"
        for instance in resource.instances
    ]


def dependents(content: bytes, address: str) -> frozenset[str]:
    """The addresses of instances that depend on the resource of one, directly or through others."""
    wanted = without_keys(address)
    state = msgspec.json.decode(content, type=_FullStateFile)
    return frozenset(
        resource.address(instance)
        for resource in state.resources
        if resource.mode == "managed"
        for instance in resource.instances
        if wanted in instance.dependencies
    )


def with_serial(content: bytes, serial: int) -> bytes:
    """The same state under another serial; everything else stays as it is, byte for byte."""
    fields = msgspec.json.decode(content, type=dict[str, msgspec.Raw])
    fields["serial"] = msgspec.Raw(str(serial).encode())
    return msgspec.json.encode(fields)


def with_attributes(content: bytes, address: str, changes: Mapping[str, Any]) -> bytes:
    """The state after it with some attributes of one instance changed; all else stays.

    Raises:
        KeyError: it has no such instance.
    """
    state = msgspec.json.decode(content)
    for resource in state["resources"]:
        known = msgspec.convert(resource, _Resource)
        for written, instance in zip(resource["instances"], known.instances, strict=True):
            if known.mode == "managed" and known.address(instance) == address:
                written["attributes"].update(changes)
                state["serial"] += 1
                return msgspec.json.encode(state)
    raise KeyError(address)


def parse_state(content: bytes, place: str) -> StateSummary:
    """Check that ``content`` is a whole state file and take its identity.

    Raises:
        OperationFailed: it is not.
    """
    try:
        state = msgspec.json.decode(content, type=_StateFile)
    except msgspec.MsgspecError as error:
        raise OperationFailed(
            f"the state in {place} is not a valid Terraform state ({len(content)} bytes)",
            why=str(error),
            next_step="bsops state restore ENV BACKUP-OR-VERSION, before anything else is applied "
            "(bsops state versions ENV and bsops state backup ENV --list name them)",
        ).leading_to("state-trouble") from error
    managed = [
        (resource.address(instance), instance.status)
        for resource in state.resources
        if resource.mode == "managed"
        for instance in resource.instances
    ]
    return StateSummary(
        state.lineage,
        state.serial,
        frozenset(address for address, _ in managed),
        frozenset(address for address, status in managed if status == "tainted"),
    )
