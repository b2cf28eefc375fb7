"""Budgets with notifications, subscribers and tags; moto holds neither of the last two."""

import datetime as dt
from typing import Any

from moto.budgets.responses import BudgetsResponse

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service, Tags

_service = Service("budgets", BudgetsResponse, regional=False)
_budgets = _service.collection(
    "Budget", missing="NotFoundException", exists="DuplicateRecordException"
)
# https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_TagResource.html
_tags = Tags(
    _service,
    listed=True,
    resource="ResourceARN",
    tags="ResourceTags",
    keys="ResourceTagKeys",
    missing="NotFoundException",
)

# A budget without an end has this one.
_END = dt.datetime(2087, 6, 15, tzinfo=dt.UTC)
_COST_TYPES = {
    "IncludeCredit": True,
    "IncludeDiscount": True,
    "IncludeOtherSubscription": True,
    "IncludeRecurring": True,
    "IncludeRefund": True,
    "IncludeSubscription": True,
    "IncludeSupport": True,
    "IncludeTax": True,
    "IncludeUpfront": True,
    "UseAmortized": False,
    "UseBlended": False,
}
_NOTHING = {"Amount": "0", "Unit": "USD"}


def _arn(call: Call, name: str) -> str:
    return f"arn:aws:budgets::{call.account}:budget/{name}"


def _completed(budget: dict[str, Any]) -> dict[str, Any]:
    """The budget as AWS describes it, with what was left out."""
    month = dt.datetime.now(dt.UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    own = {"CostTypes": _COST_TYPES} if budget["BudgetType"] == "COST" else {}
    return {
        **own,
        **budget,
        "TimePeriod": {"Start": month, "End": _END, **budget.get("TimePeriod", {})},
        "CalculatedSpend": {"ActualSpend": _NOTHING, "ForecastedSpend": _NOTHING},
        "LastUpdatedTime": dt.datetime.now(dt.UTC),
    }


def _notification(given: dict[str, Any]) -> dict[str, Any]:
    return {"ThresholdType": "PERCENTAGE", "NotificationState": "OK", **given}


def _add_notification(budget: dict[str, Any], given: dict[str, Any]) -> None:
    notification = _notification(given["Notification"])
    if any(held["Notification"] == notification for held in budget["notifications"]):
        raise ApiError("DuplicateRecordException", "The notification already exists.")
    if len(budget["notifications"]) == 5:
        raise ApiError("CreationLimitExceededException", "A budget has 5 notifications at most.")
    budget["notifications"].append(
        {"Notification": notification, "Subscribers": list(given["Subscribers"])}
    )


def _find_notification(call: Call, name: str = "Notification") -> dict[str, Any]:
    wanted = _notification(call.given[name])
    for held in _budgets.find(call, call.given["BudgetName"])["notifications"]:
        if held["Notification"] == wanted:
            found: dict[str, Any] = held
            return found
    raise ApiError("NotFoundException", "The notification does not exist.")


@_service.replaces("CreateBudget")
def create_budget(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html"""
    name = call.given["Budget"]["BudgetName"]
    budget: dict[str, Any] = {"budget": _completed(call.given["Budget"]), "notifications": []}
    for notification in call.given.get("NotificationsWithSubscribers", []):
        _add_notification(budget, notification)
    _budgets.add(call, name, budget)
    _tags.put(call, _arn(call, name))
    return {}


@_service.replaces("DescribeBudget")
def describe_budget(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeBudget.html"""
    return {"Budget": _budgets.find(call, call.given["BudgetName"])["budget"]}


@_service.replaces("DescribeBudgets")
def describe_budgets(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeBudgets.html"""
    return {"Budgets": [held["budget"] for held in _budgets.of(call).values()]}


@_service.adds("UpdateBudget")
def update_budget(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateBudget.html"""
    given = call.given["NewBudget"]
    _budgets.find(call, given["BudgetName"])["budget"] = _completed(given)
    return {}


@_service.replaces("DeleteBudget")
def delete_budget(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DeleteBudget.html"""
    _budgets.remove(call, call.given["BudgetName"])
    _tags.drop(call, _arn(call, call.given["BudgetName"]))
    return {}


@_service.replaces("CreateNotification")
def create_notification(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateNotification.html"""
    _add_notification(_budgets.find(call, call.given["BudgetName"]), call.given)
    return {}


@_service.adds("UpdateNotification")
def update_notification(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_UpdateNotification.html"""
    held = _find_notification(call, "OldNotification")
    held["Notification"] = _notification(call.given["NewNotification"])
    return {}


@_service.replaces("DeleteNotification")
def delete_notification(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DeleteNotification.html"""
    held = _find_notification(call)
    _budgets.find(call, call.given["BudgetName"])["notifications"].remove(held)
    return {}


@_service.replaces("DescribeNotificationsForBudget")
def describe_notifications_for_budget(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeNotificationsForBudget.html"""
    budget = _budgets.find(call, call.given["BudgetName"])
    return {"Notifications": [held["Notification"] for held in budget["notifications"]]}


@_service.adds("DescribeSubscribersForNotification")
def describe_subscribers_for_notification(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DescribeSubscribersForNotification.html"""
    return {"Subscribers": _find_notification(call)["Subscribers"]}


@_service.adds("CreateSubscriber")
def create_subscriber(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateSubscriber.html"""
    _find_notification(call)["Subscribers"].append(call.given["Subscriber"])
    return {}


@_service.adds("DeleteSubscriber")
def delete_subscriber(call: Call) -> Answer:
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_DeleteSubscriber.html"""
    subscribers = _find_notification(call)["Subscribers"]
    if call.given["Subscriber"] not in subscribers:
        raise ApiError("NotFoundException", "The subscriber does not exist.")
    subscribers.remove(call.given["Subscriber"])
    return {}
