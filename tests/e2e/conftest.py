"""Fixtures of the end-to-end tests: the installed bsops, driven as a process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.warm import Warm
from tests.e2e.workspaces import Bench, make_bench


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A small workspace of its own, its sandbox stopped at the end."""
    made = make_bench(tmp_path)
    yield made
    lifecycle.stop(made.workspace)


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """The bench that tests hand on to each other."""
    made = Warm(lambda: tmp_path_factory.mktemp("warm"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def warm_bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    """The same with a bare sandbox."""
    made = Warm(lambda: tmp_path_factory.mktemp("bare"), bare=True)
    yield made
    made.close()


@pytest.fixture
def warm_bench(warm: Warm) -> Bench:
    """A small workspace as new, in which `terraform init` has been run and the sandbox runs."""
    return warm.renewed()
