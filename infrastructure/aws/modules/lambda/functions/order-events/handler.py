"""Keeps the state of each order from the events about it, and announces how the order ended up.

The queue delivers an event once or several times, and in any order. So every kind of event sets
one attribute of its own, once, and the state is what these attributes say together. An order that
is placed, paid and has its stock is confirmed; one whose payment failed is rejected. The same
write that settles an order also puts the announcement into its ``outbox``; it leaves there only
after the bus has taken it. Whoever handles the order next sends what a crash left behind.
"""

import json
import logging
import os
import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

SOURCE = "bookstore.orders"
# What each event says of its order, and who alone may say so.
FACTS = {
    "OrderPlaced": ("placed_at", "bookstore.orders"),
    "OrderCancelled": ("cancelled_at", "bookstore.orders"),
    "PaymentCaptured": ("paid_at", "bookstore.payments"),
    "PaymentFailed": ("payment_failed_at", "bookstore.payments"),
    "StockReserved": ("reserved_at", "bookstore.inventory"),
    "ShipmentDispatched": ("dispatched_at", "bookstore.inventory"),
}
OUTCOMES = {"OrderConfirmed": "confirmed_at", "OrderRejected": "rejected_at"}

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_QUICK = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
_log = logging.getLogger("order-events")
_log.setLevel(logging.INFO)


class InvalidEventError(Exception):
    """The message is no event this function understands; trying again will not help."""


class PublishError(Exception):
    """The bus did not take an announcement."""


@cache
def _table() -> Any:
    return boto3.resource("dynamodb", config=_QUICK).Table(os.environ["TABLE_NAME"])


@cache
def _bus() -> Any:
    return boto3.client("events", config=_QUICK)


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Handle a batch; name the messages that must come again."""
    failed = []
    for record in event["Records"]:
        message_id = record["messageId"]
        about: dict[str, Any] = {"message_id": message_id}
        try:
            received = _parse(record["body"])
            about |= _identity(received)
            _handle(received, about)
        except InvalidEventError as error:
            # It comes again until the queue sets it aside, where somebody can look at it.
            _log.error("event refused", extra={**about, "reason": str(error)})
            failed.append(message_id)
        except PublishError as error:
            _log.error("announcement not taken", extra={**about, "reason": str(error)})
            failed.append(message_id)
        except ClientError as error:
            # The code only: AWS's message may repeat what was written.
            reason = error.response.get("Error", {}).get("Code", "unknown")
            operation = error.operation_name
            _log.error("call failed", extra={**about, "reason": reason, "operation": operation})
            failed.append(message_id)
        except Exception as error:  # noqa: BLE001 - one message never fails the others
            _log.error("event failed", extra={**about, "reason": type(error).__name__})
            failed.append(message_id)
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def _parse(body: str) -> dict[str, Any]:
    try:
        received = json.loads(body)
    except json.JSONDecodeError as error:
        raise InvalidEventError("the body is not JSON") from error
    if not isinstance(received, dict) or not isinstance(received.get("detail"), dict):
        raise InvalidEventError("the body is not an event with a detail")
    kind = received.get("detail-type")
    if not isinstance(kind, str) or kind not in FACTS:
        raise InvalidEventError("the detail-type is not one of those this function handles")
    if received.get("source") != FACTS[kind][1]:
        raise InvalidEventError("the source may not send this detail-type")
    for name, value in (
        ("id", received.get("id")),
        ("detail.order_id", received["detail"].get("order_id")),
    ):
        if not isinstance(value, str) or not _ID.fullmatch(value):
            raise InvalidEventError(f"{name} is missing or malformed")
    try:
        datetime.fromisoformat(received["time"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidEventError("time is missing or malformed") from error
    if kind == "OrderPlaced":
        _check_order(received["detail"])
    return received


def _check_order(detail: dict[str, Any]) -> None:
    if not isinstance(detail.get("user_id"), str) or not _ID.fullmatch(detail["user_id"]):
        raise InvalidEventError("detail.user_id is missing or malformed")
    total = detail.get("total_minor")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise InvalidEventError("detail.total_minor is not a whole number")
    if not re.fullmatch(r"[A-Z]{3}", str(detail.get("currency"))):
        raise InvalidEventError("detail.currency is not a currency code")


def _identity(received: dict[str, Any]) -> dict[str, Any]:
    """What log lines and announcements say of an event: no names, addresses or amounts."""
    metadata = received["detail"].get("metadata")
    given = metadata.get("correlation_id") if isinstance(metadata, dict) else None
    return {
        "correlation_id": given if isinstance(given, str) else received["id"],
        "event_id": received["id"],
        "detail_type": received["detail-type"],
        "order_id": received["detail"]["order_id"],
    }


def _handle(received: dict[str, Any], about: dict[str, Any]) -> None:
    key = {"pk": f"ORDER#{about['order_id']}", "sk": "STATE"}
    order = _record(key, received)
    if order is None:
        # Seen before, perhaps by a run that ended too early: what follows is done again.
        _log.info("event seen before", extra=about)
        order = _read(key)
    else:
        _log.info("event recorded", extra=about)
    if outcome := _outcome(order):
        order = _settle(key, outcome)
    if announced := order.get("outbox"):
        _announce(announced, order, about)
        _clear(key, announced)
        _log.info("order settled", extra={**about, "outcome": announced})


def _record(key: dict[str, str], received: dict[str, Any]) -> dict[str, Any] | None:
    """Write the event's fact; the order as it is then, or None where the fact was known."""
    detail = received["detail"]
    values: dict[str, Any] = {
        FACTS[received["detail-type"]][0]: received["time"],
        "order_id": detail["order_id"],
        "actor_id": detail.get("actor_id") or detail.get("user_id") or received["source"],
        "updated_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    if received["detail-type"] == "OrderPlaced":
        values |= {
            "user_id": detail["user_id"],
            "total_minor": detail["total_minor"],
            "currency": detail["currency"],
            "gsi1pk": f"USER#{detail['user_id']}",
            "gsi1sk": f"ORDER#{received['time']}",
        }
    names = list(values)
    try:
        written = _table().update_item(
            Key=key,
            UpdateExpression="SET "
            + ", ".join(f"#n{index} = :v{index}" for index in range(len(names))),
            ConditionExpression="attribute_not_exists(#n0)",
            ExpressionAttributeNames={f"#n{index}": name for index, name in enumerate(names)},
            ExpressionAttributeValues={f":v{index}": values[n] for index, n in enumerate(names)},
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        if _condition_failed(error):
            return None
        raise
    order: dict[str, Any] = written["Attributes"]
    return order


def _read(key: dict[str, str]) -> dict[str, Any]:
    order: dict[str, Any] = _table().get_item(Key=key, ConsistentRead=True).get("Item", {})
    return order


def _outcome(order: dict[str, Any]) -> str | None:
    """How the order ends up by what is known; None: not yet, or it has long been settled."""
    if "placed_at" not in order or "cancelled_at" in order:
        return None
    if any(settled in order for settled in OUTCOMES.values()):
        return None
    if "paid_at" in order:
        return "OrderConfirmed" if "reserved_at" in order else None
    return "OrderRejected" if "payment_failed_at" in order else None


def _settle(key: dict[str, str], outcome: str) -> dict[str, Any]:
    """Settle the order, unless another run has; the order as it is then."""
    try:
        written = _table().update_item(
            Key=key,
            UpdateExpression="SET #settled = :now, updated_at = :now, outbox = :outcome",
            ConditionExpression=" AND ".join(
                f"attribute_not_exists({name})" for name in (*OUTCOMES.values(), "cancelled_at")
            ),
            ExpressionAttributeNames={"#settled": OUTCOMES[outcome]},
            ExpressionAttributeValues={
                ":now": datetime.now(UTC).isoformat(timespec="milliseconds"),
                ":outcome": outcome,
            },
            ReturnValues="ALL_NEW",
        )
    except ClientError as error:
        if _condition_failed(error):
            return _read(key)
        raise
    order: dict[str, Any] = written["Attributes"]
    return order


def _announce(outcome: str, order: dict[str, Any], about: dict[str, Any]) -> None:
    detail: dict[str, Any] = {
        "order_id": order["order_id"],
        "user_id": order["user_id"],
        "metadata": {"correlation_id": about["correlation_id"], "causation_id": about["event_id"]},
    }
    if outcome == "OrderConfirmed":
        detail |= {"total_minor": int(order["total_minor"]), "currency": order["currency"]}
    else:
        detail["reason"] = "payment-failed"
    entry = {
        "EventBusName": os.environ["EVENT_BUS_NAME"],
        "Source": SOURCE,
        "DetailType": outcome,
        "Detail": json.dumps(detail),
    }
    answer = _bus().put_events(Entries=[entry])
    if answer.get("FailedEntryCount"):
        raise PublishError(answer["Entries"][0].get("ErrorCode", "unknown"))


def _clear(key: dict[str, str], announced: str) -> None:
    try:
        _table().update_item(
            Key=key,
            UpdateExpression="REMOVE outbox",
            ConditionExpression="outbox = :announced",
            ExpressionAttributeValues={":announced": announced},
        )
    except ClientError as error:
        if not _condition_failed(error):
            raise


def _condition_failed(error: ClientError) -> bool:
    return bool(error.response["Error"]["Code"] == "ConditionalCheckFailedException")
