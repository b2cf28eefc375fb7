"""Rollouts from beginning to end, and from wherever a process was killed."""

from itertools import product
from typing import Literal

import pytest

from bookstore_ops.errors import OperationFailed
from bookstore_ops.flags import machine
from bookstore_ops.flags.model import Phase, Rollout
from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.machine import Moment
from tests.unit.flags.world import BEFORE, World, drive, rollout
from tests.unit.releases.world import BEGAN, Keeper, Killed

Way = Literal["resume", "abort"]
SCENARIOS = ("well", "errors at 25", "errors at 100", "alarm")
NOW = Moment(BEGAN, "a test")


def make(scenario: str) -> tuple[World, Keeper[Rollout]]:
    world = World()
    match scenario:
        case "alarm":
            world.raised = ["errors"]
        case "errors at 25" | "errors at 100":
            world.errors_at = {int(scenario.rpartition(" ")[2]): 9.0}
    return world, Keeper(world.fate, rollout())


def test_a_flag_that_does_well_is_on_for_everybody() -> None:
    world, keeper = make("well")
    done = drive(world, keeper)
    assert done.outcome == "done"
    assert world.values == {"enabled": True, "percent": 100}
    told = [event.what for event in done.timeline if " is on for " in event.what]
    assert told == [f"beta is on for {share} %" for share in (5, 25, 50, 100)]
    assert world.moments >= 4 * 60


@pytest.mark.parametrize("scenario", SCENARIOS[1:])
def test_a_flag_that_does_not_is_set_back_to_what_it_was(scenario: str) -> None:
    world, keeper = make(scenario)
    done = drive(world, keeper)
    assert done.outcome == "failed"
    assert done.reason
    assert world.values == BEFORE


def test_it_is_compared_with_the_time_before() -> None:
    world, keeper = make("well")
    world.errors_at = {25: 2.0}  # within the limit, but a point and a half more than before
    done = drive(world, keeper)
    assert done.reason == "errors is 2, the earlier 0.5 allows 1.5"


def test_without_a_time_before_to_compare_with_it_waits_for_a_person() -> None:
    world, keeper = make("well")
    keeper.current = rollout(baseline=Sample())
    paused = drive(world, keeper)
    assert paused.paused is not None
    assert "the time before has too little to compare with" in paused.paused
    assert world.values == {"enabled": True, "percent": 5}


def test_too_few_requests_wait_for_a_person_who_may_pass_the_step() -> None:
    world, keeper = make("well")
    world.requests_at = {25: 3}
    paused = drive(world, keeper)
    assert paused.paused == "inconclusive at 25 %: 3 of 100 requests that a verdict needs"
    keeper.save(machine.promote(paused, NOW))
    assert drive(world, keeper).outcome == "done"


def test_without_waiting_it_is_left_once_the_first_customers_have_it() -> None:
    world, keeper = make("well")
    left = drive(world, keeper, wait=False)
    assert (left.phase, world.values["percent"]) == (Phase.BAKING, 5)


def test_a_flag_that_was_on_for_some_is_set_back_to_them() -> None:
    world, keeper = make("errors at 100")
    before: dict[str, bool | int | float] = {"enabled": True, "percent": 20}
    keeper.current = rollout(before=before)
    drive(world, keeper)
    assert world.values == before


def test_who_loses_a_rollout_leaves_the_flag_as_the_other_wants_it() -> None:
    world, keeper = make("well")

    class Late(World):
        """The other's abort comes while this one's deployment is on its way."""

        def give(self, rollout: Rollout) -> None:
            if keeper.current.phase is Phase.GIVING:
                keeper.save(machine.turn(keeper.current, "aborted", "bob did", NOW))
            super().give(rollout)

    world = Late()
    with pytest.raises(TakenOver):
        drive(world, keeper)
    assert world.values == BEFORE


def test_aws_may_fail_to_answer_for_a_moment_but_not_for_long() -> None:
    class Flaky(World):
        failures = 3

        def alarms(self, place: object) -> list[str]:  # noqa: ARG002
            if self.failures:
                self.failures -= 1
                raise OperationFailed("throttled")
            return []

    world = Flaky()
    assert drive(world, Keeper(world.fate, rollout())).outcome == "done"
    world = Flaky()
    world.failures = 100
    with pytest.raises(OperationFailed):
        drive(world, Keeper(world.fate, rollout()))


def effects(scenario: str) -> int:
    """How many effects a rollout has when nobody kills it."""
    world, keeper = make(scenario)
    world.fate.left = 10_000
    drive(world, keeper)
    return 10_000 - world.fate.left


DEATHS = [
    (scenario, number, after, way)
    for scenario in SCENARIOS
    for number, after, way in product(
        range(1, effects(scenario) + 1), (False, True), ("resume", "abort")
    )
]


@pytest.mark.parametrize(("scenario", "number", "after", "way"), DEATHS)
def test_killed_at_any_effect_it_can_be_taken_up_or_given_up(
    scenario: str, number: int, after: bool, way: Way
) -> None:
    world, keeper = make(scenario)
    world.fate.left, world.fate.after = number, after
    with pytest.raises(Killed):
        drive(world, keeper)
    world.fate.left = None
    if not keeper.current.is_over:
        change = machine.take_up if way == "resume" else _given_up
        keeper.save(change(keeper.current, NOW))
        drive(world, keeper)
    ended = keeper.current
    assert ended.is_over
    assert world.values == ended.values
    if ended.outcome == "done":
        assert (scenario, world.values["percent"]) == ("well", 100)
    else:
        assert world.values == BEFORE


def _given_up(current: Rollout, moment: Moment) -> Rollout:
    return machine.turn(current, "aborted", "a test", moment)
