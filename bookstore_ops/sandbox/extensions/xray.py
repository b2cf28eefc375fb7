"""X-Ray's groups, sampling rules and encryption, of which moto knows the traces only."""

import datetime as dt
import secrets
from typing import Any

from moto.xray.responses import XRayResponse

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service, Tags

_ERROR = "InvalidRequestException"

_service = Service("xray", XRayResponse)
_groups = _service.collection("Group", missing=_ERROR, exists=_ERROR)
_rules = _service.collection("SamplingRule", missing=_ERROR, exists=_ERROR)
_encryption = _service.collection("EncryptionConfig", counted=False)
# https://docs.aws.amazon.com/xray/latest/api/API_TagResource.html
_tags = Tags(_service, listed=True, resource="ResourceARN")


def _name(given: dict[str, Any], kind: str) -> str:
    """The name of a group or rule, which may be given by ARN instead."""
    arn = given.get(f"{kind}ARN")
    return str(arn.split("/")[1] if arn else given[f"{kind}Name"])


def _group(call: Call) -> dict[str, Any]:
    name = _name(call.given, "Group")
    if name not in _groups.of(call):
        raise ApiError(_ERROR, "Group not found")  # the provider looks for these words
    found: dict[str, Any] = _groups.find(call, name)
    return found


@_service.adds("CreateGroup")
def create_group(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html"""
    name = call.given["GroupName"]
    insights = call.given.get("InsightsConfiguration", {})
    group = {
        "GroupName": name,
        "GroupARN": call.arn(f"group/{name}/{secrets.token_hex(26).upper()}"),
        "FilterExpression": call.given.get("FilterExpression", ""),
        "InsightsConfiguration": {
            "InsightsEnabled": insights.get("InsightsEnabled", False),
            "NotificationsEnabled": insights.get("NotificationsEnabled", False),
        },
    }
    _groups.add(call, name, group)
    _tags.put(call, group["GroupARN"])
    return {"Group": group}


@_service.adds("GetGroup")
def get_group(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_GetGroup.html"""
    return {"Group": _group(call)}


@_service.adds("UpdateGroup")
def update_group(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_UpdateGroup.html"""
    group = _group(call)
    if "FilterExpression" in call.given:
        group["FilterExpression"] = call.given["FilterExpression"]
    group["InsightsConfiguration"].update(call.given.get("InsightsConfiguration", {}))
    return {"Group": group}


@_service.adds("DeleteGroup")
def delete_group(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_DeleteGroup.html"""
    group = _group(call)
    _groups.remove(call, group["GroupName"])
    _tags.drop(call, group["GroupARN"])
    return {}


@_service.adds("CreateSamplingRule")
def create_sampling_rule(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_CreateSamplingRule.html"""
    given = call.given["SamplingRule"]
    arn = call.arn(f"sampling-rule/{given['RuleName']}")
    now = dt.datetime.now(dt.UTC)
    rule = {
        "SamplingRule": {"Attributes": {}, **given, "RuleARN": arn},
        "CreatedAt": now,
        "ModifiedAt": now,
    }
    _rules.add(call, given["RuleName"], rule)
    _tags.put(call, arn)
    return {"SamplingRuleRecord": rule}


@_service.adds("GetSamplingRules")
def get_sampling_rules(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_GetSamplingRules.html"""
    return {"SamplingRuleRecords": list(_rules.of(call).values())}


@_service.adds("UpdateSamplingRule")
def update_sampling_rule(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_UpdateSamplingRule.html"""
    changes = call.given["SamplingRuleUpdate"]
    rule = _rules.find(call, _name(changes, "Rule"))
    rule["SamplingRule"].update(changes)
    rule["ModifiedAt"] = dt.datetime.now(dt.UTC)
    return {"SamplingRuleRecord": rule}


@_service.adds("DeleteSamplingRule")
def delete_sampling_rule(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_DeleteSamplingRule.html"""
    rule = _rules.remove(call, _name(call.given, "Rule"))
    _tags.drop(call, rule["SamplingRule"]["RuleARN"])
    return {"SamplingRuleRecord": rule}


@_service.adds("GetEncryptionConfig")
def get_encryption_config(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_GetEncryptionConfig.html"""
    return {"EncryptionConfig": _encryption.of(call).get("", {"Type": "NONE", "Status": "ACTIVE"})}


@_service.adds("PutEncryptionConfig")
def put_encryption_config(call: Call) -> Answer:
    """https://docs.aws.amazon.com/xray/latest/api/API_PutEncryptionConfig.html"""
    _encryption.of(call)[""] = {**call.given, "Status": "ACTIVE"}
    return get_encryption_config(call)
