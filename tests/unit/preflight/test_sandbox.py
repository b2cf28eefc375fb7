"""Each check of the sandbox fails for its own reason."""

import pytest
from filelock import FileLock

from bookstore_ops.preflight.check import Status
from bookstore_ops.sandbox.record import ALIVE_LOCK
from bookstore_ops.sandbox.server import MOTO_VERSION
from tests.unit.preflight.support import Ground


@pytest.mark.parametrize(
    ("version", "sandbox", "status"),
    [
        (MOTO_VERSION, True, Status.OK),
        ("5.0.0", True, Status.ERROR),
        ("5.0.0", False, Status.WARNING),
        (None, True, Status.ERROR),
        (None, False, Status.SKIPPED),
    ],
)
def test_moto(well: Ground, version: str | None, sandbox: bool, status: Status) -> None:
    probes = well.probing(package_version=lambda _: version)
    assert well.at("BS801", sandbox=sandbox, probes=probes).status is status


def test_a_server_that_does_not_run_is_well(well: Ground) -> None:
    assert well.at("BS802").status is Status.OK


def test_a_server_that_lives_and_does_not_answer_is_a_warning(well: Ground) -> None:
    directory = well.context.workspace.make_data_directory("sandbox")
    with FileLock(directory / ALIVE_LOCK):
        found = well.at("BS802")
    assert found.status is Status.WARNING
    assert str(found.next_step).startswith("bsops sandbox reset")
