"""Telling a topic and a chat what becomes of a release or a rollout.

What is sent never holds a release up, nor fails it: a thread sends, and what could not be sent is
told afterwards. The address of a chat is a secret: it is in no message of ours.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from queue import SimpleQueue
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

# A chat that does not answer within this has not got it, as far as we know.
_SEND_SECONDS = 3.0
# How long the end of a command waits for what is still to be sent.
_CLOSE_SECONDS = 5.0
_SUBJECT_LENGTH = 100

Moment = Literal["start", "step", "outcome"]


@dataclass(frozen=True)
class Notice:
    """What is told: of what, at which moment, in words."""

    environment: str
    subject: str
    moment: Moment
    words: str
    by: str
    sandbox: bool = False

    @property
    def text(self) -> str:
        """In one line."""
        place = f"{self.environment}, sandbox" if self.sandbox else self.environment
        return f"[{place}] {self.subject}: {self.words} ({self.by})"


class NotSent(Exception):
    """It was not sent; the words say why, without a secret."""


class Channel(Protocol):
    """One way to tell."""

    name: str

    def send(self, notice: Notice) -> None:
        """Send it.

        Raises:
            NotSent: it cannot be.
        """


class Topic:
    """An SNS topic; subscribers can filter by environment, moment and subject."""

    name = "the topic"

    def __init__(self, sns: Any, arn: str) -> None:
        self._sns = sns
        self._arn = arn

    def send(self, notice: Notice) -> None:
        """See :class:`Channel`."""
        from botocore.exceptions import BotoCoreError, ClientError

        said = {
            "environment": notice.environment,
            "moment": notice.moment,
            "subject": notice.subject,
        }
        try:
            self._sns.publish(
                TopicArn=self._arn,
                Subject=f"bsops {notice.environment}: {notice.subject}"[:_SUBJECT_LENGTH],
                Message=notice.text,
                MessageAttributes={
                    key: {"DataType": "String", "StringValue": value} for key, value in said.items()
                },
            )
        except (BotoCoreError, ClientError) as error:
            raise NotSent(str(error)) from error


class Webhook:
    """A chat that takes what Slack's incoming webhooks take; ``address`` is asked for once.

    ``local``: only an address of this machine is called, as befits a sandbox.
    """

    name = "the webhook"

    def __init__(self, address: Callable[[], str], *, local: bool) -> None:
        self._ask = address
        self._address = ""
        self._local = local

    def send(self, notice: Notice) -> None:
        """See :class:`Channel`."""
        self._address = self._address or self._checked(self._ask())
        request = urllib.request.Request(  # noqa: S310 - checked above
            self._address,
            data=json.dumps({"text": notice.text}).encode(),
            headers={"Content-Type": "application/json", "User-Agent": "bsops"},
        )
        handlers: list[Any] = [_StayingHere]
        if self._local:
            handlers.append(urllib.request.ProxyHandler({}))
        opener = urllib.request.build_opener(*handlers)
        try:
            with opener.open(request, timeout=_SEND_SECONDS):
                pass
        except urllib.error.HTTPError as error:
            raise NotSent(f"it answered {error.code}") from None
        except urllib.error.URLError as error:
            raise NotSent(f"it is not reached: {error.reason}") from None
        except Exception as error:  # noqa: BLE001 - whatever it is, it may quote the address
            raise NotSent(f"it is not reached: {type(error).__name__}") from None

    def _checked(self, address: str) -> str:
        try:
            parts = urlsplit(address.strip())
            host = parts.hostname or ""
        except ValueError:
            raise NotSent("its address is no web address") from None
        local = host == "localhost" or _is_loopback(host)
        if self._local and not local:
            raise NotSent("the sandbox calls nobody outside of this machine")
        if not host or parts.scheme not in ({"https", "http"} if local else {"https"}):
            raise NotSent("its address must begin with https://")
        return address.strip()


class _StayingHere(urllib.request.HTTPRedirectHandler):
    """Follows nobody: what is told is for the address that was given."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """None: an answer that leads elsewhere is an error."""


class Notifier:
    """Sends to all channels, in order, in a thread of its own."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        self._channels = channels
        self._waiting: SimpleQueue[Notice | None] = SimpleQueue()
        self._failures: SimpleQueue[str] = SimpleQueue()
        self._thread: threading.Thread | None = None

    def send(self, notice: Notice) -> None:
        """Have it sent; returns at once."""
        if not self._channels:
            return
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, daemon=True)
            self._thread.start()
        self._waiting.put(notice)

    def failures(self) -> list[str]:
        """What could not be sent since this was last asked, and why."""
        found = []
        while not self._failures.empty():
            found.append(self._failures.get())
        return found

    def close(self, seconds: float = _CLOSE_SECONDS) -> list[str]:
        """Send what is left, and tell what could not be sent; no longer than ``seconds``."""
        if self._thread is None:
            return self.failures()
        self._waiting.put(None)
        self._thread.join(seconds)
        slow = [f"not all was sent within {seconds:g} seconds"] if self._thread.is_alive() else []
        return self.failures() + slow

    def _work(self) -> None:
        while (notice := self._waiting.get()) is not None:
            for channel in self._channels:
                try:
                    channel.send(notice)
                except NotSent as error:
                    self._failures.put(f"{channel.name} was not told ({notice.moment}): {error}")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
