"""Rotation of secrets, as it is after a function has done its work.

Functions do not run in the sandbox. moto would make a version without a value the current one.
"""

import secrets
import time
from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from bookstore_ops.sandbox.extensions import replaces

_rotate = SecretsManagerBackend.rotate_secret


@replaces(SecretsManagerBackend)
def rotate_secret(self: Any, secret_id: str, **given: Any) -> Any:
    """The new value is random; the version before it keeps the labels of its own.

    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
    """
    known = getattr(self.secrets.get(secret_id), "rotation_lambda_arn", "")
    function = given.get("rotation_lambda_arn") or known
    if not function:
        return _rotate(self, secret_id, **given)
    tried = {**given, "rotation_lambda_arn": function, "rotate_immediately": False}
    _rotate(self, secret_id, **tried)
    secret = self.secrets[secret_id]
    version = _take_pending(secret)
    if version is None or not given.get("rotate_immediately", True):
        return secret.to_short_dict()
    for other in secret.versions.values():
        labels = [label for label in other["version_stages"] if label != "AWSPREVIOUS"]
        other["version_stages"] = [
            "AWSPREVIOUS" if label == "AWSCURRENT" else label for label in labels
        ]
    secret.secret_string = secrets.token_urlsafe(48)
    secret.versions[version] = {
        "createdate": int(time.time()),
        "version_id": version,
        "version_stages": ["AWSCURRENT"],
        "secret_string": secret.secret_string,
    }
    secret.set_default_version_id(version)
    return secret.to_short_dict(version_id=version)


def _take_pending(secret: Any) -> str | None:
    """Remove the version that moto made for the function's test; its id."""
    for version, held in list(secret.versions.items()):
        if held["version_stages"] == ["AWSPENDING"]:
            del secret.versions[version]
            return str(version)
    return None
