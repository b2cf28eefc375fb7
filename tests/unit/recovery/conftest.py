"""The fake AWS of the backups' tests."""

from tests.unit.backups.conftest import warehouse

__all__ = ["warehouse"]
