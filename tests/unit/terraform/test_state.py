"""A state file: its identity, and what it holds."""

import json
from typing import Any

import pytest

from bookstore_ops.errors import OperationFailed
from bookstore_ops.terraform.state import StateSummary, dependents, parse_state, with_attributes

STATE = {"version": 4, "terraform_version": "1.11.4", "serial": 7, "lineage": "abc"}


def state(**more: Any) -> bytes:
    return json.dumps({**STATE, "resources": [], **more}).encode()


def resource(name: str, *instances: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "mode": "managed",
        "type": "aws_x",
        "name": name,
        "provider": "p",
        "instances": list(instances) or [{}],
        **more,
    }


class TestStateFiles:
    def test_a_state_has_an_identity(self) -> None:
        assert parse_state(state(), "here") == StateSummary("abc", 7)

    def test_managed_instances_go_by_their_addresses(self) -> None:
        found = parse_state(
            state(
                resources=[
                    resource("one"),
                    resource("many", {"index_key": 0}, {"index_key": 1}),
                    resource("each", {"index_key": 'a"b'}, {"index_key": "é"}),
                    resource("in", module='module.a["x"].module.b'),
                    resource("data", mode="data"),
                ]
            ),
            "here",
        )
        assert found.addresses == {
            "aws_x.one",
            "aws_x.many[0]",
            "aws_x.many[1]",
            'aws_x.each["a\\"b"]',
            'aws_x.each["é"]',
            'module.a["x"].module.b.aws_x.in',
        }
        assert found.resources == 6

    def test_the_tainted_are_known(self) -> None:
        tainted = resource("bad", {"status": "tainted"})
        found = parse_state(state(resources=[tainted, resource("good")]), "here")
        assert found.tainted == {"aws_x.bad"}

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"{}",
            b"\x00" * 100,
            state()[:-10],
            state(resources=None),
            state(serial="seven"),
            b"<html>502 Bad Gateway</html>",
        ],
    )
    def test_what_is_no_whole_state_is_named_with_its_size(self, content: bytes) -> None:
        with pytest.raises(OperationFailed, match="is not a valid Terraform state") as raised:
            parse_state(content, "s3://bucket/key")
        assert "s3://bucket/key" in raised.value.what
        assert f"({len(content)} bytes)" in raised.value.what
        assert str(raised.value.next_step).startswith("bsops state restore ENV")


class TestAttributes:
    def test_one_instance_gets_other_attributes_and_all_else_stays(self) -> None:
        before = state(
            resources=[
                resource(
                    "t",
                    {"index_key": "a", "attributes": {"id": "1", "kept": True}, "private": "x"},
                    {"index_key": "b", "attributes": {"id": "2", "kept": None}},
                    module="module.m",
                ),
                resource("u", {"attributes": {"id": "3"}}, mode="data"),
            ],
            outputs={"o": {"value": 1.5, "type": "number"}},
        )
        after = with_attributes(before, 'module.m.aws_x.t["b"]', {"id": "9"})
        wanted = json.loads(before)
        wanted["serial"] = 8
        wanted["resources"][0]["instances"][1]["attributes"]["id"] = "9"
        assert json.loads(after) == wanted

    def test_an_instance_that_is_not_there_is_no_place(self) -> None:
        with pytest.raises(KeyError):
            with_attributes(state(resources=[resource("u", mode="data")]), "aws_x.u", {})


def test_who_depends_on_a_resource_is_known_by_its_address_without_keys() -> None:
    needs = {"dependencies": ["aws_x.other", "module.a.aws_x.table"]}
    content = state(
        resources=[
            resource("table", {"index_key": "orders"}, module="module.a"),
            resource("role", {"index_key": 0, **needs}, {"index_key": 1}, module="module.b[0]"),
            resource("alarm", needs),
            resource("read", needs, mode="data"),
            resource("alike", {"dependencies": ["module.a.aws_x.table_of_others"]}),
        ]
    )
    found = dependents(content, 'module.a.aws_x.table["orders"]')
    assert found == {"module.b[0].aws_x.role[0]", "aws_x.alarm"}
