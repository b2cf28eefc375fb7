"""Two states side by side."""

import pytest

from bookstore_ops.states.comparison import Comparison
from bookstore_ops.terraform.state import StateSummary, parse_state, with_serial

STORED = StateSummary("abc", 5, frozenset({"a.a", "a.b"}))


def test_what_comes_and_what_goes() -> None:
    compared = Comparison(STORED, StateSummary("abc", 6, frozenset({"a.b", "a.c"})))
    assert (compared.back, compared.gone) == (["a.c"], ["a.a"])
    assert compared.objections == []


def test_where_nothing_is_stored_everything_may_follow() -> None:
    compared = Comparison(None, STORED)
    assert (compared.back, compared.gone, compared.objections) == (["a.a", "a.b"], [], [])


@pytest.mark.parametrize(
    ("lineage", "serial", "said"),
    [
        ("def", 6, ["lineage: stored abc, yours def"]),
        ("abc", 4, ["serial: stored 5, yours 4, which is lower"]),
        ("abc", 5, ["serial: both are 5, and the contents differ"]),
        ("def", 4, ["lineage: stored abc, yours def", "serial: stored 5, yours 4, which is lower"]),
    ],
)
def test_each_difference_is_named(lineage: str, serial: int, said: list[str]) -> None:
    assert Comparison(STORED, StateSummary(lineage, serial)).objections == said


def test_another_serial_leaves_everything_else_as_it_is() -> None:
    content = b'{"version": 4, "serial": 3, "lineage": "abc", "resources": [], "x": 1e400}'
    changed = with_serial(content, 9)
    assert parse_state(changed, "x") == StateSummary("abc", 9)
    assert b"1e400" in changed
