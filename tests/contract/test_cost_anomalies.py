"""Monitors of cost anomalies and subscriptions to them."""

import zlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client

_SERVICES = {
    "MonitorName": "services",
    "MonitorType": "DIMENSIONAL",
    "MonitorDimension": "SERVICE",
}
_TEAM = {"Type": "EMAIL", "Address": "platform@example.com"}


def threshold(dollars: int) -> dict[str, Any]:
    return {
        "Dimensions": {
            "Key": "ANOMALY_TOTAL_IMPACT_ABSOLUTE",
            "MatchOptions": ["GREATER_THAN_OR_EQUAL"],
            "Values": [str(dollars)],
        }
    }


@pytest.fixture
def costs(client: Client, request: pytest.FixtureRequest) -> Any:
    """Cost Explorer in an account of the test's own: an account has one monitor of services."""
    return client("ce", account=f"81{zlib.crc32(request.node.name.encode()):010}")


@pytest.fixture
def monitor(costs: Any) -> str:
    """The ARN of the account's monitor of services."""
    tags = [{"Key": "a", "Value": "1"}]
    made = costs.create_anomaly_monitor(AnomalyMonitor=_SERVICES, ResourceTags=tags)
    return str(made["MonitorArn"])


def test_a_monitor_is_kept_changed_and_deleted(costs: Any, monitor: str) -> None:
    costs.update_anomaly_monitor(MonitorArn=monitor, MonitorName="all")
    (found,) = costs.get_anomaly_monitors(MonitorArnList=[monitor])["AnomalyMonitors"]
    assert (found["MonitorName"], found["MonitorDimension"]) == ("all", "SERVICE")
    tags = costs.list_tags_for_resource(ResourceArn=monitor)["ResourceTags"]
    assert tags == [{"Key": "a", "Value": "1"}]
    costs.delete_anomaly_monitor(MonitorArn=monitor)
    with pytest.raises(ClientError, match="UnknownMonitorException"):
        costs.get_anomaly_monitors(MonitorArnList=[monitor])


def test_a_second_monitor_of_services_is_refused(costs: Any, monitor: str) -> None:
    with pytest.raises(ClientError, match="LimitExceededException"):
        costs.create_anomaly_monitor(AnomalyMonitor=_SERVICES)


def test_a_subscription_is_kept_changed_and_deleted(costs: Any, monitor: str) -> None:
    arn = costs.create_anomaly_subscription(
        AnomalySubscription={
            "SubscriptionName": "daily",
            "Frequency": "DAILY",
            "MonitorArnList": [monitor],
            "Subscribers": [_TEAM],
            "ThresholdExpression": threshold(50),
        }
    )["SubscriptionArn"]
    costs.update_anomaly_subscription(SubscriptionArn=arn, ThresholdExpression=threshold(80))
    (found,) = costs.get_anomaly_subscriptions(SubscriptionArnList=[arn])["AnomalySubscriptions"]
    assert found["ThresholdExpression"] == threshold(80)
    assert (found["Frequency"], found["Subscribers"]) == ("DAILY", [_TEAM])
    costs.delete_anomaly_subscription(SubscriptionArn=arn)
    assert costs.get_anomaly_subscriptions()["AnomalySubscriptions"] == []


def test_a_subscription_by_email_is_not_immediate(costs: Any, monitor: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        costs.create_anomaly_subscription(
            AnomalySubscription={
                "SubscriptionName": "immediate",
                "Frequency": "IMMEDIATE",
                "MonitorArnList": [monitor],
                "Subscribers": [_TEAM],
                "ThresholdExpression": threshold(50),
            }
        )
