"""Of what happens to a release, customers' part is told: its start, each share, the outcome."""

from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from bookstore_ops.operations.releases.driving import notify
from bookstore_ops.releases import machine
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import Release
from tests.unit.releases.world import BEGAN, Keeper, World, drive, release

if TYPE_CHECKING:
    from bookstore_ops.operations.releases.session import ReleaseSession


class Session:
    """Remembers who would have been told what."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def notify(self, subject: str, moment: str, words: str) -> None:
        assert subject == "release of catalog 2"
        self.told.append((moment, words))


def told(steps: list[Release]) -> list[tuple[str, str]]:
    """What is told of a release as it went from one to the next."""
    session = Session()
    for number, each in enumerate(steps):
        what = each.timeline[-1].what if each.timeline else "begun"
        notify(cast("ReleaseSession", session), each, what, first=number == 0)
    return session.told


class Remembering(Keeper[Release]):
    """A ledger that remembers every release it was given."""

    def __init__(self, world: World, current: Release) -> None:
        super().__init__(world.fate, current)
        self.steps = [current]

    def save(self, release: Release) -> Release:
        written = super().save(release)
        self.steps.append(written)
        return written


def test_a_canary_tells_its_start_its_shares_and_its_outcome() -> None:
    world = World()
    keeper = Remembering(world, release())
    drive(world, keeper)
    assert told(keeper.steps) == [
        ("start", "begun"),
        *(("step", f"green has {weight} % of the traffic") for weight in (5, 25, 50, 100)),
        ("outcome", "done"),
    ]


def test_one_that_fails_tells_that_it_goes_back_and_why() -> None:
    world = World(errors_at={25: 9.0})
    keeper = Remembering(world, release())
    drive(world, keeper)
    moments = told(keeper.steps)
    assert [moment for moment, _ in moments] == ["start", "step", "step", "step", "step", "outcome"]
    assert moments[3] == ("step", "going back: errors is 9, at most 1 is allowed")
    assert moments[-1] == ("outcome", "failed: errors is 9, at most 1 is allowed")


def test_one_that_waits_for_a_person_tells_so() -> None:
    paused = machine.pause(replace(release(), weight=5), "no traffic", Moment(BEGAN, "paused"))
    ((moment, words),) = told([paused])
    assert moment == "outcome"
    assert "paused: no traffic" in words
