"""Global tables, version 2019.11.21: replicas of a table in other regions.

A replica is a table of its own in its region, with its own key, tags, backups and protection,
and the very same items.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
"""

import copy
from typing import Any

from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import DynamoDBBackend, Table, dynamodb_backends
from moto.dynamodb.responses import DynamoHandler

from bookstore_ops.sandbox.extensions import replaces

_NOT_FOUND = (
    "Replica specified in the Replica Update or Replica Delete action of the request was not found."
)

_describe = Table.describe
_update_table = DynamoHandler.update_table
_delete_table = DynamoDBBackend.delete_table


def _members(table: Any) -> dict[str, Any]:
    """The tables of a global table by region; only the table itself where it has no replica."""
    members: dict[str, Any] = table.__dict__.setdefault("global_members", {})
    members.setdefault(table.region_name, table)
    return members


def _add(table: Any, wanted: dict[str, Any]) -> None:
    region = wanted["RegionName"]
    members = _members(table)
    if region in members:
        raise MockValidationException(f"Failed to create a the new replica of table {table.name}.")
    encryption = table.sse_specification and {**table.sse_specification}
    if encryption:
        encryption.pop("KMSMasterKeyId", None)
        if "KMSMasterKeyId" in wanted:
            encryption["KMSMasterKeyId"] = wanted["KMSMasterKeyId"]
    replica = dynamodb_backends[table.account_id][region].create_table(
        table.name,
        schema=table.schema,
        throughput=None,
        attr=table.attr,
        global_indexes=[],
        indexes=[],
        streams=copy.copy(table.stream_specification),
        billing_mode=table.billing_mode,
        sse_specification=encryption or None,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    replica.throughput = copy.copy(table.throughput)
    replica.indexes, replica.global_indexes = table.indexes, copy.deepcopy(table.global_indexes)
    replica.items = table.items
    replica.global_members = members
    replica.replica_key = wanted.get("KMSMasterKeyId")
    members[region] = replica


def _update(table: Any, wanted: dict[str, Any]) -> None:
    replica = _members(table).get(wanted["RegionName"])
    if replica is None:
        raise MockValidationException(_NOT_FOUND)
    if "KMSMasterKeyId" in wanted:
        replica.replica_key = wanted["KMSMasterKeyId"]
        replica.sse_specification = {
            **(replica.sse_specification or {"Enabled": True, "SSEType": "KMS"}),
            "KMSMasterKeyId": wanted["KMSMasterKeyId"],
        }


def _delete(table: Any, wanted: dict[str, Any]) -> None:
    region = wanted["RegionName"]
    if region not in _members(table):
        raise MockValidationException(_NOT_FOUND)
    dynamodb_backends[table.account_id][region].delete_table(table.name)


@replaces(DynamoHandler)
def update_table(self: Any) -> Any:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html"""
    result = _update_table(self)
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    updates = self.body.get("ReplicaUpdates") or []
    for update in updates:
        for kind, apply in (("Create", _add), ("Update", _update), ("Delete", _delete)):
            if kind in update:
                apply(table, update[kind])
    return type(result)(table.describe()) if updates else result


@replaces(DynamoDBBackend)
def delete_table(self: Any, name: str) -> Any:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html"""
    table = _delete_table(self, name)
    _members(table).pop(table.region_name, None)
    return table


@replaces(Table)
def describe(self: Any, base_key: str = "TableDescription") -> dict[str, Any]:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TableDescription.html"""
    described: dict[str, Any] = _describe(self, base_key=base_key)
    others = {region: t for region, t in _members(self).items() if region != self.region_name}
    if others:
        described[base_key]["GlobalTableVersion"] = "2019.11.21"
        described[base_key]["Replicas"] = [
            {
                "RegionName": region,
                "ReplicaStatus": "ACTIVE",
                **({"KMSMasterKeyId": key} if (key := _key(table)) else {}),
            }
            for region, table in sorted(others.items())
        ]
    return described


def _key(table: Any) -> str | None:
    key = getattr(table, "replica_key", None) or (table.sse_specification or {}).get(
        "KMSMasterKeyId"
    )
    return str(key) if key else None
