"""A small workspace that tests have one after the other: its sandbox runs, its root is initialised.

To start a sandbox and to initialise Terraform takes longer than most of what a test asks of them.
Each test finds the workspace as :func:`make_bench` writes it and an AWS in which nothing is; what
a test broke for good is replaced.
"""

import http.client
import shutil
from collections.abc import Callable
from pathlib import Path

import psutil

from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.launch import answering
from bookstore_ops.sandbox.record import SERVER_FILES
from tests.e2e.workspaces import Bench, make_bench

ROOTS = "tree/infrastructure/aws/environments"


class Warm:
    """Hands out one bench as new; ``bare``: with a bare sandbox."""

    def __init__(self, directories: Callable[[], Path], *, bare: bool = False) -> None:
        self._directories, self._bare = directories, bare
        self._bench: Bench | None = None

    def renewed(self) -> Bench:
        """The bench, as if nobody had used it."""
        if self._bench is not None and not _renew(self._bench, bare=self._bare):
            self.close()
        if self._bench is None:
            self._bench = make_bench(self._directories())
        lifecycle.ensure(self._bench.workspace, bare=self._bare)
        return self._bench

    def close(self) -> None:
        """End its sandbox."""
        if self._bench is not None:
            lifecycle.stop(self._bench.workspace)
            self._bench = None


def _renew(bench: Bench, *, bare: bool) -> bool:
    """Whether it could be made as new: its sandbox answers, and no Terraform is left over."""
    sandbox = bench.workspace.sandbox
    record = answering(sandbox, timeout=5)
    _, left = psutil.wait_procs([psutil.Process(pid) for pid in bench.terraform_pids()], timeout=10)
    if record is None or record.bare is not bare or left:
        return False
    initialised = [path for path in (sandbox / ROOTS).glob("*/.terraform") if _is_whole(path)]
    # In place: the server ends itself once it does not find its record.
    _clear(bench.root.parent, {*(sandbox / name for name in SERVER_FILES), *initialised})
    _forget(record.port)
    make_bench(bench.root.parent)
    return True


def _is_whole(initialised: Path) -> bool:
    return any(initialised.glob("providers/*/*/*/*/*"))


def _clear(directory: Path, kept: set[Path]) -> None:
    for path in directory.iterdir():
        if path in kept:
            continue
        if path.is_symlink() or not path.is_dir():
            path.unlink()
        elif any(path in each.parents for each in kept):
            _clear(path, kept)
        else:
            shutil.rmtree(path)


def _forget(port: int) -> None:
    # https://docs.getmoto.org/en/latest/docs/server_mode.html#reset-api
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/moto-api/reset")
    assert connection.getresponse().status == 200
    connection.close()
