"""Resource types and the AWS services they belong to."""

import re

import pytest

from bookstore_ops.terraform.services import service_of
from tests.infrastructure.conftest import SOURCE


@pytest.mark.parametrize(
    ("resource_type", "service"),
    [
        ("aws_cloudwatch_metric_alarm", "CloudWatch"),
        ("aws_cloudwatch_log_group", "CloudWatch Logs"),
        ("aws_cloudwatch_event_rule", "EventBridge"),
        ("aws_vpc_security_group_egress_rule", "VPC"),
        ("aws_route", "VPC"),
        ("aws_route53_record", "Route 53"),
        ("aws_db_instance", "RDS"),
        ("aws_dynamodb_table", "DynamoDB"),
        ("aws_lb_listener", "Load Balancing"),
    ],
)
def test_the_longest_prefix_names_the_service(resource_type: str, service: str) -> None:
    assert service_of(resource_type) == service


def test_an_unknown_type_is_its_own_service() -> None:
    assert service_of("aws_quantum_task") == "aws_quantum_task"
    assert service_of("random_password") == "random_password"


def test_every_type_of_the_tree_has_a_service() -> None:
    types = {
        found
        for file in SOURCE.rglob("*.tf")
        for found in re.findall(r'^resource "(\w+)"', file.read_text("utf-8"), re.MULTILINE)
    }
    assert types
    assert [found for found in sorted(types) if service_of(found) == found] == []
