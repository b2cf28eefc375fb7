"""The one address that is asked, with GET and nothing else."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bookstore_ops.load.figures import TIMEOUT, Answer


class Target:
    """One path of one host. Redirects are answers: nothing is asked of another host.

    Connections are kept for the next request, as browsers and SDKs keep them; what a new one
    takes counts. Nothing is tried again: a second try would hide the first one's failure.
    """

    def __init__(
        self, url: str, *, headers: Mapping[str, str], timeout: float, connections: int
    ) -> None:
        from urllib3 import Timeout
        from urllib3.connectionpool import connection_from_url

        self._pool: Any = connection_from_url(
            url, maxsize=connections, block=False, timeout=Timeout(total=timeout), retries=False
        )
        parts = urlsplit(url)
        self._path = parts._replace(scheme="", netloc="").geturl() or "/"
        self._headers = {"User-Agent": "bsops-load", "Accept": "*/*", **headers}

    def ask(self) -> Answer:
        """What came of one request."""
        from urllib3.exceptions import HTTPError

        try:
            answer = self._pool.request(
                "GET", self._path, headers=self._headers, redirect=False, decode_content=False
            )
        except HTTPError as error:
            return Answer(0, _kind(error))
        return Answer(int(answer.status))


def _kind(error: Exception) -> str:
    from urllib3 import exceptions

    # NewConnectionError is a ConnectTimeoutError as well, in urllib3 2.
    kinds = (
        (exceptions.NameResolutionError, "name not known"),
        (exceptions.NewConnectionError, "no connection"),
        (exceptions.TimeoutError, TIMEOUT),
        (exceptions.SSLError, "TLS"),
        (exceptions.ProtocolError, "connection broken"),
    )
    return next((kind for of, kind in kinds if isinstance(error, of)), type(error).__name__)
