"""Releases from beginning to end, and from wherever a process was killed."""

import contextlib
from itertools import product
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed
from bookstore_ops.releases import machine
from bookstore_ops.releases.driver import Health
from bookstore_ops.releases.ledgers import TakenOver
from bookstore_ops.releases.machine import Moment
from bookstore_ops.releases.model import Migration, Phase, Release, Strategy
from tests.unit.releases.world import (
    BEGAN,
    OLD,
    Keeper,
    Killed,
    World,
    drive,
    one_colour,
    release,
)

Way = Literal["resume", "abort"]
SCENARIOS = ("well", "unhealthy", "smoke", "errors at 25", "errors at 100", "alarm")
# Of one colour: no load balancer counts its requests, no path leads to it.
ROLLING = ("well", "unhealthy", "alarm")
WAYS_TO_RELEASE = [
    *((scenario, strategy) for scenario in SCENARIOS for strategy in ("canary", "blue-green")),
    *((scenario, "rolling") for scenario in ROLLING),
]
NOW = Moment(BEGAN, "a test")


def make(scenario: str, strategy: Strategy = "canary") -> tuple[World, Keeper[Release]]:
    world = one_colour() if strategy == "rolling" else World()
    match scenario:
        case "unhealthy":
            world.healthy = False
        case "smoke":
            world.smoke_problems = ["GET / answered 500"]
        case "alarm":
            world.raised = ["errors"]
        case "errors at 25" | "errors at 100":
            world.errors_at = {int(scenario.rpartition(" ")[2]): 9.0}
    return world, Keeper(world.fate, release(strategy))


@pytest.mark.parametrize("strategy", ["canary", "blue-green"])
def test_a_release_that_does_well_has_all_traffic_and_the_old_colour_sleeps(
    strategy: Strategy,
) -> None:
    world, keeper = make("well", strategy)
    done = drive(world, keeper)
    assert done.outcome == "done"
    assert world.weights == {"blue": 0, "green": 100}
    assert world.tasks == {"blue": 0, "green": 3}  # as many as carried the traffic before
    assert world.runs["green"] == "family:2"
    assert world.served


@pytest.mark.parametrize("scenario", SCENARIOS[1:])
def test_a_release_that_does_not_goes_back_by_itself(scenario: str) -> None:
    world, keeper = make(scenario)
    done = drive(world, keeper)
    assert done.outcome == "failed"
    assert done.reason
    assert world.weights == {"blue": 100, "green": 0}
    assert world.tasks == {"blue": 3, "green": 0}
    assert world.served


def test_rolling_replaces_the_tasks_and_watches_them() -> None:
    world, keeper = make("well", "rolling")
    done = drive(world, keeper)
    assert done.outcome == "done"
    assert world.runs == {"only": "family:2"}
    assert [event.what for event in done.timeline] == [
        "2 registered",
        "rolling out: to run family:2",
        "the new tasks are healthy: 3 wanted, 3 running, 3 healthy",
        "the new tasks watched for 60 s: pass",
        "the old tasks are gone: done",
    ]


@pytest.mark.parametrize("scenario", ROLLING[1:])
def test_rolling_goes_back_to_the_old_revision_by_itself(scenario: str) -> None:
    world, keeper = make(scenario, "rolling")
    done = drive(world, keeper)
    assert done.outcome == "failed"
    assert done.reason
    assert world.runs == {"only": OLD}
    assert done.timeline[-1].what.startswith("the old tasks are healthy")


def test_a_rolling_release_is_not_over_before_the_old_tasks_are_well_again() -> None:
    class Sick(World):
        def health(self, release: Release) -> Health:  # noqa: ARG002
            return Health(3, 1, 1, ready=False)

    world = Sick(weights={"only": 100}, tasks={"only": 3}, runs={"only": OLD})
    keeper = Keeper(world.fate, release("rolling"))
    with pytest.raises(OperationFailed, match="went back to its old revision, and is not well"):
        drive(world, keeper)
    assert keeper.current.phase is Phase.LEAVING
    well = one_colour()
    well.moments = world.moments
    keeper.save(machine.take_up(keeper.current, NOW))
    assert drive(well, keeper).outcome == "failed"


MIGRATION = Migration(expand=["migrate", "expand"], contract=["migrate", "contract"])


def migrating(strategy: Strategy = "canary") -> tuple[World, Keeper[Release]]:
    world, keeper = make("well", strategy)
    keeper.current = replace(keeper.current, migration=MIGRATION)
    return world, keeper


@pytest.mark.parametrize("strategy", ["canary", "blue-green", "rolling"])
def test_the_schema_grows_before_traffic_moves_and_shrinks_after_the_bake(
    strategy: Strategy,
) -> None:
    world, keeper = migrating(strategy)
    done = drive(world, keeper)
    assert done.outcome == "done"
    assert done.contracted
    assert world.migrations == ["task/expand-0", "task/contract-0"]
    told = [event.what for event in done.timeline]
    moved = next(n for n, what in enumerate(told) if "traffic" in what or "rolling" in what)
    assert told.index("expand task succeeded") < moved
    watched = max(n for n, what in enumerate(told) if "watched" in what)
    assert watched + 1 < told.index("contract task started: contract-0")


@pytest.mark.parametrize("strategy", ["canary", "rolling"])
def test_no_traffic_moves_after_an_expand_task_that_failed(strategy: Strategy) -> None:
    world, keeper = migrating(strategy)
    world.failing = {"expand": 1}
    failed = drive(world, keeper)
    assert (failed.outcome, failed.failed_task) == ("failed", "task/expand-0")
    assert failed.reason == "the expand task ended with exit code 3"
    assert not failed.contracted
    assert_settled(world, failed)
    assert not any("100 %" in event.what for event in failed.timeline[:-2])


def test_a_contract_task_that_failed_waits_for_a_person_and_is_run_again() -> None:
    world, keeper = migrating()
    world.failing = {"contract": 1}
    waits = drive(world, keeper)
    assert waits.paused == "the contract task ended with exit code 3"
    assert not waits.can_turn  # older images may not fit what is half done
    assert world.tasks == {"blue": 0, "green": 3}
    keeper.save(machine.take_up(waits, NOW))
    assert drive(world, keeper).outcome == "done"
    assert world.migrations == ["task/expand-0", "task/contract-0", "task/contract-1"]


def test_a_person_who_contracted_by_hand_passes_it() -> None:
    world, keeper = migrating()
    world.failing = {"contract": 9}
    waits = drive(world, keeper)
    keeper.save(machine.promote(waits, NOW, full=False))
    done = drive(world, keeper)
    assert (done.outcome, done.contracted) == ("done", True)


@pytest.mark.parametrize("part", ["expand", "contract"])
def test_a_task_without_end_is_stopped(part: str) -> None:
    world, keeper = migrating()
    world.endless = (part,)
    left = drive(world, keeper)
    assert world.stopped == [f"task/{part}-0"]
    assert "was stopped: it ran for 15m" in str(left.reason or left.paused)


@pytest.mark.parametrize("strategy", ["canary", "rolling"])
@pytest.mark.parametrize("failing", [{}, {"expand": 1}])
def test_killed_anywhere_a_migration_is_not_run_twice(
    strategy: Strategy, failing: dict[str, int]
) -> None:
    for effects, after in product(range(1, 80), (False, True)):
        world, keeper = migrating(strategy)
        world.failing, world.fate.left, world.fate.after = failing, effects, after
        with contextlib.suppress(Killed):
            drive(world, keeper)
        world.fate.left = None
        before = keeper.current
        go_on(keeper, "resume")
        ended = drive(world, keeper)
        assert_settled(world, ended)
        assert world.migrations == ["task/expand-0", *([] if failing else ["task/contract-0"])]
        if before.is_over and not after:
            return
    pytest.fail("it never came to its end")


def test_traffic_moves_in_steps_each_watched_for_its_time() -> None:
    world, keeper = make("well")
    told = [event.what for event in drive(world, keeper).timeline]
    assert [what for what in told if what.endswith("of the traffic")] == [
        f"green has {weight} % of the traffic" for weight in (5, 25, 50, 100)
    ]
    assert world.moments >= 4 * 60


def test_a_canary_without_traffic_waits_for_a_person_and_goes_on_when_promoted() -> None:
    world, keeper = make("well")
    world.requests_at = {25: 3}
    paused = drive(world, keeper)
    assert paused.paused == "inconclusive at 25 %: 3 of 100 requests that a verdict needs"
    assert world.weights == {"blue": 75, "green": 25}
    keeper.save(machine.promote(paused, NOW, full=False))
    assert drive(world, keeper).outcome == "done"


def test_promoted_in_full_it_skips_the_steps_between() -> None:
    world, keeper = make("well")
    world.requests_at = {5: 3}
    paused = drive(world, keeper)
    keeper.save(machine.promote(paused, NOW, full=True))
    told = [event.what for event in drive(world, keeper).timeline]
    assert "green has 25 % of the traffic" not in told
    assert world.weights["green"] == 100


def test_a_blue_green_without_traffic_needs_no_verdict() -> None:
    world, keeper = make("well", "blue-green")
    world.requests_at = {100: 0}
    assert drive(world, keeper).outcome == "done"


def test_alarms_that_were_raised_before_do_not_end_it() -> None:
    world, keeper = make("alarm")
    keeper.current = release(alarms_before=["errors"])
    assert drive(world, keeper).outcome == "done"


def test_without_waiting_it_is_left_once_traffic_has_moved() -> None:
    world, keeper = make("well", "blue-green")
    left = drive(world, keeper, wait=False)
    assert left.phase is Phase.BAKING
    assert world.tasks == {"blue": 3, "green": 3}  # the way back is open


def test_aws_may_fail_to_answer_for_a_moment_but_not_for_long() -> None:
    class Flaky(World):
        failures = 3

        def alarms(self, place: object) -> list[str]:  # noqa: ARG002
            if self.failures:
                self.failures -= 1
                raise OperationFailed("throttled")
            return []

    world = Flaky()
    assert drive(world, Keeper(world.fate, release())).outcome == "done"
    world = Flaky()
    world.failures = 100
    with pytest.raises(OperationFailed):
        drive(world, Keeper(world.fate, release()))


def test_who_loses_a_release_puts_the_traffic_where_the_other_wants_it() -> None:
    world, keeper = make("well", "blue-green")

    class Late(World):
        """The other's rollback comes while this one's call is on its way."""

        def shift(self, release: Release) -> None:
            if keeper.current.phase is Phase.SHIFTING:
                keeper.save(machine.turn(keeper.current, "rolled-back", "bob did", NOW))
            super().shift(release)

    world = Late()
    with pytest.raises(TakenOver):
        drive(world, keeper)
    assert world.weights == {"blue": 100, "green": 0}
    assert drive(world, keeper).outcome == "rolled-back"


def go_on(keeper: Keeper[Release], way: Way) -> None:
    """What another machine does with what was left."""
    current = keeper.current
    if current.is_over:
        return
    if way == "abort":
        keeper.save(machine.turn(current, "aborted", "a test", NOW))
    else:
        keeper.save(machine.take_up(current, NOW))


def left_by(
    scenario: str, strategy: Strategy, effects: int, *, after: bool
) -> tuple[World, Keeper[Release]]:
    """World and ledger after a process was killed at one of its effects, or came to its end."""
    world, keeper = make(scenario, strategy)
    world.fate.left, world.fate.after = effects, after
    with contextlib.suppress(Killed):
        drive(world, keeper)
    world.fate.left = None
    return world, keeper


def assert_settled(world: World, ended: Release) -> None:
    if ended.rolls:
        done = ended.outcome == "done"
        assert world.runs == {"only": ended.task_definition if done else OLD}
        assert world.tasks == {"only": 3}
        return
    carrying = [color for color, weight in world.weights.items() if weight]
    assert ended.is_over
    assert world.weights == ended.weights()
    assert len(carrying) == 1
    assert world.tasks[carrying[0]] == 3
    assert sum(world.tasks.values()) == 3
    assert world.served  # no moment at which traffic went to a colour without tasks


@pytest.mark.parametrize("way", ["resume", "abort"])
@pytest.mark.parametrize(("scenario", "strategy"), WAYS_TO_RELEASE)
def test_killed_anywhere_another_machine_brings_it_to_an_end(
    scenario: str, strategy: Strategy, way: Way
) -> None:
    for effects, after in product(range(1, 80), (False, True)):
        world, keeper = left_by(scenario, strategy, effects, after=after)
        before = keeper.current
        go_on(keeper, way)
        ended = drive(world, keeper)
        assert_settled(world, ended)
        if way == "resume":
            assert ended.outcome == ("done" if outlasts(scenario, strategy) else "failed")
        elif before.can_turn and not before.has_turned:
            assert ended.outcome == "aborted"
            assert world.weights.get("blue", 100) == 100
        if before.is_over and not after:
            return  # it came to its end before fate struck
    pytest.fail("it never came to its end")


def outlasts(scenario: str, strategy: Strategy) -> bool:
    return scenario == "well" or (scenario == "errors at 25" and strategy == "blue-green")


@settings(max_examples=300)
@given(
    first=st.integers(min_value=1, max_value=30),
    second=st.integers(min_value=1, max_value=30),
    after=st.booleans(),
)
def test_killed_twice_it_still_comes_to_an_end(first: int, second: int, after: bool) -> None:
    world, keeper = left_by("well", "canary", first, after=after)
    go_on(keeper, "resume")
    world.fate.left = second
    with contextlib.suppress(Killed):
        drive(world, keeper)
    world.fate.left = None
    go_on(keeper, "abort")
    assert_settled(world, drive(world, keeper))


def test_the_kill_points_reach_every_phase() -> None:
    reached = set()
    for effects in range(1, 40):
        for after in (False, True):
            for scenario in SCENARIOS:
                _, keeper = left_by(scenario, "canary", effects, after=after)
                reached.add(keeper.current.phase)
    migrations = {Phase.EXPANDING, Phase.CONTRACTING}
    assert reached == set(Phase) - migrations
    for effects in range(1, 40):
        world, keeper = migrating()
        world.fate.left = effects
        with contextlib.suppress(Killed):
            drive(world, keeper)
        reached.add(keeper.current.phase)
    assert reached == set(Phase)
