"""What a stage keeps that moto forgets: canary, client certificate, documentation version."""

import json
from typing import Any

from moto.apigateway.models import Stage
from moto.apigateway.responses import APIGatewayResponse

from bookstore_ops.sandbox.extensions import replaces

_create = APIGatewayResponse.create_stage
_apply = Stage.apply_operations
_to_json = Stage.to_json

_NUMBERS = ("percentTraffic",)
_FLAGS = ("useStageCache",)
_KEPT = ("clientCertificateId", "documentationVersion")


@replaces(Stage)
def to_json(self: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html"""
    described: dict[str, Any] = _to_json(self)
    kept = {name: getattr(self, name, None) for name in _KEPT}
    kept["canarySettings"] = getattr(self, "canary_settings", None)
    return {**described, **{name: value for name, value in kept.items() if value}}


@replaces(APIGatewayResponse)
def create_stage(self: Any) -> Any:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_CreateStage.html"""
    status, headers, _ = _create(self)
    stage = self.backend.get_stage(self.path.split("/")[2], self._get_param("stageName"))
    stage.documentationVersion = self._get_param("documentationVersion")
    canary = self._get_param("canarySettings")
    if canary:
        stage.canary_settings = {"deploymentId": stage.deployment_id, **canary}
    return status, headers, json.dumps(stage.to_json())


@replaces(Stage)
def apply_operations(self: Any, patch_operations: list[dict[str, Any]]) -> Any:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PatchOperation.html"""
    others = []
    for operation in patch_operations:
        parts = operation["path"].strip("/").split("/")
        if parts[0] == "canarySettings":
            _patch_canary(self, operation, parts[1:])
        elif parts[0] in _KEPT:
            setattr(self, parts[0], operation.get("value"))
        else:
            others.append(operation)
    return _apply(self, others)


def _patch_canary(stage: Any, operation: dict[str, Any], path: list[str]) -> None:
    canary = dict(getattr(stage, "canary_settings", None) or {"deploymentId": stage.deployment_id})
    if not path:
        stage.canary_settings = None if operation["op"] == "remove" else canary
        return
    holder = canary
    if path[0] == "stageVariableOverrides" and len(path) > 1:
        holder = canary["stageVariableOverrides"] = dict(canary.get("stageVariableOverrides") or {})
    if operation["op"] == "remove":
        holder.pop(path[-1], None)
    else:
        holder[path[-1]] = _typed(path[-1], operation.get("value"))
    stage.canary_settings = canary


def _typed(name: str, value: Any) -> Any:
    if name in _NUMBERS:
        return float(value)
    return str(value).lower() == "true" if name in _FLAGS else value
