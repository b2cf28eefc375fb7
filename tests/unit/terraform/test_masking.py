"""Secrets stay off screens: by the provider's schema, by name, and inside documents."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookstore_ops.terraform.masking import MASK, UNKNOWN, mask, masked_value, render

SECRET = "hunter2"


def containers(name: str, value: str) -> str:
    definition = {
        "name": "api",
        "image": "api:1",
        "environment": [{"name": "LOG_LEVEL", "value": "info"}, {"name": name, "value": value}],
        "secrets": [{"name": "API_TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/t"}],
    }
    return json.dumps([definition])


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "master_password",
        "db_passwd",
        "passphrase",
        "DB_PASSWORD",
        "client_secret",
        "secret",
        "secret_string",
        "token",
        "auth_token",
        "session_token",
        "private_key",
        "privateKey",
        "secret_access_key",
        "access_key",
        "credential",
        "api_key",
        "apikey",
        "environment[0].variables.API_KEY",
    ],
)
def test_masked_by_name(name: str) -> None:
    assert masked_value(name, SECRET, False) == MASK


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("username", "bookstore"),
        ("secret_arn", "x"),
        ("secrets_manager", "x"),
        ("secret_name", "db"),
        ("secret_id", "db"),
        ("access_key_id", "AKIA"),
        ("token_validity_units", "hours"),
        ("token_ttl", "5m"),
        ("api_key_source", "HEADER"),
        ("api_key_id", "x"),
        ("password", ""),
        ("master_user_secret", "arn:aws:secretsmanager:eu-west-1:1:secret:x"),
        ("secrets", UNKNOWN),
        ("key", "value"),
    ],
)
def test_shown_although_a_name_comes_near(name: str, value: str) -> None:
    assert masked_value(name, value, False) == json.dumps(value)


@pytest.mark.parametrize("value", [SECRET, 5, True, ["a"], {"a": "b"}, ""])
def test_whatever_the_schema_calls_sensitive_is_masked(value: Any) -> None:
    assert masked_value("name", value, True) == MASK


def test_what_is_not_there_has_no_mask() -> None:
    assert masked_value("password", None, True) is None


@pytest.mark.parametrize(
    ("value", "marks", "shown"),
    [
        ({"a": "x", "b": "y"}, {"a": True}, {"a": MASK, "b": "y"}),
        ({"a": None}, {"a": True}, {"a": None}),
        (["x", "y"], [False, True], ["x", MASK]),
        (["x", "y"], [True], [MASK, "y"]),
        ([{"a": "x"}], [{"a": True}], [{"a": MASK}]),
        ({"a": {"b": ["x"]}}, {"a": {"b": [True]}}, {"a": {"b": [MASK]}}),
        ({"a": "x"}, False, {"a": "x"}),
        ({"a": "x"}, None, {"a": "x"}),
        ({"a": "x"}, {"a": {}}, {"a": "x"}),
    ],
)
def test_marks_of_the_same_shape_mask_what_they_mark(value: Any, marks: Any, shown: Any) -> None:
    assert mask(value, marks) == shown


@pytest.mark.parametrize(
    "value",
    [
        {"password": SECRET},
        {"outer": {"password": SECRET}},
        [{"password": SECRET}],
        {"passwords": [SECRET]},
        {"passwords": {"alice": SECRET}},
        {"environment_variable": [{"name": "DB_PASSWORD", "type": "PLAINTEXT", "value": SECRET}]},
    ],
)
def test_names_mask_at_any_depth(value: Any) -> None:
    assert SECRET not in render(mask(value, False))
    assert SECRET not in str(masked_value("settings", value, False))


@pytest.mark.parametrize("value", [[SECRET], {"alice": SECRET}])
def test_a_secret_name_masks_every_value_in_a_collection(value: Any) -> None:
    assert SECRET not in str(masked_value("passwords", value, False))


class TestDocuments:
    """JSON in a string: policies, container definitions, secret versions."""

    @pytest.mark.parametrize(
        "document",
        [
            json.dumps({"password": SECRET}),
            json.dumps([{"password": SECRET}]),
            json.dumps({"outer": {"password": SECRET}}),
            json.dumps({"inner": json.dumps({"password": SECRET})}),
            json.dumps({"passwords": [SECRET]}),
            "\n  " + json.dumps({"password": SECRET}),
            containers("DB_PASSWORD", SECRET),
            containers("STRIPE_API_KEY", SECRET),
        ],
    )
    def test_names_inside_mask(self, document: str) -> None:
        shown = masked_value("definition", document, False)
        assert shown is not None
        assert SECRET not in shown
        assert MASK in shown

    def test_all_else_in_container_definitions_stays_readable(self) -> None:
        shown = json.loads(
            str(masked_value("container_definitions", containers("X_TOKEN", SECRET), False))
        )
        (container,) = json.loads(shown)
        assert container["image"] == "api:1"
        assert container["environment"] == [
            {"name": "LOG_LEVEL", "value": "info"},
            {"name": "X_TOKEN", "value": MASK},
        ]
        assert container["secrets"] == [
            {"name": "API_TOKEN", "valueFrom": "arn:aws:ssm:eu-west-1:1:parameter/t"}
        ]

    @pytest.mark.parametrize("text", ["{not json", "[", '{"a":  "b"}', "[1,2]", "{}", "{{ x }}"])
    def test_text_without_secrets_stays_as_it_is_written(self, text: str) -> None:
        assert masked_value("policy", text, False) == json.dumps(text)

    @pytest.mark.parametrize("value", [["x"], {"a": "x"}, "x"])
    def test_pairs_with_values_of_other_types_are_masked_too(self, value: Any) -> None:
        text = json.dumps([{"name": "DB_PASSWORD", "value": value}])
        assert '\\"x\\"' not in str(masked_value("definitions", text, False))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(value=JSON)
def test_masking_keeps_the_shape_of_any_value(value: Any) -> None:
    assert type(mask(value, False)) is type(value)


@given(value=JSON, inner=st.sampled_from(["password", "client_secret", "AUTH_TOKEN"]))
def test_a_secret_put_anywhere_into_any_value_is_masked(value: Any, inner: str) -> None:
    for whole in ({"x": value, "y": [{inner: "Ω"}]}, [value, {"d": json.dumps({inner: "Ω"})}]):
        shown = str(masked_value("settings", whole, False))
        assert "Ω" not in shown
        assert "\\u03a9" not in shown
