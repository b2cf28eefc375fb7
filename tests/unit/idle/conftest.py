"""The fake AWS of the backups' tests, and an estate in it that is a month old."""

import pytest

from tests.unit.backups.conftest import extended, warehouse
from tests.unit.backups.warehouse import Warehouse
from tests.unit.idle.estate import Estate

__all__ = ["extended", "warehouse"]


@pytest.fixture(autouse=True)
def without_images(monkeypatch: pytest.MonkeyPatch) -> None:
    """No machine images: to make Amazon's takes half of a test's time."""
    monkeypatch.setenv("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")


@pytest.fixture
def estate(warehouse: Warehouse) -> Estate:
    """An environment whose state tells its tags."""
    made = Estate(warehouse)
    warehouse.know("aws_vpc", "vpc.this", {"id": "vpc-1", "tags_all": made.tags})
    return made
