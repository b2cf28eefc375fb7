"""What Terraform asks of AWS for each type of resource, as IAM calls it.

The table beside this module holds what the AWS provider calls, seen in its own log of the shipped
tree, and for changes that were not seen what its documentation and that of CloudFormation name.
"""

from functools import cache
from importlib.resources import files

import msgspec


class Actions(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The actions of a type by what is done to it.

    ``create`` and the others do not repeat ``read``, which goes with each of them.
    ``iam:PassRole@SERVICE`` is passing a role to that service.
    """

    create: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()

    def of(self, operation: str) -> tuple[str, ...]:
        """The actions of create, read, update or delete."""
        found: tuple[str, ...] = getattr(self, operation)
        return found


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    data: dict[str, Actions]
    resource: dict[str, Actions]
    # By the prefix of a service's actions.
    places: dict[str, tuple[str, ...]]


@cache
def _table() -> _Table:
    content = files(__package__).joinpath("actions.toml").read_bytes()
    return msgspec.toml.decode(content, type=_Table)


def actions_of(kind: str, *, data: bool = False) -> Actions | None:
    """The actions of a resource type, or of a data source's; None where nothing is known."""
    table = _table()
    return (table.data if data else table.resource).get(kind)


def known_types() -> tuple[frozenset[str], frozenset[str]]:
    """The types of resources and of data sources that are known."""
    table = _table()
    return frozenset(table.resource), frozenset(table.data)


def places_of(prefix: str) -> tuple[str, ...]:
    """The shapes of the ARNs that a policy may name for a service's actions, by their prefix.

    A shape holds ``{partition}``, ``{region}``, ``{account}``, ``{name}`` and ``{service}``, the
    one that a role is for.
    """
    return _table().places.get(prefix, ())
