"""The tree of releases on the screen."""

import pytest

from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.releases.status import ServiceStatus
from bookstore_ops.releases.aws import ColorState
from bookstore_ops.releases.driver import Health
from bookstore_ops.releases.model import Holder, Phase, Release
from bookstore_ops.ui.release_view import show_release, show_status
from tests.unit.releases.world import BEGAN, INTERNAL, PLACE, release
from tests.unit.ui.support import screens

NEW = "registry/catalog@sha256:" + "2" * 64


def status(
    made: Release | None, *, astray: str = "", alarms: tuple[str, ...] = ()
) -> ServiceStatus:
    colors = tuple(
        ColorState(color, weight, Health(2, 2, 2, ready=True), f"family:{n}", image)
        for n, (color, weight, image) in enumerate(
            (("blue", 75, "registry/catalog:1.0.0"), ("green", 25, NEW))
        )
    )
    return ServiceStatus(PLACE, colors, alarms, made, Liveness.ALIVE, {NEW: "1.1.0"}, astray, BEGAN)


def test_a_release_under_way_shows_step_driver_and_time_left() -> None:
    holder = Holder(run="r", who="ann@laptop", pid=1, pid_started=0, seen="")
    shown = screens()
    made = release(label="1.1.0", phase=Phase.BAKING, step=1, weight=25, holder=holder)
    show_status(shown.terminal, [status(made)])
    assert shown.out.splitlines() == [
        "catalog  1.1.0 (canary): baking, step 2 of 4, driven by ann@laptop, alive, 1m00s left",
        "├─ blue    75 %  1.0.0                        2 wanted, 2 running, 2 healthy",
        "└─ green   25 %  1.1.0 (sha256:222222222222)  2 wanted, 2 running, 2 healthy",
    ]


def test_what_is_wrong_stands_below() -> None:
    shown = screens()
    made = release(phase=Phase.BAKING, paused="inconclusive at 25 %")
    show_status(
        shown.terminal, [status(made, astray="the release wants green 5 %", alarms=("5xx",))]
    )
    assert shown.out.splitlines()[-3:] == [
        "├─ alarms: 5xx",
        "├─ the weights are not as they should be: the release wants green 5 %",
        "└─ paused: inconclusive at 25 %",
    ]


def test_a_service_of_one_colour_has_no_share_and_nothing_is_left_while_it_waits() -> None:
    only = ColorState("only", 100, Health(2, 2, 2, ready=True), "family:2", NEW)
    made = release("rolling", label="2", phase=Phase.BAKING, weight=100, paused="paused by ann")
    shown = screens()
    show_status(
        shown.terminal,
        [ServiceStatus(INTERNAL, (only,), (), made, Liveness.DEAD, {NEW: "2"}, "it", BEGAN)],
    )
    assert shown.out.splitlines() == [
        "inventory  2 (rolling): paused, step 1 of 1, driven by nobody",
        "├─ only          sha256:222222222222  2 wanted, 2 running, 2 healthy",
        "├─ the tasks are not as they should be: it",
        "└─ paused: paused by ann",
    ]


@pytest.mark.parametrize("error_follows", [False, True])
def test_the_reason_is_told_once(error_follows: bool) -> None:
    made = release("rolling", phase=Phase.ENDED, outcome="failed", reason="alarms are raised: x")
    shown = screens()
    show_release(shown.terminal, made, error_follows=error_follows)
    assert shown.out.splitlines() == [
        "inventory 2: failed",
        "tasks: to run family:1",
        *([] if error_follows else ["why: alarms are raised: x"]),
    ]


def test_before_the_first_release() -> None:
    shown = screens()
    show_status(shown.terminal, [status(None)])
    assert shown.out.startswith("catalog  no release yet\n")
