"""Plans as operators read them, from what the real Terraform said of them."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookstore_ops.terraform.masking import UNKNOWN
from bookstore_ops.terraform.plan import (
    Action,
    AttributeChange,
    Plan,
    ResourceChange,
    is_stateful,
    read_plan,
)

DATA = Path(__file__).parent / "data"
SECRET = "hunter2"


@pytest.fixture(scope="module")
def aws() -> Plan:
    """Four replacements, an update, a creation; drift that the plan answers to, and other."""
    return read_plan((DATA / "plan-aws.json").read_bytes())


@pytest.fixture(scope="module")
def builtin() -> Plan:
    """An update, a replacement, one moved, one imported, one forgotten; outputs."""
    return read_plan((DATA / "plan-builtin.json").read_bytes())


def change(plan: Plan, address: str) -> ResourceChange:
    (found,) = [each for each in plan.changes if each.address == address]
    return found


def attribute(plan: Plan, address: str, path: str) -> AttributeChange:
    (found,) = [each for each in change(plan, address).attributes if each.path == path]
    return found


def planned(
    before: Any,
    after: Any,
    *,
    actions: tuple[str, ...] = ("update",),
    address: str = "aws_x.y",
    drift: bool = False,
    **more: Any,
) -> bytes:
    """The document of a plan with one change; ``more`` are fields of the change."""
    one = {
        "address": address,
        "type": address.split(".")[-2],
        "mode": "managed",
        "change": {"actions": list(actions), "before": before, "after": after, **more},
    }
    return json.dumps({"resource_drift" if drift else "resource_changes": [one]}).encode()


def attributes(before: Any, after: Any, **more: Any) -> dict[str, tuple[str | None, str | None]]:
    (found,) = read_plan(planned(before, after, **more)).changes
    return {each.path: (each.before, each.after) for each in found.attributes}


class TestActions:
    def test_changes_are_counted_by_action(self, aws: Plan, builtin: Plan) -> None:
        assert aws.counts == {Action.CREATE: 1, Action.UPDATE: 1, Action.REPLACE: 4}
        assert builtin.counts == {
            Action.UPDATE: 1,
            Action.REPLACE: 1,
            Action.MOVE: 1,
            Action.IMPORT: 1,
            Action.FORGET: 1,
        }

    def test_what_stays_as_it_is_is_no_change(self, aws: Plan) -> None:
        assert "aws_vpc.this" not in [each.address for each in aws.changes]

    @pytest.mark.parametrize(
        ("actions", "action"),
        [
            (("create",), Action.CREATE),
            (("read",), Action.READ),
            (("update",), Action.UPDATE),
            (("delete",), Action.DELETE),
            (("delete", "create"), Action.REPLACE),
            (("create", "delete"), Action.REPLACE),
            (("forget",), Action.FORGET),
            (("create", "forget"), Action.CREATE),
        ],
    )
    def test_terraforms_pairs_are_one_word_here(
        self, actions: tuple[str, ...], action: Action
    ) -> None:
        (found,) = read_plan(planned({"a": 1}, {"a": 2}, actions=actions)).changes
        assert found.action is action

    @pytest.mark.parametrize("actions", [("no-op",), ("teleport",)])
    def test_nothing_and_actions_of_later_versions_are_no_change(
        self, actions: tuple[str, ...]
    ) -> None:
        assert read_plan(planned({}, {}, actions=actions)).changes == ()

    def test_a_moved_resource_says_from_where(self, builtin: Plan) -> None:
        moved = change(builtin, "terraform_data.new")
        assert (moved.action, moved.previous_address) == (Action.MOVE, "terraform_data.old")

    def test_an_imported_resource_that_changes_as_well_is_an_update(self) -> None:
        document = planned({"a": 1}, {"a": 2}, importing={"id": "x"})
        assert read_plan(document).counts == {Action.UPDATE: 1}

    def test_a_deposed_object_is_told_apart_from_the_current_one(self) -> None:
        document = json.loads(planned({"a": 1}, None, actions=("delete",)))
        document["resource_changes"][0]["deposed"] = "0a1b2c3d"
        (found,) = read_plan(json.dumps(document).encode()).changes
        assert (found.address, found.action) == ("aws_x.y (deposed 0a1b2c3d)", Action.DELETE)

    def test_only_deleting_and_replacing_destroys(self) -> None:
        assert [action for action in Action if action.destroys] == [Action.REPLACE, Action.DELETE]

    def test_changes_can_be_had_by_action_and_address(self, aws: Plan) -> None:
        found = [each.address for each in aws.with_action(Action.CREATE, Action.UPDATE)]
        assert found == ["aws_cloudwatch_log_group.audit", "aws_sqs_queue.mail"]

    def test_an_empty_plan_changes_nothing(self) -> None:
        assert read_plan(b"{}") == Plan()

    @pytest.mark.parametrize("document", [b"", b"[]", b'{"resource_changes": [{}]}'])
    def test_what_is_no_plan_is_an_error(self, document: bytes) -> None:
        with pytest.raises(msgspec.MsgspecError):
            read_plan(document)


class TestReplacement:
    @pytest.mark.parametrize(
        ("address", "path"),
        [
            ("aws_ecs_task_definition.api", "container_definitions"),
            ("aws_secretsmanager_secret_version.db", "secret_string"),
            ("aws_security_group.web", "name"),
            ("aws_sqs_queue.orders", "name"),
        ],
    )
    def test_the_attribute_that_forces_it_is_marked(
        self, aws: Plan, address: str, path: str
    ) -> None:
        assert [each.path for each in change(aws, address).forcing] == [path]

    def test_every_part_of_a_forcing_attribute_is_marked(self, builtin: Plan) -> None:
        assert [each.path for each in change(builtin, "terraform_data.b").forcing] == [
            "triggers_replace[0]"
        ]

    def test_an_attribute_with_a_longer_name_is_not(self) -> None:
        (found,) = read_plan(
            planned(
                {"name": "a", "name_x": "a"}, {"name": "b", "name_x": "b"}, replace_paths=[["name"]]
            )
        ).changes
        assert [each.path for each in found.forcing] == ["name"]

    def test_it_says_why(self, aws: Plan) -> None:
        assert change(aws, "aws_sqs_queue.orders").reason == "replace_because_cannot_update"


class TestAttributes:
    def test_only_those_that_differ_are_shown(self, aws: Plan) -> None:
        assert change(aws, "aws_sqs_queue.mail").attributes == (
            AttributeChange("delay_seconds", "7", "1"),
            AttributeChange("tags.Team", '"other"', '"shop"'),
            AttributeChange("tags_all.Team", '"other"', '"shop"'),
        )

    def test_what_only_aws_knows_is_known_after_apply(self, aws: Plan) -> None:
        assert attribute(aws, "aws_sqs_queue.orders", "url").after == UNKNOWN

    @pytest.mark.parametrize(
        ("before", "after", "shown"),
        [
            ({"a": 1}, {"a": 1}, {}),
            ({"a": None}, {"a": ""}, {}),
            ({"a": []}, {"a": None}, {}),
            ({"a": "x"}, {"a": None}, {"a": ('"x"', None)}),
            ({}, {"a": "x"}, {"a": (None, '"x"')}),
            ({"a": False}, {"a": True}, {"a": ("false", "true")}),
            ({"a": 0}, {"a": None}, {"a": ("0", None)}),
            ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"a.c": ("2", "3")}),
            ({"a": ["x", "y"]}, {"a": ["x", "z"]}, {"a[1]": ('"y"', '"z"')}),
            ({"a": ["x"]}, {"a": ["x", "y"]}, {"a": ('["x"]', '["x", "y"]')}),
            ({"a": {"b": 1}}, {"a": [1]}, {"a": ('{"b": 1}', "[1]")}),
            ({"a": None}, {"a": {"b": 1}}, {"a": (None, '{"b": 1}')}),
        ],
    )
    def test_values_differ_at_the_deepest_place_that_can_be_named(
        self, before: Any, after: Any, shown: Any
    ) -> None:
        assert attributes(before, after) == shown

    def test_a_part_that_is_known_after_apply_is_named_alone(self) -> None:
        found = attributes(
            {"a": {"b": 1, "c": 2}}, {"a": {"c": 2}}, after_unknown={"a": {"b": True}}
        )
        assert found == {"a.b": ("1", UNKNOWN)}

    @pytest.mark.parametrize("actions", [("create",), ("delete",), ("forget",)])
    def test_what_comes_or_goes_whole_has_none(self, actions: tuple[str, ...]) -> None:
        document = planned({"a": 1}, None, actions=actions, before_sensitive={"a": True})
        (found,) = read_plan(document).changes
        assert found.attributes == ()


class TestSecrets:
    @pytest.mark.parametrize("name", ["plan-aws", "plan-refresh-only", "plan-builtin"])
    def test_no_recorded_plan_shows_one(self, name: str) -> None:
        content = (DATA / f"{name}.json").read_bytes()
        plan = read_plan(content, all_drift=True)
        assert SECRET not in str(plan)
        assert SECRET in content.decode() or name == "plan-refresh-only"

    def test_a_sensitive_attribute_that_differs_is_named_without_its_values(
        self, builtin: Plan
    ) -> None:
        found = attribute(builtin, "terraform_data.a", "input.password")
        assert (found.before, found.after) == ("(sensitive)", "(sensitive)")

    def test_environments_of_containers_are_masked_by_name(self, aws: Plan) -> None:
        found = attribute(aws, "aws_ecs_task_definition.api", "container_definitions")
        assert "api:1" in str(found.before)
        assert "api:2" in str(found.after)

    @pytest.mark.parametrize(
        ("before", "after", "marks"),
        [
            pytest.param(["x"], [SECRET, "x"], ([False], [True, False]), id="longer list"),
            pytest.param([SECRET, "x"], ["x"], ([True, False], [False]), id="shorter list"),
            pytest.param(None, {"a": SECRET}, ({}, {"a": True}), id="new object"),
            pytest.param({"a": SECRET}, None, ({"a": True}, {}), id="object gone"),
            pytest.param([{"a": SECRET}], {"a": "x"}, ([{"a": True}], {}), id="another type"),
            pytest.param(SECRET, "x", (True, False), id="sensitive no more"),
            pytest.param("x", SECRET, (False, True), id="sensitive now"),
        ],
    )
    def test_schema_marks_hold_wherever_values_differ(
        self, before: Any, after: Any, marks: tuple[Any, Any]
    ) -> None:
        found = attributes(
            {"settings": before},
            {"settings": after},
            before_sensitive={"settings": marks[0]},
            after_sensitive={"settings": marks[1]},
        )
        assert list(found) == ["settings"]
        assert SECRET not in str(found)

    def test_a_secret_that_becomes_known_after_apply_is_masked(self) -> None:
        found = attributes(
            {"settings": {"a": SECRET}},
            {},
            before_sensitive={"settings": {"a": True}},
            after_unknown={"settings": True},
        )
        assert found == {"settings": ('{"a": "(sensitive)"}', UNKNOWN)}

    def test_a_value_beside_a_secret_name_is_masked(self) -> None:
        def build(value: str) -> dict[str, Any]:
            return {"environment_variable": [{"name": "DB_PASSWORD", "value": value}]}

        found = attributes(build("old-" + SECRET), build("new-" + SECRET))
        assert found == {"environment_variable[0].value": ("(sensitive)", "(sensitive)")}

    def test_a_value_beside_another_name_is_shown(self) -> None:
        found = attributes(
            {"p": [{"name": "x", "value": "1"}]}, {"p": [{"name": "x", "value": "2"}]}
        )
        assert found == {"p[0].value": ('"1"', '"2"')}


class TestOutputs:
    def test_those_that_change_are_shown_masked(self, builtin: Plan) -> None:
        found = {output.name: (output.before, output.after) for output in builtin.outputs}
        assert found == {"pass": ("(sensitive)", "(sensitive)"), "size": ("1", "2")}

    def test_those_that_are_known_after_apply_say_so(self, aws: Plan) -> None:
        (output,) = aws.outputs
        assert output.after == UNKNOWN

    @pytest.mark.parametrize(
        ("actions", "action"),
        [
            (["create"], Action.CREATE),
            (["delete"], Action.DELETE),
            (["delete", "create"], Action.REPLACE),
        ],
    )
    def test_they_have_actions_of_their_own(self, actions: list[str], action: Action) -> None:
        document = {"output_changes": {"x": {"actions": actions, "before": 1, "after": 2}}}
        (output,) = read_plan(json.dumps(document).encode()).outputs
        assert output.action is action

    def test_those_that_stay_are_left_out(self) -> None:
        document = {"output_changes": {"x": {"actions": ["no-op"], "before": 1, "after": 1}}}
        assert read_plan(json.dumps(document).encode()).outputs == ()

    def test_a_part_that_is_known_after_apply_says_so(self) -> None:
        change = {
            "actions": ["create"],
            "after": {"known": 1, "list": [None]},
            "after_unknown": {"later": True, "list": [True]},
        }
        (output,) = read_plan(json.dumps({"output_changes": {"x": change}}).encode()).outputs
        assert json.loads(str(output.after)) == {"known": 1, "later": UNKNOWN, "list": [UNKNOWN]}


class TestDrift:
    def test_what_the_plan_answers_to_is_shown_with_what_was_found(self, aws: Plan) -> None:
        found = {each.address: [a.path for a in each.attributes] for each in aws.drift}
        assert found == {
            "aws_cloudwatch_log_group.audit": [],
            "aws_security_group.web": ["ingress"],
            "aws_sqs_queue.mail": ["delay_seconds", "tags.Team", "tags_all.Team"],
        }

    def test_what_only_differs_in_empty_values_is_no_drift(self, aws: Plan) -> None:
        assert "aws_vpc.this" not in [each.address for each in aws.drift]

    def test_a_resource_that_is_gone_always_counts(self, aws: Plan) -> None:
        gone = [each.address for each in aws.drift if each.action is Action.DELETE]
        assert gone == ["aws_cloudwatch_log_group.audit"]

    def test_what_the_plan_does_not_answer_to_is_only_counted(self) -> None:
        plan = read_plan(planned({"a": 1}, {"a": 2}, drift=True))
        assert (plan.drift, plan.unrelated_drift) == ((), 1)

    def test_a_refresh_only_plan_is_about_all_of_it(self) -> None:
        plan = read_plan(planned({"a": 1}, {"a": 2}, drift=True), all_drift=True)
        assert [each.address for each in plan.drift] == ["aws_x.y"]
        assert plan.unrelated_drift == 0

    @pytest.mark.parametrize(
        ("drifted", "answered", "relevant"),
        [
            ({"a": 1}, {"a": 2}, True),
            ({"a": {"b": 1}}, {"a": {"b": 2}}, True),
            ({"a": {"b": 1}}, {"a": None}, True),
            ({"a": {"b": 1, "c": 1}}, {"a": {"b": 1, "c": 2}}, True),
            ({"ab": 1}, {"a": 1}, False),
            ({"b": 1}, {"a": 1}, False),
        ],
    )
    def test_it_is_relevant_where_the_paths_meet(
        self, drifted: Any, answered: Any, relevant: bool
    ) -> None:
        def base(value: Any) -> Any:
            return {key: base(item) if isinstance(item, dict) else 0 for key, item in value.items()}

        document = json.loads(planned(base(drifted), drifted, drift=True))
        document |= json.loads(planned(drifted | base(answered), drifted | answered))
        assert bool(read_plan(json.dumps(document).encode()).drift) is relevant

    def test_a_tainted_resource_is_not_replaced_for_what_was_read(self) -> None:
        document = json.loads(planned({"a": 1}, {"a": 2}, drift=True))
        document |= json.loads(planned({"a": 2}, {"a": 1}, actions=("delete", "create")))
        document["resource_changes"][0]["action_reason"] = "replace_because_tainted"
        assert read_plan(json.dumps(document).encode()).drift == ()

    def test_data_sources_do_not_drift(self) -> None:
        document = json.loads(planned({"a": 1}, None, actions=("delete",), drift=True))
        document["resource_drift"][0]["mode"] = "data"
        assert read_plan(json.dumps(document).encode()).drift == ()


class TestStateful:
    @pytest.mark.parametrize(
        ("address", "stateful"),
        [
            ("aws_db_instance.this", True),
            ("aws_db_instance.this[0]", True),
            ("module.bookstore.module.rds.aws_db_instance.this", True),
            ('module.bookstore["eu.west"].module.tables.aws_dynamodb_table.this["a.b"]', True),
            ('aws_s3_bucket.this["a]b.c"]', True),
            ('aws_s3_bucket.this["a\\"].b"]', True),
            ("aws_kms_key.this", True),
            ("aws_security_group.aws_db_instance", False),
            ('aws_security_group.this["aws_db_instance.x"]', False),
            ("module.aws_db_instance.aws_lb.this", False),
            ("aws_db_instance", False),
            ("", False),
        ],
    )
    def test_the_type_decides_wherever_the_resource_stands(
        self, address: str, stateful: bool
    ) -> None:
        assert is_stateful(address) is stateful

    def test_a_change_knows_by_its_type(self, aws: Plan) -> None:
        assert not change(aws, "aws_sqs_queue.orders").stateful
        assert ResourceChange("x.y", "", "aws_db_instance", Action.DELETE).stateful
