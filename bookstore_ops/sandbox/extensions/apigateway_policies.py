"""A REST API's policy is answered as API Gateway answers it: a string, escaped once more."""

import json
from typing import Any

from moto.apigateway.models import RestAPI

from bookstore_ops.sandbox.extensions import replaces

_to_dict = RestAPI.to_dict


@replaces(RestAPI)
def to_dict(self: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_RestApi.html"""
    described: dict[str, Any] = _to_dict(self)
    policy = described.get("policy")
    if not policy:
        return {name: value for name, value in described.items() if name != "policy"}
    return {**described, "policy": json.dumps(policy)[1:-1]}
