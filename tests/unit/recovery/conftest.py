"""The fake AWS of the backups' tests."""

from tests.unit.backups.conftest import extended, warehouse

__all__ = ["extended", "warehouse"]
