"""Topics tell all that was set of them."""

from typing import Any

import pytest

from tests.contract.conftest import ACCOUNT, Client

_ROLE = f"arn:aws:iam::{ACCOUNT}:role/delivery"


@pytest.fixture
def topics(client: Client) -> Any:
    """SNS in the shared account."""
    return client("sns")


def attributes(topics: Any, arn: str) -> dict[str, str]:
    return dict(topics.get_topic_attributes(TopicArn=arn)["Attributes"])


@pytest.mark.parametrize("protocol", ["Application", "Firehose", "HTTP", "Lambda", "SQS"])
def test_a_topic_keeps_how_deliveries_are_logged(topics: Any, name: str, protocol: str) -> None:
    wanted = {
        f"{protocol}SuccessFeedbackRoleArn": _ROLE,
        f"{protocol}FailureFeedbackRoleArn": _ROLE,
        f"{protocol}SuccessFeedbackSampleRate": "50",
    }
    arn = topics.create_topic(Name=name, Attributes=wanted)["TopicArn"]
    assert attributes(topics, arn).items() >= wanted.items()


def test_a_topic_keeps_signature_and_tracing(topics: Any, name: str) -> None:
    arn = topics.create_topic(Name=name)["TopicArn"]
    assert not {"SignatureVersion", "TracingConfig"} & set(attributes(topics, arn))
    for attribute, value in (("SignatureVersion", "2"), ("TracingConfig", "Active")):
        topics.set_topic_attributes(TopicArn=arn, AttributeName=attribute, AttributeValue=value)
        assert attributes(topics, arn)[attribute] == value


def test_an_attribute_that_was_emptied_is_gone(topics: Any, name: str) -> None:
    arn = topics.create_topic(Name=name, Attributes={"SQSFailureFeedbackRoleArn": _ROLE})[
        "TopicArn"
    ]
    topics.set_topic_attributes(
        TopicArn=arn, AttributeName="SQSFailureFeedbackRoleArn", AttributeValue=""
    )
    assert "SQSFailureFeedbackRoleArn" not in attributes(topics, arn)
