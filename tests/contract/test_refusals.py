"""What moto cannot do is refused at once, in the service's own protocol, by name."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookstore_ops.sandbox.health import MISSING, ask
from bookstore_ops.sandbox.lifecycle import Server
from tests.contract.conftest import Client

# service, method, arguments, operation: one for each protocol and each way moto fails.
_MISSING_OPERATIONS = [
    pytest.param("rds", "describe_certificates", {}, "rds:DescribeCertificates", id="query"),
    pytest.param(
        "ec2", "describe_fast_launch_images", {}, "ec2:DescribeFastLaunchImages", id="ec2"
    ),
    pytest.param(
        "budgets",
        "describe_budget_performance_history",
        {"AccountId": "111111111111", "BudgetName": "b"},
        "budgets:DescribeBudgetPerformanceHistory",
        id="json",
    ),
    pytest.param(
        "lambda", "list_code_signing_configs", {}, "lambda:ListCodeSigningConfigs", id="rest-json"
    ),
    pytest.param(
        "appconfig",
        "list_deployment_strategies",
        {},
        "appconfig:ListDeploymentStrategies",
        id="rest-json-unknown-path",
    ),
    pytest.param(
        "route53", "list_traffic_policies", {}, "route53:ListTrafficPolicies", id="rest-xml"
    ),
    pytest.param(
        "cloudfront", "list_cache_policies", {"Type": "custom"}, "cloudfront:", id="rest-xml-path"
    ),
    pytest.param(
        "accessanalyzer",
        "list_analyzers",
        {},
        "accessanalyzer:ListAnalyzers",
        id="unknown-service-rest",
    ),
    pytest.param(
        "codeconnections",
        "list_connections",
        {},
        "codeconnections:ListConnections",
        id="unknown-service-json",
    ),
]


def refused(client: Any, method: str, arguments: dict[str, Any]) -> Any:
    with pytest.raises(ClientError) as caught:
        getattr(client, method)(**arguments)
    return caught.value.response


@pytest.mark.parametrize(("service", "method", "arguments", "operation"), _MISSING_OPERATIONS)
def test_an_operation_moto_lacks_is_named_in_the_error(
    client: Client, service: str, method: str, arguments: dict[str, Any], operation: str
) -> None:
    response = refused(client(service), method, arguments)
    assert response["Error"]["Code"] == "SandboxNotImplemented"
    assert response["Error"]["Message"].startswith(f"The sandbox does not implement {operation}")


@pytest.mark.parametrize(("service", "method", "arguments", "operation"), _MISSING_OPERATIONS)
def test_an_operation_moto_lacks_is_not_retried(
    client: Client, service: str, method: str, arguments: dict[str, Any], operation: str
) -> None:
    response = refused(client(service), method, arguments)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert response["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_refusal_takes_no_time(client: Client) -> None:
    rds = client("rds")
    refused(rds, "describe_certificates", {})
    start = time.perf_counter()
    refused(rds, "describe_certificates", {})
    assert time.perf_counter() - start < 1


def test_refused_operations_are_listed(client: Client, server: Server) -> None:
    refused(client("rds"), "describe_certificates", {})
    missing = (ask(server.port, MISSING, timeout=5) or {})["missing"]
    assert "rds:DescribeCertificates" in [entry["operation"] for entry in missing]


def test_a_failure_of_moto_names_the_operation_and_the_exception(client: Client) -> None:
    # moto looks for the fields of an OpenSearch Serverless policy without asking whether they are.
    response = refused(
        client("opensearchserverless"),
        "create_security_policy",
        {"name": "policy", "type": "encryption", "policy": "[]"},
    )
    assert response["Error"]["Code"] == "SandboxFault"
    assert "opensearchserverless:CreateSecurityPolicy: " in response["Error"]["Message"]
    assert response["ResponseMetadata"]["RetryAttempts"] == 0


def test_an_error_that_aws_gives_too_stays_as_it_is(client: Client) -> None:
    response = refused(
        client("rds"), "describe_db_instances", {"DBInstanceIdentifier": "there-is-none"}
    )
    assert response["Error"]["Code"] == "DBInstanceNotFound"


def test_a_missing_object_is_a_plain_404(client: Client, name: str) -> None:
    s3 = client("s3", region="us-east-1")
    s3.create_bucket(Bucket=name)
    response = refused(s3, "head_object", {"Bucket": name, "Key": "there-is-none"})
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 404
