"""Dead-letter policies of queues: as SQS writes them, and who may use a queue as one."""

import json
from typing import Any

from moto.sqs.models import Queue

from bookstore_ops.sandbox.extensions import adds, replaces

_attributes = Queue.attributes.fget


def attributes(self: Any) -> dict[str, Any]:
    """SQS writes the policy without spaces; a comparison of strings tells.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
    """
    held: dict[str, Any] = _attributes(self)
    if held.get("RedrivePolicy"):
        held["RedrivePolicy"] = json.dumps(self.redrive_policy, separators=(",", ":"))
    if not held.get("RedriveAllowPolicy"):
        held.pop("RedriveAllowPolicy", None)
    return held


replaces(Queue, "attributes")(property(attributes))
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
adds(Queue, "redrive_allow_policy")(None)
replaces(Queue, "BASE_ATTRIBUTES")([*Queue.BASE_ATTRIBUTES, "RedriveAllowPolicy"])
