"""Whether AWS would let us do what a page needs, asked before its first step.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Permissions:
    """The actions that would be refused; ``unknown`` says why nobody can tell."""

    denied: tuple[str, ...] = ()
    unknown: str | None = None


def simulate(iam: Any, arn: str, actions: Sequence[str]) -> Permissions:
    """Ask IAM what the policies of ``arn`` say; resources and conditions are not looked at."""
    from botocore.exceptions import BotoCoreError, ClientError

    if not actions:
        return Permissions()
    try:
        source = _source(iam, arn)
        pages = iam.get_paginator("simulate_principal_policy").paginate(
            PolicySourceArn=source, ActionNames=list(actions)
        )
        results = [each for page in pages for each in page["EvaluationResults"]]
    except (BotoCoreError, ClientError) as error:
        return Permissions(unknown=str(error))
    denied = (each["EvalActionName"] for each in results if each["EvalDecision"] != "allowed")
    return Permissions(tuple(denied))


def _source(iam: Any, arn: str) -> str:
    """Whose policies count: of a session of a role, the role's."""
    session = re.fullmatch(r"arn:[\w-]+:sts::\d{12}:assumed-role/([^/]+)/.+", arn)
    if not session:
        return arn
    # Its ARN has a path that the session's has not.
    return str(iam.get_role(RoleName=session[1])["Role"]["Arn"])
