"""An STS of our own over real HTTP: it says who we are as a test wants it to, and keeps count."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

_XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass
class Sts:
    """What it answers. ``refuse`` is a code and a message of AWS; ``asked`` what was wanted."""

    url: str = ""
    account: str = "999999999999"
    refuse: tuple[str, str] | None = None
    refuse_action: str = ""
    delay: float = 0.0
    clock: timedelta = timedelta()
    lasts: timedelta = timedelta(hours=1)
    longest: int = 12 * 3600
    asked: list[dict[str, str]] = field(default_factory=list)

    def answer(self, asked: dict[str, str]) -> tuple[int, str]:
        """Status and body for a request."""
        self.asked.append(asked)
        time.sleep(self.delay)
        action = asked.get("Action", "nothing of STS")
        refused = self.refuse if self.refuse_action in {"", action} else None
        if action == "AssumeRole" and int(asked.get("DurationSeconds", 0)) > self.longest:
            refused = ("ValidationError", "DurationSeconds exceeds the MaxSessionDuration")
        if refused:
            code, message = refused
            return 403, (
                f'<ErrorResponse xmlns="{_XMLNS}"><Error><Type>Sender</Type><Code>{code}</Code>'
                f"<Message>{message}</Message></Error></ErrorResponse>"
            )
        return 200, self._granted(action, asked)

    def _granted(self, action: str, asked: dict[str, str]) -> str:
        if action.startswith("AssumeRole"):
            ends = (datetime.now(UTC) + self.lasts).strftime("%Y-%m-%dT%H:%M:%SZ")
            name = asked["RoleArn"].rpartition("/")[2]
            body = (
                "<Credentials><AccessKeyId>ASIAASSUMED</AccessKeyId><SecretAccessKey>s"
                f"</SecretAccessKey><SessionToken>t</SessionToken><Expiration>{ends}</Expiration>"
                "</Credentials><AssumedRoleUser><AssumedRoleId>A:b</AssumedRoleId>"
                f"<Arn>arn:aws:sts::{self.account}:assumed-role/{name}/"
                f"{asked['RoleSessionName']}</Arn></AssumedRoleUser>"
            )
        else:
            body = (
                f"<Arn>arn:aws:iam::{self.account}:user/ann</Arn><UserId>A</UserId>"
                f"<Account>{self.account}</Account>"
            )
        return (
            f'<{action}Response xmlns="{_XMLNS}"><{action}Result>{body}</{action}Result>'
            f"</{action}Response>"
        )

    @property
    def actions(self) -> set[str]:
        """What was asked for."""
        return {asked.get("Action", "nothing of STS") for asked in self.asked}


@contextmanager
def serving(sts: Sts) -> Iterator[Sts]:
    """Serve it on a loopback port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, text = sts.answer({k: v[0] for k, v in parse_qs(body).items()})
            self.send_response_only(status)
            self.send_header("Date", format_datetime(datetime.now(UTC) + sts.clock, usegmt=True))
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            with suppress(OSError):  # who asked has not waited
                self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sts.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield sts
    finally:
        server.shutdown()
        server.server_close()
