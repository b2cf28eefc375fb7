"""Budgets, whom they notify, and their tags."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import ACCOUNT, Client

_EMAIL = {"SubscriptionType": "EMAIL", "Address": "platform@example.com"}
_TOPIC = {"SubscriptionType": "SNS", "Address": "arn:aws:sns:eu-west-1:111111111111:warning"}


@pytest.fixture
def budgets(client: Client) -> Any:
    """Budgets in the shared account."""
    return client("budgets")


def notification(threshold: float) -> dict[str, Any]:
    return {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "GREATER_THAN",
        "Threshold": threshold,
        "ThresholdType": "PERCENTAGE",
    }


@pytest.fixture
def budget(budgets: Any, name: str) -> dict[str, str]:
    """What names a budget of 300 US dollars that tells of 80 percent."""
    budgets.create_budget(
        AccountId=ACCOUNT,
        Budget={
            "BudgetName": name,
            "BudgetType": "COST",
            "TimeUnit": "MONTHLY",
            "BudgetLimit": {"Amount": "300", "Unit": "USD"},
            "CostFilters": {"TagKeyValue": ["user:Environment$dev"]},
        },
        NotificationsWithSubscribers=[
            {"Notification": notification(80), "Subscribers": [_EMAIL]},
        ],
        ResourceTags=[{"Key": "a", "Value": "1"}],
    )
    return {"AccountId": ACCOUNT, "BudgetName": name}


def test_a_budget_is_described_with_what_it_left_out(budgets: Any, budget: dict[str, str]) -> None:
    found = budgets.describe_budget(**budget)["Budget"]
    assert found["BudgetLimit"] == {"Amount": "300", "Unit": "USD"}
    assert found["CostFilters"] == {"TagKeyValue": ["user:Environment$dev"]}
    assert (found["TimePeriod"]["Start"].day, found["TimePeriod"]["End"].year) == (1, 2087)
    assert (found["CostTypes"]["IncludeTax"], found["CostTypes"]["UseBlended"]) == (True, False)


def test_a_budget_can_be_changed(budgets: Any, budget: dict[str, str]) -> None:
    held = budgets.describe_budget(**budget)["Budget"]
    held["BudgetLimit"]["Amount"] = "400"
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=held)
    found = budgets.describe_budget(**budget)["Budget"]
    assert found["BudgetLimit"]["Amount"] == "400"


def test_notifications_have_subscribers(budgets: Any, budget: dict[str, str]) -> None:
    budgets.create_notification(
        **budget, Notification=notification(100), Subscribers=[_EMAIL, _TOPIC]
    )
    budgets.delete_subscriber(**budget, Notification=notification(100), Subscriber=_EMAIL)
    budgets.create_subscriber(**budget, Notification=notification(80), Subscriber=_TOPIC)
    listed = budgets.describe_notifications_for_budget(**budget)["Notifications"]
    subscribers = {
        held["Threshold"]: budgets.describe_subscribers_for_notification(
            **budget, Notification=held
        )["Subscribers"]
        for held in listed
    }
    assert subscribers == {80: [_EMAIL, _TOPIC], 100: [_TOPIC]}


def test_a_notification_can_be_changed_and_deleted(budgets: Any, budget: dict[str, str]) -> None:
    budgets.update_notification(
        **budget, OldNotification=notification(80), NewNotification=notification(90)
    )
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.delete_notification(**budget, Notification=notification(80))
    budgets.delete_notification(**budget, Notification=notification(90))
    assert budgets.describe_notifications_for_budget(**budget)["Notifications"] == []


def test_a_sixth_notification_is_refused(budgets: Any, budget: dict[str, str]) -> None:
    for threshold in (10, 20, 30, 40):
        budgets.create_notification(
            **budget, Notification=notification(threshold), Subscribers=[_EMAIL]
        )
    with pytest.raises(ClientError, match="CreationLimitExceededException"):
        budgets.create_notification(**budget, Notification=notification(50), Subscribers=[_EMAIL])


def test_a_budget_has_tags_until_it_is_deleted(budgets: Any, budget: dict[str, str]) -> None:
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{budget['BudgetName']}"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "b", "Value": "2"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["a"])
    tags = budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"]
    assert tags == [{"Key": "b", "Value": "2"}]
    assert budget["BudgetName"] in [
        held["BudgetName"] for held in budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]
    ]
    budgets.delete_budget(**budget)
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.describe_budget(**budget)
