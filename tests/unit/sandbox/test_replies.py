"""Requests that an SDK sends again."""

import threading
from collections.abc import Iterable
from typing import Any

from bookstore_ops.sandbox.replies import Replies


class _Service:
    """Makes one more thing with every call, and says which."""

    def __init__(self, status: str = "200 OK") -> None:
        self.status = status
        self.made = 0
        self.go_on = threading.Event()
        self.go_on.set()

    def __call__(self, _environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.go_on.wait(5)
        self.made += 1
        start_response(self.status, [("X-Made", str(self.made))])
        return [b"made ", str(self.made).encode()]


def _ask(
    replies: Replies, service: _Service, invocation: str | None = "one", method: str = "POST"
) -> tuple[tuple[Any, ...], bytes]:
    environ = {"REQUEST_METHOD": method, "PATH_INFO": "/"}
    if invocation is not None:
        environ["HTTP_AMZ_SDK_INVOCATION_ID"] = invocation
    started: list[tuple[Any, ...]] = []
    body = b"".join(replies.answer(environ, lambda *given: started.append(given), service))
    return started[0], body


def test_a_second_attempt_gets_the_first_answer() -> None:
    replies, service = Replies(), _Service()
    assert _ask(replies, service) == _ask(replies, service)
    assert service.made == 1


def test_another_invocation_is_another_request() -> None:
    replies, service = Replies(), _Service()
    assert _ask(replies, service, "one")[1] == b"made 1"
    assert _ask(replies, service, "two")[1] == b"made 2"


def test_reads_and_requests_without_an_invocation_are_answered_anew() -> None:
    replies, service = Replies(), _Service()
    for _ in range(2):
        _ask(replies, service, None)
        _ask(replies, service, method="GET")
    assert service.made == 4


def test_what_failed_is_tried_again() -> None:
    replies, service = Replies(), _Service("400 Bad Request")
    _ask(replies, service)
    _ask(replies, service)
    assert service.made == 2


def test_a_second_attempt_waits_for_the_first_to_end() -> None:
    replies, service = Replies(), _Service()
    service.go_on.clear()
    answers: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: answers.append(_ask(replies, service)[1])) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    service.go_on.set()
    for thread in threads:
        thread.join()
    assert answers == [b"made 1", b"made 1"]
    assert service.made == 1
