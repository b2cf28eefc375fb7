"""From an ARN to the Terraform type of a resource and the ID that imports it.

Only types of the tree, and only where the ARN says all that is needed. Source of the IDs: the
section Import of each page in
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Importable:
    """A Terraform type, and the ID that ``terraform import`` takes for it."""

    type: str
    identifier: str


# What follows `arn:PARTITION:SERVICE:REGION:ACCOUNT:`, the type, and the ID made of the groups;
# {arn}, {region} and {account} are the ARN's own.
_KNOWN = {
    "apigateway": ((r"/restapis/([^/]+)", "aws_api_gateway_rest_api", "{1}"),),
    "backup": (
        (r"backup-vault:(.+)", "aws_backup_vault", "{1}"),
        (r"backup-plan:(.+)", "aws_backup_plan", "{1}"),
    ),
    "cloudwatch": ((r"alarm:(.+)", "aws_cloudwatch_metric_alarm", "{1}"),),
    "cognito-idp": ((r"userpool/(.+)", "aws_cognito_user_pool", "{1}"),),
    "dynamodb": ((r"table/([^/]+)", "aws_dynamodb_table", "{1}"),),
    "ec2": (
        (r"vpc/(.+)", "aws_vpc", "{1}"),
        (r"subnet/(.+)", "aws_subnet", "{1}"),
        (r"security-group/(.+)", "aws_security_group", "{1}"),
        (r"route-table/(.+)", "aws_route_table", "{1}"),
        (r"internet-gateway/(.+)", "aws_internet_gateway", "{1}"),
        (r"natgateway/(.+)", "aws_nat_gateway", "{1}"),
        (r"elastic-ip/(.+)", "aws_eip", "{1}"),
        (r"network-acl/(.+)", "aws_network_acl", "{1}"),
        (r"vpc-endpoint/(.+)", "aws_vpc_endpoint", "{1}"),
        (r"vpc-flow-log/(.+)", "aws_flow_log", "{1}"),
    ),
    "ecr": ((r"repository/(.+)", "aws_ecr_repository", "{1}"),),
    "ecs": (
        (r"cluster/(.+)", "aws_ecs_cluster", "{1}"),
        (r"service/([^/]+/[^/]+)", "aws_ecs_service", "{1}"),
        (r"task-definition/.+", "aws_ecs_task_definition", "{arn}"),
    ),
    "elasticache": (
        (r"replicationgroup:(.+)", "aws_elasticache_replication_group", "{1}"),
        (r"subnetgroup:(.+)", "aws_elasticache_subnet_group", "{1}"),
        (r"parametergroup:(.+)", "aws_elasticache_parameter_group", "{1}"),
        (r"user:(.+)", "aws_elasticache_user", "{1}"),
        (r"usergroup:(.+)", "aws_elasticache_user_group", "{1}"),
    ),
    "elasticloadbalancing": (
        (r"loadbalancer/(?:app|net)/.+", "aws_lb", "{arn}"),
        (r"targetgroup/.+", "aws_lb_target_group", "{arn}"),
        (r"listener/.+", "aws_lb_listener", "{arn}"),
    ),
    "es": ((r"domain/(.+)", "aws_opensearch_domain", "{1}"),),
    "events": (
        (r"event-bus/(.+)", "aws_cloudwatch_event_bus", "{1}"),
        (r"rule/(.+/.+)", "aws_cloudwatch_event_rule", "{1}"),
        (r"rule/([^/]+)", "aws_cloudwatch_event_rule", "{1}"),
    ),
    "iam": (
        (r"role/(?:.+/)?([^/]+)", "aws_iam_role", "{1}"),
        (r"policy/.+", "aws_iam_policy", "{arn}"),
    ),
    "kms": ((r"key/(.+)", "aws_kms_key", "{1}"),),
    "lambda": ((r"function:([^:]+)", "aws_lambda_function", "{1}"),),
    "logs": ((r"log-group:([^:]+)(?::\*)?", "aws_cloudwatch_log_group", "{1}"),),
    "rds": (
        (r"db:(.+)", "aws_db_instance", "{1}"),
        (r"subgrp:(.+)", "aws_db_subnet_group", "{1}"),
        (r"pg:(.+)", "aws_db_parameter_group", "{1}"),
    ),
    "s3": ((r"([^/]+)", "aws_s3_bucket", "{1}"),),
    "secretsmanager": ((r"secret:.+", "aws_secretsmanager_secret", "{arn}"),),
    "sns": ((r"[^:]+", "aws_sns_topic", "{arn}"),),
    "sqs": ((r"(.+)", "aws_sqs_queue", "https://sqs.{region}.amazonaws.com/{account}/{1}"),),
    "ssm": (
        # A name with a path begins with a slash, which its ARN does not repeat.
        (r"parameter(/.+/.+)", "aws_ssm_parameter", "{1}"),
        (r"parameter/([^/]+)", "aws_ssm_parameter", "{1}"),
    ),
    "states": ((r"stateMachine:.+", "aws_sfn_state_machine", "{arn}"),),
    "wafv2": ((r"regional/webacl/([^/]+)/([^/]+)", "aws_wafv2_web_acl", "{2}/{1}/REGIONAL"),),
}


def importable(arn: str) -> Importable | None:
    """The type and the ID of what an ARN names; None where it does not tell."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return None
    _, _, service, region, account, rest = parts
    for pattern, kind, identifier in _KNOWN.get(service, ()):
        match = re.fullmatch(pattern, rest)
        if match:
            groups = ("", *match.groups())
            names = {"arn": arn, "region": region, "account": account}
            return Importable(kind, identifier.format(*groups, **names))
    return None
