"""Files of values: read as Terraform reads them, edited in one place, or refused with the line."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.editing import set_value
from bookstore_ops.tfvars.reading import Malformed, decode, plain, read, read_value
from bookstore_ops.tfvars.writing import dotted, literal, parse_path

NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(10**12), 10**12) | st.floats(-1e6, 1e6).map(lambda n: round(n, 3))
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | TEXTS, inner, max_size=3),
    max_leaves=8,
)
FILES = st.dictionaries(NAMES, VALUES, max_size=4)
# Pieces that meet in real files, in every wrong order.
PIECES = st.sampled_from(
    [
        *("a", "b", " ", "\n", "=", "{", "}", "[", "]", ",", '"', "${", "$${", "\\", "#", "/*"),
        *("*/", "//", "<<EOT\n", "1", "-", ".5", "1e9", "true", "null", ":", "\r\n", "\ufeff"),
        *("é", "\x00", '"x"'),
    ]
)


def text_of(values: dict[str, Any]) -> str:
    return "".join(f"{name} = {literal(value)}\n" for name, value in values.items())


@given(FILES)
def test_what_is_written_is_read_again(values: dict[str, Any]) -> None:
    assert plain(read(text_of(values)).group) == values


@given(st.lists(PIECES, max_size=25).map("".join) | st.text(max_size=60))
@settings(max_examples=200)
def test_any_text_is_read_or_refused_with_a_line(text: str) -> None:
    refused = None
    try:
        read(decode(text.encode("utf-8", "surrogatepass")))
    except Malformed as error:
        refused = error
    assert refused is None or 1 <= refused.line <= text.count("\n") + 1
    assert refused is None or (refused.what and refused.write)


@given(FILES, st.lists(NAMES | TEXTS.filter(bool), min_size=1, max_size=3), VALUES)
def test_setting_a_value_changes_that_value_or_nothing(
    values: dict[str, Any], path: list[str], value: Any
) -> None:
    text = text_of(values)
    try:
        changed = set_value(text, tuple(path), literal(value))
    except NotUnderstood:
        return
    found: Any = plain(read(changed).group)
    for name in path:
        found = found[name]
    assert found == value
    others = {name: each for name, each in values.items() if name != path[0]}
    after = plain(read(changed).group)
    assert isinstance(after, dict)
    assert {name: each for name, each in after.items() if name != path[0]} == others


@given(st.lists(NAMES | TEXTS.filter(bool), min_size=1, max_size=4).map(tuple))
def test_a_key_is_typed_as_it_is_shown(path: tuple[str, ...]) -> None:
    assert parse_path(dotted(path)) == path


@pytest.mark.parametrize("text", ["", ".", "a.", ".a", "a..b", 'a."b', 'a."\\q"'])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(NotUnderstood):
        parse_path(text)


@pytest.mark.parametrize(
    ("content", "line", "what"),
    [
        ("a = 1\nb = {\n  c = 1\n", 2, "this { is never closed"),
        ("a = 1\nb = [1,\n", 2, "this [ is never closed"),
        ("a = 1\n\na = 2\n", 3, "a stands here for the second time (first in line 1)"),
        ("a = {\n  b = 1\n  b = 2\n}\n", 3, "b stands here for the second time"),
        ("a = 1\nb = <<EOT\nx\nEOT\n", 2, "b is a heredoc"),
        ('a = 1\r\nb = "x"\r\n', 1, "carriage return"),
        ("\ufeffa = 1\n", 1, "byte order mark"),
        (b"a = 1\nb = \xff\n", 2, "this is not UTF-8"),
        ('a = "x\n', 1, "this text is not closed"),
        ('a = "${b}"\n', 1, "template"),
        ("a = dev\n", 1, "neither text in quotes nor a number"),
        ("a = merge({}, {})\n", 1, "neither text in quotes nor a number"),
        ("a = 1 + 1\n", 1, "+ does not belong here"),
        ("a = 1 b = 2\n", 1, "b does not belong here"),
        ("a {\n}\n", 1, "a has no ="),
        ("a =\n", 1, "a has no value"),
        ("a\n", 1, "the line ends here"),
        ("a = [1 2]\n", 1, "a comma is missing here"),
        ('a = "\\q"\n', 1, "no escape"),
        ("a = " + "[" * 5000, 1, "deeper than"),
        ("a = 1" + "0" * 5000, 1, "does not belong here"),
        ("a = 1e999\n", 1, "does not belong here"),
        ('"a" = 1\n', 1, "does not belong here"),
        ("= 1\n", 1, "does not belong here"),
    ],
)
def test_bad_input_is_refused_where_it_is(content: str | bytes, line: int, what: str) -> None:
    with pytest.raises(Malformed) as raised:
        read(decode(content if isinstance(content, bytes) else content.encode()))
    assert raised.value.line == line
    assert what in raised.value.what
    assert raised.value.write


def test_a_megabyte_is_read_in_a_moment() -> None:
    text = "a = {\n" + "".join(f'  k{n} = "some value {n}" # why\n' for n in range(30000)) + "}\n"
    assert len(text) > 1_000_000
    began = time.monotonic()
    assert len(plain(read(text).group)["a"]) == 30000  # type: ignore[index, call-overload]
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    ("before", "path", "value", "after"),
    [
        ("a = 1 # why\n", "a", "2", "a = 2 # why\n"),
        ("# top\na = {\n  b = 1 # why\n}\n", "a.b", "2", "# top\na = {\n  b = 2 # why\n}\n"),
        ("a = { b = 1 }\n", "a.c", "2", "a = { b = 1, c = 2 }\n"),
        ("a = {}\n", "a.c", "2", "a = { c = 2 }\n"),
        ("a = {\n  # empty\n}\n", "a.c", "2", "a = {\n  # empty\n  c = 2\n}\n"),
        ("a = 1", "b", "2", "a = 1\n\nb = 2\n"),
        ("# only words", 'b."x.y"', "2", '# only words\n\nb = { "x.y" = 2 }\n'),
        ('a = ["x"]\n', "a", '["y"]', 'a = ["y"]\n'),
    ],
)
def test_comments_and_layout_stay(before: str, path: str, value: str, after: str) -> None:
    assert set_value(before, parse_path(path), value) == after


def test_comments_in_a_value_are_not_thrown_away() -> None:
    with pytest.raises(NotUnderstood, match="comments"):
        set_value('a = [\n  "x", # why\n]\n', ("a",), "[]")


def test_json_is_a_value_too() -> None:
    assert plain(read_value('{"a": [1, true], "b c": "x"}')) == {"a": [1, True], "b c": "x"}
