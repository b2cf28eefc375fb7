"""Smoke checks: requests that the new colour must answer before it gets traffic."""

import re
from collections.abc import Mapping
from typing import Any

from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.model import Release


def make_checks(gateway: Any, release: Release, again: str) -> list[str]:
    """What the checks found wrong.

    API Gateway makes the request itself, through the same integration as for a client, with
    the new colour as stage variable: from anywhere, past the firewall and without a token.
    https://docs.aws.amazon.com/apigateway/latest/api/API_TestInvokeMethod.html
    """
    api, problems = release.place.rest_api_id, []
    with asking(f"make the smoke checks of {release.service}", again):
        pages = gateway.get_paginator("get_resources").paginate(
            restApiId=api, PaginationConfig={"PageSize": 500}
        )
        resources = {item["path"]: item["id"] for page in pages for item in page["items"]}
        for check in release.smoke:
            said = f"{check.method} {check.path}"
            resource = _resource(resources, check.path.partition("?")[0])
            if resource is None:
                problems.append(f"{said}: the API has no such path")
                continue
            answer = gateway.test_invoke_method(
                restApiId=api,
                resourceId=resource,
                httpMethod=check.method,
                pathWithQueryString=check.path,
                stageVariables={"color": release.color},
            )
            if answer["status"] not in check.status:
                wanted = " or ".join(map(str, check.status))
                problems.append(f"{said} answered {answer['status']}, not {wanted}")
    return problems


def _resource(resources: Mapping[str, str], path: str) -> str | None:
    """The resource of a path: its own, else one with parameters in it."""
    if path in resources:
        return resources[path]
    for template, resource in resources.items():
        parts = ["[^/]+" if p.startswith("{") else re.escape(p) for p in template.split("/")]
        if re.fullmatch("/".join(parts), path):
            return resource
    return None
