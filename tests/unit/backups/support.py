"""What the tests of restores and of backups by hand share."""

from collections.abc import Callable
from typing import Any

from bookstore_ops.operations.backups.session import BackupSession
from tests.unit.backups.warehouse import REGION, Warehouse

Open = Callable[[], BackupSession]


def yes(_: object) -> bool:
    return True


def databases(warehouse: Warehouse) -> set[str]:
    found = warehouse.aws("rds").describe_db_instances()["DBInstances"]
    return {instance["DBInstanceIdentifier"] for instance in found}


def tables(warehouse: Warehouse) -> set[str]:
    return set(warehouse.aws("dynamodb").list_tables()["TableNames"])


def groups(warehouse: Warehouse) -> set[str]:
    found = warehouse.aws("elasticache").describe_replication_groups()["ReplicationGroups"]
    return {group["ReplicationGroupId"] for group in found}


def backend(service: str) -> Any:
    """Moto's own store of a service, for what AWS's API cannot bring about."""
    from moto.backends import get_backend

    return get_backend(service)["123456789012"][REGION]
