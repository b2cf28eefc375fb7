"""Which blocks run, and what differs between two versions of a page."""

import pytest

from bookstore_ops.errors import ConfigurationError, UsageError
from bookstore_ops.runbooks.changed import differences
from bookstore_ops.runbooks.selection import require_runnable, select
from tests.unit.runbooks.support import page_of, step

BODY = (
    step("bash {name=a reads}", title="First")
    + step("bash {name=b undo=c}", title="Second")
    + "```bash {name=d reads}\n```\n"
    + step("bash {name=c}", title="Back")
)


@pytest.mark.parametrize(
    ("first", "only", "names"),
    [
        (None, None, ["a", "b", "d"]),
        ("second", None, ["b", "d"]),
        ("d", None, ["d"]),
        (None, "second", ["b", "d"]),
        (None, "b", ["b"]),
    ],
)
def test_all_from_one_on_or_one_alone(
    first: str | None, only: str | None, names: list[str]
) -> None:
    assert select(page_of(BODY), first, only) == names


@pytest.mark.parametrize(("first", "only"), [("x", None), (None, "c"), ("a", "b")])
def test_what_is_not_there_is_told(first: str | None, only: str | None) -> None:
    with pytest.raises(UsageError):
        select(page_of(BODY), first, only)


@pytest.mark.parametrize("body", ["## One\n\nWords.\n", step("bash {name=A}")])
def test_a_page_that_runs_nothing_or_is_wrong_does_not_run(body: str) -> None:
    with pytest.raises(ConfigurationError):
        require_runnable(page_of(body))


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (BODY.replace("Second", "Other"), ["only its prose differs"]),
        (BODY.replace("name=a", "name=z"), ["a is gone (it ran already, as it was)", "z is new"]),
        (BODY.replace("name=a reads", "name=a"), ["a differs (it ran already, as it was)"]),
        (BODY.replace("name=b undo=c", "name=b undo=c timeout=1s"), ["b differs"]),
    ],
)
def test_a_line_for_each_difference(body: str, lines: list[str]) -> None:
    assert differences(page_of(BODY), page_of(body), {"a"}) == lines


def test_another_order_and_front_matter_are_told() -> None:
    one = step("bash {name=a reads}") + step("bash {name=b reads}")
    two = step("bash {name=b reads}") + step("bash {name=a reads}")
    found = differences(page_of(one), page_of(two, "tools: [jq]\n"), ())
    assert found == ["the order of the blocks differs", "the front matter differs"]
