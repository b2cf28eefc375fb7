"""Fixtures of the end-to-end tests: the installed bsops, driven as a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import Bench, make_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A small workspace of its own, its sandbox stopped at the end."""
    made = make_bench(tmp_path)
    yield made
    lifecycle.stop(made.workspace)
