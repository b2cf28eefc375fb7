"""A machine that is busy with other tests as well."""

import pytest

from bookstore_ops.load import figures, generator


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine is late by is no matter: it runs other tests beside."""
    monkeypatch.setattr(figures, "LATE_SECONDS", 5.0)
    monkeypatch.setattr(generator, "LATE_SECONDS", 5.0)
