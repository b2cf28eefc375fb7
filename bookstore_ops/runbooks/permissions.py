"""Whether AWS would let us do what a page needs, asked before its first step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bookstore_ops.aws.iam import NotAsked, find_caller
from bookstore_ops.aws.simulation import Place, find_denied


@dataclass(frozen=True)
class Permissions:
    """The actions that would be refused; ``unknown`` says why nobody can tell."""

    denied: tuple[str, ...] = ()
    unknown: str | None = None


def find_permissions(iam: Any, arn: str, actions: Sequence[str], place: Place) -> Permissions:
    """What the policies of the user or role behind ``arn`` say of ``actions``.

    An action that depends on what only a real request has is unknown, not denied.
    """
    try:
        caller = find_caller(arn, iam)
        denied = find_denied(iam, caller.arn, actions, place) if caller.arn else []
    except NotAsked as refused:
        return Permissions(unknown=f"{refused.what} ({refused.why})")
    depends = [verdict for verdict in denied if verdict.unknown_keys]
    unknown = ", ".join(f"{verdict.action} on {verdict.unknown_keys[0]}" for verdict in depends)
    return Permissions(
        tuple(verdict.action for verdict in denied if not verdict.unknown_keys),
        f"it depends: {unknown}" if unknown else None,
    )
