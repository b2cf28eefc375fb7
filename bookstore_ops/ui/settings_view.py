"""The table of settings and their sources."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookstore_ops.operations.settings import Setting
    from bookstore_ops.ui.terminal import Terminal


def show_settings(terminal: "Terminal", environment: str, found: Sequence["Setting"]) -> None:
    """Each setting, its value, and where the value comes from."""
    terminal.table(("setting", "value", "from"), [(s.name, s.value, s.source) for s in found])
    terminal.document(
        "bsops.config/1",
        {
            "environment": environment,
            "settings": {s.name: {"value": s.value, "from": s.source} for s in found},
        },
    )
