"""Which difference counts as drift, and which rule passes over it."""

from datetime import date
from pathlib import Path

import pytest

from bookstore_ops.environments import IgnoredDrift, load_environment
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.operations.drifting import sort_out
from bookstore_ops.terraform.plan import Action, AttributeChange, Plan, ResourceChange
from bookstore_ops.terraform.plan_comparison import Cause, compare
from tests.unit.support import make_workspace

TODAY = date(2027, 1, 31)
RULE = '[[drift.ignore]]\naddress = "aws_x.y"\nreason = "why"\nuntil = 2027-01-31\n'


def change(address: str, *paths: str, action: Action = Action.UPDATE) -> ResourceChange:
    """A change of these attributes."""
    attributes = tuple(AttributeChange(path, '"a"', '"b"') for path in paths)
    return ResourceChange(address, "", "aws_x", action, attributes=attributes)


def rule(address: str, attribute: str | None = None, until: date = TODAY) -> IgnoredDrift:
    """A rule with a reason."""
    return IgnoredDrift(address=address, attribute=attribute, reason="why", until=until)


@pytest.mark.parametrize("address", ["module.m", 'module.m["k"].aws_x.y', "module.m.aws_x.y"])
def test_a_rule_covers_instance_resource_and_module(address: str) -> None:
    plan = Plan(drift=(change('module.m["k"].aws_x.y', "size"), change("aws_x.other", "size")))
    drift = sort_out(plan, [rule(address)], TODAY)
    assert [c.address for c in drift.changed] == ["aws_x.other"]
    assert [i.change.address for i in drift.ignored] == ['module.m["k"].aws_x.y']


def test_a_rule_for_an_attribute_leaves_the_others_and_the_end_of_the_resource() -> None:
    gone = change("aws_x.z", action=Action.DELETE)
    plan = Plan(drift=(change("aws_x.y", "tags.Team", "size"), gone))
    drift = sort_out(plan, [rule("aws_x.y", "tags"), rule("aws_x.z", "size")], TODAY)
    assert [[a.path for a in c.attributes] for c in drift.changed] == [["size"], []]
    assert [a.path for a in drift.ignored[0].change.attributes] == ["tags.Team"]
    assert [r.address for r in drift.idle] == ["aws_x.z"]


def test_a_rule_whose_day_has_gone_counts_no_more() -> None:
    old = rule("aws_x.y", until=date(2027, 1, 30))
    drift = sort_out(Plan(drift=(change("aws_x.y", "size"),)), [old], TODAY)
    assert drift.expired == (old,)
    assert len(drift.changed) == 1


@pytest.mark.parametrize(
    ("text", "what", "next_step"),
    [
        (
            RULE.replace("reason", "reson"),
            "dev.toml:10: unknown key drift.ignore[0].reson",
            "reason",
        ),
        (RULE + RULE.replace("2027-01-31", '"soon"'), "dev.toml:15: wrong value", "until"),
        (RULE.replace('reason = "why"\n', ""), "missing key drift.ignore[0].reason", "add"),
    ],
)
def test_a_wrong_rule_is_told_with_its_place(
    tmp_path: Path, text: str, what: str, next_step: str
) -> None:
    workspace = make_workspace(tmp_path)
    path = workspace.environments / "dev.toml"
    path.write_text(path.read_text() + "\n" + text)
    with pytest.raises(ConfigurationError) as error:
        load_environment(workspace, "dev")
    assert what in error.value.what
    assert next_step in (error.value.next_step or "")


def test_each_cause_of_a_planned_difference_is_told_apart() -> None:
    refreshed = Plan(changes=(change("a", "code", "drift"), change("gone", action=Action.CREATE)))
    remembered = Plan(changes=(change("a", "code", "hidden"),))
    found = {(c.address, c.attribute): c.cause for c in compare(refreshed, remembered).found}
    assert found == {
        ("a", "code"): Cause.CODE,
        ("a", "drift"): Cause.DRIFT,
        ("a", "hidden"): Cause.HIDDEN,
        ("gone", None): Cause.DRIFT,
    }
