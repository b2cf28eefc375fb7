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
