"""What the sandbox answers when moto cannot: an AWS error that no SDK retries, in the service's
own protocol, naming the operation.

SDKs retry 500, 502, 503, 504 and the throttling codes:
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

import datetime as dt
import json
import threading
from functools import cache
from typing import Any

from botocore.model import OperationNotFoundError
from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import NotFound, get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.wrappers import Response


class _Refusal(ServiceException):  # type: ignore[misc]
    """moto looks a service's error up by the module of its class; this one is no service's."""


NOT_IMPLEMENTED = "SandboxNotImplemented"
FAULT = "SandboxFault"

# moto's name, or the name in a signature, where it is not botocore's.
_BOTOCORE_NAMES = {
    "awslambda": "lambda",
    "elasticloadbalancing": "elbv2",
    "email": "ses",
    "monitoring": "cloudwatch",
    "states": "stepfunctions",
    "tagging": "resourcegroupstaggingapi",
}


@cache
def botocore_name(service: str) -> str | None:
    """botocore's name of a service that moto or a signature names, or None."""
    from botocore.session import Session

    known = Session().get_available_services()
    if service in known:
        return service
    plain = {name.replace("-", ""): name for name in known}
    return _BOTOCORE_NAMES.get(service) or plain.get(service.replace("-", ""))


def operation_of(request: Request, service: str | None) -> str:
    """The operation a request asks for: its name, or method and path where no model knows it."""
    action = request.values.get("Action")
    if action:
        return str(action)
    target = request.headers.get("X-Amz-Target")
    if target:
        return str(target).rpartition(".")[2]
    if service is not None:
        try:
            operation, _ = get_service_router(service).match(request)
        except (NotFound, NotImplementedError, OperationNotFoundError):  # raised by moto
            pass
        else:
            return str(operation.name)
    return f"{request.method} {request.path}"


def error_response(request: Request, service: str | None, code: str, message: str) -> Response:
    """The error as the service's protocol writes it; HTTP 400, which SDKs take as final."""
    if service is None:
        body = json.dumps({"__type": code, "message": message})
        headers = {"Content-Type": "application/json", "X-Amzn-ErrorType": code}
        return Response(body, status=400, headers=headers)
    model = get_service_model(service)
    try:
        protocol = determine_request_protocol(model, request.content_type)
    except NotImplementedError:  # moto, for a protocol it cannot tell
        protocol = str(model.protocol)
    serializer = get_serializer_class(service, protocol)(
        operation_model=OperationModel({}, model), pretty_print=False
    )
    answer = serializer.serialize(_Refusal(code, message))
    return Response(answer["body"], status=400, headers=answer["headers"])


class Refusals:
    """The operations refused so far, for ``bsops sandbox status`` and the next engineer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, dict[str, Any]] = {}

    def note(self, operation: str, code: str, reason: str) -> None:
        """Count one refusal."""
        with self._lock:
            entry = self._seen.setdefault(
                operation, {"code": code, "reason": reason, "count": 0, "last": ""}
            )
            entry["count"] += 1
            entry["last"] = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")

    def listed(self) -> list[dict[str, Any]]:
        """Every refused operation, by name."""
        with self._lock:
            return [{"operation": name, **entry} for name, entry in sorted(self._seen.items())]

    def answer(self, request: Request, service: str, error: Exception | None) -> Response:
        """Refuse a request that moto lacks the operation for, or that it failed on.

        moto says the former by raising no error at all or its "not implemented".
        """
        known = botocore_name(service)
        operation = f"{known or service}:{operation_of(request, known)}"
        if error is None or isinstance(error, NotImplementedError):  # as moto says it
            code, message = NOT_IMPLEMENTED, f"The sandbox does not implement {operation}"
        else:
            code = FAULT
            message = f"The sandbox failed on {operation}: {type(error).__name__}: {error}"
        self.note(operation, code, str(error or ""))
        return error_response(request, known, code, message)
