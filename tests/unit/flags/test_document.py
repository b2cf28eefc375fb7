"""The document of the flags: what is read of it, and what an operator may set."""

from typing import Any

import pytest

from bookstore_ops.errors import UsageError
from bookstore_ops.flags.document import flags_of, parse_values, with_values

DOCUMENT: dict[str, Any] = {
    "version": "1",
    "flags": {
        "plain": {"name": "plain", "_deprecation": {"status": "planned"}},
        "share": {
            "name": "share",
            "description": "a share",
            "attributes": {
                "percent": {"constraints": {"type": "number", "minimum": 0, "maximum": 100}}
            },
        },
        "many": {
            "name": "many",
            "attributes": {
                "size": {"constraints": {"type": "string", "enum": ["s", "l"]}},
                "code": {"constraints": {"type": "string", "pattern": "^[a-z]+$"}},
                "loud": {"constraints": {"type": "boolean"}},
                "list": {"constraints": {"type": "array"}},
            },
        },
    },
    "values": {
        "plain": {"enabled": True, "_updatedAt": "now"},
        "share": {"enabled": False, "percent": 20},
        "many": {"size": "s", "code": "a", "loud": False},
    },
}
FLAGS = flags_of(DOCUMENT)


def test_flags_are_read_with_their_values() -> None:
    plain, share = FLAGS["plain"], FLAGS["share"]
    assert (plain.enabled, plain.temporary, plain.percent, plain.attributes) == (
        True,
        True,
        None,
        {},
    )
    assert (share.enabled, share.percent, share.description) == (False, 20, "a share")
    assert FLAGS["many"].enabled is False


def test_a_change_leaves_all_else_as_it_is() -> None:
    changed = with_values(DOCUMENT, "share", {"enabled": True})
    assert changed["values"]["share"] == {"enabled": True, "percent": 20}
    assert changed["flags"] == DOCUMENT["flags"]
    assert {**changed["values"], "share": None} == {**DOCUMENT["values"], "share": None}
    assert DOCUMENT["values"]["share"]["enabled"] is False


@pytest.mark.parametrize(
    ("flag", "said", "values"),
    [
        ("plain", "on", {"enabled": True}),
        ("many", "off", {"enabled": False}),
        ("share", "30", {"percent": 30}),
        ("share", "percent=2.5", {"percent": 2.5}),
        ("many", "size=l", {"size": "l"}),
        ("many", "code=abc", {"code": "abc"}),
        ("many", "loud=true", {"loud": True}),
    ],
)
def test_what_is_said_is_taken_as_what_it_must_be(
    flag: str, said: str, values: dict[str, object]
) -> None:
    assert parse_values(FLAGS[flag], [said], "again") == values


@pytest.mark.parametrize(
    ("flag", "said", "why"),
    [
        ("plain", "30", "none, it is on or off"),
        ("plain", "percent=3", "none, it is on or off"),
        ("share", "101", "too large: number, minimum 0, maximum 100"),
        ("share", "-1", "too small"),
        ("share", "much", "no value of its type: number"),
        ("share", "nan", "no value of its type"),
        ("many", "l", "it has: code, list, loud, size"),
        ("many", "size=xl", "none of those allowed: string, one of s, l"),
        ("many", "code=A1", "does not match"),
        ("many", "loud=yes", "no value of its type: boolean"),
        ("many", "list=a", "no value of its type: array"),
        ("many", "colour=red", "it has: code"),
    ],
)
def test_what_a_flag_may_not_be_is_refused(flag: str, said: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_values(FLAGS[flag], [said], "again")
    assert why in str(refused.value.why)
