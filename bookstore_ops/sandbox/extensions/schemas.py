"""EventBridge Schemas, which moto does not know."""

import datetime as dt
from typing import Any

from bookstore_ops.sandbox.services import Answer, Call, Service, Tags

_service = Service("schemas")
_registries = _service.collection("Registry", missing="NotFoundException")
_schemas = _service.collection("Schema", missing="NotFoundException")
# https://docs.aws.amazon.com/eventbridge/latest/schema-reference/tags-resource-arn.html
_tags = Tags(_service, listed=False, missing="NotFoundException")


def _tagged(call: Call, held: dict[str, Any]) -> Answer:
    arn = held.get("SchemaArn") or held["RegistryArn"]
    return {**held, "Tags": _tags.of(call, arn)}


@_service.adds("CreateRegistry")
def create_registry(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    name = call.given["RegistryName"]
    registry = {
        "RegistryName": name,
        "RegistryArn": call.arn(f"registry/{name}"),
        "Description": call.given.get("Description"),
    }
    _registries.add(call, name, registry)
    _tags.put(call, registry["RegistryArn"])
    return _tagged(call, registry)


@_service.adds("DescribeRegistry")
def describe_registry(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    return _tagged(call, _registries.find(call, call.given["RegistryName"]))


@_service.adds("UpdateRegistry")
def update_registry(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    registry = _registries.find(call, call.given["RegistryName"])
    registry["Description"] = call.given.get("Description")
    return _tagged(call, registry)


@_service.adds("DeleteRegistry")
def delete_registry(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname.html"""
    registry = _registries.remove(call, call.given["RegistryName"])
    _tags.drop(call, registry["RegistryArn"])
    return {}


def _key(call: Call) -> str:
    return f"{call.given['RegistryName']}/{call.given['SchemaName']}"


def _write_version(schema: dict[str, Any]) -> None:
    now = dt.datetime.now(dt.UTC)
    version = str(int(schema.get("SchemaVersion", "0")) + 1)
    schema.update(SchemaVersion=version, LastModified=now, VersionCreatedDate=now)


@_service.adds("CreateSchema")
def create_schema(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    _registries.find(call, call.given["RegistryName"])
    schema = {
        "SchemaName": call.given["SchemaName"],
        "SchemaArn": call.arn(f"schema/{_key(call)}"),
        "Type": call.given["Type"],
        "Content": call.given["Content"],
        "Description": call.given.get("Description"),
    }
    _schemas.add(call, _key(call), schema)
    _write_version(schema)
    _tags.put(call, schema["SchemaArn"])
    return _tagged(call, schema)


@_service.adds("DescribeSchema")
def describe_schema(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    return _tagged(call, _schemas.find(call, _key(call)))


@_service.adds("UpdateSchema")
def update_schema(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    schema = _schemas.find(call, _key(call))
    changed = {name: call.given[name] for name in ("Content", "Type") if name in call.given}
    if "Description" in call.given:
        schema["Description"] = call.given["Description"]
    if changed:
        schema.update(changed)
        _write_version(schema)
    return _tagged(call, schema)


@_service.adds("DeleteSchema")
def delete_schema(call: Call) -> Answer:
    """https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html"""
    _tags.drop(call, _schemas.remove(call, _key(call))["SchemaArn"])
    return {}
