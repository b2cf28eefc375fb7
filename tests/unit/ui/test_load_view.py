"""A load test on the screen."""

import json

from bookstore_ops.load.figures import TIMEOUT, Answer, Done, figures_of
from bookstore_ops.load.generator import Live
from bookstore_ops.load.profile import Profile
from bookstore_ops.operations.loading.result import Ending, LoadTest
from bookstore_ops.releases.analysis import Analysis, Finding, Verdict
from bookstore_ops.ui.load_view import LoadWatch, show_load
from tests.unit.ui.support import screens

URL = "https://api.bookstore.example/catalog/books"
MISSED = Analysis(Verdict.FAIL, (Finding("errors", Verdict.FAIL, "errors is 50, at most 5 …"),))
DONE = [
    Done(due=0, sent=0, ended=0.1, answer=Answer(200)),
    Done(due=0, sent=0, ended=5, answer=Answer(0, TIMEOUT)),
]


def came_to(ending: Ending, analysis: Analysis | None) -> LoadTest:
    figures = figures_of(DONE, [0.0], 0, 3)
    return LoadTest("catalog", URL, Profile(rate=1, hold=3), ending, figures, analysis)


def test_the_figures_and_the_verdict_are_shown() -> None:
    shown = screens()
    show_load(shown.terminal, "dev", came_to(Ending.TIME, MISSED))
    assert shown.out.splitlines() == [
        "catalog: missed",
        f"GET {URL}",
        "rate      1.0 of 1 a second, 3 sent, 1 answered, 1 under way at the end",
        "errors    1 (50.00 %)",
        "statuses  1 x 200",
        "failures  1 x timeout",
        "times     p50 2550 ms, p95 4755 ms, p99 4951 ms, longest 5000 ms",
        "fail          errors is 50, at most 5 …",
    ]


def test_what_is_of_this_machine_says_so() -> None:
    shown = screens(json=True)
    show_load(shown.terminal, "dev", came_to(Ending.GENERATOR, None))
    document = json.loads(shown.out)
    assert document["schema"] == "bsops.load/1"
    assert (document["figures_of"], document["held"], document["findings"]) == (
        "generator",
        None,
        [],
    )
    plain = screens()
    show_load(plain.terminal, "dev", came_to(Ending.GENERATOR, None))
    assert "these figures are of this machine, not of the service" in plain.out


def test_a_line_tells_how_it_stands() -> None:
    shown = screens(tty=True, environ={"TERM": "xterm"})
    with LoadWatch(shown.terminal) as watch:
        watch.live(Live(65, 130, 129, 1, figures_of(DONE, [], 0, 3).times))
    assert (
        "1m05s, 130 sent, 129 answered, 1 error, p50 2550 ms, p95 4755 ms, p99 4951 ms" in shown.err
    )
