"""No policy lets everybody in."""

import json

# Where resources keep the policies that say who may use them. The policy of a VPC endpoint is
# left out: it narrows what other policies allow, and cannot allow anything by itself.
_ATTRIBUTES = ("policy", "assume_role_policy", "access_policies", "resource_policy")
_PASSED_OVER = {"aws_vpc_endpoint", "aws_vpc_endpoint_policy"}


def check(plan):
    for resource in plan.resources:
        if not resource.stays or resource.type in _PASSED_OVER:
            continue
        for attribute in _ATTRIBUTES:
            for statement in _statements(resource.after.get(attribute)):
                if _lets_everybody_in(statement):
                    sid = statement.get("Sid") or "a statement"
                    yield resource, f"{attribute}: {sid} allows everybody, without a condition"


def _statements(text):
    if not isinstance(text, str) or not text.lstrip().startswith("{"):
        return []
    try:
        statements = json.loads(text).get("Statement", [])
    except ValueError:
        return []
    statements = [statements] if isinstance(statements, dict) else statements
    return [each for each in statements if isinstance(each, dict)]


def _lets_everybody_in(statement):
    if statement.get("Effect") != "Allow" or statement.get("Condition"):
        return False
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    named = principal.get("AWS", ()) if isinstance(principal, dict) else principal
    return "*" in ([named] if isinstance(named, str) else named or ())
