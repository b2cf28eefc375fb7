"""What an auditor finds of a table's changes, and what nobody finds."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from tests.unit.functions.conftest import Logged

TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/bookstore-test-high-throughput"
ORDER = {"pk": "ORDER#order-1", "sk": "STATE"}


def image(item: dict[str, Any]) -> dict[str, Any]:
    serialize = TypeSerializer().serialize
    return {name: serialize(value) for name, value in item.items()}


def change(
    name: str,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    *,
    sequence: str = "100",
    at: float = 1767261600.0,
    **fields: Any,
) -> dict[str, Any]:
    """A record of the stream, as Lambda passes it on."""
    kept = new or old or {}
    stream: dict[str, Any] = {
        "ApproximateCreationDateTime": at,
        "Keys": image({key: kept[key] for key in ("pk", "sk")}),
        "SequenceNumber": sequence,
    }
    if old is not None:
        stream["OldImage"] = image(old)
    if new is not None:
        stream["NewImage"] = image(new)
    return {
        "eventID": f"event-{sequence}",
        "eventName": name,
        "eventSourceARN": f"{TABLE}/stream/2026-01-01T00:00:00.000",
        "dynamodb": stream,
        **fields,
    }


class Audit:
    """The function and its table."""

    def __init__(self, table: Any, function: Any) -> None:
        self.table = table
        self.function = function

    def write(self, *changes: dict[str, Any]) -> list[str]:
        answer = self.function.handler({"Records": list(changes)}, None)
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.table.scan()["Items"]
        return sorted(found, key=lambda entry: (entry["entity_id"], entry["occurred_at"]))


@pytest.fixture
def audit(
    monkeypatch: pytest.MonkeyPatch,
    make_table: Callable[..., Any],
    load: Callable[[str], Any],
) -> Audit:
    monkeypatch.setenv("AUDIT_TABLE_NAME", "audit-log")
    return Audit(make_table("audit-log", "entity_id", "occurred_at"), load("audit-writer"))


def test_a_change_says_who_what_and_when(audit: Audit) -> None:
    old = {**ORDER, "placed_at": "2026-01-01T09:00:00Z", "actor_id": "user-7"}
    new = {**old, "paid_at": "2026-01-01T10:00:00Z", "actor_id": "bookstore.payments"}
    assert audit.write(change("MODIFY", old, new)) == []
    [entry] = audit.entries()
    assert entry == {
        "entity_id": "ORDER#order-1/STATE",
        "occurred_at": "2026-01-01T10:00:00.000+00:00#100",
        "actor_id": "bookstore.payments",
        "action": "changed",
        "changed": ["paid_at"],
        "values": {"paid_at": "2026-01-01T10:00:00Z"},
        "event_id": "event-100",
        "table": "bookstore-test-high-throughput",
    }


def test_values_that_are_not_for_auditors_are_named_only(audit: Audit) -> None:
    new = {**ORDER, "email": "ada@example.com", "token": "t0p", "total_minor": 2599}
    audit.write(change("INSERT", None, new))
    [entry] = audit.entries()
    assert entry["action"] == "created"
    assert entry["changed"] == ["email", "token", "total_minor"]
    assert entry["values"] == {"total_minor": Decimal(2599)}


@pytest.mark.parametrize("pk", ["SESSION#t0ps3cret", "CART#ada@example.com", "t0ps3cret"])
def test_entities_that_may_be_personal_are_named_by_a_digest(audit: Audit, pk: str) -> None:
    item = {"pk": pk, "sk": "STATE", "n": 1}
    audit.write(change("INSERT", None, item), change("REMOVE", item, None, sequence="101"))
    first, second = audit.entries()
    assert first["entity_id"] == second["entity_id"]
    kind, _, digest = first["entity_id"].partition("#")
    assert kind == (pk.partition("#")[0] if "#" in pk else "OTHER")
    assert len(digest) == 32
    assert not {"t0ps3cret", "ada@example.com"} & set(first["entity_id"].split("#"))


def test_an_item_that_expired_was_deleted_by_nobody(audit: Audit) -> None:
    identity = {"type": "Service", "principalId": "dynamodb.amazonaws.com"}
    gone = {**ORDER, "actor_id": "user-7"}
    audit.write(change("REMOVE", gone, None, userIdentity=identity))
    assert audit.entries()[0]["actor_id"] == "service:dynamodb.amazonaws.com"


def test_who_deleted_is_not_who_changed_last(audit: Audit) -> None:
    audit.write(change("REMOVE", {**ORDER, "actor_id": "user-7"}, None))
    assert audit.entries()[0]["actor_id"] == "unknown"


def test_a_change_delivered_twice_is_one_entry(audit: Audit, logged: Logged) -> None:
    once = change("INSERT", None, {**ORDER, "placed_at": "2026-01-01T10:00:00Z"})
    assert audit.write(once, once) == []
    assert audit.write(once) == []
    assert len(audit.entries()) == 1
    assert [line["message"] for line in logged()] == [
        "entry written",
        "entry written before",
        "entry written before",
    ]


def test_two_changes_of_one_moment_are_two_entries(audit: Audit) -> None:
    new = {**ORDER, "placed_at": "2026-01-01T10:00:00Z"}
    audit.write(change("INSERT", None, new), change("MODIFY", new, new, sequence="101"))
    assert len(audit.entries()) == 2


def test_a_batch_stops_at_the_first_failure(
    audit: Audit, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    """Lambda begins again from the change that is named: the ones behind it wait for it."""
    put = audit.table.put_item

    class Flaky:
        def put_item(self, **given: Any) -> Any:
            if given["Item"]["event_id"] == "event-101":
                error: Any = {"Code": "ThrottlingException", "Message": "order-1 too fast"}
                raise ClientError({"Error": error}, "PutItem")
            return put(**given)

    changes = [
        change("INSERT", None, {**ORDER, "placed_at": str(number)}, sequence=str(number))
        for number in (100, 101, 102)
    ]
    with monkeypatch.context() as patch:
        patch.setattr(audit.function, "_table", Flaky)
        assert audit.write(*changes) == ["101"]
    assert [entry["event_id"] for entry in audit.entries()] == ["event-100"]
    assert logged()[-1]["reason"] == "ThrottlingException"

    assert audit.write(*changes[1:]) == []
    assert len(audit.entries()) == 3


def test_a_change_that_is_not_understood_is_named(audit: Audit, logged: Logged) -> None:
    broken = change("RENAME", None, {**ORDER, "token": "t0p"})
    assert audit.write(broken) == ["100"]
    [line] = logged()
    assert (line["level"], line["reason"]) == ("ERROR", "KeyError")


def test_entries_expire_where_a_retention_is_given(
    audit: Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_DAYS", "365")
    audit.write(change("INSERT", None, {**ORDER, "n": 1}))
    assert audit.entries()[0]["expires_at"] == 1767261600 + 365 * 86400


def test_log_lines_hold_no_values(audit: Audit, logged: Logged) -> None:
    item = {"pk": "SESSION#t0ps3cret", "sk": "S", "email": "ada@example.com", "token": "abc123"}
    audit.write(change("INSERT", None, item), change("RENAME", None, item, sequence="101"))
    [written, refused] = logged()
    assert written["correlation_id"] == "event-100"
    assert written["entity_id"].startswith("SESSION#")
    text = json.dumps([written, refused])
    for private in ("t0ps3cret", "ada@", "abc123"):
        assert private not in text
