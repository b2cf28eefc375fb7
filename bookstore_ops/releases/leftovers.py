"""What releases made and Terraform does not know, to be taken away with all else."""

from typing import Any

from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.model import Ledger

# Who made a task definition; those of the tree say "terraform".
OWNED = {"key": "ManagedBy", "value": "bsops"}


def families_of(ledger: Ledger) -> list[str]:
    """The families under which releases registered revisions."""
    found = {each.current.place.family for each in ledger.services.values() if each.current}
    return sorted(found)


def deregister(ecs: Any, family: str, again: str) -> int:
    """Deregister the revisions that releases registered under a family; how many.

    They are then found by nobody who does not know their number, and cost nothing.
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html

    Raises:
        OperationFailed: AWS does not do it.
    """
    count = 0
    with asking(f"deregister the task definitions of {family}", again):
        pages = ecs.get_paginator("list_task_definitions").paginate(
            familyPrefix=family, status="ACTIVE"
        )
        for arn in [arn for page in pages for arn in page["taskDefinitionArns"]]:
            found = ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])
            if OWNED in found.get("tags", []):
                ecs.deregister_task_definition(taskDefinition=arn)
                count += 1
    return count
