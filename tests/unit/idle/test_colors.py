"""Tasks without traffic: idle, unless a release has woken them or still watches them."""

import pytest

from bookstore_ops.idle.colors import judge_colors
from bookstore_ops.idle.model import Finding, Verdict
from bookstore_ops.releases.aws import ColorState
from bookstore_ops.releases.driver import Health
from bookstore_ops.releases.model import Phase, Release
from tests.unit.idle.estate import Estate
from tests.unit.releases.world import OLD, release

BAKING = release(phase=Phase.BAKING)


def color(name: str, weight: int, tasks: int) -> ColorState:
    return ColorState(name, weight, Health(tasks, tasks, tasks, ready=tasks > 0), OLD, "image")


def judged(estate: Estate, current: Release | None, *, tasks: int = 3) -> list[Finding]:
    colors = [color("blue", 100, 3), color("green", 0, tasks)]
    return judge_colors(estate.scene(), BAKING.place, colors, current)


@pytest.mark.parametrize("current", [None, release(phase=Phase.ENDED)])
def test_tasks_without_traffic_are_idle_once_no_release_is_under_way(
    estate: Estate, current: Release | None
) -> None:
    blue, green = judged(estate, current)
    assert (blue.verdict, green.verdict) == (Verdict.USED, Verdict.IDLE)
    assert green.name == BAKING.place.services["green"]
    assert green.amount == "3 tasks"
    # Autoscaling would wake it again.
    assert "DynamicScalingOutSuspended=true" in green.mend
    assert "--desired-count 0" in green.mend


@pytest.mark.parametrize("current", [BAKING, release(phase=Phase.WARMING, paused="ask somebody")])
def test_what_a_release_has_woken_or_still_watches_is_used(
    estate: Estate, current: Release
) -> None:
    assert [each.verdict for each in judged(estate, current)] == [Verdict.USED, Verdict.USED]


def test_a_colour_that_sleeps_costs_nothing(estate: Estate) -> None:
    assert [each.kind for each in judged(estate, None, tasks=0)] == ["tasks"]
