"""What the hands of a database, a table and a cache have in common."""

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from typing import Any, ClassVar, Self

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.hands import Source
from bookstore_ops.backups.model import Store


class StoreHands(ABC):
    """See :class:`Hands`; every backup is of the store itself, and its service restores it.

    ``service`` is the API's name, ``not_there`` the code of its answer where there is no such
    thing.
    """

    service: ClassVar[str]
    not_there: ClassVar[str]
    by_job = False

    def __init__(self, cloud: Cloud, store: Store) -> None:
        self._cloud = cloud
        self._store = store
        self._aws = cloud.client(self.service, store.region)

    def narrowed(self, _source: Source) -> Self:
        """See :class:`Hands`."""
        return self

    def id_of(self, _source: Source) -> str:
        """See :class:`Hands`."""
        return self._store.id

    @abstractmethod
    def _described(self, name: str) -> dict[str, Any]:
        """What AWS says of the one of that name."""

    def _find(self, name: str) -> dict[str, Any] | None:
        """The same; None: there is none."""
        from botocore.exceptions import ClientError

        try:
            return self._described(name)
        except ClientError as error:
            if error.response["Error"]["Code"] != self.not_there:
                raise
            return None

    def _asking(self, doing: str) -> AbstractContextManager[None]:
        return self._cloud.asking(doing)
