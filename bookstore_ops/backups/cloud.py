"""Clients of the regions that hold backups, and what AWS says no to."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

from bookstore_ops.releases.calls import asking


class Cloud:
    """Clients by service and region.

    ``make`` makes one; each is made once. ``again`` is the command to type where AWS says no.
    """

    def __init__(self, make: Callable[[str, str], Any], again: str) -> None:
        self._make = make
        self._again = again
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str) -> Any:
        """The client of a service in a region."""
        if (service, region) not in self._clients:
            self._clients[service, region] = self._make(service, region)
        return self._clients[service, region]

    def ready(self, needed: Iterable[tuple[str, str]]) -> None:
        """Make these clients now: to make one changes the process's environment for a moment,
        which must not happen beside other threads."""
        for service, region in needed:
            self.client(service, region)

    def asking(self, doing: str) -> AbstractContextManager[None]:
        """Turn what AWS answers while ``doing`` into an error that says how to go on."""
        return asking(doing, self._again)

    def pages(self, service: str, region: str, operation: str, **given: Any) -> Iterable[Any]:
        """All pages of a listing."""
        paginator = self.client(service, region).get_paginator(operation)
        pages: Iterable[Any] = paginator.paginate(**given)
        return pages
