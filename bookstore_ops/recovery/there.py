"""Whether something is in the other region at all."""

from collections.abc import Callable
from typing import Any

from bookstore_ops.backups.cloud import Cloud

_NOT_THERE = frozenset({"RepositoryNotFoundException", "ResourceNotFoundException"})


def there(cloud: Cloud, doing: str, call: Callable[[], Any]) -> Any | None:
    """What AWS answers; None where it says that there is no such thing.

    Raises:
        OperationFailed: AWS does not tell.
    """
    from botocore.exceptions import ClientError

    with cloud.asking(doing):
        try:
            return call()
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_THERE:
                raise
            return None
