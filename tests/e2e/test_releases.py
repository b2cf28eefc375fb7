"""Releases by the installed bsops: traffic that moves, goes back, and stays where it should."""

import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, groupby
from typing import Any

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.proxy import bad_day
from tests.e2e.shop import SETTINGS, Shop, open_shop
from tests.e2e.workspaces import Finished, Running, make_bench, wait_until

_TAGS = (f"2.{number}.0" for number in count())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop; each test leaves it with all traffic on one colour and nothing under way."""
    bench = make_bench(tmp_path_factory.mktemp("shop"))
    yield open_shop(bench)
    lifecycle.stop(bench.workspace)


@pytest.fixture
def shop(shared: Shop) -> Iterator[Shop]:
    """The shop at rest, with quick settings."""
    settle(shared)
    yield shared
    shared.raise_alarm(raised=False)
    if shared.phase() not in {"", "ended"}:
        assert shared.run("abort", "dev", "catalog", "--yes").code == 0


MIGRATION = """
[services.catalog.migration]
expand = ["bin/migrate", "expand"]
contract = ["bin/migrate", "contract"]
"""


def settle(shop: Shop, more: str = "", **settings: str) -> None:
    """Write the settings, with other times where given, and more of them."""
    text = SETTINGS
    for name, value in settings.items():
        rows = [f"{name} = {value}" if r.startswith(f"{name} =") else r for r in text.splitlines()]
        text = "\n".join(rows) + "\n"
    (shop.bench.workspace.tree / "releases.toml").write_text(text + more)
    shop.raise_alarm(raised=False)


def pushed(shop: Shop, *options: str) -> str:
    """A new image in the registry."""
    tag = next(_TAGS)
    shop.push(tag, *options)
    return tag


def begin(shop: Shop, tag: str, *options: str) -> Running:
    """A release under way."""
    words = ("release", "start", "dev", "catalog", "--image", tag, "--yes", "--sandbox", *options)
    return shop.bench.start(*words)


def start(shop: Shop, tag: str, *options: str) -> Finished:
    """A release to its end."""
    return shop.run("start", "dev", "catalog", "--image", tag, "--yes", *options)


def sides(shop: Shop) -> tuple[str, str]:
    """The colour that has the traffic, and the other."""
    weights = shop.weights()
    (active,) = (color for color, weight in weights.items() if weight)
    return active, "green" if active == "blue" else "blue"


def assert_at_rest(shop: Shop, color: str) -> None:
    """One colour has the traffic and the tasks, the other sleeps."""
    other = "green" if color == "blue" else "blue"
    assert shop.weights() == {color: 100, other: 0}
    assert shop.tasks() == {color: 2, other: 0}
    assert shop.asleep(other)
    assert not shop.asleep(color)


@contextmanager
def customers(
    shop: Shop,
    new: str,
    *,
    errors_at: int = 0,
    late: float = 0,
    only: str = "",
    seconds: float | None = 0.1,
) -> Iterator[list[int]]:
    """Requests to both colours, as the weights share them; the new colour's weights over time.

    From the weight ``errors_at`` on, one in five of the new colour's answers is an error.
    CloudWatch hears of the new colour ``late`` seconds after its first request; ``only``: of no
    other colour. ``seconds`` None: it does not hear how fast the answers came.
    """
    seen: list[int] = []
    over = threading.Event()
    for name in ("elbv2", "cloudwatch"):
        shop.aws(name)  # in this thread: see aws.session
    old = "green" if new == "blue" else "blue"

    def call() -> None:
        first: float | None = None
        while not over.is_set():
            weight = shop.weights()[new]
            seen.append(weight)
            if weight:
                first = first or time.monotonic()
                bad = 4 if errors_at and weight >= errors_at else 0
                if time.monotonic() - first >= late and only in {"", new}:
                    shop.measure(new, requests=20, errors=bad, seconds=seconds)
            if only in {"", old}:
                shop.measure(old, requests=100, seconds=seconds)
            over.wait(0.1)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        # What came last may have come after the last look.
        seen.append(shop.weights()[new])


def runs(weights: list[int]) -> list[int]:
    """Each weight once for every time it was taken."""
    return [weight for weight, _ in groupby(weights)]


def test_blue_green_moves_all_traffic_in_one_step_and_remembers_every_step(shop: Shop) -> None:
    tag, (old, new) = pushed(shop), sides(shop)
    done = start(shop, tag)
    assert done.code == 0, done.err
    assert_at_rest(shop, new)
    assert "@sha256:" in shop.image(new)
    status = shop.run("status", "dev", "catalog", "--json").json["services"][0]
    colors = {each["color"]: each for each in status["colors"]}
    assert (colors[new]["label"], colors[new]["weight"], colors[new]["healthy"]) == (tag, 100, 2)
    assert status["astray"] is None
    run = shop.bench.run("history", "dev", "--last", "1", "--json").json["runs"][0]
    steps = [step["what"] for step in run["steps"]]
    assert run["command"] == "release start"
    assert [step.partition(": ")[2] for step in steps][1:3] == [
        f"{tag} registered",
        f"{new} woken with 2 tasks",
    ]
    assert steps[-1] == f"catalog: {old} sleeps: done"
    shown = shop.run("history", "dev", "catalog", "--verbose")
    assert f"{new} has 100 % of the traffic" in shown.out


def test_a_canary_that_does_well_takes_its_steps(shop: Shop) -> None:
    tag, (_, new) = pushed(shop), sides(shop)
    with customers(shop, new) as weights:
        done = start(shop, tag, "--strategy", "canary")
    assert done.code == 0, done.err
    assert runs(weights) == [0, 5, 25, 50, 100]
    assert_at_rest(shop, new)


@pytest.mark.parametrize("step", [5, 25, 50, 100])
def test_a_canary_that_fails_at_a_step_goes_back_by_itself(shop: Shop, step: int) -> None:
    tag, (old, new) = pushed(shop), sides(shop)
    with customers(shop, new, errors_at=step) as weights:
        failed = start(shop, tag, "--strategy", "canary", "--json")
    assert failed.code == 1
    assert failed.json["release"]["outcome"] == "failed"
    # Five of a hundred at the least, over one limit or the other: how many requests a window
    # holds is the clock's doing.
    assert re.search(r"errors is \S+, (at most 5 is allowed|the stable colour's)", failed.said)
    assert "errors is " in failed.json["release"]["reason"]
    assert runs(weights) == [0, *(each for each in (5, 25, 50, 100) if each <= step), 0]
    assert_at_rest(shop, old)


@pytest.mark.parametrize(
    ("only", "seconds", "says"),
    [
        ("new", 0.1, "the stable colour has too little to compare with (0 of 10 requests)"),
        ("old", 0.1, "0 of 10 requests that a verdict needs"),
        ("", None, "p95 was not measured for the new colour"),
    ],
)
def test_a_canary_of_which_too_little_is_known_waits(
    shop: Shop, only: str, seconds: float | None, says: str
) -> None:
    tag, (old, new) = pushed(shop), sides(shop)
    of = {"new": new, "old": old}.get(only, "")
    with customers(shop, new, only=of, seconds=seconds):
        paused = start(shop, tag, "--strategy", "canary")
    assert paused.code == 3
    assert "inconclusive at 5 %" in paused.said
    assert says in paused.said
    assert shop.weights() == {old: 95, new: 5}


def test_metrics_that_come_late_are_waited_for(shop: Shop) -> None:
    settle(shop, steps="[5, 100]", step_bake='"4s"')
    tag, (_, new) = pushed(shop), sides(shop)
    with customers(shop, new, late=2) as weights:
        done = start(shop, tag, "--strategy", "canary")
    assert done.code == 0, done.err
    assert runs(weights) == [0, 5, 100]


def test_a_canary_without_traffic_waits_for_a_person(shop: Shop) -> None:
    tag, (_, new) = pushed(shop), sides(shop)
    paused = start(shop, tag, "--strategy", "canary")
    assert paused.code == 3
    assert "inconclusive at 5 %: 0 of 10 requests that a verdict needs" in paused.said
    assert shop.weights()[new] == 5
    again = start(shop, tag)
    assert again.code == 4
    assert "next: bsops release resume dev catalog --sandbox" in again.said
    with customers(shop, new):
        resumed = shop.run("resume", "dev", "catalog")
    assert resumed.code == 0, resumed.err
    assert_at_rest(shop, new)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--unhealthy",), "not healthy after 1 seconds: 2 wanted, 0 running, 0 healthy"),
        (("--answers", "500"), "GET /catalog/books answered 500, not 200"),
    ],
)
def test_an_image_that_is_not_well_never_gets_traffic(
    shop: Shop, options: tuple[str, ...], says: str
) -> None:
    settle(shop, health='"1s"')
    tag, (old, new) = pushed(shop, *options), sides(shop)
    with customers(shop, new) as weights:
        failed = start(shop, tag)
    assert failed.code == 1
    assert says in failed.said
    assert runs(weights) == [0]
    assert_at_rest(shop, old)


def test_an_image_or_a_service_that_is_not_there_changes_nothing(shop: Shop) -> None:
    old, _ = sides(shop)
    missing = start(shop, "no-such-tag")
    assert missing.code == 3
    assert "bsops sandbox push ENV catalog no-such-tag" in missing.said
    foreign = start(shop, "docker.io/library/nginx:1")
    assert foreign.code == 3
    assert shop.run("start", "dev", "catlog", "--image", "1", "--yes").code == 64
    unasked = shop.run("start", "dev", "catalog", "--image", pushed(shop))
    assert unasked.code == 3
    assert "--yes" in unasked.said
    assert_at_rest(shop, old)


def test_an_alarm_during_the_bake_takes_the_traffic_back(shop: Shop) -> None:
    settle(shop, bake='"10m"')
    tag, (old, new) = pushed(shop), sides(shop)
    running = begin(shop, tag)
    wait_until(lambda: shop.weights()[new] == 100)
    shop.raise_alarm()
    failed = running.finish()
    assert failed.code == 1
    assert "alarms are raised: bookstore-dev-catalog-5xx" in failed.said
    assert_at_rest(shop, old)
    refused = start(shop, tag)
    assert refused.code == 3
    assert "--despite-alarms" in refused.said
    settle(shop)
    shop.raise_alarm()
    assert start(shop, tag, "--despite-alarms").code == 0


def test_a_rollback_moves_the_traffic_with_the_third_call(shop: Shop) -> None:
    settle(shop, bake='"10m"')
    old, new = sides(shop)
    with bad_day(shop.bench) as calls:
        assert start(shop, pushed(shop), "--no-wait").code == 0
        assert shop.weights() == {new: 100, old: 0}
        calls.of = every_call
        began = time.monotonic()
        back = shop.run("rollback", "dev", "--yes")
        took = time.monotonic() - began
        calls.clear()
    assert back.code == 0, back.err
    assert_at_rest(shop, old)
    # STS: who are we; S3: the ledger; the load balancer: the weights. The rest comes after.
    shifted = next(n for n, body in enumerate(calls.bodies) if b"Action=ModifyRule" in body)
    assert shifted + 1 <= 3, calls.seen[: shifted + 1]
    assert took < 10
    print(f"\nrollback: traffic moved by call {shifted + 1}, the command took {took:.1f} s")  # noqa: T201


def test_a_rollback_after_the_end_wakes_the_last_good_image(shop: Shop) -> None:
    good, bad = pushed(shop), pushed(shop)
    assert start(shop, good).code == 0
    image, (active, _) = shop.image(sides(shop)[0]), sides(shop)
    assert start(shop, bad).code == 0
    shop.raise_alarm()  # the bad one's: no reason to go on with it
    assert shop.run("rollback", "dev", "catalog", "--yes").code == 0
    assert shop.image(active) == image
    assert_at_rest(shop, active)
    past = shop.run("history", "dev", "catalog", "--json").json["releases"]
    outcomes = {each["label"]: each["outcome"] for each in past if each["kind"] == "release"}
    assert outcomes[bad] == "rolled-back"


def test_a_rollback_that_is_watched_can_be_rolled_back_too(shop: Shop) -> None:
    before = shop.image(sides(shop)[0])
    assert start(shop, pushed(shop)).code == 0
    settle(shop, bake='"10m"')
    active, _ = sides(shop)
    back = shop.bench.start("release", "rollback", "dev", "catalog", "--yes", "--sandbox")
    wait_until(lambda: shop.phase() == "baking" and shop.ledger()["current"]["kind"] == "rollback")
    again = shop.run("rollback", "dev", "catalog", "--yes")
    assert again.code == 0, again.err
    assert back.finish().code == 3  # it was taken over
    assert_at_rest(shop, active)
    settle(shop)
    assert shop.run("rollback", "dev", "catalog", "--yes").code == 0
    assert shop.image(sides(shop)[0]) == before


def test_somebody_else_rolls_back_what_one_drives(shop: Shop) -> None:
    settle(shop, step_bake='"10m"')
    tag, (old, new) = pushed(shop), sides(shop)
    running = begin(shop, tag, "--strategy", "canary")
    wait_until(lambda: shop.phase() == "baking")
    busy = start(shop, tag)
    assert busy.code == 4
    assert "drives" in busy.said
    assert shop.run("resume", "dev", "catalog").code == 4
    back = shop.run("rollback", "dev", "catalog", "--yes")
    assert back.code == 0, back.err
    lost = running.finish()
    assert lost.code == 3
    assert "was taken over" in lost.said
    assert_at_rest(shop, old)
    assert new not in {color for color, weight in shop.weights().items() if weight}


def test_a_pause_stops_whoever_drives_and_leaves_the_traffic(shop: Shop) -> None:
    settle(shop, step_bake='"10m"')
    tag, (old, new) = pushed(shop), sides(shop)
    running = begin(shop, tag, "--strategy", "canary")
    wait_until(lambda: shop.phase() == "baking")
    assert shop.run("pause", "dev", "catalog").code == 0
    assert running.finish().code == 3
    assert shop.weights() == {old: 95, new: 5}
    shown = shop.run("status", "dev", "catalog")
    assert "paused, step 1 of 4, driven by nobody" in shown.out
    aborted = shop.run("abort", "dev", "catalog", "--yes", "--json")
    assert aborted.json["release"]["outcome"] == "aborted"
    assert_at_rest(shop, old)


def test_of_two_that_start_at_once_one_does(shop: Shop) -> None:
    tags = [pushed(shop), pushed(shop)]
    _, new = sides(shop)
    codes = sorted(running.finish().code for running in [begin(shop, tag) for tag in tags])
    assert codes == [0, 4]
    assert_at_rest(shop, new)


def every_call(_method: str, path: str) -> bool:
    """All that AWS would answer; the sandbox's own pages are none of it."""
    return not path.startswith("/_bsops")


def test_interrupted_it_says_how_to_go_on(shop: Shop) -> None:
    settle(shop, bake='"10m"')
    tag, (old, new) = pushed(shop), sides(shop)
    running = begin(shop, tag)
    wait_until(lambda: shop.phase() == "baking")
    running.signal(signal.SIGINT)
    left = running.finish()
    assert left.code == 130
    assert f"baking, blue {shop.weights()['blue']} %" in left.said
    assert "next: bsops release resume dev catalog --sandbox" in left.said
    assert "driven by nobody" in shop.run("status", "dev", "catalog").out
    assert shop.run("promote", "dev", "catalog", "--yes").code == 0
    assert_at_rest(shop, new)
    assert old != new


def test_throttling_costs_time_and_expired_credentials_a_login(shop: Shop) -> None:
    settle(shop, bake='"3s"')
    tag, (_, new) = pushed(shop), sides(shop)
    with bad_day(shop.bench) as faults:
        running = begin(shop, tag)
        wait_until(lambda: shop.phase() == "baking")
        faults.of = every_call
        for status, cut in ((503, False), (500, False), (None, True)):
            faults.status, faults.cut, faults.left = status, cut, 2
            wait_until(lambda: faults.left == 0)
        faults.cut = False
        faults.status, faults.code, faults.left = 403, "ExpiredToken", None
        expired = running.finish()
        faults.clear()
    assert expired.code == 5, expired.err
    assert "log in again" in expired.said
    assert "bsops release resume dev catalog --sandbox" in expired.said
    assert shop.run("resume", "dev", "catalog").code == 0
    assert_at_rest(shop, new)


def test_a_service_of_one_colour_has_its_tasks_replaced(shop: Shop) -> None:
    settle(shop, bake='"10m"')
    before, tag = shop.image("only"), next(_TAGS)
    shop.push(tag, service="inventory")
    words = ("release", "start", "dev", "inventory", "--image", tag, "--yes", "--sandbox")
    running = shop.bench.start(*words)
    wait_until(lambda: shop.phase("inventory") == "baking")
    assert shop.image("only") != before
    shop.raise_alarm()
    failed = running.finish()
    assert failed.code == 1
    assert "alarms are raised" in failed.said
    assert shop.image("only") == before
    settle(shop)
    done = shop.bench.run(*words, "--json", timeout=120)
    assert done.code == 0, done.err
    assert done.json["release"]["strategy"] == "rolling"
    shown = shop.run("status", "dev", "inventory")
    assert re.search(rf"only +{tag} \(sha256:\w+\)  2 wanted, 2 running, 2 healthy", shown.out)
    back = shop.run("rollback", "dev", "inventory", "--yes")
    assert back.code == 0, back.err
    assert shop.image("only") == before
    name = shop.place["internal"]
    shop.aws("ecs").update_service(
        cluster=shop.place["cluster"], service=name, taskDefinition=f"{name}:2"
    )
    astray = shop.run("status", "dev", "inventory").out
    assert "the tasks are not as they should be: the release wants to run" in astray


def test_a_migration_killed_midway_is_not_run_twice_and_closes_the_way_back(shop: Shop) -> None:
    settle(shop, MIGRATION)
    tag, (old, new) = pushed(shop), sides(shop)
    running = begin(shop, tag)
    wait_until(lambda: shop.phase() == "expanding" and "task" in shop.ledger()["current"])
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.communicate()
    assert shop.weights() == {old: 100, new: 0}
    assert shop.tasks()[new] == 0  # nothing is woken before the schema fits it
    assert "expanding, driven by" in (shown := shop.run("status", "dev", "catalog").out)
    assert ", dead" in shown
    resumed = shop.run("resume", "dev", "catalog")
    assert resumed.code == 0, resumed.err
    assert_at_rest(shop, new)
    commands = [command for _, command in shop.migrations()]
    assert commands == [["bin/migrate", "expand"], ["bin/migrate", "contract"]]
    told = shop.run("history", "dev", "catalog", "--verbose").out
    assert told.rindex(f"{old} sleeps") < told.rindex("contract task started")
    refused = shop.run("rollback", "dev", "catalog", "--yes")
    assert refused.code == 3
    assert f"the release of {tag} contracted the schema" in refused.said
    assert_at_rest(shop, new)


def test_a_migration_that_fails_stops_the_release_before_traffic_moves(shop: Shop) -> None:
    settle(shop, MIGRATION)
    tag, (old, new) = pushed(shop, "--exits", "3"), sides(shop)
    with customers(shop, new) as weights:
        failed = start(shop, tag)
    assert failed.code == 1
    assert "the expand task ended with exit code 3" in failed.said
    assert "next: aws logs tail /aws/ecs/bookstore-dev/catalog --log-stream-names task/" in (
        failed.said
    )
    assert runs(weights) == [0]
    assert_at_rest(shop, old)


def test_a_contract_that_fails_waits_for_a_person_and_there_is_no_way_back(shop: Shop) -> None:
    settle(shop, MIGRATION.replace('expand = ["bin/migrate", "expand"]\n', ""))
    tag, (old, new) = pushed(shop, "--exits", "4"), sides(shop)
    waits = start(shop, tag)
    assert waits.code == 3
    assert f"{tag} of catalog has all traffic, and its contract task failed" in waits.said
    assert "the contract task ended with exit code 4" in waits.said
    assert_at_rest(shop, new)
    for way, says in (
        ("rollback", f"the release of {tag} contracted the schema"),
        ("abort", "next: bsops release resume dev catalog --sandbox"),
    ):
        refused = shop.run(way, "dev", "catalog", "--yes")
        assert (refused.code, says in refused.said) == (3, True), refused.said
    assert_at_rest(shop, new)
    by_hand = shop.run("promote", "dev", "catalog", "--yes")
    assert by_hand.code == 0, by_hand.err
    assert old != new


def test_each_service_is_released_in_its_own_way(shop: Shop) -> None:
    tag = pushed(shop)
    wrong = start(shop, tag, "--strategy", "rolling")
    assert wrong.code == 64
    assert "--strategy canary" in wrong.said
    shop.push(tag, service="inventory")
    wrong = shop.run("start", "dev", "inventory", "--image", tag, "--strategy", "canary", "--yes")
    assert wrong.code == 64
    assert "--strategy rolling" in wrong.said


def test_what_differs_is_shown_before_it_is_released(shop: Shop) -> None:
    tag = pushed(shop)
    shown: dict[str, Any] = shop.run("diff", "dev", "catalog", "--image", tag, "--json").json
    names = {difference["name"] for difference in shown["differences"]}
    assert names == {"catalog.image"}


def test_without_a_state_there_is_nothing_to_release(shop: Shop) -> None:
    none = shop.run("status", "prod")
    assert none.code == 3
    assert "next: bsops apply prod --sandbox" in none.said
    rolled = shop.run("rollback", "prod", "--yes")
    assert rolled.code == 3
    assert "nothing was released in prod" in rolled.said
