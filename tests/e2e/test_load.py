"""Load tests by the installed bsops, against the tasks of a shop in the sandbox."""

import json
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.shop import Shop, open_shop
from tests.e2e.workspaces import Finished, Running, make_bench, wait_until


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop, whose tasks answer."""
    bench = make_bench(tmp_path_factory.mktemp("load"))
    yield open_shop(bench)
    lifecycle.stop(bench.workspace)


def words(*options: str) -> tuple[str, ...]:
    return ("load", "dev", "catalog", "--yes", "--sandbox", *options)


def run(shop: Shop, *options: str) -> Finished:
    """A load test; once more where this machine was too busy, which is what it says then."""
    for _ in range(6):
        done = shop.bench.run(*words(*options), timeout=60)
        if "this machine did not keep the rate" not in done.said:
            break
    return done


def begin(shop: Shop) -> Running:
    """A load test of a minute that has begun to send."""
    running = shop.bench.start(*words("--rate", "5", "--for", "1m", "--json"))
    journal = shop.bench.workspace.journal
    wait_until(lambda: journal.exists() and "GET http" in journal.read_text().splitlines()[-1])
    time.sleep(1)
    return running


def last(shop: Shop) -> Any:
    """How the journal says that the last run ended."""
    return json.loads(shop.bench.workspace.journal.read_text().splitlines()[-1])


def test_a_service_that_is_well_holds_and_one_that_is_not_misses(shop: Shop) -> None:
    held = run(shop, "--rate", "20", "--for", "2s", "--json")
    assert held.code == 0, held.err
    assert (held.json["held"], held.json["ended_by"]) == (True, "time")
    figures = held.json["figures"]
    assert (figures["sent"], figures["statuses"]) == (40, {"200": 40})
    assert 0 < figures["seconds"]["p50"] <= figures["seconds"]["p95"] < 1
    blue = {"cluster": shop.place["cluster"], "service": shop.place["services"]["blue"]}
    shop.aws("ecs").update_service(**blue, desiredCount=0)
    missed = run(shop, "--rate", "20", "--for", "2s", "--path", "/catalog/new")
    shop.aws("ecs").update_service(**blue, desiredCount=2)
    assert missed.code == 1
    assert "catalog: missed" in missed.out
    assert "40 x 503" in missed.out
    assert "errors is 100, at most 5 is allowed" in missed.said
    assert "100.00 % errors" in str(last(shop)["note"])


def test_an_alarm_of_the_service_ends_it(shop: Shop) -> None:
    running = begin(shop)
    shop.raise_alarm()
    done = running.finish()
    assert (done.code, done.json["ended_by"], done.json["held"]) == (1, "alarm", False)
    assert done.json["alarms"] == [shop.place["alarm"]]
    assert done.json["figures"]["sent"] < 150
    unwell = run(shop, "--rate", "20", "--for", "2s")
    shop.raise_alarm(raised=False)
    assert unwell.code == 3
    assert "catalog is not well" in unwell.said


def test_a_signal_ends_it_at_once_and_shows_what_was_measured(shop: Shop) -> None:
    running, began = begin(shop), time.monotonic()
    running.signal(signal.SIGTERM)
    done = running.finish()
    assert (done.code, time.monotonic() - began < 4) == (143, True)
    assert (done.json["ended_by"], done.json["held"]) == ("signal", None)
    assert done.json["figures"]["statuses"].keys() == {"200"}
    assert last(shop)["outcome"] == "interrupted"


def test_what_cannot_be_meant_is_refused_before_anything_is_sent(shop: Shop) -> None:
    other = run(shop, "--rate", "20", "--for", "2s", "--path", "/orders")
    assert (other.code, "its paths are: /catalog/*" in other.said) == (64, True)
    few = run(shop, "--rate", "1", "--for", "2s")
    assert (few.code, "2 requests are too few to judge catalog by" in few.said) == (64, True)
    inventory = shop.bench.run(
        "load", "dev", "inventory", "--rate", "20", "--for", "2s", "--sandbox"
    )
    assert (inventory.code, "no path of the API leads to inventory" in inventory.said) == (64, True)
    unasked = shop.bench.run("load", "dev", "catalog", "--rate", "20", "--for", "2s", "--sandbox")
    assert (unasked.code, "--yes" in unasked.said) == (3, True)
