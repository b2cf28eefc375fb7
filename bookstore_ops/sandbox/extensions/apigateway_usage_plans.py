"""Stages of a usage plan, with limits of single methods."""

from typing import Any

from moto.apigateway.models import UsagePlan

from bookstore_ops.sandbox.extensions import replaces

_apply = UsagePlan.apply_patch_operations


@replaces(UsagePlan)
def apply_patch_operations(self: Any, patch_operations: list[dict[str, Any]]) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateUsagePlan.html"""
    others = []
    for operation in patch_operations:
        parts = operation["path"].strip("/").split("/")
        if parts[0] == "apiStages" and len(parts) > 1:
            _patch_stage(
                _stage(self, parts[1]), operation, [_unescaped(part) for part in parts[2:]]
            )
        elif parts == ["apiStages"] and operation["op"] == "remove":
            self.api_stages.remove(_stage(self, operation["value"]))
        elif parts == ["throttle", "rateLimit"]:
            self.throttle["rateLimit"] = float(operation["value"])  # moto: whole numbers only
        elif parts == ["quota", "limit"]:
            self.quota["limit"] = int(operation["value"])
        else:
            others.append(operation)
    _apply(self, others)


def _stage(plan: Any, name: str) -> dict[str, Any]:
    """The stage that ``api:stage`` names."""
    found: dict[str, Any] = next(
        stage for stage in plan.api_stages if f"{stage['apiId']}:{stage['stage']}" == name
    )
    return found


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _patch_stage(stage: dict[str, Any], operation: dict[str, Any], path: list[str]) -> None:
    """``throttle``, ``throttle/METHOD`` or ``throttle/METHOD/rateLimit`` of a stage."""
    limits: dict[str, Any] = stage.setdefault("throttle", {})
    if operation["op"] == "remove":
        if len(path) > 1:
            limits.pop(path[1], None)
        else:
            limits.clear()
    elif len(path) == 3:
        limit = limits.setdefault(path[1], {})
        number = float(operation["value"])
        limit[path[2]] = int(number) if path[2] == "burstLimit" else number
