"""A secret's value is replaced, whoever asks how often and whatever goes wrong between."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.unit.functions.conftest import Logged

PLACEHOLDER = "placeholder: no value has been written yet"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:rotation"


class Rotation:
    """A secret, and the function that Secrets Manager calls for it."""

    def __init__(self, function: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.function = function
        self.manager = boto3.client("secretsmanager")
        self.secret = self.manager.create_secret(Name="signing", SecretString=PLACEHOLDER)["ARN"]
        self.calls: list[str] = []

        class Lambda:
            """Runs the function here; the fake AWS would need a container for it."""

            @staticmethod
            def get_function(arn: str) -> None:
                assert arn == FUNCTION

            @staticmethod
            def invoke(_arn: str, *, body: str, **_: Any) -> None:
                event = json.loads(body)
                self.calls.append(event["Step"])
                function.handler({**event, "SecretId": self.secret}, None)

        monkeypatch.setattr("moto.awslambda.utils.get_backend", lambda *_: Lambda)

    def rotate(self, *, immediately: bool = True) -> None:
        """Have Secrets Manager rotate, which calls the function four times."""
        self.manager.rotate_secret(
            SecretId=self.secret,
            RotationLambdaARN=FUNCTION,
            RotationRules={"AutomaticallyAfterDays": 30},
            RotateImmediately=immediately,
        )
        # AWS begins the next rotation where both labels are on one version; the fake will not.
        for version in self.stored().versions.values():
            if {"AWSCURRENT", "AWSPENDING"} <= set(version["version_stages"]):
                version["version_stages"].remove("AWSPENDING")

    def begin(self, version: str) -> None:
        """Leave the secret as it is when Secrets Manager asks for the first step."""
        self.rotate()
        stored = self.stored()
        stored.versions[version] = {
            "createdate": 1,
            "version_id": version,
            "version_stages": ["AWSPENDING"],
        }

    def stored(self) -> Any:
        """The secret as the fake holds it."""
        from moto.secretsmanager.models import secretsmanager_backends

        return secretsmanager_backends["123456789012"]["eu-west-1"].secrets[self.secret]

    def step(self, name: str, version: str) -> None:
        event = {"Step": name, "SecretId": self.secret, "ClientRequestToken": version}
        self.function.handler(event, None)

    def value(self, stage: str = "AWSCURRENT") -> str:
        got = self.manager.get_secret_value(SecretId=self.secret, VersionStage=stage)
        return str(got["SecretString"])


@pytest.fixture
def rotation(load: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Rotation:
    return Rotation(load("secret-rotation"), monkeypatch)


VERSION = "22222222-2222-2222-2222-222222222222"


def test_the_placeholder_becomes_a_token(rotation: Rotation) -> None:
    rotation.rotate()
    assert rotation.calls == list(STEPS)
    assert len(rotation.value()) == 64
    assert rotation.value("AWSPREVIOUS") == PLACEHOLDER


def test_the_value_before_stays_readable(rotation: Rotation) -> None:
    rotation.rotate()
    first = rotation.value()
    rotation.rotate()
    assert rotation.value() != first
    assert rotation.value("AWSPREVIOUS") == first


def test_a_step_asked_for_twice_is_done_once(rotation: Rotation) -> None:
    rotation.begin(VERSION)
    rotation.step("createSecret", VERSION)
    pending = rotation.value("AWSPENDING")
    rotation.step("createSecret", VERSION)
    assert rotation.value("AWSPENDING") == pending
    for step in ("setSecret", "testSecret", "testSecret", "finishSecret", "finishSecret"):
        rotation.step(step, VERSION)
    assert rotation.value() == pending


def test_a_rotation_that_stopped_goes_on_from_where_it_was(rotation: Rotation) -> None:
    rotation.begin(VERSION)
    before = rotation.value()
    rotation.step("createSecret", VERSION)
    assert rotation.value() == before
    for step in STEPS:
        rotation.step(step, VERSION)
    assert rotation.value() != before


def test_the_current_value_stays_until_the_last_step(rotation: Rotation) -> None:
    rotation.begin(VERSION)
    before = rotation.value()
    for step in STEPS[:-1]:
        rotation.step(step, VERSION)
        assert rotation.value() == before
    rotation.step("finishSecret", VERSION)
    assert rotation.value() != before


def test_a_schedule_can_be_tried_without_rotating(rotation: Rotation) -> None:
    rotation.rotate(immediately=False)
    assert rotation.calls == ["testSecret"]
    assert rotation.value() == PLACEHOLDER


def test_the_placeholder_never_becomes_current_again(rotation: Rotation, logged: Logged) -> None:
    rotation.begin(VERSION)
    rotation.stored().versions[VERSION]["secret_string"] = PLACEHOLDER
    for step in ("testSecret", "finishSecret"):
        with pytest.raises(Exception, match="the new value is not a token"):
            rotation.step(step, VERSION)
    assert rotation.value() != PLACEHOLDER
    assert logged()[-1]["message"] == "step refused"


def test_the_value_in_use_is_no_new_value(rotation: Rotation) -> None:
    rotation.begin(VERSION)
    rotation.stored().versions[VERSION]["secret_string"] = rotation.value()
    with pytest.raises(Exception, match="the new value is the old one"):
        rotation.step("finishSecret", VERSION)


def test_nothing_is_finished_that_was_not_made(rotation: Rotation) -> None:
    rotation.begin(VERSION)
    with pytest.raises(Exception, match="there is no new value"):
        rotation.step("finishSecret", VERSION)


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_is_not_pending_is_refused(rotation: Rotation, step: str) -> None:
    rotation.rotate()
    with pytest.raises(Exception, match="not the one to become current"):
        rotation.step(step, VERSION)


def test_a_secret_that_does_not_rotate_is_refused(rotation: Rotation) -> None:
    with pytest.raises(Exception, match="not to be rotated"):
        rotation.step("createSecret", VERSION)


def test_an_unknown_step_is_refused(rotation: Rotation) -> None:
    rotation.begin(VERSION)
    with pytest.raises(Exception, match="there is no such step"):
        rotation.step("shredSecret", VERSION)


def test_a_failed_call_names_no_value(
    rotation: Rotation, monkeypatch: pytest.MonkeyPatch, logged: Logged
) -> None:
    real = rotation.function._manager()
    written: list[str] = []

    class Failing:
        def __getattr__(self, name: str) -> Any:
            return getattr(real, name)

        def put_secret_value(self, **given: Any) -> Any:
            written.append(given["SecretString"])
            error: Any = {
                "Code": "InternalServiceError",
                "Message": f"lost {given['SecretString']}",
            }
            raise ClientError({"Error": error}, "PutSecretValue")

    rotation.begin(VERSION)
    monkeypatch.setattr(rotation.function, "_manager", Failing)
    with pytest.raises(Exception, match="PutSecretValue failed: InternalServiceError"):
        rotation.step("createSecret", VERSION)
    [value] = written
    assert value not in json.dumps(logged())


def test_log_lines_say_the_step_and_no_value(rotation: Rotation, logged: Logged) -> None:
    rotation.rotate()
    lines = logged()
    assert [line["step"] for line in lines] == list(STEPS)
    assert len({line["correlation_id"] for line in lines}) == 1
    assert rotation.value() not in json.dumps(lines)
