"""Looking closer: the graph, drift, plans with and without refresh, timeouts that ran out."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.workspaces import Bench

EXTRA = """
resource "aws_ssm_parameter" "code" {
  name        = "/code"
  type        = "String"
  value       = "x"
  description = "first"
}

resource "aws_ssm_parameter" "hidden" {
  name        = "/hidden"
  type        = "String"
  value       = "x"
  description = "first"
}
"""
CIRCLE = """
resource "terraform_data" "one" {
  input = terraform_data.two.output
}

resource "terraform_data" "two" {
  input = local.way
}

locals {
  way = terraform_data.one.output
}
"""


@pytest.fixture
def bench(warm_bench: Bench) -> Bench:
    """The workspace that tests hand on to each other."""
    return warm_bench


def write(bench: Bench, name: str, text: str) -> None:
    """Put a file into dev's root module."""
    (bench.environment_root("dev") / name).write_text(text)


def change(bench: Bench, name: str, **values: Any) -> None:
    """Change a parameter behind Terraform's back."""
    ssm = bench.aws("ssm")
    given = {"Value": "1", "Type": "String", **values}
    ssm.put_parameter(Name=name, Overwrite=True, **given)


def ignore(bench: Bench, *, until: str) -> None:
    """Tell dev's policy to pass over p00's value."""
    path = bench.workspace.environments / "dev.toml"
    text = path.read_text().split("\n[[drift.ignore]]")[0]
    rule = (
        '\n[[drift.ignore]]\naddress = "aws_ssm_parameter.p00"\nattribute = "value"\n'
        f'reason = "rotated by hand"\nuntil = {until}\n'
    )
    path.write_text(text + rule)


def day(days: int) -> str:
    """A day from now."""
    return (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_drift_is_told_ignored_accepted_and_held_against_code(bench: Bench) -> None:
    write(bench, "extra.tf", EXTRA)
    assert bench.apply().code == 0
    clean = bench.run("drift", "dev", "--sandbox")
    assert clean.code == 0, clean.err
    assert "No drift: dev is as Terraform left it." in clean.out

    # The code changes two descriptions, and somebody has made one of them by hand already.
    write(bench, "extra.tf", EXTRA.replace("first", "second"))
    change(bench, "/hidden", Value="x", Description="second")
    change(bench, "/chain/00", Value="hunter3-hunter3")
    bench.aws("ssm").delete_parameter(Name="/chain/01")
    compared = bench.run("plan", "dev", "--sandbox", "--compare-refresh", "--json")
    assert compared.code == 0, compared.err
    causes = {(d["address"], d["attribute"]): d["cause"] for d in compared.json["differences"]}
    assert causes[("aws_ssm_parameter.code", "description")] == "code"
    assert causes[("aws_ssm_parameter.hidden", "description")] == "hidden by drift"
    assert causes[("aws_ssm_parameter.p00", "value")] == "drift"
    assert causes[("aws_ssm_parameter.p01", None)] == "drift"
    assert "hunter3" not in compared.out + compared.err
    remembered = bench.run("plan", "dev", "--sandbox", "--no-refresh", "--no-details")
    assert "bsops plan dev --sandbox --compare-refresh" in remembered.err

    write(bench, "extra.tf", EXTRA)
    change(bench, "/hidden", Value="x", Description="first")
    found = bench.run("drift", "dev", "--sandbox")
    assert found.code == 2, found.err
    assert "Drift: 1 changed, 1 gone outside Terraform" in found.out
    assert "value  (sensitive) changes" in found.out
    assert "bsops drift dev --sandbox --accept" in found.err
    assert "hunter3" not in found.out + found.err

    ignore(bench, until=day(1))
    document = bench.run("drift", "dev", "--sandbox", "--json")
    assert document.code == 2
    assert [c["address"] for c in document.json["changed"]] == ["aws_ssm_parameter.p01"]
    assert document.json["ignored"][0]["ignored_because"] == "rotated by hand"
    ignore(bench, until=day(-1))
    unasked = bench.run("drift", "dev", "--sandbox", "--accept")
    assert unasked.code != 0
    assert "aws_ssm_parameter.p00 value is ignored no longer" in unasked.said
    assert "Drift: 1 changed, 1 gone" in unasked.out
    assert "--yes" in unasked.said
    assert "/chain/01" in bench.state_names()
    taken = bench.run("drift", "dev", "--sandbox", "--accept", "--yes")
    assert taken.code == 0, taken.err
    assert "/chain/01" not in bench.state_names()
    assert "/chain/01" not in bench.parameters()
    assert not bench.lock_is_held()


def test_the_graph_in_every_format_and_around_one_resource(bench: Bench, tmp_path: Path) -> None:
    picture = tmp_path / "graph.svg"
    done = bench.run("graph", "dev", "--sandbox", "-o", str(picture))
    assert done.code == 0, done.err
    names = {e.get("data-name") for e in ET.parse(picture).iter()} - {None}  # noqa: S314
    assert names == {"(root)"}
    text = bench.run("graph", "dev", "--sandbox", "--resource", "aws_ssm_parameter.p00")
    assert "is needed by 1, 1 in all\n└── aws_ssm_parameter.p01" in text.out
    document = bench.run("graph", "dev", "--sandbox", "--json").json
    assert document["schema"] == "bsops.graph/1"
    assert document["edges"] == [{"from": "aws_ssm_parameter.p01", "to": "aws_ssm_parameter.p00"}]
    dot = bench.run("graph", "dev", "--sandbox", "--focus", "aws_ssm_parameter.p00", "--format=dot")
    assert '"aws_ssm_parameter.p01" -> "aws_ssm_parameter.p00"' in dot.out
    unknown = bench.run("graph", "dev", "--sandbox", "-o", str(tmp_path / "graph.jpg"))
    assert unknown.code == 64
    assert "--format svg" in unknown.said

    write(bench, "circle.tf", CIRCLE)
    circle = bench.run("graph", "dev", "--sandbox")
    assert circle.code == 6
    assert "goes in a circle of 3" in circle.said
    assert (
        "local.way needs terraform_data.one needs terraform_data.two "
        "needs local.way, which closes the circle" in circle.said
    )
    write(bench, "circle.tf", 'variable "size" {}\n')
    broken = bench.run("graph", "dev", "--sandbox")
    assert broken.code == 6
    assert "Duplicate variable declaration" in broken.said


def test_a_timeout_that_ran_out_names_the_value_to_raise(bench: Bench) -> None:
    # The provider looks at a new queue's attributes several times: a second is never enough.
    write(
        bench,
        "slow.tf",
        'variable "tables" {\n  type = object({ timeouts = optional(object({ create = '
        'optional(string, "1s") }), {}) })\n  default = {}\n}\n\n'
        'resource "aws_sqs_queue" "slow" {\n  name = "slow"\n\n'
        "  timeouts {\n    create = var.tables.timeouts.create\n  }\n}\n",
    )
    failed = bench.apply()
    assert failed.code == 1
    assert "timeout while waiting for" in failed.said
    assert (
        "It may take 1s. To wait longer, in terraform.tfvars: tables = { timeouts = " in failed.said
    )
    assert "next: bsops timeouts dev --set tables.create=2s" in failed.said

    listed = bench.run("timeouts", "dev")
    assert "aws_sqs_queue.slow  create     1s     tables.timeouts.create" in listed.out
    written = bench.run("timeouts", "dev", "--set", "tables.create=2m")
    assert written.code == 0, written.err
    assert '+tables = { timeouts = { create = "2m" } }' in written.out
    assert bench.run("timeouts", "dev", "--set", "tables.create=soon").code == 64
    values = bench.environment_root("dev") / "terraform.tfvars"
    kept = values.read_text().replace("size = 1", "size   =   1")
    values.write_text(kept)
    refused = bench.run("timeouts", "dev", "--set", "tables.create=3m")
    assert refused.code == 3
    assert 'write by hand: tables = { timeouts = { create = "3m" } }' in refused.said
    assert values.read_text() == kept
    values.write_text(kept.replace("size   =   1", "size = 1"))
    again = bench.apply()
    assert again.code == 0, again.err
