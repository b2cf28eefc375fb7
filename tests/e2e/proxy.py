"""A proxy in front of the sandbox that answers, for a while, as AWS does on a bad day."""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec

from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.record import ServerRecord, read_record, write_record
from tests.e2e.workspaces import Bench

_ERROR = "<Error><Code>{code}</Code><Message>{code}, says the proxy</Message></Error>"
_CODES = {403: "AccessDenied", 500: "InternalError", 503: "SlowDown"}
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
_SIGNED_FOR = re.compile(r"Credential=[^/]+/\d+/([^/]+)/")
_HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}


@dataclass
class Faults:
    """What happens to the requests for which ``of`` (method and path) holds.

    ``region``: only to those that are signed for it. ``status``: they are answered with it and go
    no further, ``code`` being the error's. ``cut``: the connection ends without an answer, after
    the request was carried out. ``seconds``: they wait that long first. ``left``: after so many all
    is well. ``seen`` lists those met, ``bodies`` what they held.
    """

    of: Callable[[str, str], bool] = lambda _method, _path: False
    region: str | None = None
    status: int | None = None
    code: str | None = None
    cut: bool = False
    seconds: float = 0
    left: int | None = None
    seen: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def hit(self, method: str, path: str, body: bytes = b"", region: str | None = None) -> bool:
        """Whether this request is met."""
        if self.left == 0 or not self.of(method, path) or self.region not in {None, region}:
            return False
        self.left = None if self.left is None else self.left - 1
        self.seen.append(f"{method} {path}")
        self.bodies.append(body)
        return True

    def clear(self) -> None:
        """A good day again."""
        self.of = lambda _method, _path: False
        self.region = None
        self.status, self.code, self.cut = None, None, False
        self.seconds, self.left = 0, None


def state_writes(method: str, path: str) -> bool:
    """A write of the state object itself, not of its lock."""
    return method == "PUT" and path.partition("?")[0].endswith("terraform.tfstate")


@contextmanager
def bad_day(bench: Bench) -> Iterator[Faults]:
    """Every request of bsops and Terraform passes a proxy; its faults are set by the test.

    The sandbox's record names the proxy's port in place of the server's: all that finds the
    sandbox finds it there.
    """
    lifecycle.ensure(bench.workspace)
    record = read_record(bench.workspace.sandbox)
    assert record is not None
    faults = Faults()
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Handler", (_Handler,), {"record": record, "faults": faults})
    )
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    write_record(bench.workspace.sandbox, msgspec.structs.replace(record, port=port))
    try:
        yield faults
    finally:
        write_record(bench.workspace.sandbox, record)
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    record: ServerRecord
    faults: Faults
    protocol_version = "HTTP/1.1"

    def handle_one_request(self) -> None:
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        body = self._body()
        signed = _SIGNED_FOR.search(self.headers.get("Authorization", ""))
        hit = self.faults.hit(self.command, self.path, body, signed and signed[1])
        if hit:
            time.sleep(self.faults.seconds)
        if hit and self.faults.status:
            self._refuse(self.faults.status, self.faults.code or _CODES[self.faults.status])
            return
        status, headers, text = self._forward(body)
        if hit and self.faults.cut:
            self.close_connection = True
            return
        self._answer(status, headers, text)

    def _refuse(self, status: int, code: str) -> None:
        if "X-Amz-Target" in self.headers:  # a service that speaks JSON
            text = json.dumps({"__type": code, "message": f"{code}, says the proxy"})
            self._answer(status, [("Content-Type", "application/x-amz-json-1.1")], text.encode())
        else:
            text = _ERROR.format(code=code)
            self._answer(status, [("Content-Type", "application/xml")], text.encode())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.record.port, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP_BY_HOP}
        headers["Content-Length"] = str(len(body))
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, answer.getheaders(), text

    def _answer(self, status: int, headers: list[tuple[str, str]], text: bytes) -> None:
        self.send_response_only(status)
        length = str(len(text))
        for name, value in headers:
            if name.lower() == "content-length" and self.command == "HEAD":
                length = value
            elif name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)
        self.wfile.flush()
