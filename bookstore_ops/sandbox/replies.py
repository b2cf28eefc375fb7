"""An SDK's second attempt gets the first one's answer, not a second resource.

An answer can be lost between two processes of a busy machine; the SDK then sends the request
again, under the same invocation id:
https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
"""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger("bookstore_ops.sandbox")

_KEPT = 256
# Answers to changes are small; what is larger is read, and may be read again.
_LARGEST = 256 * 1024
# How long a second attempt waits for the first one to end.
_PATIENCE_SECONDS = 60

_StartResponse = Callable[..., Any]
_Application = Callable[[dict[str, Any], _StartResponse], Iterable[bytes]]


@dataclass
class _Reply:
    done: threading.Event = field(default_factory=threading.Event)
    started: tuple[Any, ...] = ()
    body: bytes | None = None


class Replies:
    """The answers to the latest changes, by the invocation they belong to."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, _Reply] = OrderedDict()

    def answer(
        self, environ: dict[str, Any], start_response: _StartResponse, application: _Application
    ) -> Iterable[bytes]:
        """The answer of ``application``, or the one it gave to the same invocation before."""
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID")
        if invocation is None or environ.get("REQUEST_METHOD") in {"GET", "HEAD"}:
            return application(environ, start_response)
        with self._lock:
            earlier = self._kept.get(invocation)
            if earlier is None:
                reply = self._kept[invocation] = _Reply()
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        if earlier is None:
            return self._first(reply, environ, start_response, application)
        if earlier.done.wait(_PATIENCE_SECONDS) and earlier.body is not None:
            log.warning(
                "%s was asked for again and answered as before",
                environ.get("HTTP_X_AMZ_TARGET") or environ.get("PATH_INFO"),
            )
            start_response(*earlier.started)
            return [earlier.body]
        return application(environ, start_response)

    def _first(
        self,
        reply: _Reply,
        environ: dict[str, Any],
        start_response: _StartResponse,
        application: _Application,
    ) -> Iterable[bytes]:
        def start(*started: Any) -> Any:
            reply.started = started
            return start_response(*started)

        try:
            body = b"".join(application(environ, start))
            # What failed may be tried again; it left nothing behind.
            if len(body) <= _LARGEST and str(reply.started[0]) < "4":
                reply.body = body
        finally:
            reply.done.set()
        return [body]
