"""How the tests use the machine: the order they run in, and what they spend no time on."""

import os

import pytest

# Looking for garbage takes Terraform and its provider a fifth of the processor time, and no run
# here lives long enough to need it.
os.environ.setdefault("GOGC", "400")


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """One worker more than cores: the provider waits by the clock, for a database a minute."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with a longer time limit of their own in front.

    What takes longest begins first, so that no worker waits for it alone.
    """

    def may_take(item: pytest.Item) -> float:
        marker = item.get_closest_marker("timeout")
        return float(marker.args[0]) if marker else 0.0

    items.sort(key=may_take, reverse=True)
