"""Resources are found in every module that a root reaches."""

from pathlib import Path

import pytest

from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.resources import find_resources

SHIPPED = Path(__file__).parents[3] / "infrastructure" / "aws" / "environments"


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_may_not_be_there_is_told(tmp_path: Path) -> None:
    _write(
        tmp_path / "root/main.tf",
        'data "aws_region" "this" {}\n'
        'module "a" {\n  source = "../a"\n}\n'
        'module "b" {\n  source = "../a"\n  for_each = var.some\n}\n'
        'module "registry" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
        'module "gone" {\n  source = "../gone"\n}\n',
    )
    _write(
        tmp_path / "a/main.tf",
        'resource "aws_vpc" "this" {}\nresource "aws_eip" "this" {\n  count = 2\n}\n',
    )
    _write(tmp_path / "a/x_override.tf", 'resource "aws_vpc" "other" {}\n')
    found = {d.address: (d.type, d.is_data, d.always) for d in find_resources(tmp_path / "root")}
    assert found == {
        "data.aws_region.this": ("aws_region", True, True),
        "module.a.aws_vpc.this": ("aws_vpc", False, True),
        "module.a.aws_eip.this": ("aws_eip", False, False),
        "module.b.aws_vpc.this": ("aws_vpc", False, False),
        "module.b.aws_eip.this": ("aws_eip", False, False),
    }


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    _write(tmp_path / "main.tf", 'resource "aws_vpc" "this" {\n')
    with pytest.raises(NotUnderstood, match=r"main\.tf"):
        find_resources(tmp_path)


def test_the_shipped_tree_is_read_whole() -> None:
    found = find_resources(SHIPPED / "prod")
    assert len({d.type for d in found}) > 150
    always = {d.type for d in found if d.always}
    assert {"aws_vpc", "aws_ecs_cluster", "aws_opensearch_domain"} <= always
    assert "aws_shield_subscription" not in always
