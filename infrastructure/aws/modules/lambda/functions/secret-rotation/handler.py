"""Replaces the value of a generated secret, in the four steps that Secrets Manager asks for.

The secret is a random token and nothing else knows it, so there is nothing to set elsewhere:
consumers read AWSCURRENT, and accept AWSPREVIOUS until all of them have read again. Every step may
be asked for several times and does its work once. No value is ever logged.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
"""

import logging
import re
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
# 48 random bytes: 64 letters, digits, hyphens and underscores, safe in headers and URLs.
_BYTES = 48
_TOKEN = re.compile(r"[A-Za-z0-9_-]{64}")

_QUICK = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 5})
_log = logging.getLogger("secret-rotation")
_log.setLevel(logging.INFO)


class RotationError(Exception):
    """The rotation cannot go on; Secrets Manager keeps the current value and tries again later."""


@cache
def _manager() -> Any:
    return boto3.client("secretsmanager", config=_QUICK)


@dataclass(frozen=True)
class Rotation:
    """The secret, the version to become current, and the labels of all versions."""

    secret: str
    version: str
    stages: dict[str, list[str]]

    @property
    def current(self) -> str | None:
        return next((name for name, labels in self.stages.items() if CURRENT in labels), None)


def handler(event: dict[str, Any], _context: object) -> None:
    """Do one step of a rotation."""
    step, secret, version = event["Step"], event["SecretId"], event["ClientRequestToken"]
    about = {"correlation_id": version, "secret_id": secret, "step": step}
    try:
        rotation = Rotation(secret, version, _stages(secret))
        if CURRENT in rotation.stages.get(version, []):
            _log.info("rotated before", extra=about)
            return
        _do(step, rotation)
    except RotationError as error:
        _log.error("step refused", extra={**about, "reason": str(error)})
        raise
    except ClientError as error:
        reason = error.response.get("Error", {}).get("Code", "unknown")
        operation = error.operation_name
        _log.error("call failed", extra={**about, "reason": reason, "operation": operation})
        # What AWS says may repeat the request; Lambda would log it with the traceback.
        raise RotationError(f"{operation} failed: {reason}") from None
    _log.info("step done", extra=about)


def _stages(secret: str) -> dict[str, list[str]]:
    described = _manager().describe_secret(SecretId=secret)
    if not described.get("RotationEnabled"):
        raise RotationError("the secret is not to be rotated")
    stages: dict[str, list[str]] = described.get("VersionIdsToStages", {})
    return stages


def _do(step: str, rotation: Rotation) -> None:
    if PENDING not in rotation.stages.get(rotation.version, []):
        raise RotationError("the version is not the one to become current")
    match step:
        case "createSecret":
            _create(rotation)
        case "setSecret":
            pass  # nothing but the secret holds the token
        case "testSecret":
            _test(rotation)
        case "finishSecret":
            _finish(rotation)
        case _:
            raise RotationError("there is no such step")


def _create(rotation: Rotation) -> None:
    if _pending(rotation) is not None:
        return
    _manager().put_secret_value(
        SecretId=rotation.secret,
        ClientRequestToken=rotation.version,
        SecretString=secrets.token_urlsafe(_BYTES),
        VersionStages=[PENDING],
    )


def _test(rotation: Rotation) -> None:
    pending = _pending(rotation)
    if pending is None:
        raise RotationError("there is no new value")
    # A schedule that does not rotate at once is tried with a copy of the value in use.
    if pending != _in_use(rotation) and not _TOKEN.fullmatch(pending):
        raise RotationError("the new value is not a token of this function")


def _finish(rotation: Rotation) -> None:
    _test(rotation)
    if _pending(rotation) == _in_use(rotation):
        raise RotationError("the new value is the old one")
    moved: dict[str, str] = {"MoveToVersionId": rotation.version}
    if rotation.current:
        moved["RemoveFromVersionId"] = rotation.current
    # AWSPREVIOUS follows by itself. AWSPENDING stays: to take it away would mean a failure.
    _manager().update_secret_version_stage(SecretId=rotation.secret, VersionStage=CURRENT, **moved)


def _pending(rotation: Rotation) -> str | None:
    return _value(rotation.secret, rotation.version, PENDING)


def _in_use(rotation: Rotation) -> str | None:
    return _value(rotation.secret, rotation.current, CURRENT) if rotation.current else None


def _value(secret: str, version: str, stage: str) -> str | None:
    try:
        found = _manager().get_secret_value(SecretId=secret, VersionId=version, VersionStage=stage)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return None
        raise
    value: str | None = found.get("SecretString")
    return value
