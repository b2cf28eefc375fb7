"""How releases stand and went: both colours of each service, the history, what differs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookstore_ops.errors import Refused
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.releases.aws import ColorState
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.model import Past, Place, Release, Service, now
from bookstore_ops.releases.places import find_place
from bookstore_ops.releases.store import liveness


@dataclass(frozen=True)
class ServiceStatus:
    """A service now. ``labels`` are the names under which images were released, by reference.

    ``astray`` says how weights or tasks differ from what the release wants; empty: they do not.
    """

    place: Place
    colors: tuple[ColorState, ...]
    alarms: tuple[str, ...]
    release: Release | None
    holder: Liveness
    labels: Mapping[str, str]
    astray: str
    at: datetime

    @property
    def bake_left(self) -> float | None:
        """Seconds left of the step that is being watched; None where none is."""
        return None if self.release is None else self.release.bake_left(self.at)


@dataclass(frozen=True)
class Difference:
    """One value that two task definitions have differently; None: it has none."""

    name: str
    before: str | None
    after: str | None


def read_status(session: ReleaseSession, service: str | None) -> list[ServiceStatus]:
    """Every service, or one of them.

    Raises:
        UsageError: there is no such service.
        BsopsError: it cannot be looked at.
    """
    places = session.places()
    wanted = [find_place(places, session.environment.name, service)] if service else places.values()
    ledger = session.store.read()
    return [_status(session, place, ledger.of(place.service)) for place in wanted]


def _status(session: ReleaseSession, place: Place, known: Service) -> ServiceStatus:
    release = known.current
    colors = session.aws.colors(place)
    labels = {past.image: past.label for past in known.history}
    astray = ""
    if release is not None:
        labels[release.image] = release.label
        given = {color.color: color.weight for color in colors}
        runs = {color.color: color.task_definition for color in colors}
        moved = release.rolls and runs[release.color] != release.wanted_definition
        if moved or given != release.weights():
            astray = f"the release wants {release.shares}"
    return ServiceStatus(
        place,
        tuple(colors),
        tuple(session.aws.alarms(place)),
        release,
        liveness(release.holder if release else None, who(), now()),
        labels,
        astray,
        now(),
    )


def read_history(session: ReleaseSession, service: str | None) -> list[tuple[str, Past]]:
    """Releases that are over, by service, the oldest first.

    Raises:
        BsopsError: they cannot be read.
    """
    ledger = session.store.read()
    names = [service] if service else sorted(ledger.services)
    found = [(name, past) for name in names for past in ledger.of(name).history]
    return sorted(found, key=lambda each: each[1].started)


def read_differences(
    session: ReleaseSession, service: str, image: str | None
) -> tuple[str, str, list[Difference]]:
    """What a release would change, or the one under way changes: names of both, and what differs.

    Raises:
        BsopsError: they cannot be read.
    """
    place = find_place(session.places(), session.environment.name, service)
    release = session.store.read().of(service).current
    if release is not None and not release.is_over and release.task_definition:
        before, after = release.previous.task_definition, release.task_definition
    else:
        weights = session.aws.weights(place)
        active = max(weights, key=lambda color: weights[color])
        before, after = session.aws.running(place, active).task_definition, place.family
    named = session.aws.image(place, image).reference if image else None
    old, old_name = _definition(session, before)
    new, new_name = _definition(session, after)
    values = dict(_flat(new))
    if named:
        values[f"{service}.image"] = named
        new_name = f"{new_name} with {image}"
    had = dict(_flat(old))
    keys = sorted(had.keys() | values.keys())
    differences = [
        Difference(key, had.get(key), values.get(key))
        for key in keys
        if had.get(key) != values.get(key)
    ]
    return old_name, new_name, differences


def _definition(session: ReleaseSession, name: str) -> tuple[dict[str, Any], str]:
    again = session.command_line("release status")
    with asking(f"read the task definition {name}", again):
        answer = session.aws.client("ecs").describe_task_definition(taskDefinition=name)
    definition: dict[str, Any] = answer["taskDefinition"]
    if not definition.get("containerDefinitions"):
        raise Refused(
            f"the task definition {name} has no containers",
            why="it was made by something else",
            next_step=again,
        )
    return definition, str(definition["taskDefinitionArn"]).rpartition("/")[2]


def _flat(definition: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What makes a difference to a task: sizes, images, settings, and where secrets come from."""
    for key in ("cpu", "memory"):
        if key in definition:
            yield key, str(definition[key])
    for container in definition["containerDefinitions"]:
        name = container["name"]
        for key in ("image", "cpu", "memory"):
            if key in container:
                yield f"{name}.{key}", str(container[key])
        for setting in container.get("environment", []):
            yield f"{name}.environment.{setting['name']}", str(setting["value"])
        for secret in container.get("secrets", []):
            yield f"{name}.secrets.{secret['name']}", str(secret["valueFrom"])
