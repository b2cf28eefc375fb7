"""An AWS that says no."""

from collections.abc import Callable
from typing import Any

from bookstore_ops.backups.cloud import Cloud


class Denied:
    """A client that may do nothing."""

    def __getattr__(self, _: str) -> Callable[..., Any]:
        def call(*_: Any, **__: Any) -> Any:
            from botocore.exceptions import ClientError

            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "Any")

        return call


def denied() -> Cloud:
    """Every client of it may do nothing."""

    def make(_service: str, _region: str) -> Denied:
        return Denied()

    return Cloud(make, "again")
