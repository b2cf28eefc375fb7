"""What lint finds in pages that can be read."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from msgspec.structs import replace

from bookstore_ops.cli.command_check import command_checker
from bookstore_ops.runbooks.alarms import Alarm, known, read_alarms
from bookstore_ops.runbooks.findings import Finding
from bookstore_ops.runbooks.lint import lint
from tests.unit.runbooks.support import page_of, step

TREE = Path(__file__).resolve().parents[3] / "infrastructure/aws"
ALARMS = [Alarm("*-tasks", "service-unhealthy")]


def findings(body: str, front: str = "") -> Sequence[Finding]:
    """All findings of a page."""
    return lint(page_of(body, front), ALARMS, command_checker())


def test_a_good_page_has_none() -> None:
    body = (
        step(
            "bsops {name=look capture='holder json locks[0].holder'}",
            "bsops lock $environment --json\n",
        )
        + step("aws {name=scale undo=back when='holder == dead'}", SCALE)
        + step("aws {name=back}", SCALE)
        + step("bash {name=see reads}", 'for x in 1 2; do echo "$x $environment"; done # $later\n')
        + step("python {name=count reads}", 'print(values["count"])\n')
    )
    front = "alarms: ['*-tasks']\nparameters:\n  count: {type: integer, description: How many.}\n"
    assert findings(body, front) == []


SCALE = """\
service: ecs
operation: update_service
parameters: {cluster: "bookstore-$environment", service: catalog, desiredCount: $count}
"""


@pytest.mark.parametrize(
    ("body", "front", "line", "what"),
    [
        (step("bash {name=a}"), "", 13, "changes something and says nothing of how to undo it"),
        (step("bash {name=a undo=b confirm}"), "", 13, "undone by b, which is not there"),
        (step("bash {name=a undo=a}") + step("bash {name=b reads}"), "", 13, "undoes itself"),
        (step("bash {name=a undo=none}"), "", 13, "cannot be undone and asks nobody"),
        (step("bash {name=a reads}"), "alarms: ['*-sky']\n", 7, "no alarm *-sky"),
        (
            step("bsops {name=a reads}", "bsops frob dev\n"),
            "",
            14,
            "there is no command bsops frob",
        ),
        (step("bsops {name=a}", "bsops lock dev --frob\n"), "", 14, "No such option"),
        (step("bsops {name=a}", "bsops lock dev prod\n"), "", 14, "unexpected extra argument"),
        (step("bsops {name=a reads}", "bsops state\n"), "", 14, "a command of it is missing"),
        (step("bsops {name=a}", "bsops lock dev; ls\n"), "", 14, "unexpected extra argument"),
        (step("bsops {name=a reads}", "ls\n"), "", 13, "is not one command of bsops"),
        (step("bsops {name=a}", "bsops lock\nbsops lock\n"), "", 13, "is not one command"),
        (step("bash {name=a reads}", "bsops lock\n"), "", 13, "runs bsops in a shell"),
        (step("bash {name=a reads}", 'echo "$sky"\n'), "", 13, "uses sky, which nothing gives"),
        (step("bsops {name=a}", "bsops lock $sky\n"), "", 13, "uses sky, which nothing gives"),
        (step("python {name=a reads}", "values['sky']\n"), "", 13, "uses sky"),
        (step("bash {name=a reads when=sky}"), "", 13, "uses sky"),
        (
            step("bash {name=a reads}", 'echo "$x"\n') + step("bash {name=b reads capture=x}"),
            "",
            13,
            "captured only later",
        ),
        (step("bash {name=a reads capture=x}"), "", 13, "nothing uses what a captures as x"),
        (
            step("bash {name=a reads}"),
            "parameters:\n  n: {description: x}\n",
            8,
            "nothing uses the parameter n",
        ),
        (
            step("bash {name=a reads capture=region}", 'echo "$region"\n'),
            "",
            13,
            "captures region, which is a parameter already",
        ),
        (step("text {name=a manual retry=2}"), "", 13, "is manual, and has"),
        (step("bash {name=a reads expect='json ['}"), "", 13, "is no JMESPath expression"),
        (step("bash {name=a reads within=1m}"), "", 13, "has within, and expects nothing"),
        (step("aws {name=a reads}", "service: [\n"), "", 14, "is no call of AWS"),
        (
            step("aws {name=a}", "service: sky\noperation: get_x\n"),
            "",
            14,
            "AWS has no service sky",
        ),
        (
            step("aws {name=a}", "service: ecs\noperation: get_x\n"),
            "",
            14,
            "ecs has no operation get_x",
        ),
        (
            step("aws {name=a}", "service: ecs\noperation: list_tasks\nparameters: {clutser: x}\n"),
            "",
            14,
            "ecs.list_tasks has no parameter clutser",
        ),
        (
            step("aws {name=a}", "service: ecs\noperation: describe_tasks\n"),
            "",
            14,
            "ecs.describe_tasks needs tasks",
        ),
        ("## One\n\nWords.\n", "", 1, "no step that runs"),
        (step("bash") + step("bash {name=a reads}"), "", 13, "this bash block is only shown"),
    ],
)
def test_finds(body: str, front: str, line: int, what: str) -> None:
    found = findings(body, front)
    moved = front.count("\n") if line > 12 else 0
    assert [(each.line, what in each.what) for each in found] == [(line + moved, True)], found
    assert found[0].fix


def test_the_heading_must_be_the_title() -> None:
    page = page_of(step("bash {name=a reads}"))
    other = replace(page, heading="Else")
    (found,) = lint(other, ALARMS, command_checker())
    assert found.fix == "write: # Try"


def test_the_alarms_of_the_tree_are_read_with_their_runbooks() -> None:
    alarms = read_alarms(TREE)
    by_pattern = {each.pattern: each.runbook for each in alarms}
    assert by_pattern["*-tasks"] == "service-unhealthy"
    assert by_pattern["database-*-storage"] == "database-storage-full"
    assert by_pattern["opensearch-*"] == "opensearch-health"
    assert by_pattern["cis-root-use"] == "access-key-compromised"
    assert "*-burn-*" in by_pattern
    for name in ("*-tasks", "catalog-tasks", "bookstore-dev-catalog-tasks", "queue-orders-age"):
        assert known(name, alarms), name
    assert not known("queue-orders-rage", alarms)
