"""The bookstore's events: their schemas, and which queue gets which.

Every schema holds an example. It goes through a fake EventBridge with the rules of the tree, and
must arrive in the queues named here and in no other.
"""

import copy
import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from openapi_spec_validator import validate

from tests.infrastructure.conftest import SOURCE
from tests.unit.functions.conftest import load_function

EVENTS = SOURCE / "events"
RULES: dict[str, dict[str, Any]] = json.loads((EVENTS / "rules.json").read_text("utf-8"))
SCHEMAS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text("utf-8"))
    for path in sorted((EVENTS / "schemas").glob("*.json"))
}
BUS = "bookstore-test"

# Who gets what. A new event or consumer is written down here first.
RECEIVERS = {
    "OrderCancelled": {"inventory", "notifications", "orders", "payments"},
    "OrderConfirmed": {"inventory", "notifications"},
    "OrderPlaced": {"inventory", "orders", "payments"},
    "OrderRejected": {"inventory", "notifications"},
    "PaymentCaptured": {"orders"},
    "PaymentFailed": {"orders"},
    "ReviewPosted": {"search"},
    "ShipmentDispatched": {"notifications", "orders"},
    "StockLow": {"notifications", "search"},
    "StockReserved": {"orders"},
    "UserRegistered": {"notifications"},
}


def event_schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = SCHEMAS[name]["components"]["schemas"]["AWSEvent"]
    return schema


def example(name: str) -> dict[str, Any]:
    event: dict[str, Any] = copy.deepcopy(event_schema(name)["example"])
    return event


def errors(name: str, event: dict[str, Any]) -> list[str]:
    """What the schema has against an event."""
    components = SCHEMAS[name]["components"]
    schema = {**event_schema(name), "components": components}
    validator = OAS30Validator(schema, format_checker=oas30_format_checker)
    return [error.message for error in validator.iter_errors(event)]


class Bus:
    """The rules of the tree in a fake EventBridge, each queue of theirs a queue."""

    def __init__(self) -> None:
        self._events = boto3.client("events")
        self._sqs = boto3.client("sqs")
        self._queues: dict[str, str] = {}
        self._events.create_event_bus(Name=BUS)
        for name, rule in RULES.items():
            self._events.put_rule(
                Name=name, EventBusName=BUS, EventPattern=json.dumps(rule["pattern"])
            )
            targets = [{"Id": queue, "Arn": self._arn(queue)} for queue in rule["queues"]]
            self._events.put_targets(Rule=name, EventBusName=BUS, Targets=targets)

    def _arn(self, queue: str) -> str:
        self._queues[queue] = self._sqs.create_queue(QueueName=queue)["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._queues[queue], AttributeNames=["QueueArn"]
        )["Attributes"]
        return str(attributes["QueueArn"])

    def put(self, event: dict[str, Any]) -> None:
        entry = {
            "EventBusName": BUS,
            "Source": event["source"],
            "DetailType": event["detail-type"],
            "Detail": json.dumps(event["detail"]),
        }
        assert self._events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    def received(self, queue: str) -> list[dict[str, Any]]:
        messages = self._sqs.receive_message(
            QueueUrl=self._queues[queue], MaxNumberOfMessages=10
        ).get("Messages", [])
        return [json.loads(message["Body"]) for message in messages]

    def receivers(self) -> set[str]:
        return {queue for queue in self._queues if self.received(queue)}


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        yield Bus()


def test_every_event_has_a_receiver_and_a_schema() -> None:
    assert set(SCHEMAS) == set(RECEIVERS)
    assert all(RECEIVERS.values())


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_a_valid_openapi_document(name: str) -> None:
    validate(SCHEMAS[name])


@pytest.mark.parametrize("name", SCHEMAS)
def test_names_in_a_schema_agree(name: str) -> None:
    document, event = SCHEMAS[name], event_schema(name)
    assert document["openapi"] == "3.0.0"
    assert document["info"]["title"] == event["x-amazon-events-detail-type"] == name
    assert document["info"]["description"]
    assert event["properties"]["detail-type"]["enum"] == [name]
    assert event["properties"]["source"]["enum"] == [event["x-amazon-events-source"]]
    assert event["properties"]["detail"] == {"$ref": f"#/components/schemas/{name}"}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_example_is_what_the_schema_says(name: str) -> None:
    assert errors(name, example(name)) == []
    declared = SCHEMAS[name]["components"]["schemas"][name]["properties"]
    assert set(example(name)["detail"]) <= set(declared)


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_refuses_what_lacks_a_field_or_is_another_event(name: str) -> None:
    for field in SCHEMAS[name]["components"]["schemas"][name]["required"]:
        broken = example(name)
        del broken["detail"][field]
        assert errors(name, broken), field
    for other in SCHEMAS:
        assert bool(errors(name, example(other))) is (other != name), other


@pytest.mark.parametrize("name", SCHEMAS)
def test_events_carry_nothing_personal(name: str) -> None:
    """They end in archives, logs and queues; consumers ask the service that holds the person."""
    text = json.dumps(SCHEMAS[name]["components"]["schemas"][name]["properties"])
    for field in ("email", "phone", "address", "first_name", "last_name", "password", "card_"):
        assert f'"{field}' not in text


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_event_reaches_those_who_want_it_and_nobody_else(name: str, bus: Bus) -> None:
    bus.put(example(name))
    assert bus.receivers() == RECEIVERS[name]


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_event_of_the_wrong_source_reaches_nobody(name: str, bus: Bus) -> None:
    bus.put({**example(name), "source": "bookstore.marketing"})
    assert bus.receivers() == set()


def test_rules_name_events_and_sources_that_exist() -> None:
    """A misspelt name in a pattern matches nothing, and nothing complains."""
    for rule, definition in RULES.items():
        alternatives = definition["pattern"].get("$or", [definition["pattern"]])
        for pattern in alternatives:
            assert set(pattern) == {"source", "detail-type"}, rule
            sources = {
                event_schema(name)["x-amazon-events-source"] for name in pattern["detail-type"]
            }
            assert sources == set(pattern["source"]), rule


def test_rules_say_who_needs_them_and_fit_the_module() -> None:
    for rule, definition in RULES.items():
        assert set(definition) == {"description", "queues", "pattern"}, rule
        assert 10 <= len(definition["description"]) <= 512
        assert 1 <= len(definition["queues"]) <= 5


def test_the_function_handles_exactly_what_its_queue_gets() -> None:
    function = load_function("order-events")
    wanted = {name: source for name, (_, source) in function.FACTS.items()}
    assert wanted == {
        name: event_schema(name)["x-amazon-events-source"]
        for name, queues in RECEIVERS.items()
        if "orders" in queues
    }


@pytest.mark.parametrize(
    ("names", "announced"),
    [
        (("OrderPlaced", "PaymentCaptured", "StockReserved"), "OrderConfirmed"),
        (("OrderPlaced", "PaymentFailed"), "OrderRejected"),
    ],
)
def test_what_the_function_announces_is_what_the_schema_says(
    bus: Bus, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...], announced: str
) -> None:
    keys = ("pk", "sk")
    boto3.client("dynamodb").create_table(
        TableName="orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[
            {"AttributeName": key, "KeyType": kind}
            for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
        ],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
    )
    monkeypatch.setenv("TABLE_NAME", "orders")
    monkeypatch.setenv("EVENT_BUS_NAME", BUS)
    function = load_function("order-events")
    for name in names:
        record = {"messageId": name, "body": json.dumps(example(name))}
        assert function.handler({"Records": [record]}, None) == {"batchItemFailures": []}
    [event] = bus.received("notifications")
    assert event["detail-type"] == announced
    # The fake leaves out parts of the envelope; what the function says is all there.
    assert errors(announced, {**example(announced), **event}) == []
