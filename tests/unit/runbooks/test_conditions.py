"""The small languages: expect, capture, when."""

import pytest

from bookstore_ops.runbooks.conditions import (
    NotHeld,
    read_capture,
    read_condition,
    read_expect,
)

ANSWER = '{"locks": [{"id": "a", "n": 2}], "ok": true, "none": null, "status": "ACTIVE"}'


@pytest.mark.parametrize(
    ("text", "code", "output"),
    [
        ("exit 2", 2, ""),
        ("exit 0 2", 0, ""),
        ("output ~ ^b$", 0, "a\nb\n"),
        ("output !~ error", 0, "fine"),
        ("json ok", 0, ANSWER),
        ("json length(locks) == 1", 0, ANSWER),
        ("json locks[0].n >= 2", 0, ANSWER),
        ("json status == ACTIVE", 0, ANSWER),
        ("json status != 'GONE'", 0, ANSWER),
        ("json locks[?id=='a'] | [0].n == 2", 0, ANSWER),
        ("json none == null", 0, ANSWER),
    ],
)
def test_an_expectation_holds(text: str, code: int, output: str) -> None:
    read_expect(text).check(code, output)


@pytest.mark.parametrize(
    ("text", "output", "said"),
    [
        ("exit 2 3", "", "it exited with 0, expected 2 or 3"),
        ("output ~ ^b$", "ab", "the output does not hold ^b$"),
        ("output !~ error", "an error", "the output holds error"),
        ("json none", ANSWER, "expected none, found null"),
        ("json length(locks) == 0", ANSWER, "expected length(locks) == 0, found 1"),
        ("json status > 3", ANSWER, 'found "ACTIVE"'),
        ("json ok", "oh no", "no JSON"),
        ("json length(ok)", ANSWER, "does not fit"),
    ],
)
def test_one_that_does_not_hold_says_what_was_found(text: str, output: str, said: str) -> None:
    with pytest.raises(NotHeld) as caught:
        read_expect(text).check(0, output)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("text", "output", "value"),
    [
        ("all", "a\nb\n", "a\nb"),
        (r"id ~ ID: (\S+)", "the ID: x-1 there", "x-1"),
        (r"id ~ x-\d", "the ID: x-1 there", "x-1"),
        ("id json locks[0].id", ANSWER, "a"),
        ("n json locks[0].n", ANSWER, 2),
        ("one json locks[0]", ANSWER, {"id": "a", "n": 2}),
        ("id json locks[9].id || 'none'", ANSWER, "none"),
    ],
)
def test_a_capture_takes(text: str, output: str, value: object) -> None:
    assert read_capture(text).take(output) == value


@pytest.mark.parametrize(
    ("text", "output"),
    [("id ~ ID", "x"), ("id json none", ANSWER), ("id json a", "x"), ("all", "a\0b")],
)
def test_a_capture_that_finds_nothing_says_so(text: str, output: str) -> None:
    with pytest.raises(NotHeld):
        read_capture(text).take(output)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("a", True),
        ("missing", False),
        ("not missing", True),
        ("no", False),
        ("a == x", True),
        ("a == 'x'", True),
        ("a != x", False),
        ("missing != x", True),
        ("a ~ ^x", True),
        ("n == 3 and a == x", True),
        ("n == 3 and no", False),
        ("no == false", True),
    ],
)
def test_a_condition(text: str, holds: bool) -> None:
    assert read_condition(text).holds({"a": "x", "n": 3, "no": False}) is holds


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("api_token", True),
        ("x json SecretString", True),
        (r"x ~ password: (\S+)", True),
        ("x json SecretArn", False),
        ("x json locks[0].id", False),
    ],
)
def test_a_capture_is_secret_by_its_name_or_by_what_it_looks_for(text: str, secret: bool) -> None:
    assert read_capture(text).is_secret is secret


def test_a_secret_that_is_not_as_expected_is_not_shown() -> None:
    with pytest.raises(NotHeld) as caught:
        read_expect("json password == x").check(0, '{"password": "hunter2"}')
    assert "hunter2" not in str(caught.value)
