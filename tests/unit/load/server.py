"""A real HTTP server to send requests to: as slow, as broken, as gone as a test wants it."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Asked:
    """What a server was asked, and when."""

    url: str
    times: list[float] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def handle_error(self, *_: object) -> None:
        """Clients that leave are what some tests are about."""


@contextmanager
def serving(
    status: int = 200, wait: Callable[[], None] | None = None, location: str = ""
) -> Iterator[Asked]:
    """A server that answers every request so, after ``wait``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self) -> None:
            asked.times.append(time.monotonic())
            asked.lines.append(f"{self.command} {self.path}")
            asked.headers.append(dict(self.headers))
            if wait:
                wait()
            self.send_response(status)
            self.send_header("Content-Length", "2")
            if location:
                self.send_header("Location", location)
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = do_HEAD = _answer  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing."""

    server = _Server(("127.0.0.1", 0), Handler)
    asked = Asked(f"http://127.0.0.1:{server.server_port}/books?q=1")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield asked
    finally:
        server.shutdown()
        server.server_close()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
