"""What each environment would make, and how the environments differ."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infrastructure.conftest import Planner, Terraform

ENVIRONMENTS = ("dev", "staging", "prod")

# Resources by type:                                    dev staging prod
COUNTS: dict[str, tuple[int, int, int]] = {
    "aws_cloudwatch_log_group": (3, 3, 5),
    "aws_db_instance": (1, 1, 2),
    "aws_db_instance_automated_backups_replication": (0, 0, 1),
    "aws_db_parameter_group": (1, 1, 1),
    "aws_db_subnet_group": (1, 1, 1),
    "aws_default_network_acl": (1, 1, 1),
    "aws_default_route_table": (1, 1, 1),
    "aws_default_security_group": (1, 1, 1),
    "aws_dynamodb_table": (2, 2, 2),
    "aws_dynamodb_table_replica": (0, 0, 2),
    "aws_eip": (1, 3, 3),
    "aws_flow_log": (1, 1, 1),
    "aws_iam_role": (2, 2, 2),
    "aws_iam_role_policy": (1, 1, 1),
    "aws_iam_role_policy_attachment": (1, 1, 1),
    "aws_internet_gateway": (1, 1, 1),
    "aws_kms_alias": (4, 4, 6),
    "aws_kms_key": (4, 4, 6),
    "aws_nat_gateway": (1, 3, 3),
    "aws_network_acl": (3, 3, 3),
    "aws_network_acl_association": (9, 9, 9),
    "aws_network_acl_rule": (16, 16, 16),
    "aws_route": (4, 4, 4),
    "aws_route_table": (5, 5, 5),
    "aws_route_table_association": (9, 9, 9),
    "aws_security_group": (6, 6, 6),
    "aws_subnet": (9, 9, 9),
    "aws_vpc": (1, 1, 1),
    "aws_vpc_endpoint": (6, 13, 13),
    "aws_vpc_security_group_egress_rule": (8, 8, 8),
    "aws_vpc_security_group_ingress_rule": (7, 7, 7),
}

# Settings in effect that differ:                          dev staging prod
DIFFERENCES: dict[str, tuple[Any, Any, Any]] = {
    "network.cidr": ("10.10.0.0/16", "10.20.0.0/16", "10.30.0.0/16"),
    "network.interface_endpoints": (4, 11, 11),
    "network.single_nat_gateway": (True, False, False),
    "network.workload_zone_count": (1, None, None),
    "database.allocated_storage_gib": (20, 50, 200),
    "database.apply_immediately": (True, False, False),
    "database.backup_retention_days": (7, 14, 35),
    "database.deletion_protection": (False, True, True),
    "database.instance_class": ("db.t4g.micro", "db.t4g.medium", "db.r7g.large"),
    "database.max_allocated_storage_gib": (50, 200, 2000),
    "database.monitoring_interval_seconds": (60, 30, 15),
    "database.multi_az": (False, True, True),
    "database.performance_insights_retention_days": (7, 7, 465),
    "database.read_replicas": (0, 0, 1),
    "database.skip_final_snapshot": (True, False, False),
    "tables.deletion_protection": (False, True, True),
    "tables.point_in_time_recovery_days": (7, 35, 35),
    "encryption.deletion_window_days": (7, 30, 30),
    "logs.retention_days": (30, 365, 365),
    "disaster_recovery.enabled": (False, False, True),
}

# What terraform.tfvars.example, a small dev environment, would have to change to be prod.
FLOORS = (
    "prod runs workloads in every zone: remove network.workload_zone_count.",
    "prod has a NAT gateway per zone: write network = { single_nat_gateway = false }.",
    "prod reaches AWS services inside its network: remove network.interface_endpoints to have them "
    "all, or add the missing ones.",
    "prod keeps a standby database: write database = { multi_az = true }.",
    "prod protects its data from deletion: write deletion_protection = true in database and in "
    "tables.",
    "prod keeps a last snapshot of a deleted database: write database = { skip_final_snapshot = "
    "false }.",
    "prod keeps logs for a year: write logs = { retention_days = 365 } or more.",
    "prod keeps 30 days of database backups: write database = { backup_retention_days = 30 } or "
    "more.",
    "prod has a read replica: write database = { read_replicas = { reader = {} } }.",
    "prod keeps copies in a second region: write disaster_recovery = { enabled = true } and "
    "replica_region.",
    "prod waits 30 days before a key is lost: write encryption = { deletion_window_days = 30 }.",
)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_inventory(environment: str, plan: "Planner") -> None:
    column = ENVIRONMENTS.index(environment)
    expected = {kind: counts[column] for kind, counts in COUNTS.items() if counts[column]}
    assert plan(environment).counts == expected


def test_environments_differ_in_these_settings_only(plan: "Planner") -> None:
    settings = [_flat(plan(environment).settings) for environment in ENVIRONMENTS]
    differing = {
        key: tuple(_short(setting[key]) for setting in settings)
        for key in settings[0]
        if len({str(setting[key]) for setting in settings}) > 1
    }
    differing.pop("network.peer_cidrs")  # each names the others' blocks
    assert differing == DIFFERENCES


def test_staging_and_prod_differ_in_size_not_in_kind(plan: "Planner") -> None:
    only_prod = set(plan("prod").counts) - set(plan("staging").counts)
    # The specification keeps the second region for production.
    assert only_prod == {
        "aws_db_instance_automated_backups_replication",
        "aws_dynamodb_table_replica",
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_security_does_not_relax_with_cost(environment: str, plan: "Planner") -> None:
    created = plan(environment).created
    database = created["module.rds.aws_db_instance.primary"]
    assert database["storage_encrypted"]
    assert database["iam_database_authentication_enabled"]
    assert database["manage_master_user_password"]
    assert database["publicly_accessible"] is False
    keys = [values for address, values in created.items() if ".aws_kms_key." in address]
    assert all(key["enable_key_rotation"] for key in keys)
    tables = [values for address, values in created.items() if ".aws_dynamodb_table." in address]
    assert all(table["server_side_encryption"][0]["enabled"] for table in tables)
    assert all(table["point_in_time_recovery"][0]["enabled"] for table in tables)
    assert "module.vpc.aws_flow_log.this" in created


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_tags_for_cost_allocation(environment: str, plan: "Planner") -> None:
    tagged = [values for values in plan(environment).created.values() if values.get("tags_all")]
    assert len(tagged) > 60
    for values in tagged:
        assert values["tags_all"].items() >= {
            ("Project", "bookstore"),
            ("Environment", environment),
            ("Owner", "platform"),
            ("CostCenter", f"bookstore-{environment}"),
            ("ManagedBy", "terraform"),
        }
        assert "Service" in values["tags_all"]


def test_copies_are_made_in_the_second_region(plan: "Planner") -> None:
    configuration = plan("prod").document["configuration"]["provider_config"]
    assert configuration["aws.replica"]["expressions"]["region"]["references"] == [
        "var.replica_region",
        "var.region",
    ]
    assert plan("prod").document["variables"]["replica_region"]["value"] == "eu-central-1"


def test_the_account_guard_refuses_other_credentials(tree: Path, terraform: "Terraform") -> None:
    done = terraform(tree / "environments/prod", "plan", "-input=false", check=False)
    assert done.returncode == 1
    assert "AWS account ID not allowed: 123456789012" in _words(done.stderr)


def test_prod_refuses_the_values_of_dev_one_by_one(
    fresh_tree: Path, terraform: "Terraform"
) -> None:
    prod = fresh_tree / "environments/prod"
    shutil.copy(fresh_tree / "terraform.tfvars.example", prod / "terraform.tfvars")
    terraform(prod, "init", "-input=false", "-lockfile=readonly")
    done = terraform(prod, "plan", "-input=false", check=False)
    assert done.returncode == 1
    said = _words(done.stderr)
    assert [floor for floor in FLOORS if floor not in said] == []
    assert said.count("Error: ") == len(FLOORS)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ('network={cidr="10.10.0.0/16",zones=2}', "these settings do not exist: network.zones."),
        ('database={instance_class="db.t4g.micro",port="many"}', "a number is required"),
        ('tags={Owner="me"}', "tags must not repeat a tag that the tree sets itself"),
        ("account_id=12", "account_id must be twelve digits"),
        ("region=ireland", "region must be an AWS region"),
        ("region=eu-west-9", "invalid AWS Region: eu-west-9"),
        ("owner= ", "owner must name a team"),
        ("cost_center=", "cost_center must name a cost centre"),
        ("replica_region=frankfurt", "replica_region must be an AWS region"),
    ],
)
def test_refused(argument: str, said: str, tree: Path, terraform: "Terraform") -> None:
    dev = tree / "environments/dev"
    account = [] if argument.startswith("account_id") else ["-var=account_id=123456789012"]
    arguments = ("plan", "-input=false", "-refresh=false", *account, f"-var={argument}")
    done = terraform(dev, *arguments, check=False)
    assert done.returncode == 1
    assert said in _words(done.stderr)


def _flat(settings: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        f"{group}.{key}": value for group, inner in settings.items() for key, value in inner.items()
    }


def _short(value: object) -> object:
    return len(value) if isinstance(value, list | dict) else value


def _words(text: str) -> str:
    """Terraform's message without its frame and line breaks."""
    return " ".join(text.replace("│", " ").split())
