"""Fixtures of the checks' tests."""

from pathlib import Path

import pytest

from tests.unit.preflight.support import Ground, ground


@pytest.fixture
def well(tmp_path: Path) -> Ground:
    """A workspace in which nothing is wrong."""
    return ground(tmp_path)
