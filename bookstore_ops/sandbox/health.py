"""Asking a sandbox server about itself, without proxies and without an HTTP library's start-up."""

import http.client
import json
from collections.abc import Mapping
from typing import Any

HEALTH = "/_bsops/health"
MISSING = "/_bsops/missing"
RESOURCES = "/_bsops/resources"

# Names what bsops makes for the state (a bucket, a table, a key), so that it is not counted.
STATE_HEADER = "X-Bsops-State"


def ask(
    port: int, path: str, *, timeout: float, headers: Mapping[str, str] | None = None
) -> dict[str, Any] | None:
    """The JSON object that the server on ``port`` answers, or None if it gives none in time."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path, headers=dict(headers or {}))
        response = connection.getresponse()
        answer = json.loads(response.read()) if response.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return answer if isinstance(answer, dict) else None


def answers(port: int, instance: str, *, timeout: float) -> bool:
    """Whether the server on ``port`` is this instance: another server there, or none, is not."""
    health = ask(port, HEALTH, timeout=timeout)
    return health is not None and health.get("instance") == instance
