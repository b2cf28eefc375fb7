"""Notices: to whom, in what words, and what must not be told."""

import threading
from collections.abc import Callable

import pytest

from bookstore_ops.releases.notices import Notice, Notifier, NotSent, Webhook

NOTICE = Notice("prod", "release of catalog 1.4.0", "step", "green has 5 %", "ann@laptop")


class Told:
    """A channel that remembers, or fails, or waits."""

    name = "the channel"

    def __init__(self, then: Callable[[], object] = lambda: None) -> None:
        self.heard: list[str] = []
        self._then = then

    def send(self, notice: Notice) -> None:
        self._then()
        self.heard.append(notice.text)


def fail() -> None:
    raise NotSent("it is closed")


def test_a_notice_says_where_and_who() -> None:
    assert NOTICE.text == "[prod] release of catalog 1.4.0: green has 5 % (ann@laptop)"


def test_who_cannot_be_told_does_not_keep_others_from_being_told() -> None:
    broken, well = Told(fail), Told()
    notifier = Notifier([broken, well])
    notifier.send(NOTICE)
    assert notifier.close() == ["the channel was not told (step): it is closed"]
    assert well.heard == [NOTICE.text]
    assert notifier.failures() == []


def test_who_is_slow_holds_nobody_up() -> None:
    never = threading.Event()
    notifier = Notifier([Told(lambda: never.wait(60))])
    notifier.send(NOTICE)
    assert notifier.close(seconds=0.05) == ["not all was sent within 0.05 seconds"]
    never.set()


@pytest.mark.parametrize(
    ("address", "local", "why"),
    [
        ("https://hooks.example.com/s3cret", True, "the sandbox calls nobody outside"),
        ("http://hooks.example.com/s3cret", False, "must begin with https://"),
        ("hooks.example.com/s3cret", False, "must begin with https://"),
        ("file:///etc/s3cret", False, "must begin with https://"),
        ("https://[s3cret", False, "no web address"),
        ("", False, "must begin with https://"),
        ("http://127.0.0.1:1/s3cret", False, "it is not reached"),
        ("http://127.0.0.1:1/s3cret with blanks", True, "it is not reached"),
    ],
)
def test_an_address_that_will_not_do_is_refused_without_a_word_of_it(
    address: str, local: bool, why: str
) -> None:
    with pytest.raises(NotSent) as refused:
        Webhook(lambda: address, local=local).send(NOTICE)
    assert why in str(refused.value)
    assert "s3cret" not in str(refused.value)
