"""What is needed to look at stores."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.model import Store
from bookstore_ops.releases.model import Ledger
from bookstore_ops.states.backups import BackupStore
from bookstore_ops.terraform.backends import S3Backend


@dataclass(frozen=True)
class Sight:
    """How AWS is asked, and what of an environment is kept elsewhere.

    ``stores`` are all of the environment's, ``releases`` reads what was released, ``copies`` are
    the state's on this machine; ``at`` is the moment for which everything is told.
    """

    cloud: Cloud
    account_id: str
    stores: tuple[Store, ...]
    backend: S3Backend
    releases: Callable[[], Ledger]
    copies: BackupStore
    at: datetime
