"""Timeouts: found in the tree, changed in the values, or left alone."""

import re
from pathlib import Path

import pytest

from bookstore_ops.tfvars.blocks import NotUnderstood, parse, split_call
from bookstore_ops.tfvars.editing import by_hand, set_value
from bookstore_ops.timeouts.tree import find_timeouts
from tests.e2e.workspaces import REPOSITORY

TREE = REPOSITORY / "infrastructure/aws"
CREATE = ("database", "timeouts", "create")
GROUP = 'database = {\n  size = "small"\n}\n'


@pytest.mark.parametrize("environment", ["dev", "staging", "prod"])
def test_every_timeout_of_the_shipped_tree_is_found(environment: str) -> None:
    found = find_timeouts(TREE / "environments" / environment)
    # Held against a search that knows nothing of modules: each block's place of use.
    for main in TREE.glob("modules/*/main.tf"):
        text = main.read_text()
        for resource in re.findall(r'^resource "(\w+)" "(\w+)" \{(.*?)^\}', text, re.M | re.S):
            kind, name, body = resource
            block = re.search(r"^  timeouts \{(.*?)^  \}", body, re.M | re.S)
            for operation in re.findall(r"(\w+)\s*=", block[1]) if block else ():
                assert any(
                    t.address.endswith(f".{kind}.{name}") and t.operation == operation
                    for t in found
                ), (main, kind, name, operation)
    assert all(t.in_force for t in found)
    variables = (TREE / "variables.tf").read_text()
    groups = {
        name
        for name, body in re.findall(r'^variable "(\w+)" \{(.*?)^\}', variables, re.M | re.S)
        if re.search(r"^    timeouts ", body, re.M)
    }
    assert {t.variable[0] for t in found if t.variable} == groups


def test_a_timeout_is_followed_to_its_value_and_its_default() -> None:
    found = {(t.address, t.operation): t for t in find_timeouts(TREE / "environments/dev")}
    primary = found["module.bookstore.module.rds.aws_db_instance.primary", "create"]
    assert (primary.variable, primary.value, primary.given) == (CREATE, "60m", None)
    alb = found["module.bookstore.module.alb.aws_lb.network", "delete"]
    assert alb.variable == ("api", "timeouts", "load_balancer")


def test_what_the_values_say_is_in_force(tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "a" "b" {\n  timeouts {\n    create = var.database.timeouts.create\n'
        '    delete = "7m" # fixed\n    update = var.other\n  }\n}\n'
    )
    (tmp_path / "terraform.tfvars").write_text('database = { timeouts = { create = "9m" } }\n')
    found = {t.operation: (t.in_force, t.variable) for t in find_timeouts(tmp_path)}
    assert found == {"create": ("9m", CREATE), "delete": ("7m", None), "update": (None, ("other",))}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'database = { timeouts = { create = "90m" } }\n'),
        (GROUP, 'database = {\n  size = "small"\n  timeouts = { create = "90m" }\n}\n'),
        (
            'database = { timeouts = { create = "5m" } } # why\n',
            'database = { timeouts = { create = "90m" } } # why\n',
        ),
        (
            'database = { timeouts = { delete = "5m" } }\n',
            'database = { timeouts = { delete = "5m", create = "90m" } }\n',
        ),
        (
            'database = {\n  timeouts = {\n    delete = "5m"\n  }\n}\n',
            'database = {\n  timeouts = {\n    delete = "5m"\n    create = "90m"\n  }\n}\n',
        ),
    ],
)
def test_one_value_is_set_and_nothing_else_changes(before: str, after: str) -> None:
    assert set_value(before, CREATE, '"90m"') == after


@pytest.mark.parametrize(
    "text",
    [
        "database = merge(local.a, {})\n",
        "database = { timeouts = { create = local.x } }\n",
        'database = { size = "a"\n',
        GROUP + GROUP,
    ],
)
def test_what_cannot_be_done_surely_is_not_done(text: str) -> None:
    with pytest.raises(NotUnderstood):
        set_value(text, CREATE, '"90m"')


def test_what_to_write_by_hand_is_one_line() -> None:
    assert by_hand(CREATE, '"90m"') == 'database = { timeouts = { create = "90m" } }'


def test_strings_comments_heredocs_and_calls_do_not_confuse_the_reader() -> None:
    body = parse(
        'a = "}${f("}")}$${" # }\nb = <<EOT\n}\n  EOT\nc = [\n  "}", # {\n]\n'
        'd "e" "f" {\n  g = 1\n}\n'
    )
    assert list(body.arguments) == ["a", "b", "c"]
    assert body.blocks[0].labels == ("e", "f")
    assert split_call('optional(object({ a = string, b = number }), "x,y")') == (
        "optional",
        ["object({ a = string, b = number })", '"x,y"'],
    )
