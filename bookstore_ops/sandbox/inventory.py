"""Counting what the sandbox holds, in moto's backends and in the extensions' services."""

import re
from collections import Counter
from collections.abc import Container, Mapping

from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.common_models import BaseModel

from bookstore_ops.sandbox import services

# AWS goes on listing these for a while; nobody has them any more.
_GONE = {"deleted", "deleting", "pendingdeletion", "terminated", "shutting-down", "inactive"}
_STATE_NAMES = ("state", "_state", "key_state", "status", "deleted_date")


# How moto describes the keys of AWS's own, which appear with the first use of a service.
_AWS_KEYS = re.compile(r"Default key|Default master key that protects my .*")


def _is_nobodys(model: BaseModel) -> bool:
    if _AWS_KEYS.fullmatch(str(vars(model).get("description"))):
        return True
    states = (vars(model).get(name) for name in _STATE_NAMES)
    return any(isinstance(state, str) and state.lower() in _GONE for state in states)


def _counts(backend: BaseBackend, without: Container[str] = ()) -> Counter[str]:
    """The models that a backend keeps in its own collections, by class."""
    found: dict[int, str] = {}
    for value in list(vars(backend).values()):
        _collect(value, found, without, depth=3)
    return Counter(found.values())


def _collect(value: object, found: dict[int, str], without: Container[str], depth: int) -> None:
    if isinstance(value, BaseModel):
        # A key of KMS has no name but its id.
        names = (vars(value).get("name"), vars(value).get("id"))
        if not _is_nobodys(value) and not any(name in without for name in names if name):
            found[id(value)] = type(value).__name__
    elif depth and isinstance(value, Mapping):
        for item in list(value.values()):
            _collect(item, found, without, depth - 1)
    elif depth and isinstance(value, (list, tuple, set)):
        for item in list(value):
            _collect(item, found, without, depth - 1)


_born_with: dict[tuple[type, str], Counter[str]] = {}


def _defaults(backend: BaseBackend) -> Counter[str]:
    """What a backend holds before anybody has asked for anything: default VPCs, AMIs, policies."""
    key = (type(backend), backend.region_name)
    if key not in _born_with:
        _born_with[key] = _counts(type(backend)(backend.region_name, "000000000000"))
    return _born_with[key]


def resources_by_account(without: Container[str] = ()) -> dict[str, dict[str, int]]:
    """Account -> ``service.Model`` -> how many, without what every account is born with, and
    without the models of the names in ``without``."""
    accounts: dict[str, Counter[str]] = {}
    for backends in list(BackendDict._instances):
        for account, regions in list(backends.items()):
            for backend in list(regions.values()):
                own = _counts(backend, without)
                own.subtract(_defaults(backend))
                service = type(backend).__module__.split(".")[1]
                total = accounts.setdefault(account, Counter())
                total.update({f"{service}.{name}": n for name, n in own.items() if n > 0})
    for account, own in services.counts():
        accounts.setdefault(account, Counter()).update(own)
    found = ((account, {name: n[name] for name in sorted(+n)}) for account, n in accounts.items())
    return {account: held for account, held in sorted(found) if held}
