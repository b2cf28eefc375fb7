"""Raising quotas: moto knows those of VPCs only, and nobody may ask for more."""

import time
import uuid
from typing import Any

from moto.servicequotas.exceptions import NoSuchResource
from moto.servicequotas.models import servicequotas_backends
from moto.servicequotas.responses import ServiceQuotasResponse

from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_service = Service("service-quotas", ServiceQuotasResponse, signed_as="servicequotas")
# They stay in the account for good, as on AWS: nothing that could be left over.
_requests = _service.collection(
    "Request", counted=False, missing="NoSuchResourceException", exists="ResourceAlreadyExists"
)

# What an account begins with.
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_DEFAULTS = {
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 6.0),
    ("fargate", "L-36FBB829"): ("Fargate Spot vCPU resource count", 6.0),
    ("lambda", "L-B99A9384"): ("Concurrent executions", 1000.0),
}


def _default(call: Call) -> dict[str, Any]:
    service, code = call.given["ServiceCode"], call.given["QuotaCode"]
    if (service, code) in _DEFAULTS:
        name, value = _DEFAULTS[service, code]
        return {
            "ServiceCode": service,
            "QuotaCode": code,
            "QuotaName": name,
            "Value": value,
            "Unit": "None",
            "Adjustable": True,
            "GlobalQuota": False,
        }
    backend = servicequotas_backends[call.account][call.region]
    return dict(backend.get_service_quota(service, code))


def _asked(call: Call) -> list[dict[str, Any]]:
    """The requests for a quota, the oldest first."""
    wanted = call.given["ServiceCode"], call.given["QuotaCode"]
    held = _requests.of(call).values()
    return [each for each in held if (each["ServiceCode"], each["QuotaCode"]) == wanted]


@_service.adds("GetAWSDefaultServiceQuota")
def get_aws_default_service_quota(call: Call) -> Answer:
    """https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetAWSDefaultServiceQuota.html"""
    return {"Quota": _default(call)}


@_service.replaces("GetServiceQuota")
def get_service_quota(call: Call) -> Answer:
    """What was granted last; for VPCs, else what moto knows.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html
    """
    granted = [each for each in _asked(call) if each["Status"] == "APPROVED"]
    if granted:
        return {"Quota": {**_default(call), "Value": granted[-1]["DesiredValue"]}}
    if call.given["ServiceCode"] != "vpc":
        raise NoSuchResource
    return {"Quota": _default(call)}


@_service.adds("RequestServiceQuotaIncrease")
def request_service_quota_increase(call: Call) -> Answer:
    """https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_RequestServiceQuotaIncrease.html"""
    given = call.given
    if given["DesiredValue"] <= _default(call)["Value"]:
        raise ApiError("IllegalArgumentException", "The value must be above the present one.")
    if any(each["Status"] == "PENDING" for each in _asked(call)):
        raise ApiError(
            "ResourceAlreadyExistsException", "Only one open service quota request is allowed."
        )
    made = {
        "Id": uuid.uuid4().hex,
        "ServiceCode": given["ServiceCode"],
        "QuotaCode": given["QuotaCode"],
        "DesiredValue": given["DesiredValue"],
        "Status": "PENDING",
        "Created": time.time(),
    }
    return {"RequestedQuota": dict(_requests.add(call, made["Id"], made))}


@_service.adds("ListRequestedServiceQuotaChangeHistoryByQuota")
def list_requested_service_quota_change_history_by_quota(call: Call) -> Answer:
    """Whoever looks finds each request pending once, and granted from then on.

    https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_ListRequestedServiceQuotaChangeHistoryByQuota.html
    """
    found = _asked(call)
    answer = {"RequestedQuotas": [dict(each) for each in reversed(found)]}
    for each in found:
        each["Status"] = "APPROVED"
    return answer
