"""The table of IAM actions knows every type of the shipped tree, and names only what there is."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.aws.actions import Actions, actions_of, known_types, places_of

TREE = Path(__file__).parents[3] / "infrastructure" / "aws"
# Where botocore calls a service otherwise than IAM does.
BOTOCORE = {
    "access-analyzer": "accessanalyzer",
    "elasticloadbalancing": "elbv2",
    "es": "opensearch",
    "ses": "sesv2",
}
# IAM's own spelling, of which its policies do not mind the case.
SPELT_OTHERWISE = {"GetBucketCORS"}
# Prefixes of IAM that are no API of their own, or name methods of HTTP.
NO_API = {"apigateway", "backup-storage"}


def _every() -> list[tuple[str, Actions]]:
    resources, data = known_types()
    found = [(kind, actions_of(kind)) for kind in sorted(resources)]
    found += [(f"data.{kind}", actions_of(kind, data=True)) for kind in sorted(data)]
    return [(kind, actions) for kind, actions in found if actions is not None]


def _actions() -> set[str]:
    return {
        action.partition("@")[0]
        for _, actions in _every()
        for operation in ("create", "read", "update", "delete")
        for action in actions.of(operation)
    }


def test_every_type_of_the_tree_is_known() -> None:
    declared = set()
    for path in TREE.rglob("*.tf"):
        declared |= set(re.findall(r'^(resource|data) "(aws_\w+)"', path.read_text(), re.M))
    assert len(declared) > 150
    missing = {each for each in declared if actions_of(each[1], data=each[0] == "data") is None}
    assert missing == set()


def test_every_action_is_one_of_iam() -> None:
    # AWS's own list, as cfn-lint carries it to check policies: names in lower case.
    listed: dict[str, Any] = json.loads(
        files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text()
    )
    wrong = set()
    for action in _actions():
        prefix, _, name = action.partition(":")
        if name.lower() not in listed.get(prefix, {}).get("Actions", {}):
            wrong.add(action)
    assert wrong == set()


def test_actions_are_written_as_the_api_writes_them() -> None:
    from botocore.session import Session

    session = Session()
    wrong = set()
    for prefix in sorted({action.partition(":")[0] for action in _actions()} - NO_API):
        names = session.get_service_model(BOTOCORE.get(prefix, prefix)).operation_names
        spelt = {name.lower(): name for name in names}
        mine = {a.partition(":")[2] for a in _actions() if a.startswith(f"{prefix}:")}
        wrong |= {name for name in mine if spelt.get(name.lower(), name) != name}
    assert wrong == SPELT_OTHERWISE


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
def test_what_reading_needs_is_not_repeated(operation: str) -> None:
    for kind, actions in _every():
        assert set(actions.of(operation)).isdisjoint(actions.read), kind


def test_every_resource_can_be_read_and_most_made_and_deleted() -> None:
    # A default of AWS's own cannot be deleted, and some settings only be changed.
    for kind, actions in _every():
        if kind.startswith("aws_"):
            assert actions.read, kind
    without = {kind for kind, a in _every() if kind.startswith("aws_") and not a.delete}
    assert without == {
        "aws_acm_certificate_validation",
        "aws_appconfig_deployment",
        "aws_backup_region_settings",
        "aws_default_network_acl",
        "aws_default_route_table",
        "aws_default_security_group",
        "aws_guardduty_detector_feature",
        "aws_shield_subscription",
    }


def test_every_service_has_places_but_those_of_none() -> None:
    prefixes = {action.partition(":")[0] for action in _actions()}
    without = {prefix for prefix in prefixes if not places_of(prefix)}
    assert without == {"backup-storage", "sts"}


def test_roles_are_passed_to_services_and_made_for_them() -> None:
    text = files("bookstore_ops.aws").joinpath("actions.toml").read_text()
    for action in re.findall(r'"(iam:[^"]*)"', text):
        name, at, service = action.partition("@")
        if name in {"iam:PassRole", "iam:CreateServiceLinkedRole"} and at:
            assert re.fullmatch(r"[\w.-]+\.amazonaws\.com", service), action
        else:
            assert not at, action
