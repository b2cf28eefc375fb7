"""Documentation of a REST API: its parts, and the versions that are snapshots of them."""

import datetime as dt
from typing import Any

from moto.apigateway.models import apigateway_backends
from moto.apigateway.responses import APIGatewayResponse
from moto.moto_api._internal import mock_random

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_service = Service("apigateway", APIGatewayResponse)


def _held(call: Call, kind: str) -> dict[str, dict[str, Any]]:
    """Parts or versions of the API that a call names; they go with it when it is deleted."""
    backend = apigateway_backends[call.account][call.region]
    api = backend.apis.get(call.given["restApiId"])
    if api is None:
        raise ApiError("NotFoundException", "Invalid API identifier specified")
    held: dict[str, dict[str, Any]] = api.__dict__.setdefault(kind, {})
    return held


def _found(held: dict[str, dict[str, Any]], key: str, what: str) -> dict[str, Any]:
    if key not in held:
        raise ApiError("NotFoundException", f"Invalid Documentation {what} specified")
    return held[key]


def _patched(held: dict[str, Any], call: Call) -> Answer:
    for operation in call.given.get("patchOperations", []):
        held[operation["path"].strip("/")] = operation.get("value")
    return held


def _parts(call: Call) -> dict[str, dict[str, Any]]:
    return _held(call, "documentation_parts")


def _versions(call: Call) -> dict[str, dict[str, Any]]:
    return _held(call, "documentation_versions")


@_service.adds("CreateDocumentationPart")
def create_documentation_part(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDocumentationPart.html"""
    parts, location = _parts(call), call.given["location"]
    if any(part["location"] == location for part in parts.values()):
        message = f"Documentation part already exists for the specified location: {location}"
        raise ApiError("ConflictException", message)
    key = mock_random.get_random_hex(6)
    parts[key] = {"id": key, "location": location, "properties": call.given["properties"]}
    return parts[key]


@_service.adds("GetDocumentationPart")
def get_documentation_part(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationPart.html"""
    return _found(_parts(call), call.given["documentationPartId"], "part id")


@_service.adds("GetDocumentationParts")
def get_documentation_parts(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationParts.html"""
    kind = call.given.get("type")
    parts = _parts(call).values()
    return {"items": [part for part in parts if kind in (None, part["location"]["type"])]}


@_service.adds("UpdateDocumentationPart")
def update_documentation_part(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDocumentationPart.html"""
    return _patched(_found(_parts(call), call.given["documentationPartId"], "part id"), call)


@_service.adds("DeleteDocumentationPart")
def delete_documentation_part(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDocumentationPart.html"""
    _found(_parts(call), call.given["documentationPartId"], "part id")
    del _parts(call)[call.given["documentationPartId"]]
    return {}


@_service.adds("CreateDocumentationVersion")
def create_documentation_version(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateDocumentationVersion.html"""
    versions, name = _versions(call), call.given["documentationVersion"]
    if name in versions:
        raise ApiError("ConflictException", "Documentation version already exists")
    versions[name] = {
        "version": name,
        "createdDate": dt.datetime.now(dt.UTC),
        "description": call.given.get("description"),
    }
    return versions[name]


@_service.adds("GetDocumentationVersion")
def get_documentation_version(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationVersion.html"""
    return _found(_versions(call), call.given["documentationVersion"], "version")


@_service.adds("GetDocumentationVersions")
def get_documentation_versions(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetDocumentationVersions.html"""
    return {"items": list(_versions(call).values())}


@_service.adds("UpdateDocumentationVersion")
def update_documentation_version(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateDocumentationVersion.html"""
    return _patched(_found(_versions(call), call.given["documentationVersion"], "version"), call)


@_service.adds("DeleteDocumentationVersion")
def delete_documentation_version(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteDocumentationVersion.html"""
    _found(_versions(call), call.given["documentationVersion"], "version")
    del _versions(call)[call.given["documentationVersion"]]
    return {}
