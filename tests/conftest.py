"""The order of the tests: what takes longest begins first, so that no worker waits for it alone."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests with a longer time limit of their own in front."""

    def may_take(item: pytest.Item) -> float:
        marker = item.get_closest_marker("timeout")
        return float(marker.args[0]) if marker else 0.0

    items.sort(key=may_take, reverse=True)
