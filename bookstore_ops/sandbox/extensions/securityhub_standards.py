"""The standards and the settings of Security Hub, which moto lacks."""

from typing import Any

from moto.securityhub.models import securityhub_backends
from moto.securityhub.responses import SecurityHubResponse

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_service = Service("securityhub", SecurityHubResponse)
_standards = _service.collection("StandardsSubscription")
_settings = _service.collection("Settings", counted=False)


def _hub(call: Call) -> dict[str, Any]:
    """Security Hub as moto holds it; it refuses where it is off."""
    hub: dict[str, Any] = securityhub_backends[call.account][call.region].describe_hub()
    return hub


@_service.replaces("DescribeHub")
def describe_hub(call: Call) -> Answer:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DescribeHub.html"""
    hub = _hub(call)
    if call.given.get("HubArn", hub["HubArn"]) != hub["HubArn"]:
        raise ApiError("ResourceNotFoundException", f"There is no hub {call.given['HubArn']}.")
    return {**hub, **_settings.of(call)}


@_service.adds("UpdateSecurityHubConfiguration")
def update_security_hub_configuration(call: Call) -> Answer:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_UpdateSecurityHubConfiguration.html"""
    _hub(call)
    _settings.of(call).update(call.given)
    return {}


@_service.replaces("DisableSecurityHub")
def disable_security_hub(call: Call) -> Answer:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_DisableSecurityHub.html"""
    securityhub_backends[call.account][call.region].disable_security_hub()
    _settings.of(call).clear()
    _standards.of(call).clear()
    return {}


@_service.adds("BatchEnableStandards")
def batch_enable_standards(call: Call) -> Answer:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchEnableStandards.html"""
    _hub(call)
    enabled = []
    for request in call.given["StandardsSubscriptionRequests"]:
        path = request["StandardsArn"].partition("::")[2].removeprefix("standards/")
        arn = call.arn(f"subscription/{path.removeprefix('ruleset/')}")
        subscription = {
            "StandardsSubscriptionArn": arn,
            "StandardsArn": request["StandardsArn"],
            "StandardsInput": request.get("StandardsInput", {}),
            "StandardsStatus": "READY",
            "StandardsControlsUpdatable": "READY_FOR_UPDATES",
        }
        enabled.append(_standards.of(call).setdefault(arn, subscription))
    return {"StandardsSubscriptions": enabled}


@_service.adds("GetEnabledStandards")
def get_enabled_standards(call: Call) -> Answer:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_GetEnabledStandards.html"""
    _hub(call)
    asked = call.given.get("StandardsSubscriptionArns")
    held = _standards.of(call).items()
    return {"StandardsSubscriptions": [one for arn, one in held if not asked or arn in asked]}


@_service.adds("BatchDisableStandards")
def batch_disable_standards(call: Call) -> Answer:
    """https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchDisableStandards.html"""
    _hub(call)
    gone = [_standards.remove(call, arn) for arn in call.given["StandardsSubscriptionArns"]]
    return {"StandardsSubscriptions": [{**one, "StandardsStatus": "DELETING"} for one in gone]}
