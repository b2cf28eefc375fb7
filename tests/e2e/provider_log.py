"""What the AWS provider calls for each type of resource, read from its own log."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from bookstore_ops.aws.actions import actions_of

# What makes the provider write its log; Terraform's own is not wanted.
LOGGING = {"TF_LOG_PROVIDER": "DEBUG"}

_ENTRY = re.compile(r"^(?=\d{4}-\d\d-\d\dT)", re.M)
_FIELD = re.compile(
    r'(?<![\w.])(rpc\.method|rpc\.service|tf_resource_type|tf_data_source_type|http\.method)="?'
    r'([^"\s]+)'
)
# Where IAM calls an operation otherwise than the API does.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_S3 = {
    "HeadBucket": "ListBucket",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteObjects": "DeleteObjectVersion",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "ListObjectVersions": "ListBucketVersions",
}


def not_in_table(logs: Iterable[Path]) -> set[str]:
    """``TYPE: Operation`` of each call that the table of actions does not name for its type."""
    return {
        f"{kind}: {operation}"
        for kind, operation in _calls(logs)
        if operation.lower() not in _named(kind)
    }


def types_in(logs: Iterable[Path]) -> set[str]:
    """The types that were seen."""
    return {kind for kind, _ in _calls(logs)}


def _named(kind: str) -> set[str]:
    data = kind.startswith("data.")
    actions = actions_of(kind.removeprefix("data."), data=data)
    operations = ("create", "read", "update", "delete")
    every = [action for o in operations for action in (actions.of(o) if actions else ())]
    return {action.partition("@")[0].partition(":")[2].lower() for action in every}


def _calls(logs: Iterable[Path]) -> Iterator[tuple[str, str]]:
    for log in logs:
        for entry in _ENTRY.split(log.read_text(errors="replace")):
            if "HTTP Request Sent" not in entry[:200]:
                continue
            found = dict(_FIELD.findall(entry))
            data = found.get("tf_data_source_type")
            kind = f"data.{data}" if data else found.get("tf_resource_type")
            # The provider's own calls, before it knows of any resource, are not about a type.
            if kind:
                yield kind, _iam(found)


def _iam(found: dict[str, str]) -> str:
    service, operation = found.get("rpc.service", ""), found.get("rpc.method", "")
    if service == "API":  # API Gateway: IAM knows its methods of HTTP
        return found["http.method"]
    if service == "Budgets" and operation not in {"ListTagsForResource", "TagResource"}:
        return "ViewBudget" if operation.startswith("Describe") else "ModifyBudget"
    return _S3.get(operation, operation) if service == "S3" else operation
