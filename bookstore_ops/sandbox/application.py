"""moto's WSGI application, with the sandbox's own answers around it."""

import json
import logging
import os
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask import request as flask_request
from moto.core.request import normalize_request
from moto.moto_server.werkzeug_app import (
    BackendRequest,
    DomainDispatcherApplication,
    create_backend_app,
)
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from bookstore_ops import __version__
from bookstore_ops.sandbox import services
from bookstore_ops.sandbox.apis import rest_api_asked
from bookstore_ops.sandbox.health import HEALTH, MISSING, RESOURCES, STATE_HEADER
from bookstore_ops.sandbox.inventory import resources_by_account
from bookstore_ops.sandbox.refusals import Refusals
from bookstore_ops.sandbox.replies import Replies

log = logging.getLogger("bookstore_ops.sandbox")

# S3 Control puts the account in front of the endpoint's host.
_OWN_HOST = re.compile(r"([0-9]{12}\.)?127\.0\.0\.1")

_STATE_HEADER_VARIABLE = "HTTP_" + STATE_HEADER.upper().replace("-", "_")

_StartResponse = Callable[..., Any]


class _UnknownServiceError(Exception):
    """moto has no backend of this name."""


class SandboxApplication(DomainDispatcherApplication):  # type: ignore[misc]
    """Dispatches to moto's applications; what they cannot do is refused at once and noted."""

    def __init__(self, instance: str) -> None:
        super().__init__(self._create_app)
        self._instance = instance
        self._refusals = Refusals()
        self._replies = Replies()
        self._state_names: set[str] = set()
        self._own: dict[str, Callable[[], dict[str, Any]]] = {
            HEALTH: self._health,
            MISSING: lambda: {"missing": self._refusals.listed()},
            RESOURCES: lambda: {"accounts": resources_by_account(self._state_names)},
        }

    def __call__(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        """Answer one request, or one that was sent again, as before."""
        return self._replies.answer(environ, start_response, self._answer)

    def _answer(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if _STATE_HEADER_VARIABLE in environ:
            self._state_names.add(environ[_STATE_HEADER_VARIABLE])
        own = self._own_answer(path)
        if own is not None:
            return _send(own, environ, start_response)
        outside = _outside(environ)
        if outside is not None:
            return _send(self._refuse_outside(outside), environ, start_response)
        try:
            answer = services.answer(environ)
            if answer is not None:
                return _send(answer, environ, start_response)
            application = self.get_application(environ)
        except _UnknownServiceError as error:
            answer = self._refusals.answer(BackendRequest(environ), str(error), None)
            return _send(answer, environ, start_response)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong is answered, not retried
            answer = self._refusals.answer(BackendRequest(environ), _signed_for(environ), error)
            return _send(answer, environ, start_response)
        answered: Iterable[bytes] = application(environ, start_response)
        return answered

    def _own_answer(self, path: str) -> Response | None:
        if path in self._own:
            return Response(json.dumps(self._own[path]()), content_type="application/json")
        asked = rest_api_asked(path)
        if asked is None:
            return None
        # Extensions are put in place before they are used, and after this module is imported.
        from bookstore_ops.sandbox.extensions.apigateway_invocations import answer_client

        return Response(status=answer_client(*asked))

    def get_backend_for_host(self, host: str | None) -> Any:
        """moto's backend for a host.

        Raises:
            _UnknownServiceError: moto has none (it would fail on None later).
        """
        backend = super().get_backend_for_host(host)
        if backend is None and host is not None:
            raise _UnknownServiceError(host.partition(".")[0])
        return backend

    def _create_app(self, service: Any) -> Flask:
        application: Flask = create_backend_app(service)

        def refuse(error: Exception) -> Any:
            if isinstance(error, HTTPException):
                if flask_request.routing_exception is None:
                    return error
                return self._refusals.answer(normalize_request(flask_request), service, None)
            if not isinstance(error, NotImplementedError):  # moto's word for "I lack this"
                log.exception("moto failed on %s %s", flask_request.method, flask_request.path)
            return self._refusals.answer(normalize_request(flask_request), service, error)

        def refuse_unknown_path(response: Any) -> Any:
            # moto's dispatcher answers so where the service's model has no such operation.
            if response.status_code == 404 and not response.data and service != "s3":
                return self._refusals.answer(normalize_request(flask_request), service, None)
            return response

        application.register_error_handler(Exception, refuse)
        application.after_request(refuse_unknown_path)
        return application

    def _health(self) -> dict[str, Any]:
        return {"instance": self._instance, "pid": os.getpid(), "version": __version__}

    def _refuse_outside(self, host: str) -> Response:
        self._refusals.note(f"outside:{host}", "SandboxConfined", "a real endpoint")
        log.warning("refused a connection to %s", host)
        return Response(f"the sandbox lets nothing out to {host}\n", status=403)


def _send(
    response: Response, environ: dict[str, Any], start_response: _StartResponse
) -> Iterable[bytes]:
    chunks: Iterable[bytes] = response(environ, start_response)
    return chunks


def _signed_for(environ: dict[str, Any]) -> str:
    """The service a request is signed for."""
    scope = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].split(",")[0]
    return scope.split("/")[3] if scope.count("/") == 4 else "unknown"


def _outside(environ: dict[str, Any]) -> str | None:
    """The host of a proxied request that is not for this server.

    Terraform's process has the sandbox as its proxy, so whatever would leave the machine arrives
    here.
    """
    uri = environ.get("RAW_URI", "")
    if environ.get("REQUEST_METHOD") == "CONNECT":
        return str(uri)
    parts = urlsplit(uri)
    if not parts.scheme or not parts.hostname:
        return None
    return None if _OWN_HOST.fullmatch(parts.hostname) else parts.netloc
