import json
import re
import time

import pytest

from bookstore_ops.terraform.masking import MASK, UNKNOWN
from bookstore_ops.terraform.plan import (
    Action,
    AttributeChange,
    OutputChange,
    Plan,
    read_plan,
)
from bookstore_ops.ui.plan_view import plan_document, render_plan, render_summary
from tests.unit.ui.support import Run, change, plan

DB = "module.bookstore.module.rds.aws_db_instance.this"
VERSION = AttributeChange("engine_version", '"15.4"', '"16.1"', forces_replacement=True)


def shown(a_plan: Plan, *, width: int = 80, verbose: bool = False, sandbox: bool = False) -> str:
    return str(
        render_plan(a_plan, environment="dev", sandbox=sandbox, width=width, verbose=verbose)
    )


MIXED = plan(
    change("module.vpc.aws_subnet.a", Action.CREATE),
    change("module.vpc.aws_subnet.b", Action.CREATE),
    change("module.vpc.aws_vpc.this", Action.CREATE),
    change("module.vpc.aws_vpc.other", Action.CREATE),
    change("module.vpc.aws_eip.nat", Action.CREATE),
    change("aws_sns_topic.alarms", Action.CREATE),
    change("aws_ecs_service.api", Action.UPDATE, AttributeChange("desired_count", "2", "4")),
    change(DB, Action.REPLACE, AttributeChange("arn", '"a"', UNKNOWN), VERSION),
    change("aws_lb.old", Action.DELETE, reason="delete_because_no_resource_config"),
)


def test_a_plan_shows_what_ends_first_and_its_counts_last() -> None:
    assert shown(MIXED) == (
        "Plan for dev\n"
        "DATA LOSS in 1 resource\n"
        "\n"
        "1 to destroy\n"
        "  -   aws_lb.old\n"
        "      no longer in the configuration\n"
        "\n"
        "1 to replace\n"
        "  -/+ DATA LOSS module.bookstore.module.rds.aws_db_instance.this\n"
        '      engine_version  "15.4" -> "16.1"  forces replacement\n'
        "      … 1 more attribute\n"
        "\n"
        "1 to change\n"
        "  ~   aws_ecs_service.api\n"
        "      desired_count  2 -> 4\n"
        "\n"
        "6 to create\n"
        "     5  VPC  2 aws_subnet, 2 aws_vpc, 1 aws_eip\n"
        "     1  SNS  1 aws_sns_topic\n"
        "\n"
        "Plan: 1 to replace, 1 to destroy, 1 to change, 6 to create\n"
        "Folded; all of it: bsops show dev --verbose"
    )


def test_a_narrow_terminal_puts_values_below_their_attribute() -> None:
    assert shown(plan(change(DB, Action.REPLACE, VERSION)), width=40).splitlines()[4:8] == [
        "  -/+ DATA LOSS module.bookstore.module.rds.aws_db_instance.this",
        "      engine_version",
        '        "15.4" -> "16.1"',
        "        forces replacement",
    ]


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_long_values_are_shortened_to_the_width(width: int) -> None:
    long = AttributeChange("description", f'"{"a" * 500}"', f'"{"b" * 500}"')
    rows = shown(plan(change("aws_x.y", Action.UPDATE, long)), width=width).splitlines()
    assert all(len(row) <= width for row in rows)
    assert any("…" in row for row in rows)


def test_verbose_shows_values_whole() -> None:
    long = AttributeChange("description", f'"{"a" * 500}"', f'"{"b" * 500}"')
    assert "a" * 500 in shown(plan(change("aws_x.y", Action.UPDATE, long)), verbose=True)


def test_a_few_resources_to_create_are_named() -> None:
    text = shown(plan(change("module.vpc.aws_eip.nat", Action.CREATE)))
    assert text.splitlines()[2:4] == ["1 to create", "  +   module.vpc.aws_eip.nat"]


def test_verbose_names_every_resource_to_create() -> None:
    assert "  +   module.vpc.aws_subnet.b\n" in shown(MIXED, verbose=True)


def test_what_holds_data_comes_first_in_its_section() -> None:
    rows = shown(plan(change("aws_a.a", Action.DELETE), change("aws_s3_bucket.z", Action.DELETE)))
    assert rows.index("DATA LOSS aws_s3_bucket.z") < rows.index("aws_a.a")


def test_a_narrow_terminal_names_types_below_their_service() -> None:
    rows = shown(MIXED, width=40).splitlines()
    start = rows.index("6 to create")
    assert rows[start + 1 :] == [
        "     5  VPC",
        "        2 aws_subnet, 2 more types",
        "     1  SNS",
        "        1 aws_sns_topic",
        "",
        "Plan: 1 to replace, 1 to destroy, 1 to",
        "change, 6 to create",
        "Folded; all of it: bsops show dev --verbose",
    ]


def test_an_incomplete_plan_says_so_at_the_top() -> None:
    rows = shown(Plan(errored=True)).splitlines()
    assert rows == [
        "Plan for dev",
        "INCOMPLETE: Terraform stopped early",
        "",
        "Plan: incomplete",
    ]


def test_the_sandbox_is_named_in_the_heading() -> None:
    assert shown(MIXED, sandbox=True).startswith("SANDBOX Plan for dev\n")


def test_no_changes_is_one_sentence() -> None:
    assert shown(Plan()) == "Plan for dev\n\nNo changes. dev is as its configuration says."


def test_drift_stands_apart_from_changes() -> None:
    drifted = (
        change("aws_lb.this", Action.UPDATE, AttributeChange("tags.Owner", '"a"', None)),
        change("aws_dynamodb_table.books", Action.DELETE),
    )
    assert shown(Plan(drift=drifted)) == (
        "Plan for dev\n"
        "\n"
        "2 changed outside Terraform\n"
        "  ~   aws_lb.this\n"
        '      tags.Owner  - "a"\n'
        "  -   GONE aws_dynamodb_table.books\n"
        "\n"
        "No changes to make; 2 changed outside Terraform."
    )


def test_differences_that_no_plan_answers_to_are_for_verbose() -> None:
    quiet_drift = Plan(unrelated_drift=12)
    told = "12 resources differ only in what the tree leaves to AWS"
    assert told not in shown(quiet_drift)
    assert told in shown(quiet_drift, verbose=True)


def test_outputs_are_shown_with_sensitive_ones_masked() -> None:
    outputs = (
        OutputChange("url", Action.CREATE, None, UNKNOWN),
        OutputChange("password", Action.UPDATE, MASK, MASK),
        OutputChange("old", Action.DELETE, '"x"', None),
    )
    assert shown(Plan(outputs=outputs)).splitlines()[2:] == [
        "Outputs",
        "  +   url  (known after apply)",
        "  ~   password  (sensitive) changes",
        '  -   old  "x"',
        "",
        "Plan: 3 outputs to change",
    ]


def test_a_move_shows_both_addresses() -> None:
    moved = plan(change("aws_x.new", Action.MOVE, previous="aws_x.old"))
    assert "  ->  aws_x.old -> aws_x.new\n" in shown(moved)


def test_a_move_with_a_change_tells_of_the_move_as_well() -> None:
    moved = plan(change("aws_x.new", Action.UPDATE, previous="aws_x.old"))
    assert "      moved from aws_x.old\n" in shown(moved)


def test_attributes_that_only_follow_are_counted() -> None:
    computed = [AttributeChange(f"computed_{n}", '"a"', UNKNOWN) for n in range(9)]
    text = shown(plan(change("aws_x.y", Action.REPLACE, VERSION, *computed)))
    assert "      … 9 more attributes\n" in text
    assert text.endswith("\nFolded; all of it: bsops show dev --verbose")


def large(actions: list[Action], count: int = 5000) -> Plan:
    attribute = AttributeChange("size", "1", "2")
    return plan(
        *(
            change(f"module.m{n % 40}.aws_x{n % 60}.n{n}", actions[n % len(actions)], attribute)
            for n in range(count)
        )
    )


EVERYTHING = [Action.CREATE, Action.UPDATE, Action.DELETE, Action.REPLACE, Action.MOVE, Action.READ]


@pytest.mark.parametrize("actions", [EVERYTHING, [Action.CREATE], [Action.DELETE], [Action.UPDATE]])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_a_large_plan_fits_one_screen_and_says_how_to_see_the_rest(
    actions: list[Action], width: int
) -> None:
    rows = shown(large(actions), width=width).splitlines()
    assert len(rows) <= 61
    assert rows[-1].endswith("all of it: bsops show dev --verbose")


def test_a_folded_section_counts_what_it_leaves_out() -> None:
    rows = shown(large([Action.DELETE], count=500)).splitlines()
    shown_ones = sum(row.startswith("  -   ") for row in rows)
    assert f"  … {500 - shown_ones} more: " in "\n".join(rows)


def test_a_folded_section_tells_of_data_in_what_it_leaves_out() -> None:
    tables = (change(f"aws_dynamodb_table.n{n}", Action.DELETE) for n in range(100))
    assert re.search(
        r"  … \d+ more, \d+ with DATA LOSS: \d+ aws_dynamodb_table", shown(plan(*tables))
    )


def test_verbose_folds_nothing() -> None:
    text = shown(large([Action.DELETE], count=500), verbose=True)
    assert (text.count("  -   "), "…" in text) == (500, False)


def test_the_command_that_shows_the_rest_can_be_another() -> None:
    screen = render_plan(
        large([Action.DELETE]), environment="dev", sandbox=False, width=80, more="bsops show dev p7"
    )
    assert str(screen).endswith("bsops show dev p7")


def test_a_plan_of_five_hundred_changes_is_drawn_in_a_blink() -> None:
    a_plan = large(EVERYTHING, count=500)
    begun = time.perf_counter()
    shown(a_plan)
    assert time.perf_counter() - begun < 0.2


def test_a_secret_in_a_container_definition_stays_masked() -> None:
    def definitions(image: str, password: str) -> str:
        container = {
            "image": image,
            "environment": [{"name": "DB_PASSWORD", "value": password}],
        }
        return json.dumps([container])

    document = {
        "resource_changes": [
            {
                "address": "aws_ecs_task_definition.api",
                "type": "aws_ecs_task_definition",
                "change": {
                    "actions": ["delete", "create"],
                    "before": {"container_definitions": definitions("api:1", "hunter2")},
                    "after": {"container_definitions": definitions("api:2", "hunter3")},
                    "replace_paths": [["container_definitions"]],
                },
            }
        ]
    }
    text = shown(read_plan(json.dumps(document).encode()))
    assert 'container_definitions[0].image  "api:1" -> "api:2"  forces replacement' in text
    assert "hunter" not in text


def test_the_fast_mode_draws_the_same_screen_from_the_event_stream() -> None:
    run = Run()
    run.plans(DB, "replace")
    run.plans("module.vpc.aws_subnet.a", "create")
    run.plans("aws_lb.this", "noop")
    run.plans("aws_x.kept", "remove")
    screen = render_summary(run.progress, environment="dev", sandbox=False, width=80)
    assert str(screen) == (
        "Plan for dev\n"
        "DATA LOSS in 1 resource\n"
        "\n"
        "1 to replace\n"
        "  -/+ DATA LOSS module.bookstore.module.rds.aws_db_instance.this\n"
        "\n"
        "1 to forget (stays in AWS)\n"
        "  x   aws_x.kept\n"
        "\n"
        "1 to create\n"
        "  +   module.vpc.aws_subnet.a\n"
        "\n"
        "Plan: 1 to replace, 1 to create, 1 to forget"
    )


def test_the_document_is_stable() -> None:
    a_plan = Plan(
        changes=(change(DB, Action.REPLACE, VERSION, reason="replace_because_cannot_update"),),
        drift=(change("aws_lb.this", Action.DELETE),),
        outputs=(OutputChange("url", Action.CREATE, None, '"x"'),),
        counts={Action.REPLACE: 1},
    )
    assert json.loads(json.dumps(plan_document(a_plan))) == {
        "errored": False,
        "counts": {
            "create": 0,
            "read": 0,
            "update": 0,
            "replace": 1,
            "delete": 0,
            "forget": 0,
            "move": 0,
            "import": 0,
        },
        "services": {"RDS": {"replace": 1}},
        "changes": [
            {
                "address": DB,
                "previous_address": None,
                "module": "module.bookstore.module.rds",
                "type": "aws_db_instance",
                "action": "replace",
                "reason": "replace_because_cannot_update",
                "stateful": True,
                "attributes": [
                    {
                        "path": "engine_version",
                        "before": '"15.4"',
                        "after": '"16.1"',
                        "forces_replacement": True,
                    }
                ],
            }
        ],
        "unrelated_drift": 0,
        "drift": [
            {
                "address": "aws_lb.this",
                "previous_address": None,
                "module": None,
                "type": "aws_lb",
                "action": "delete",
                "reason": None,
                "stateful": False,
                "attributes": [],
            }
        ],
        "outputs": [{"name": "url", "action": "create", "before": None, "after": '"x"'}],
    }
