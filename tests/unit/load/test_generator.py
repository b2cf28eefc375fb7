"""Requests to a real server on this machine: sent when they are due, whatever it does."""

import threading
import time
from collections.abc import Callable

import pytest

from bookstore_ops.load.figures import TIMEOUT, Answer
from bookstore_ops.load.generator import Generator, Live, connections
from bookstore_ops.load.profile import Profile
from bookstore_ops.load.target import Target
from tests.unit.load.server import closed_port, serving


def target(url: str, profile: Profile, patience: float = 5) -> Target:
    return Target(url, headers={}, timeout=patience, connections=connections(profile, patience))


def drive(
    ask: Callable[[], Answer],
    profile: Profile,
    patience: float = 5,
    ended: Callable[[], bool] = lambda: False,
) -> tuple[Generator, bool]:
    generator = Generator(profile, ask, patience=patience)
    return generator, generator.run(ended, lambda _live: None, time.sleep)


@pytest.mark.usefixtures("patient")
def test_a_slow_service_is_asked_as_often_as_a_fast_one() -> None:
    profile = Profile(rate=40, hold=2)
    with serving(wait=lambda: time.sleep(0.5)) as asked:
        generator, whole = drive(target(asked.url, profile).ask, profile)
    figures = generator.figures()
    assert (whole, figures.sent, figures.answered, figures.errors) == (True, 80, 80, 0)
    assert figures.rate == pytest.approx(40)
    assert 0.5 <= (figures.times.p50 or 0) < 2
    # They came as they were due, with up to twenty under way.
    gaps = [time - asked.times[0] - profile.due(n) for n, time in enumerate(sorted(asked.times))]
    assert sum(abs(gap) > 1 for gap in gaps) < 4
    assert not figures.are_the_generators


@pytest.mark.usefixtures("patient")
def test_whoever_comes_while_it_stands_still_has_waited() -> None:
    """One that waits for each answer would have met the standstill once, and sent no other."""
    profile = Profile(rate=40, hold=2)

    def stand_still() -> None:
        time.sleep(max(0.0, 1.5 - (time.monotonic() - asked.times[0])))

    with serving(wait=stand_still) as asked:
        generator, _ = drive(target(asked.url, profile).ask, profile)
    times = generator.figures().times
    assert (times.longest or 0) > 1.2
    assert 0.3 < (times.p50 or 0) < 1.5  # three quarters came in that time


@pytest.mark.usefixtures("patient")
def test_failures_are_told_by_kind() -> None:
    profile = Profile(rate=40, hold=0.5)
    with serving(status=503) as asked:
        broken, _ = drive(target(asked.url, profile).ask, profile)
    assert (broken.figures().error_percent, broken.figures().statuses) == (100, {503: 20})
    gone, whole = drive(target(f"http://127.0.0.1:{closed_port()}/", profile).ask, profile)
    figures = gone.figures()
    assert (whole, figures.answered, figures.failures) == (True, 0, {"no connection": 20})
    assert figures.times.p95 is None
    with serving(wait=lambda: time.sleep(2)) as asked:
        silent, _ = drive(target(asked.url, profile, 0.3).ask, profile, 0.3)
    figures = silent.figures()
    assert (figures.failures, figures.left) == ({TIMEOUT: 20}, 0)
    assert (figures.times.p50 or 0) >= 0.3


def test_a_machine_that_does_not_keep_the_rate_says_so_and_stops() -> None:
    def busy() -> Answer:
        until = time.thread_time() + 0.05
        while time.thread_time() < until:
            pass
        return Answer(200)

    profile, began = Profile(rate=100, hold=30), time.monotonic()
    generator, whole = drive(busy, profile)
    assert (whole, time.monotonic() - began < 10) == (False, True)
    assert generator.figures().are_the_generators


@pytest.mark.usefixtures("patient")
def test_the_ramp_is_sent_but_not_counted() -> None:
    profile = Profile(rate=40, hold=1, ramp=1)
    with serving() as asked:
        generator, _ = drive(target(asked.url, profile).ask, profile)
    assert (len(asked.times), generator.figures().sent) == (60, 40)
    assert generator.figures().rate == pytest.approx(40)


@pytest.mark.usefixtures("patient")
def test_it_ends_at_once_with_what_is_known_by_then() -> None:
    class Stop(Exception):
        """What a signal is."""

    profile, began = Profile(rate=40, hold=30), time.monotonic()
    seen: list[Live] = []

    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        if time.monotonic() - began > 1:
            raise Stop

    answers = iter([True] * 20)
    with serving(wait=lambda: None if next(answers, False) else time.sleep(5)) as asked:
        generator = Generator(profile, target(asked.url, profile).ask, patience=5)
        with pytest.raises(Stop):
            generator.run(lambda: False, seen.append, sleep)
        assert time.monotonic() - began < 4
        figures = generator.figures()
        assert (figures.answered, figures.errors) == (20, 0)
        assert figures.left == figures.sent - 20 > 0
        sent = len(asked.times)
        time.sleep(0.2)
        assert len(asked.times) - sent < 3
    assert (seen[-1].answered, seen[-1].errors) == (20, 0)


@pytest.mark.usefixtures("patient")
def test_it_ends_when_it_is_told_to() -> None:
    raised = threading.Event()
    threading.Timer(0.5, raised.set).start()
    profile, began = Profile(rate=40, hold=30), time.monotonic()
    with serving() as asked:
        generator, whole = drive(target(asked.url, profile).ask, profile, ended=raised.is_set)
    assert (whole, time.monotonic() - began < 10) == (False, True)
    assert not generator.figures().are_the_generators


def test_nothing_is_asked_of_another_host_and_nothing_but_get() -> None:
    with serving() as other, serving(status=302, location=other.url) as asked:
        there = Target(asked.url, headers={"Authorization": "t"}, timeout=5, connections=1)
        assert there.ask() == Answer(302)
        assert (asked.lines, other.lines) == (["GET /books?q=1"], [])
        assert asked.headers[0]["Authorization"] == "t"
