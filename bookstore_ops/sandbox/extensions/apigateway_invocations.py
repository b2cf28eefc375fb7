"""Requests to the API, a client's or a test's, answered by the tasks behind the load balancer."""

import fnmatch
from collections.abc import Mapping
from typing import Any

from moto.apigateway.models import apigateway_backends
from moto.apigateway.responses import APIGatewayResponse
from moto.ecs.models import ecs_backends
from moto.elbv2.models import elbv2_backends

from bookstore_ops.sandbox.extensions.ecs_images import answer_of
from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_service = Service("apigateway", APIGatewayResponse)

_COLOR_HEADER = "X-Bookstore-Color"


@_service.adds("TestInvokeMethod")
def test_invoke_method(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html

    An integration through the VPC link goes to the rules of the account's load balancer.
    """
    api = apigateway_backends[call.account][call.region].apis.get(call.given["restApiId"])
    resource = api.resources.get(call.given["resourceId"]) if api else None
    if resource is None or call.given["httpMethod"] not in resource.resource_methods:
        raise ApiError("NotFoundException", "Invalid Method identifier specified")
    path = (call.given.get("pathWithQueryString") or resource.get_path()).partition("?")[0]
    color = (call.given.get("stageVariables") or {}).get("color", "")
    status = _status(call.account, call.region, path, {_COLOR_HEADER: color})
    return {"status": status, "body": "", "latency": 1}


def answer_client(rest_api_id: str, path: str) -> int:
    """The status that a client of an API gets; there is nobody whom authorizers would refuse."""
    for account, regions in apigateway_backends.items():
        for region, backend in regions.items():
            if rest_api_id in backend.apis:
                return _status(account, region, path, {})
    return 404


def _status(account: str, region: str, path: str, headers: Mapping[str, str]) -> int:
    for rule in _rules(account, region):
        if _matches(rule, path, headers):
            action = rule.actions[0].data
            if action["Type"] != "forward":
                return int(action.get("FixedResponseConfig", {}).get("StatusCode", 404))
            return _forwarded(account, region, _group(action))
    return 404


def _rules(account: str, region: str) -> list[Any]:
    balancers = elbv2_backends[account][region].load_balancers.values()
    rules = [
        rule
        for balancer in balancers
        for listener in balancer.listeners.values()
        for rule in listener.rules.values()
        if rule.conditions
    ]
    return sorted(rules, key=lambda rule: int(rule.priority))


def _matches(rule: Any, path: str, headers: Mapping[str, str]) -> bool:
    """Whether path and headers fit; of host and source nothing is known here."""
    for condition in rule.conditions:
        if condition["Field"] == "path-pattern":
            patterns = condition.get("PathPatternConfig", condition).get("Values", [])
            if not any(fnmatch.fnmatchcase(path, pattern) for pattern in patterns):
                return False
        if condition["Field"] == "http-header":
            wanted = condition["HttpHeaderConfig"]
            if headers.get(wanted["HttpHeaderName"]) not in wanted["Values"]:
                return False
    return True


def _group(action: Mapping[str, Any]) -> str:
    """The group that gets the most."""
    if action.get("TargetGroupArn"):
        return str(action["TargetGroupArn"])
    groups = action["ForwardConfig"]["TargetGroups"]
    return str(max(groups, key=lambda group: int(group["Weight"]))["TargetGroupArn"])


def _forwarded(account: str, region: str, arn: str) -> int:
    for service in ecs_backends[account][region].services.values():
        if any(each.get("targetGroupArn") == arn for each in service.load_balancers):
            return answer_of(service) if service.running_count else 503
    return 503
