"""What an environment needs is said by its newest plan, or by its tree."""

import json
import zipfile
from pathlib import Path

import pytest

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.preflight.needs import Kind, find_needs
from bookstore_ops.terraform.events import Planned, Resource
from bookstore_ops.terraform.records import PlanRecord, save_record

TREE = """\
data "aws_availability_zones" "this" {}
resource "aws_sqs_queue" "this" {}
resource "aws_shield_subscription" "this" {
  count = var.shield ? 1 : 0
}
resource "aws_iam_service_linked_role" "search" {
  aws_service_name = "opensearchservice.amazonaws.com"
}
resource "terraform_data" "this" {}
"""
ZONES = Kind("aws_availability_zones", is_data=True)
QUEUE = Kind("aws_sqs_queue")
ALL = frozenset({"read", "create", "update", "delete"})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "dev"
    root.mkdir()
    (root / "main.tf").write_text(TREE)
    return root


def save_plan(
    directory: Path,
    changes: list[tuple[str, str]],
    held: tuple[tuple[str, str], ...] = (),
) -> None:
    """A saved plan that makes ``changes`` (action and address) to a state that holds ``held``."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / "20261126T120000.tfplan"
    state = {
        "version": 4,
        "resources": [
            {"mode": "managed", "type": kind, "name": name, "instances": [{"index_key": "a.b"}]}
            for kind, name in held
        ],
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tfstate", json.dumps(state))
    record = PlanRecord(
        environment="dev",
        sandbox=None,
        plan_sha256="",
        tree_sha256="",
        values_sha256="",
        lineage="",
        serial=0,
        account_id="111111111111",
        region="eu-west-1",
        terraform_version="1.11.4",
        provider_version=None,
        created="2026-11-26T12:00:00+00:00",
        created_by="ann",
        ttl_seconds=3600,
        destroy=False,
        refresh_only=False,
        value_files=[],
        changes=[
            Planned(Resource(address, resource_type=address.split(".")[-2]), action)
            for action, address in changes
        ],
    )
    save_record(path, record)


class TestTree:
    def test_says_all_that_may_be_done(self, root: Path, tmp_path: Path) -> None:
        needs = find_needs(root, tmp_path / "plans")
        assert needs.operations[QUEUE] == ALL
        assert needs.operations[ZONES] == {"read"}
        assert Kind("terraform_data") not in needs.operations
        assert Kind("aws_shield_subscription") in needs.operations.keys() - needs.certain
        assert (needs.source, needs.makes) == ("the tree", frozenset())

    def test_names_things_by_project_and_environment(self, root: Path, tmp_path: Path) -> None:
        assert find_needs(root, tmp_path).prefix == "dev"
        (root / "variables.tf").write_text('variable "project" {\n  default = "bookstore"\n}\n')
        assert find_needs(root, tmp_path).prefix == "bookstore-dev"
        (root / "terraform.tfvars").write_text('project = "shop"\n')
        assert find_needs(root, tmp_path).prefix == "shop-dev"

    def test_that_cannot_be_read_is_an_error(self, root: Path, tmp_path: Path) -> None:
        (root / "main.tf").write_text("resource {")
        with pytest.raises(ConfigurationError, match="the tree cannot be read"):
            find_needs(root, tmp_path)

    def test_with_a_type_of_its_own_says_that_it_is_not_known(
        self, root: Path, tmp_path: Path
    ) -> None:
        assert find_needs(root, tmp_path).not_known() == []
        (root / "more.tf").write_text('resource "aws_nothing" "this" {}\n')
        assert find_needs(root, tmp_path).not_known() == [Kind("aws_nothing")]


class TestPlan:
    def test_says_what_it_does_and_reads_what_is_there(self, root: Path, tmp_path: Path) -> None:
        save_plan(
            tmp_path / "plans",
            [
                ("create", 'module.a["x.y"].aws_sqs_queue.this[0]'),
                ("replace", "aws_lb.this"),
                ("delete", "aws_eip.this"),
                ("move", "aws_vpc.this"),
                ("read", "module.a.data.aws_region.this"),
            ],
            held=(("aws_sns_topic", "this"),),
        )
        needs = find_needs(root, tmp_path / "plans")
        assert needs.operations == {
            QUEUE: {"read", "create"},
            Kind("aws_lb"): {"read", "create", "delete"},
            Kind("aws_eip"): {"read", "delete"},
            Kind("aws_vpc"): {"read"},
            Kind("aws_sns_topic"): {"read"},
            Kind("aws_region", is_data=True): {"read"},
            ZONES: {"read"},
        }
        assert needs.certain == needs.operations.keys()
        assert needs.source == "plan 20261126T120000"

    def test_that_makes_a_services_role_says_so(self, root: Path, tmp_path: Path) -> None:
        save_plan(tmp_path / "plans", [("create", "aws_iam_service_linked_role.search")])
        needs = find_needs(root, tmp_path / "plans")
        assert needs.makes == {"opensearchservice.amazonaws.com"}
        made = "iam:CreateServiceLinkedRole@opensearchservice.amazonaws.com"
        assert made in needs.changing()
        assert made in find_needs(root, tmp_path / "none").changing()

    def test_actions_of_an_apply_leave_out_those_of_a_plan(
        self, root: Path, tmp_path: Path
    ) -> None:
        save_plan(tmp_path / "plans", [("create", "aws_sqs_queue.this")])
        needs = find_needs(root, tmp_path / "plans")
        assert needs.changing() == {"sqs:CreateQueue": {QUEUE}, "sqs:TagQueue": {QUEUE}}
        assert needs.reading() == {
            "sqs:GetQueueAttributes": {QUEUE},
            "sqs:ListQueueTags": {QUEUE},
            "ec2:DescribeAvailabilityZones": {ZONES},
        }
