"""How the flags of an environment are: deployed values, who reads them, their rollouts."""

from dataclasses import dataclass

from bookstore_ops.flags.document import Flag
from bookstore_ops.flags.model import Phase, Rollout
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.releases.places import find_place
from bookstore_ops.releases.store import held_by


@dataclass(frozen=True)
class FlagStatus:
    """A flag as it is deployed, who reads it, and its last rollout."""

    flag: Flag
    services: tuple[str, ...]
    rollout: Rollout | None
    holder: Liveness

    @property
    def astray(self) -> str:
        """How the flag differs from what a rollout under way wants; empty: it does not."""
        rollout = self.rollout
        if rollout is None or rollout.is_over or rollout.phase is not Phase.BAKING:
            return ""
        if self.flag.enabled and self.flag.percent == rollout.weight:
            return ""
        return f"the rollout wants it on for {rollout.weight} %"


@dataclass(frozen=True)
class Flags:
    """All flags of an environment, and the version they are deployed in."""

    version: int
    deployment: int
    flags: tuple[FlagStatus, ...]


def read_flags(session: FlagSession, service: str | None) -> Flags:
    """Every flag, or those that one service reads.

    Raises:
        UsageError: there is no such service.
        BsopsError: they cannot be looked at.
    """
    if service is not None:
        find_place(session.held.places(), session.environment.name, service)
    deployed, readers = session.appconfig.read(), session.readers()
    rollouts = session.store.read().rollouts
    found = []
    for name, flag in deployed.flags.items():
        services = tuple(readers.get(name, ()))
        rollout = rollouts.get(name)
        if service is None or service in services:
            held = held_by(rollout) if rollout else Liveness.DEAD
            found.append(FlagStatus(flag, services, rollout, held))
    return Flags(deployed.version, deployed.number, tuple(found))
