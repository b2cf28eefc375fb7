"""What each environment would make, and how the environments differ."""

import json
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bookstore_ops.policies.catalogue import read_catalogue
from bookstore_ops.policies.runner import run_policies
from bookstore_ops.runbooks.alarms import exactness, read_alarms
from bookstore_ops.terraform.demand import read_demand
from bookstore_ops.terraform.policy_input import policy_input
from bookstore_ops.workspace import Workspace

if TYPE_CHECKING:
    from tests.infrastructure.conftest import Planner, Terraform

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ("dev", "staging", "prod")

# Resources by type:                                    dev staging prod
COUNTS: dict[str, tuple[int, int, int]] = {
    "aws_acm_certificate": (1, 1, 1),
    "aws_acm_certificate_validation": (1, 1, 1),
    "aws_api_gateway_account": (1, 1, 1),
    "aws_api_gateway_base_path_mapping": (1, 1, 1),
    "aws_api_gateway_client_certificate": (1, 1, 1),
    "aws_api_gateway_deployment": (1, 1, 1),
    "aws_api_gateway_documentation_version": (1, 1, 1),
    "aws_api_gateway_domain_name": (1, 1, 1),
    "aws_api_gateway_method_settings": (1, 1, 2),
    "aws_api_gateway_rest_api": (1, 1, 1),
    "aws_api_gateway_stage": (1, 1, 1),
    "aws_api_gateway_usage_plan": (1, 1, 1),
    "aws_api_gateway_vpc_link": (1, 1, 1),
    "aws_appautoscaling_policy": (46, 46, 46),
    "aws_appautoscaling_scheduled_action": (32, 0, 0),
    "aws_appautoscaling_target": (16, 16, 16),
    "aws_appconfig_application": (1, 1, 1),
    "aws_appconfig_configuration_profile": (1, 1, 1),
    "aws_appconfig_deployment": (1, 1, 1),
    "aws_appconfig_deployment_strategy": (2, 2, 2),
    "aws_appconfig_environment": (1, 1, 1),
    "aws_appconfig_hosted_configuration_version": (1, 1, 1),
    "aws_backup_plan": (1, 1, 1),
    "aws_backup_region_settings": (1, 1, 1),
    "aws_backup_restore_testing_plan": (0, 0, 1),
    "aws_backup_restore_testing_selection": (0, 0, 2),
    "aws_backup_selection": (1, 1, 2),
    "aws_backup_vault": (1, 1, 2),
    "aws_backup_vault_lock_configuration": (0, 0, 2),
    "aws_backup_vault_notifications": (1, 1, 1),
    "aws_backup_vault_policy": (1, 1, 2),
    "aws_budgets_budget": (1, 1, 1),
    "aws_ce_anomaly_monitor": (1, 1, 1),
    "aws_ce_anomaly_subscription": (1, 2, 2),
    "aws_cloudtrail": (1, 1, 1),
    "aws_cloudwatch_composite_alarm": (19, 33, 33),
    "aws_cloudwatch_dashboard": (1, 4, 4),
    "aws_cloudwatch_event_archive": (1, 1, 1),
    "aws_cloudwatch_event_bus": (1, 1, 1),
    "aws_cloudwatch_event_bus_policy": (1, 1, 1),
    "aws_cloudwatch_event_rule": (7, 7, 7),
    "aws_cloudwatch_event_target": (7, 7, 7),
    "aws_cloudwatch_log_group": (34, 33, 35),
    "aws_cloudwatch_log_metric_filter": (24, 44, 44),
    "aws_cloudwatch_log_resource_policy": (4, 4, 4),
    "aws_cloudwatch_metric_alarm": (87, 232, 241),
    "aws_cloudwatch_query_definition": (0, 12, 12),
    "aws_cognito_resource_server": (1, 1, 1),
    "aws_cognito_risk_configuration": (1, 1, 1),
    "aws_cognito_user_group": (3, 3, 3),
    "aws_cognito_user_pool": (1, 1, 1),
    "aws_cognito_user_pool_client": (2, 2, 2),
    "aws_cognito_user_pool_domain": (1, 1, 1),
    "aws_db_event_subscription": (3, 3, 3),
    "aws_db_instance": (1, 1, 2),
    "aws_db_instance_automated_backups_replication": (0, 0, 1),
    "aws_db_parameter_group": (1, 1, 1),
    "aws_db_subnet_group": (1, 1, 1),
    "aws_default_network_acl": (1, 1, 1),
    "aws_default_route_table": (1, 1, 1),
    "aws_default_security_group": (1, 1, 1),
    "aws_dynamodb_table": (2, 2, 2),
    "aws_dynamodb_table_replica": (0, 0, 2),
    "aws_ecr_lifecycle_policy": (10, 10, 10),
    "aws_ecr_repository": (10, 10, 10),
    "aws_ecs_cluster": (1, 1, 1),
    "aws_ecs_cluster_capacity_providers": (1, 1, 1),
    "aws_ecs_service": (16, 16, 16),
    "aws_ecs_task_definition": (9, 9, 9),
    "aws_eip": (1, 3, 3),
    "aws_elasticache_parameter_group": (1, 1, 1),
    "aws_elasticache_replication_group": (1, 1, 1),
    "aws_elasticache_subnet_group": (1, 1, 1),
    "aws_elasticache_user": (5, 5, 5),
    "aws_elasticache_user_group": (1, 1, 1),
    "aws_flow_log": (1, 1, 1),
    "aws_iam_role": (30, 30, 30),
    "aws_iam_role_policy": (28, 28, 28),
    "aws_iam_role_policy_attachment": (2, 2, 2),
    "aws_iam_service_linked_role": (1, 1, 1),
    "aws_internet_gateway": (1, 1, 1),
    "aws_kms_alias": (11, 11, 14),
    "aws_kms_key": (11, 11, 14),
    "aws_lambda_alias": (3, 3, 3),
    "aws_lambda_event_source_mapping": (2, 2, 2),
    "aws_lambda_function": (3, 3, 3),
    "aws_lambda_function_event_invoke_config": (3, 3, 3),
    "aws_lambda_permission": (1, 1, 1),
    "aws_lb": (2, 2, 2),
    "aws_lb_listener": (3, 3, 3),
    "aws_lb_listener_rule": (22, 22, 22),
    "aws_lb_target_group": (15, 15, 15),
    "aws_lb_target_group_attachment": (1, 1, 1),
    "aws_nat_gateway": (1, 3, 3),
    "aws_network_acl": (3, 3, 3),
    "aws_network_acl_association": (9, 9, 9),
    "aws_network_acl_rule": (16, 16, 16),
    "aws_opensearch_domain": (1, 1, 1),
    "aws_route": (4, 4, 4),
    "aws_route53_record": (7, 7, 7),
    "aws_route53_zone": (1, 1, 1),
    "aws_route_table": (5, 5, 5),
    "aws_route_table_association": (9, 9, 9),
    "aws_s3_bucket": (2, 2, 2),
    "aws_s3_bucket_lifecycle_configuration": (2, 2, 2),
    "aws_s3_bucket_logging": (1, 1, 1),
    "aws_s3_bucket_object_lock_configuration": (1, 1, 1),
    "aws_s3_bucket_ownership_controls": (2, 2, 2),
    "aws_s3_bucket_policy": (2, 2, 2),
    "aws_s3_bucket_public_access_block": (2, 2, 2),
    "aws_s3_bucket_server_side_encryption_configuration": (2, 2, 2),
    "aws_s3_bucket_versioning": (2, 2, 2),
    "aws_schemas_registry": (1, 1, 1),
    "aws_schemas_schema": (11, 11, 11),
    "aws_secretsmanager_secret": (2, 2, 2),
    "aws_secretsmanager_secret_policy": (2, 2, 2),
    "aws_secretsmanager_secret_rotation": (1, 1, 1),
    "aws_secretsmanager_secret_version": (2, 2, 2),
    "aws_security_group": (6, 6, 6),
    "aws_service_discovery_private_dns_namespace": (1, 1, 1),
    "aws_service_discovery_service": (9, 9, 9),
    "aws_sesv2_email_identity": (1, 1, 1),
    "aws_sns_topic": (3, 3, 3),
    "aws_sns_topic_policy": (3, 3, 3),
    "aws_sns_topic_subscription": (0, 1, 2),
    "aws_sqs_queue": (11, 11, 11),
    "aws_sqs_queue_policy": (11, 11, 11),
    "aws_subnet": (9, 9, 9),
    "aws_vpc": (1, 1, 1),
    "aws_vpc_endpoint": (6, 13, 13),
    "aws_vpc_security_group_egress_rule": (8, 8, 8),
    "aws_vpc_security_group_ingress_rule": (7, 7, 7),
    "aws_wafv2_ip_set": (1, 1, 1),
    "aws_wafv2_web_acl": (1, 1, 1),
    "aws_wafv2_web_acl_association": (3, 3, 3),
    "aws_wafv2_web_acl_logging_configuration": (1, 1, 1),
    "aws_xray_group": (3, 3, 3),
    "aws_xray_sampling_rule": (3, 3, 3),
    "terraform_data": (16, 16, 16),
}

# What bsops doctor holds against the account's quotas: dev staging prod
DEMAND: dict[str, tuple[float, float, float]] = {
    "vpcs": (1, 1, 1),
    "elastic_ips": (1, 3, 3),
    "nat_gateways:eu-west-1a": (1, 1, 1),
    "nat_gateways:eu-west-1b": (0, 1, 1),
    "nat_gateways:eu-west-1c": (0, 1, 1),
    # The VPC's own one too.
    "security_groups": (7, 7, 7),
    # Nine services with their smallest number of tasks; in prod two of them are smaller.
    "fargate_vcpu": (0, 9 * 2 * 0.5, 7 * 3 * 1 + 2 * 2 * 0.5),
    "fargate_spot_vcpu": (9 * 1 * 0.25, 0, 0),
    "db_instances": (1, 1, 2),
    "db_storage_gib": (20, 50, 2 * 200),
    "log_groups": (34, 33, 35),
}

# Settings in effect that differ (dev, staging, prod), under what the specification's section
# "Environment Configuration" says of each environment. Lists are counted.
DIFFERENCES: tuple[tuple[tuple[str, str, str], dict[str, tuple[Any, Any, Any]]], ...] = (
    (
        ("Single AZ deployment", "Multi-AZ deployment", "Multi-AZ with high availability"),
        {
            "network.workload_zone_count": (1, None, None),
            "network.single_nat_gateway": (True, False, False),
            "database.multi_az": (False, True, True),
            "database.read_replicas": (0, 0, 1),
            "cache.replicas": (0, 1, 2),
            "search.zone_count": (1, None, None),
            "search.data_nodes": (1, 3, 3),
            "search.dedicated_masters": (None, 2, 2),
            "services.min_tasks": (1, 2, 3),
        },
    ),
    (
        (
            "Minimal instance sizes",
            "Production-like configuration",
            "Maximum performance and reliability",
        ),
        {
            "database.instance_class": ("db.t4g.micro", "db.t4g.medium", "db.r7g.large"),
            "database.allocated_storage_gib": (20, 50, 200),
            "database.max_allocated_storage_gib": (50, 200, 2000),
            "cache.node_type": ("cache.t4g.micro", "cache.t4g.small", "cache.r7g.large"),
            "search.instance_type": ("t3.small.search", "m7g.medium.search", "r7g.large.search"),
            "search.storage_gib": (10, 50, 200),
            "services.cpu": (256, 512, 1024),
            "services.memory_mib": (512, 1024, 2048),
            "services.max_tasks": (2, 4, 30),
            "services.overrides": (0, 0, 2),
            "api.throttle": (3, 3, 3),
        },
    ),
    (
        (
            "Cost-optimized configuration",
            "Production-like configuration",
            "Maximum performance and reliability",
        ),
        {
            "network.interface_endpoints": (4, 11, 11),
            "services.spot": (True, False, False),
            "services.off_hours": (3, None, None),
            "services.execute_command": (True, False, False),
            "services.keep_revisions": (False, True, True),
            "database.apply_immediately": (True, False, False),
            "cache.apply_immediately": (True, False, False),
            "images.keep": (10, 50, 50),
            "events.archive_days": (7, 90, 365),
            "cost.monthly_limit_usd": (600, 2500, 12000),
            "cost.anomaly_threshold_usd": (50, 50, 200),
            "cost.emails": (0, 1, 1),
        },
    ),
    (
        (
            "Basic monitoring",
            "Full monitoring and alerting",
            "Comprehensive monitoring and alerting",
        ),
        {
            "monitoring.level": ("basic", "full", "full"),
            "monitoring.critical_emails": (0, 0, 1),
            "monitoring.warning_emails": (0, 1, 1),
            "services.container_insights": ("enabled", "enhanced", "enhanced"),
            "database.monitoring_interval_seconds": (60, 30, 15),
            "database.performance_insights_retention_days": (7, 7, 465),
            "logs.retention_days": (30, 365, 365),
            "audit.insights": (False, False, True),
        },
    ),
    (
        ("Cost-optimized configuration", "Production-like configuration", "Security hardening"),
        {
            "identity.mfa": ("OPTIONAL", "ON", "ON"),
            "audit.data_events": (False, False, True),
            "audit.object_lock_mode": ("GOVERNANCE", "COMPLIANCE", "COMPLIANCE"),
            "audit.object_lock_days": (1, 365, 365),
            "audit.retention_days": (400, 2557, 2557),
            "encryption.deletion_window_days": (7, 30, 30),
            "api.deletion_protection": (False, True, True),
            "identity.deletion_protection": (False, True, True),
            "database.deletion_protection": (False, True, True),
            "tables.deletion_protection": (False, True, True),
            "audit.force_destroy": (True, False, False),
            "backups.force_destroy": (True, False, False),
            "images.force_delete": (True, False, False),
            "logs.force_destroy": (True, False, False),
        },
    ),
    (
        (
            "Cost-optimized configuration",
            "Production-like configuration",
            "Backup and disaster recovery",
        ),
        {
            "disaster_recovery.enabled": (False, False, True),
            "database.backup_retention_days": (7, 14, 35),
            "database.skip_final_snapshot": (True, False, False),
            "cache.snapshot_retention_days": (1, 7, 30),
            "cache.skip_final_snapshot": (True, False, False),
            "tables.point_in_time_recovery_days": (7, 35, 35),
            "secrets.recovery_window_days": (0, 30, 30),
            "backups.daily_retention_days": (7, 14, 35),
            "backups.weekly_retention_days": (14, 35, 120),
            "backups.monthly_retention_days": (31, 90, 730),
            "backups.lock_days": (None, None, 7),
            "backups.restore_testing": (False, False, True),
            "backups.state_bucket": (None, None, "bookstore-prod-tfstate-333333333333"),
        },
    ),
)
# What says only which environment it is.
NAMES = {"network.cidr", "network.peer_cidrs", "api.domain"}

# What terraform.tfvars.example, a small dev environment, would have to change to be prod.
FLOORS = (
    "prod runs workloads in every zone: remove network.workload_zone_count.",
    "prod has a NAT gateway per zone: write network = { single_nat_gateway = false }.",
    "prod reaches AWS services inside its network: remove network.interface_endpoints "
    "to have them all, or add the missing ones.",
    "prod keeps a standby database: write database = { multi_az = true }.",
    "prod protects its data from deletion: write deletion_protection = true in "
    "database and in tables.",
    "prod keeps a last snapshot of a deleted database: write database = { "
    "skip_final_snapshot = false }.",
    "prod keeps logs for a year: write logs = { retention_days = 365 } or more.",
    "prod keeps a replica of Redis and its last snapshot: write cache = { replicas = "
    "1, skip_final_snapshot = false } or more replicas.",
    "prod spreads OpenSearch over its zones, with masters of their own: write search "
    '= { data_nodes = 3, dedicated_masters = { instance_type = "m7g.medium.search" } '
    "} and remove zone_count.",
    "prod runs by day and night on capacity that nobody takes back, and nobody opens "
    "a shell in it: remove services.spot, off_hours and execute_command.",
    "prod runs each service in two zones at least: write services = { min_tasks = 2 } "
    "or more, also in overrides.",
    "prod protects its way in and its users from deletion: write deletion_protection "
    "= true in api and in identity.",
    "prod asks everybody for a second factor and refuses risky sign-ins: write "
    'identity = { mfa = "ON", threat_protection = "ENFORCED" }.',
    'prod is watched in full and tells somebody: write monitoring = { level = "full" '
    "} and remove actions_enabled.",
    "prod can restore a deleted secret for a week at least: write secrets = { "
    "recovery_window_days = 30 }.",
    "prod deletes nothing along with its container: remove force_destroy from logs, "
    "audit and backups, and force_delete from images.",
    "prod keeps an audit trail that nobody can delete: write audit = { "
    'object_lock_mode = "COMPLIANCE", object_lock_days = 365 }.',
    "prod keeps 30 days of database backups: write database = { backup_retention_days "
    "= 30 } or more.",
    "prod has a read replica: write database = { read_replicas = { reader = {} } }.",
    "prod keeps copies in a second region: write disaster_recovery = { enabled = true "
    "} and replica_region.",
    "prod waits 30 days before a key is lost: write encryption = { deletion_window_days = 30 }.",
    "prod wakes somebody: write monitoring = { critical_emails = "
    '["on-call@example.com"] } with your own address.',
    "prod keeps 30 days of recovery points and locks its vault: write backups = { "
    "daily_retention_days = 35, lock_days = 7 }.",
)


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_inventory(environment: str, plan: "Planner") -> None:
    column = ENVIRONMENTS.index(environment)
    expected = {kind: counts[column] for kind, counts in COUNTS.items() if counts[column]}
    assert plan(environment).counts == expected


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_it_asks_of_quotas(environment: str, plan: "Planner") -> None:
    column = ENVIRONMENTS.index(environment)
    document = json.dumps(plan(environment).document).encode()
    asked = {key: value for key, value in read_demand(document).items() if value}
    # Tasks, nodes, endpoints and load balancers: an estimate, but of some size.
    assert 20 < asked.pop("network_interfaces") < 100
    assert asked == {key: counts[column] for key, counts in DEMAND.items() if counts[column]}


def test_environments_differ_in_these_settings_only(plan: "Planner") -> None:
    settings = [_flat(plan(environment).settings) for environment in ENVIRONMENTS]
    differing = {
        key: tuple(_short(setting[key]) for setting in settings)
        for key in settings[0].keys() - NAMES
        if len({str(setting[key]) for setting in settings}) > 1
    }
    assert differing == {key: row[key] for _, row in DIFFERENCES for key in row}


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_environment_has_names_of_its_own(name: str, plan: "Planner") -> None:
    values = {str(_flat(plan(environment).settings)[name]) for environment in ENVIRONMENTS}
    assert len(values) == len(ENVIRONMENTS)


def test_staging_and_prod_differ_in_size_not_in_kind(plan: "Planner") -> None:
    only_prod = set(plan("prod").counts) - set(plan("staging").counts)
    # The specification keeps disaster recovery for production.
    assert only_prod == {
        "aws_backup_restore_testing_plan",
        "aws_backup_restore_testing_selection",
        "aws_backup_vault_lock_configuration",
        "aws_db_instance_automated_backups_replication",
        "aws_dynamodb_table_replica",
    }
    only_staging = set(plan("staging").counts) - set(plan("prod").counts)
    assert only_staging == set()


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_security_does_not_relax_with_cost(environment: str, plan: "Planner") -> None:
    created = plan(environment).created
    database = created["module.rds.aws_db_instance.primary"]
    assert database["storage_encrypted"]
    assert database["iam_database_authentication_enabled"]
    assert database["manage_master_user_password"]
    assert database["publicly_accessible"] is False
    cache = created["module.redis.aws_elasticache_replication_group.this"]
    assert cache["at_rest_encryption_enabled"]
    assert cache["transit_encryption_mode"] == "required"
    search = created["module.opensearch.aws_opensearch_domain.this"]
    assert search["encrypt_at_rest"][0]["enabled"]
    assert search["node_to_node_encryption"][0]["enabled"]
    assert search["domain_endpoint_options"][0]["enforce_https"]
    assert search["advanced_security_options"][0]["enabled"]
    assert all(key["enable_key_rotation"] for key in _of(created, "aws_kms_key"))
    for table in _of(created, "aws_dynamodb_table"):
        assert table["server_side_encryption"][0]["enabled"]
        assert table["point_in_time_recovery"][0]["enabled"]
    for service in _of(created, "aws_ecs_service"):
        assert service["network_configuration"][0]["assign_public_ip"] is False
    for bucket in _of(created, "aws_s3_bucket_public_access_block"):
        assert bucket["block_public_acls"]
        assert bucket["restrict_public_buckets"]
    assert created["module.alb.aws_lb_listener.https"]["ssl_policy"].startswith(
        "ELBSecurityPolicy-TLS13-1-2"
    )
    assert "module.vpc.aws_flow_log.this" in created
    assert "module.cloudtrail.aws_cloudtrail.this" in created
    assert "module.waf.aws_wafv2_web_acl.this" in created


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_traffic_flows_along_the_edges_of_the_specification_only(
    environment: str, plan: "Planner"
) -> None:
    """Other modules make no groups and no rules; modules/security-groups proves its edges."""
    groups = {
        address
        for address in plan(environment).created
        if ".aws_security_group." in address or ".aws_vpc_security_group_" in address
    }
    elsewhere = {address for address in groups if not address.startswith("module.security_groups.")}
    assert elsewhere == {"module.vpc.aws_security_group.endpoints"}
    assert not [a for a in plan(environment).created if ".aws_security_group_rule." in a]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_every_alarm_tells_somebody_and_names_its_runbook(
    environment: str, plan: "Planner"
) -> None:
    created = plan(environment).created
    read = read_alarms(Path(__file__).parents[2] / "infrastructure" / "aws")
    alarms = _of(created, "aws_cloudwatch_metric_alarm")
    assert all(alarm["treat_missing_data"] for alarm in alarms)
    for alarm in alarms + _of(created, "aws_cloudwatch_composite_alarm"):
        said = re.search(r" Runbook: ([a-z0-9-]+)$", alarm["alarm_description"])
        assert said, alarm["alarm_name"]
        assert alarm["actions_enabled"]
        # So it is found from the text of the tree alone, when it rings.
        fits = [each for each in read if each.fits(alarm["alarm_name"])]
        most = max((exactness(each.pattern) for each in fits), default=0)
        found = {each.runbook for each in fits if exactness(each.pattern) == most}
        assert found == {said[1]}, alarm["alarm_name"]


def test_only_public_services_have_two_colours(plan: "Planner") -> None:
    services = {service["name"] for service in _of(plan("prod").created, "aws_ecs_service")}
    colours = {name.rpartition("-")[0] for name in services if name.endswith(("-blue", "-green"))}
    assert {f"{name}-{colour}" for name in colours for colour in ("blue", "green")} < services
    assert services - {f"{name}-{colour}" for name in colours for colour in ("blue", "green")} == {
        "bookstore-prod-inventory",
        "bookstore-prod-notifications",
    }


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_tags_for_cost_allocation(environment: str, plan: "Planner") -> None:
    tagged = [values for values in plan(environment).created.values() if values.get("tags_all")]
    assert len(tagged) > 300
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
    fresh_tree: Path, tree: Path, terraform: "Terraform"
) -> None:
    prod = fresh_tree / "environments/prod"
    shutil.copy(fresh_tree / "terraform.tfvars.example", prod / "terraform.tfvars")
    initialised = tree / "environments/prod/.terraform"
    shutil.copytree(initialised, prod / ".terraform", symlinks=True)
    done = terraform(prod, "plan", "-input=false", check=False)
    assert done.returncode == 1
    said = _words(done.stderr)
    assert [floor for floor in FLOORS if floor not in said] == []
    assert said.count("Error: ") == len(FLOORS)


# What is refused, by the arguments that ask for it. Each group fails in one plan.
REFUSED: dict[str, dict[str, tuple[str, ...]]] = {
    "by the environment's root": {
        "account_id=12": ("account_id must be twelve digits",),
        "region=ireland": ("region must be an AWS region",),
        "replica_region=frankfurt": ("replica_region must be an AWS region",),
        "owner= ": ("owner must name a team",),
        "cost_center=": ("cost_center must name a cost centre",),
        'tags={Owner="me"}': ("tags must not repeat a tag that the tree sets itself",),
    },
    "by the provider": {"region=eu-west-9": ("invalid AWS Region: eu-west-9",)},
    "by the modules": {
        'network={cidr="10.10.0.0/20",peer_cidrs=["everywhere"]}': (
            "cidr must be a whole /16",
            "peer_cidrs must be IPv4 blocks",
        ),
        'database={instance_class="db.t4g.micro",port=6380,backup_retention_days=3}': (
            "ports must differ from each other",
            "backup_retention_days must be a whole number from 7 to 35",
        ),
        'cache={node_type="cache.t4g.micro",snapshot_retention_days=99}': (
            "snapshot_retention_days must be",
        ),
        'search={instance_type="t3.small.search",data_nodes="many"}': ("a number is required",),
        'monitoring={level="basic",critical_emails=["nobody"]}': (
            "endpoint of an e-mail subscription must be one address",
        ),
        "logs={retention_days=3}": ("log_retention_days must be a period CloudWatch Logs knows",),
        'api={domain="https://bookstore"}': ("domain must be",),
        "services={cpu=300}": ("cpu must be",),
        "cost={monthly_limit_usd=-1}": ("monthly_limit_usd must be",),
    },
    "once everything is known": {
        'network={cidr="10.10.0.0/16",peer_cidrs=["10.10.128.0/20"]}': ("overlaps",),
        'api={domain="dev.bookstore.example.com",'
        'certificate_arn="arn:aws:acm:us-east-1:123456789012:certificate/1"}': (
            "certificate_arn must be a certificate of eu-west-1",
        ),
        "disaster_recovery={enabled=true}": ("disaster_recovery needs a second region",),
    },
    "as no setting at all": {
        'network={cidr="10.10.0.0/16",zones=2}': ("these settings do not exist: network.zones.",),
    },
}


@pytest.mark.parametrize("refused", list(REFUSED))
def test_a_wrong_value_is_refused(refused: str, tree: Path, terraform: "Terraform") -> None:
    account = "account_id=123456789012"  # a later one takes its place
    arguments = (f"-var={argument}" for argument in (account, *REFUSED[refused]))
    dev = tree / "environments/dev"
    done = terraform(dev, "plan", "-input=false", "-refresh=false", *arguments, check=False)
    assert done.returncode == 1
    said = _words(done.stderr)
    wanted = [words for group in REFUSED[refused].values() for words in group]
    assert [words for words in wanted if words not in said] == []


def _of(created: dict[str, dict[str, Any]], resource_type: str) -> list[dict[str, Any]]:
    """Values of the resources of a type."""
    return [values for address, values in created.items() if f".{resource_type}." in address]


def _flat(settings: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        f"{group}.{key}": value for group, inner in settings.items() for key, value in inner.items()
    }


def _short(value: object) -> object:
    return len(value) if isinstance(value, list | dict) else value


def _words(text: str) -> str:
    """Terraform's message without its frame and line breaks."""
    return " ".join(text.replace("│", " ").split())


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_the_shipped_policies_have_nothing_against_it(plan: "Planner", environment: str) -> None:
    catalogue = read_catalogue(Workspace(REPOSITORY))
    document = json.dumps(plan(environment).document).encode()
    verdict = run_policies(catalogue, policy_input(document, environment, destroy=False))
    assert verdict.policies
    assert (verdict.findings, verdict.failures) == ([], [])
