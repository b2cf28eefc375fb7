"""Values: types, rules, and their places in commands."""

import pytest

from bookstore_ops.errors import UsageError
from bookstore_ops.runbooks.schema import Parameter
from bookstore_ops.runbooks.values import fill, read_value, references, substitute


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("string", " a b ", " a b "),
        ("integer", "12", 12),
        ("number", "1.5", 1.5),
        ("boolean", "yes", True),
        ("boolean", "False", False),
    ],
)
def test_text_is_read_as_the_type(kind: str, text: str, value: object) -> None:
    parameter = Parameter(description="x", type=kind)  # type: ignore[arg-type]
    found = read_value("x", parameter, text)
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("rules", "text", "why"),
    [
        ({"type": "integer"}, "1.5", "of type integer"),
        ({"type": "integer"}, "1; rm -rf /", "of type integer"),
        ({"type": "number"}, "nan", "of type number"),
        ({"type": "number"}, "inf", "of type number"),
        ({"type": "boolean"}, "maybe", "of type boolean"),
        ({"choices": ["a", "b"]}, "c", "one of a, b"),
        ({"pattern": "[a-z]+"}, "a\nb", "all of it must match"),
        ({"pattern": "[a-z]+"}, "a$(id)", "all of it must match"),
        ({"type": "integer", "min": 1}, "0", "at least 1"),
        ({"type": "integer", "max": 3}, "4", "at most 3"),
        ({"max": 3}, "abcd", "at most 3 characters"),
        ({}, "a\0b", "NUL"),
    ],
)
def test_a_broken_rule_is_told(rules: dict[str, object], text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_value("x", Parameter(description="What it is.", **rules), text)  # type: ignore[arg-type]
    assert why in str(caught.value.why)
    assert "What it is." in str(caught.value.why)
    assert len(text) < 2 or text not in str(caught.value)


def test_references_are_lower_case_names() -> None:
    assert references("$a ${b_2} $HOME $$c $1 $(d) ${E}") == {"a", "b_2"}


def test_values_are_put_in_once() -> None:
    values = {"a": "$b", "b": "no", "n": 3, "t": True}
    assert substitute("$a-${n} $$a $t", values) == "$b-3 $a true"


def test_a_document_takes_types_where_a_text_is_one_reference() -> None:
    document = {"n": "$n", "list": ["$a", "x-$n"], "$n": 1}
    assert fill(document, {"n": 3, "a": {"k": "$n"}}) == {
        "n": 3,
        "list": [{"k": "$n"}, "x-3"],
        "$n": 1,
    }
