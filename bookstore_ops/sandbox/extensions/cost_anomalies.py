"""Cost Explorer's monitors of anomalies and the subscriptions to them."""

import datetime as dt
import uuid
from typing import Any

from moto.ce.models import ce_backends
from moto.ce.responses import CostExplorerResponse

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_service = Service("ce", CostExplorerResponse, regional=False)
_monitors = _service.collection("AnomalyMonitor", missing="UnknownMonitorException")
_subscriptions = _service.collection("AnomalySubscription", missing="UnknownSubscriptionException")


def _arn(call: Call, kind: str) -> str:
    return f"arn:aws:ce::{call.account}:{kind}/{uuid.uuid4()}"


def _tag(call: Call, arn: str) -> None:
    """moto has the operations that read them."""
    backend = ce_backends[call.account]["aws"]
    backend.tag_resource(arn, call.given.get("ResourceTags", []))


def _listed(held: dict[str, Any], wanted: list[str]) -> list[Any]:
    return [value for arn, value in held.items() if not wanted or arn in wanted]


@_service.adds("CreateAnomalyMonitor")
def create_anomaly_monitor(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CreateAnomalyMonitor.html"""
    given = call.given["AnomalyMonitor"]
    if given["MonitorType"] == "DIMENSIONAL" and any(
        monitor.get("MonitorDimension") == given.get("MonitorDimension")
        for monitor in _monitors.of(call).values()
    ):
        raise ApiError(
            "LimitExceededException", "Limit exceeded on dimensional spend monitor creation"
        )
    arn = _arn(call, "anomalymonitor")
    today = dt.datetime.now(dt.UTC).date().isoformat()
    _monitors.add(
        call, arn, {**given, "MonitorArn": arn, "CreationDate": today, "LastUpdatedDate": today}
    )
    _tag(call, arn)
    return {"MonitorArn": arn}


@_service.adds("GetAnomalyMonitors")
def get_anomaly_monitors(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetAnomalyMonitors.html"""
    wanted = call.given.get("MonitorArnList", [])
    for arn in wanted:
        _monitors.find(call, arn)
    return {"AnomalyMonitors": _listed(_monitors.of(call), wanted)}


@_service.adds("UpdateAnomalyMonitor")
def update_anomaly_monitor(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_UpdateAnomalyMonitor.html"""
    _monitors.find(call, call.given["MonitorArn"]).update(call.given)
    return {"MonitorArn": call.given["MonitorArn"]}


@_service.adds("DeleteAnomalyMonitor")
def delete_anomaly_monitor(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_DeleteAnomalyMonitor.html"""
    _monitors.remove(call, call.given["MonitorArn"])
    return {}


def _check(call: Call, given: dict[str, Any]) -> None:
    for arn in given.get("MonitorArnList", []):
        _monitors.find(call, arn)
    immediate = given.get("Frequency") == "IMMEDIATE"
    for subscriber in given.get("Subscribers", []):
        if (subscriber["Type"] == "SNS") != immediate:
            raise ApiError(
                "ValidationException",
                "SNS subscribers take IMMEDIATE alerts only, e-mail ones DAILY or WEEKLY ones.",
            )


@_service.adds("CreateAnomalySubscription")
def create_anomaly_subscription(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_CreateAnomalySubscription.html"""
    given = call.given["AnomalySubscription"]
    _check(call, given)
    arn = _arn(call, "anomalysubscription")
    _subscriptions.add(call, arn, {**given, "SubscriptionArn": arn, "AccountId": call.account})
    _tag(call, arn)
    return {"SubscriptionArn": arn}


@_service.adds("GetAnomalySubscriptions")
def get_anomaly_subscriptions(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetAnomalySubscriptions.html"""
    wanted = call.given.get("SubscriptionArnList", [])
    for arn in wanted:
        _subscriptions.find(call, arn)
    return {"AnomalySubscriptions": _listed(_subscriptions.of(call), wanted)}


@_service.adds("UpdateAnomalySubscription")
def update_anomaly_subscription(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_UpdateAnomalySubscription.html"""
    subscription = _subscriptions.find(call, call.given["SubscriptionArn"])
    _check(call, {**subscription, **call.given})
    subscription.update(call.given)
    return {"SubscriptionArn": call.given["SubscriptionArn"]}


@_service.adds("DeleteAnomalySubscription")
def delete_anomaly_subscription(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_DeleteAnomalySubscription.html"""
    _subscriptions.remove(call, call.given["SubscriptionArn"])
    return {}
