"""What the bookstore sees of an order's events: the order's state, and how it ended up."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.unit.functions.conftest import Logged

BUS = "bookstore-test"
SOURCES = {
    "OrderPlaced": "bookstore.orders",
    "OrderCancelled": "bookstore.orders",
    "PaymentCaptured": "bookstore.payments",
    "PaymentFailed": "bookstore.payments",
    "StockReserved": "bookstore.inventory",
    "ShipmentDispatched": "bookstore.inventory",
}
DETAILS: dict[str, dict[str, Any]] = {
    "OrderPlaced": {"user_id": "user-7", "total_minor": 2599, "currency": "EUR"},
    "PaymentFailed": {"reason": "card-declined"},
}


def message(kind: str, order: str = "order-1", **fields: Any) -> dict[str, Any]:
    """A message of the queue, as EventBridge writes it."""
    detail = {"order_id": order, "metadata": {"correlation_id": "checkout-9"}}
    event = {
        "version": "0",
        "id": f"event-{kind}",
        "source": SOURCES.get(kind),
        "detail-type": kind,
        "time": "2026-03-01T10:00:00Z",
        "detail": detail | DETAILS.get(kind, {}),
    }
    return {"messageId": f"message-{kind}-{order}", "body": json.dumps(event | fields)}


class Shop:
    """The function, its table, and a queue behind a bus on which announcements arrive."""

    def __init__(self, table: Any, load: Callable[[str], Any]) -> None:
        self.table = table
        self.function = load("order-events")
        self._queues = boto3.client("sqs")
        self._queue = self._queues.create_queue(QueueName="announced")["QueueUrl"]
        events = boto3.client("events")
        events.create_event_bus(Name=BUS)
        events.put_rule(
            Name="all", EventBusName=BUS, EventPattern='{"source": ["bookstore.orders"]}'
        )
        arn = self._queues.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])[
            "Attributes"
        ]["QueueArn"]
        events.put_targets(Rule="all", EventBusName=BUS, Targets=[{"Id": "queue", "Arn": arn}])

    def handle(self, *messages: dict[str, Any]) -> list[str]:
        """Handle a batch; the messages that come again."""
        answer = self.function.handler({"Records": list(messages)}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def order(self, order: str = "order-1") -> dict[str, Any]:
        item = self.table.get_item(Key={"pk": f"ORDER#{order}", "sk": "STATE"}).get("Item", {})
        return dict(item)

    def announced(self) -> list[dict[str, Any]]:
        found = []
        while received := self._queues.receive_message(
            QueueUrl=self._queue, MaxNumberOfMessages=10
        ).get("Messages"):
            for one in received:
                found.append(json.loads(one["Body"]))
                self._queues.delete_message(
                    QueueUrl=self._queue, ReceiptHandle=one["ReceiptHandle"]
                )
        return found


@pytest.fixture
def shop(
    monkeypatch: pytest.MonkeyPatch,
    make_table: Callable[..., Any],
    load: Callable[[str], Any],
) -> Shop:
    monkeypatch.setenv("TABLE_NAME", "high-throughput")
    monkeypatch.setenv("EVENT_BUS_NAME", BUS)
    return Shop(make_table("high-throughput", "pk", "sk"), load)


def test_a_placed_order_can_be_found_by_its_user(shop: Shop) -> None:
    assert shop.handle(message("OrderPlaced")) == []
    order = shop.order()
    assert order["placed_at"] == "2026-03-01T10:00:00Z"
    assert (order["gsi1pk"], order["gsi1sk"]) == ("USER#user-7", "ORDER#2026-03-01T10:00:00Z")
    assert (order["total_minor"], order["currency"]) == (2599, "EUR")
    assert shop.announced() == []


@pytest.mark.parametrize(
    "kinds", tuple(itertools.permutations(("OrderPlaced", "PaymentCaptured", "StockReserved")))
)
def test_an_order_is_confirmed_once_whatever_comes_first(
    shop: Shop, kinds: tuple[str, ...]
) -> None:
    for kind in kinds:
        assert shop.handle(message(kind)) == []
    [event] = shop.announced()
    assert (event["source"], event["detail-type"]) == ("bookstore.orders", "OrderConfirmed")
    assert event["detail"] == {
        "order_id": "order-1",
        "user_id": "user-7",
        "total_minor": 2599,
        "currency": "EUR",
        "metadata": {"correlation_id": "checkout-9", "causation_id": f"event-{kinds[-1]}"},
    }
    assert "confirmed_at" in shop.order()
    assert "outbox" not in shop.order()


def test_events_that_come_again_change_nothing(shop: Shop) -> None:
    batch = [message(kind) for kind in ("OrderPlaced", "PaymentCaptured", "StockReserved")]
    assert shop.handle(*batch, *batch) == []
    before = shop.order()
    assert shop.handle(*reversed(batch)) == []
    assert shop.order() == before
    assert len(shop.announced()) == 1


def test_an_order_whose_payment_failed_is_rejected(shop: Shop) -> None:
    assert shop.handle(message("PaymentFailed"), message("OrderPlaced")) == []
    [event] = shop.announced()
    assert event["detail-type"] == "OrderRejected"
    assert event["detail"]["reason"] == "payment-failed"


def test_a_payment_that_succeeds_in_the_end_counts(shop: Shop) -> None:
    shop.handle(message("PaymentFailed"), message("PaymentCaptured"), message("StockReserved"))
    shop.handle(message("OrderPlaced"))
    assert [event["detail-type"] for event in shop.announced()] == ["OrderConfirmed"]


def test_a_cancelled_order_is_not_confirmed(shop: Shop) -> None:
    shop.handle(message("OrderPlaced"), message("OrderCancelled"))
    shop.handle(message("PaymentCaptured"), message("StockReserved"))
    assert shop.announced() == []
    assert "confirmed_at" not in shop.order()


def test_a_dispatch_is_recorded(shop: Shop) -> None:
    assert shop.handle(message("ShipmentDispatched")) == []
    assert shop.order()["dispatched_at"] == "2026-03-01T10:00:00Z"


def test_only_the_bad_messages_come_again(shop: Shop) -> None:
    broken = {"messageId": "broken", "body": "{"}
    assert shop.handle(broken, message("OrderPlaced"), message("OrderPlaced", "order-2")) == [
        "broken"
    ]
    assert shop.order()
    assert shop.order("order-2")


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"detail-type": "OrderShipped"}, "the detail-type is not one of those"),
        ({"detail-type": ["OrderPlaced"]}, "the detail-type is not one of those"),
        ({"source": "bookstore.reviews"}, "the source may not send this detail-type"),
        ({"id": None}, "id is missing or malformed"),
        ({"time": "yesterday"}, "time is missing or malformed"),
        ({"time": None}, "time is missing or malformed"),
        ({"detail": "text"}, "not an event with a detail"),
        ({"detail": {"order_id": "../1"}}, "detail.order_id is missing or malformed"),
        ({"detail": {"order_id": "order-1"}}, "detail.user_id is missing"),
        (
            {"detail": {"order_id": "order-1", "user_id": "u1", "total_minor": 1.5}},
            "detail.total_minor is not a whole number",
        ),
        (
            {"detail": {"order_id": "o1", "user_id": "u1", "total_minor": 1, "currency": "euro"}},
            "detail.currency is not a currency code",
        ),
    ],
)
def test_a_bad_event_is_refused_and_writes_nothing(
    shop: Shop, logged: Logged, fields: dict[str, Any], reason: str
) -> None:
    assert shop.handle(message("OrderPlaced", **fields)) == ["message-OrderPlaced-order-1"]
    assert shop.table.scan()["Count"] == 0
    [line] = logged()
    assert line["level"] == "ERROR"
    assert reason in line["reason"]


def test_an_announcement_that_the_bus_refused_is_sent_when_the_message_comes_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    class Full:
        def put_events(self, **_: Any) -> dict[str, Any]:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": "ThrottlingException"}]}

    shop.handle(message("OrderPlaced"), message("PaymentCaptured"))
    with monkeypatch.context() as patch:
        patch.setattr(shop.function, "_bus", Full)
        assert shop.handle(message("StockReserved")) == ["message-StockReserved-order-1"]
    assert "confirmed_at" in shop.order()
    assert logged()[-1]["reason"] == "ThrottlingException"
    assert shop.announced() == []

    assert shop.handle(message("StockReserved")) == []
    assert [event["detail-type"] for event in shop.announced()] == ["OrderConfirmed"]
    assert "outbox" not in shop.order()


def test_an_announcement_left_by_a_crash_is_sent_with_any_later_event(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Gone:
        def put_events(self, **_: Any) -> dict[str, Any]:
            raise KeyboardInterrupt

    shop.handle(message("OrderPlaced"), message("PaymentCaptured"))
    with monkeypatch.context() as patch:
        patch.setattr(shop.function, "_bus", Gone)
        with pytest.raises(KeyboardInterrupt):
            shop.handle(message("StockReserved"))
    assert shop.handle(message("ShipmentDispatched")) == []
    assert len(shop.announced()) == 1


def test_of_two_runs_that_settle_an_order_one_announces_it(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.handle(message("OrderPlaced"), message("PaymentCaptured"))
    ask = shop.function._outcome

    def after_another_run(order: dict[str, Any]) -> str | None:
        """The other run comes between looking at the order and settling it."""
        with monkeypatch.context() as patch:
            patch.setattr(shop.function, "_outcome", ask)
            shop.handle(message("StockReserved"))
        return str(ask(order))

    with monkeypatch.context() as patch:
        patch.setattr(shop.function, "_outcome", after_another_run)
        assert shop.handle(message("StockReserved")) == []
    assert len(shop.announced()) == 1


def test_a_throttled_table_brings_the_message_again(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    class Throttled:
        def update_item(self, **_: Any) -> dict[str, Any]:
            error: Any = {"Code": "ThrottlingException", "Message": "user-7 wrote too much"}
            raise ClientError({"Error": error}, "UpdateItem")

    with monkeypatch.context() as patch:
        patch.setattr(shop.function, "_table", Throttled)
        assert shop.handle(message("OrderPlaced")) == ["message-OrderPlaced-order-1"]
    [line] = logged()
    assert (line["reason"], line["operation"]) == ("ThrottlingException", "UpdateItem")
    assert shop.handle(message("OrderPlaced")) == []


def test_log_lines_say_which_order_and_nothing_of_its_user(shop: Shop, logged: Logged) -> None:
    secret = {"order_id": "order-1", "user_id": "user-7", "email": "ada@example.com"}
    shop.handle(
        message("OrderPlaced"),
        message("PaymentCaptured", detail=secret),
        message("StockReserved"),
        {"messageId": "broken", "body": '{"email": "ada@example.com"'},
    )
    lines = logged()
    assert [line["message"] for line in lines] == [
        "event recorded",
        "event recorded",
        "event recorded",
        "order settled",
        "event refused",
    ]
    assert {line.get("order_id") for line in lines} == {"order-1", None}
    assert lines[0]["correlation_id"] == "checkout-9"
    assert lines[1]["correlation_id"] == "event-PaymentCaptured"
    text = json.dumps(lines)
    for private in ("user-7", "ada@", "2599"):
        assert private not in text
