import json

from bookstore_ops.terraform.masking import MASK, UNKNOWN
from bookstore_ops.terraform.plan import AttributeChange
from bookstore_ops.ui.values import Difference, differences


def between(before: object, after: object) -> list[Difference]:
    return differences(AttributeChange("x", json.dumps(before), json.dumps(after)))


def test_a_plain_value_differs_as_a_whole() -> None:
    assert between("15.4", "16.1") == [Difference("x", '"15.4"', '"16.1"')]


def test_json_in_a_string_shows_the_differing_place_only() -> None:
    before = json.dumps({"Statement": [{"Action": "s3:*", "Resource": "*"}]})
    after = json.dumps({"Statement": [{"Action": "s3:Get*", "Resource": "*"}]})
    assert between(before, after) == [Difference("x.Statement[0].Action", '"s3:*"', '"s3:Get*"')]


def test_a_list_of_another_length_shows_what_comes_and_goes() -> None:
    assert between(["a", "b"], ["b", "c", "d"]) == [
        Difference("x", '"a"', None),
        Difference("x", None, '"c"'),
        Difference("x", None, '"d"'),
    ]


def test_a_list_that_only_repeats_itself_is_shown_whole() -> None:
    assert between(["a"], ["a", "a"]) == [Difference("x", '["a"]', '["a", "a"]')]


def test_a_key_that_appears_has_no_before() -> None:
    assert between({"a": 1}, {"a": 1, "b": 2}) == [Difference("x.b", None, "2")]


def test_a_text_shows_the_differing_lines_only() -> None:
    assert between("one\ntwo\nthree\n", "one\n2\nthree\nfour\n") == [
        Difference("x line 2", '"two"', '"2"'),
        Difference("x line 4", None, '"four"'),
    ]


def test_a_document_that_differs_in_a_masked_value_only_stays_masked() -> None:
    masked = json.dumps({"password": MASK})
    assert between(masked, masked) == [Difference("x", MASK, MASK)]


def test_masked_and_unknown_values_pass_as_they_are() -> None:
    for after in (MASK, UNKNOWN):
        assert differences(AttributeChange("x", '"a"', after)) == [Difference("x", '"a"', after)]


def test_what_looks_like_json_and_is_none_is_a_plain_value() -> None:
    assert between("{not", "{either") == [Difference("x", '"{not"', '"{either"')]
