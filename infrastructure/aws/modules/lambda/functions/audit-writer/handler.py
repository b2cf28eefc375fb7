"""Writes who changed what, and when, from the stream of a table into the audit log.

An entry names the attributes that changed. Values are kept of those alone that are listed here as
fit to be read by an auditor: the rest may be personal, or a session's token. Entities other than
orders are named by a digest, for the same reason. An entry's key is made of the change itself, so
that a change delivered twice is one entry.
"""

import hashlib
import logging
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from botocore.exceptions import ClientError

ACTIONS = {"INSERT": "created", "MODIFY": "changed", "REMOVE": "deleted"}
# Entities whose keys hold nothing personal.
CLEAR_ENTITIES = frozenset({"ORDER"})
CLEAR_VALUES = frozenset(
    {
        "cancelled_at",
        "confirmed_at",
        "currency",
        "dispatched_at",
        "outbox",
        "paid_at",
        "payment_failed_at",
        "placed_at",
        "rejected_at",
        "reserved_at",
        "total_minor",
    }
)
# Who did it, not what was done.
_ABOUT = frozenset({"actor_id", "updated_at"})

_QUICK = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
_log = logging.getLogger("audit-writer")
_log.setLevel(logging.INFO)
_deserialize = TypeDeserializer().deserialize


@cache
def _table() -> Any:
    return boto3.resource("dynamodb", config=_QUICK).Table(os.environ["AUDIT_TABLE_NAME"])


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Write a batch; name the first change that failed, from which Lambda begins again."""
    for record in event["Records"]:
        change = record.get("dynamodb", {})
        sequence = change.get("SequenceNumber", "")
        about = {"correlation_id": record.get("eventID"), "sequence_number": sequence}
        try:
            entry = _entry(record)
            about |= {"entity_id": entry["entity_id"], "action": entry["action"]}
            written = _write(entry)
        except ClientError as error:
            reason = error.response.get("Error", {}).get("Code", "unknown")
            _log.error("entry not written", extra={**about, "reason": reason})
            return {"batchItemFailures": [{"itemIdentifier": sequence}]}
        except Exception as error:  # noqa: BLE001 - Lambda isolates the record by its number
            _log.error("change not understood", extra={**about, "reason": type(error).__name__})
            return {"batchItemFailures": [{"itemIdentifier": sequence}]}
        _log.info("entry written" if written else "entry written before", extra=about)
    return {"batchItemFailures": []}


def _entry(record: dict[str, Any]) -> dict[str, Any]:
    change = record["dynamodb"]
    old = _plain(change.get("OldImage", {}))
    new = _plain(change.get("NewImage", {}))
    keys = _plain(change["Keys"])
    changed = sorted(
        name
        for name in (old.keys() | new.keys()) - keys.keys() - _ABOUT
        if old.get(name) != new.get(name)
    )
    at = datetime.fromtimestamp(float(change["ApproximateCreationDateTime"]), UTC)
    entry: dict[str, Any] = {
        "entity_id": _entity(keys),
        # The number tells changes of one moment apart, and is the same when they come again.
        "occurred_at": f"{at.isoformat(timespec='milliseconds')}#{change['SequenceNumber']}",
        "actor_id": _actor(record, new),
        "action": ACTIONS[record["eventName"]],
        "changed": changed,
        "values": {name: new[name] for name in changed if name in CLEAR_VALUES and name in new},
        "event_id": record["eventID"],
        "table": record["eventSourceARN"].split("/")[1],
    }
    if days := int(os.environ.get("RETENTION_DAYS", "0")):
        entry["expires_at"] = int(at.timestamp()) + days * 86400
    return entry


def _plain(image: dict[str, Any]) -> dict[str, Any]:
    return {name: _deserialize(value) for name, value in image.items()}


def _entity(keys: dict[str, Any]) -> str:
    name = "/".join(str(keys[key]) for key in sorted(keys))
    kind, separator, _ = name.partition("#")
    if separator and kind in CLEAR_ENTITIES:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    return f"{kind if separator and kind.isalpha() else 'OTHER'}#{digest}"


def _actor(record: dict[str, Any], new: dict[str, Any]) -> str:
    identity = record.get("userIdentity") or {}
    if identity.get("type") == "Service":
        # An item that expired: nobody deleted it.
        return f"service:{identity.get('principalId', 'unknown')}"
    # Whoever deletes leaves no name in the item; the last who changed it is not the one.
    actor = new.get("actor_id") if new else None
    return str(actor or "unknown")


def _write(entry: dict[str, Any]) -> bool:
    """Write the entry; False where it was written before. An entry is never changed."""
    try:
        _table().put_item(Item=entry, ConditionExpression="attribute_not_exists(entity_id)")
    except ClientError as error:
        if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
            return False
        raise
    return True
