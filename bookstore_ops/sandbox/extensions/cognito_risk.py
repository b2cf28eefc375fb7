"""Risk configuration of a user pool: what threat protection does."""

import datetime as dt
from typing import Any

from moto.cognitoidp.models import cognitoidp_backends
from moto.cognitoidp.responses import CognitoIdpResponse

from bookstore_ops.sandbox.services import Answer, Call, Service

_service = Service("cognito-idp", CognitoIdpResponse)

_PARTS = (
    "CompromisedCredentialsRiskConfiguration",
    "AccountTakeoverRiskConfiguration",
    "RiskExceptionConfiguration",
)


def _configurations(call: Call) -> dict[str, dict[str, Any]]:
    """Of a pool, by client, the pool's own under an empty name; they go with the pool."""
    pool = cognitoidp_backends[call.account][call.region].describe_user_pool(
        call.given["UserPoolId"]
    )
    held: dict[str, dict[str, Any]] = pool.__dict__.setdefault("risk_configurations", {})
    return held


@_service.adds("SetRiskConfiguration")
def set_risk_configuration(call: Call) -> Answer:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_SetRiskConfiguration.html"""
    client = call.given.get("ClientId")
    configuration = {
        "UserPoolId": call.given["UserPoolId"],
        "ClientId": client,
        "LastModifiedDate": dt.datetime.now(dt.UTC),
        **{part: call.given[part] for part in _PARTS if call.given.get(part)},
    }
    _configurations(call)[client or ""] = configuration
    return {"RiskConfiguration": configuration}


@_service.adds("DescribeRiskConfiguration")
def describe_risk_configuration(call: Call) -> Answer:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DescribeRiskConfiguration.html"""
    none = {"UserPoolId": call.given["UserPoolId"]}
    found = _configurations(call).get(call.given.get("ClientId") or "", none)
    return {"RiskConfiguration": found}
