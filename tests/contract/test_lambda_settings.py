"""Functions keep what they are told."""

import io
import json
import zipfile
from typing import Any

import pytest

from tests.contract.conftest import ACCOUNT, REGION, Client

_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:dead"


@pytest.fixture
def functions(client: Client) -> Any:
    """Lambda in the shared account."""
    return client("lambda")


@pytest.fixture
def role(client: Client, name: str) -> str:
    """A role that Lambda may take."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole"}
    principal = {"Principal": {"Service": "lambda.amazonaws.com"}}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**trust, **principal}]})
    made = client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=policy)
    return str(made["Role"]["Arn"])


def create(functions: Any, name: str, role: str, **settings: Any) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("app.py", "def handler(event, context): ...")
    functions.create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.12",
        Handler="app.handler",
        Code={"ZipFile": package.getvalue()},
        **settings,
    )


def described(functions: Any, name: str) -> dict[str, Any]:
    return dict(functions.get_function_configuration(FunctionName=name))


def test_a_function_keeps_its_dead_letter_queue(functions: Any, name: str, role: str) -> None:
    create(functions, name, role, DeadLetterConfig={"TargetArn": _QUEUE})
    assert described(functions, name)["DeadLetterConfig"] == {"TargetArn": _QUEUE}


def test_a_dead_letter_queue_can_be_taken_away(functions: Any, name: str, role: str) -> None:
    create(functions, name, role, DeadLetterConfig={"TargetArn": _QUEUE})
    functions.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": ""})
    assert "DeadLetterConfig" not in described(functions, name)


def test_a_function_logs_text_to_its_own_group_by_itself(
    functions: Any, name: str, role: str
) -> None:
    create(functions, name, role)
    logging = described(functions, name)["LoggingConfig"]
    assert logging == {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}


def test_a_function_keeps_how_it_logs(functions: Any, name: str, role: str) -> None:
    create(functions, name, role, LoggingConfig={"LogFormat": "JSON", "SystemLogLevel": "WARN"})
    logging = described(functions, name)["LoggingConfig"]
    assert (logging["ApplicationLogLevel"], logging["SystemLogLevel"]) == ("INFO", "WARN")


def test_tracing_can_be_changed(functions: Any, name: str, role: str) -> None:
    create(functions, name, role)
    functions.update_function_configuration(FunctionName=name, TracingConfig={"Mode": "Active"})
    assert described(functions, name)["TracingConfig"] == {"Mode": "Active"}


@pytest.fixture
def queue_arn(client: Client, name: str) -> str:
    """A queue."""
    queues = client("sqs")
    url = queues.create_queue(QueueName=name)["QueueUrl"]
    described = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return str(described["Attributes"]["QueueArn"])


def test_a_source_feeds_the_alias_it_was_given(
    functions: Any, name: str, role: str, queue_arn: str
) -> None:
    create(functions, name, role, Publish=True)
    alias = functions.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    made = functions.create_event_source_mapping(
        EventSourceArn=queue_arn, FunctionName=alias["AliasArn"]
    )
    assert made["FunctionArn"] == alias["AliasArn"]
    functions.update_event_source_mapping(UUID=made["UUID"], FunctionName=f"{name}:live")
    found = functions.get_event_source_mapping(UUID=made["UUID"])
    assert found["FunctionArn"] == alias["AliasArn"]


def test_a_source_feeds_the_function_where_no_alias_is_given(
    functions: Any, name: str, role: str, queue_arn: str
) -> None:
    create(functions, name, role)
    made = functions.create_event_source_mapping(EventSourceArn=queue_arn, FunctionName=name)
    assert made["FunctionArn"] == described(functions, name)["FunctionArn"]


def test_messages_stay_in_a_queue_that_feeds_a_function(
    client: Client, functions: Any, name: str, role: str, queue_arn: str
) -> None:
    create(functions, name, role)
    functions.create_event_source_mapping(EventSourceArn=queue_arn, FunctionName=name)
    queues = client("sqs")
    url = queues.get_queue_url(QueueName=name)["QueueUrl"]
    queues.send_message(QueueUrl=url, MessageBody="kept")
    [message] = queues.receive_message(QueueUrl=url)["Messages"]
    assert message["Body"] == "kept"


def test_a_function_says_that_it_did_not_run(functions: Any, name: str, role: str) -> None:
    create(functions, name, role)
    answer = functions.invoke(FunctionName=name)
    assert answer["FunctionError"]
    assert b"the sandbox runs no functions" in answer["Payload"].read()
