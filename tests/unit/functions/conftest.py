"""The functions as Lambda runs them, against a fake AWS in this process."""

import importlib.util
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

REGION = "eu-west-1"
FUNCTIONS = Path(__file__).resolve().parents[3] / "infrastructure/aws/modules/lambda/functions"
# What every record of Python's logging has.
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

Logged = Callable[[], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A fake AWS that holds nothing, and credentials that are valid there alone."""
    from moto import mock_aws

    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY"):
        monkeypatch.setenv(f"AWS_{name}", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws(config={"lambda": {"use_docker": False}}):
        yield


def load_function(name: str) -> Any:
    """The function's module, loaded anew as a cold start does."""
    spec = importlib.util.spec_from_file_location(
        f"functions.{name}", FUNCTIONS / name / "handler.py"
    )
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        # The tree stays as it is.
        patch.setattr(sys, "dont_write_bytecode", True)
        spec.loader.exec_module(module)
    return module


@pytest.fixture
def load() -> Callable[[str], Any]:
    """Loads a function."""
    return load_function


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Logged:
    """The log lines so far, with the fields that Lambda's JSON format writes of them."""
    caplog.set_level(logging.INFO)

    def lines() -> list[dict[str, Any]]:
        return [
            {
                "level": record.levelname,
                "message": record.getMessage(),
                **{name: value for name, value in vars(record).items() if name not in _USUAL},
            }
            for record in caplog.records
        ]

    return lines


@pytest.fixture
def make_table() -> Callable[..., Any]:
    """Makes a table with these keys, all strings."""

    def make(name: str, *keys: str) -> Any:
        return boto3.resource("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": key, "KeyType": kind}
                for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
            ],
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        )

    return make
