"""Bucket policies meet a request that came over TLS 1.3, from somebody of an account.

The tree rightly denies plain HTTP to its buckets, and a state bucket denies other accounts. The
sandbox speaks plain HTTP on the loopback interface, and moto lets such statements deny everything.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import json
from typing import Any

import moto.iam.models as iam
from flask import request
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket

from bookstore_ops.sandbox.extensions import replaces


def _condition_holds(operator: str, key: str, value: object, account: str) -> bool | None:
    """What a condition says of a request over TLS 1.3 from an account; None: not about that."""
    values = [str(item).lower() for item in (value if isinstance(value, list) else [value])]
    name = key.lower()
    if name == "aws:securetransport" and operator in ("Bool", "BoolIfExists"):
        return "true" in values
    if name == "s3:tlsversion" and operator.startswith("NumericLessThan"):
        return any(float(item) > 1.3 for item in values)
    if name == "aws:principalisawsservice" and operator in ("Bool", "BoolIfExists"):
        return "false" in values
    if name == "aws:principalaccount" and operator in ("StringEquals", "StringNotEquals"):
        return (account in values) == (operator == "StringEquals")
    return None


def over_tls(policy: dict[str, Any], account: str) -> dict[str, Any]:
    """The policy without what is decided here: met conditions, and unmet statements."""
    statements = policy.get("Statement", [])
    kept = []
    for statement in statements if isinstance(statements, list) else [statements]:
        left: dict[str, dict[str, Any]] = {}
        holds = True
        for operator, keys in statement.get("Condition", {}).items():
            for key, value in keys.items():
                verdict = _condition_holds(operator, key, value, account)
                if verdict is None:
                    left.setdefault(operator, {})[key] = value
                holds = holds and verdict is not False
        if holds:
            kept.append({**statement, "Condition": left} if left else _without(statement))
    return {**policy, "Statement": kept}


def _without(statement: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != "Condition"}


def _account() -> str:
    """The account that a request is signed for."""
    credential = request.headers.get("Authorization", "").partition("Credential=")[2]
    return str(iam.get_account_id_from(credential.partition("/")[0]))


@replaces(FakeBucket)
def get_permission(self: FakeBucket, action: str, resource: str) -> PermissionResult:
    """As moto decides it, for a request over TLS from somebody of the account that signed it."""
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = over_tls(json.loads(self.policy.decode()), _account())
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)
