"""Attributes of topics that moto takes and does not tell: delivery logging, signature, tracing."""

from typing import Any

from moto.core.responses import ActionResult
from moto.core.utils import camelcase_to_underscores
from moto.sns.responses import SNSResponse

from bookstore_ops.sandbox.extensions import replaces

_attributes = SNSResponse.get_topic_attributes

_DELIVERY = ("FailureFeedbackRoleArn", "SuccessFeedbackRoleArn", "SuccessFeedbackSampleRate")
_KEPT = (
    "SignatureVersion",
    "TracingConfig",
    *(
        f"{protocol}{attribute}"
        for protocol in ("Application", "Firehose", "HTTP", "Lambda", "SQS")
        for attribute in _DELIVERY
    ),
)


@replaces(SNSResponse)
def get_topic_attributes(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetTopicAttributes.html"""
    answer = _attributes(self)
    topic = self.backend.get_topic(self._get_param("TopicArn"))
    for name in _KEPT:
        if value := getattr(topic, camelcase_to_underscores(name), None):
            answer.result["Attributes"][name] = value
    return answer
