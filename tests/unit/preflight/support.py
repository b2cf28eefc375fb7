"""A context for checks: a small workspace, an environment of its own, probes that answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bookstore_ops.errors import BsopsError, EnvironmentMissing
from bookstore_ops.preflight.catalogue import CHECKS
from bookstore_ops.preflight.check import Check, Once, Outcome
from bookstore_ops.preflight.context import Context, Probes
from bookstore_ops.preflight.runner import Job, make
from bookstore_ops.terraform.binary import Binary
from tests.unit.support import environ, environment, make_workspace

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
TERRAFORM = Binary(("/bin/terraform",), "PATH", "1.11.4", "linux_amd64")


def binary(version: str, program: str = "terraform") -> Binary:
    """A Terraform of that version."""
    return Binary((f"/bin/{program}",), "PATH", version, "linux_amd64")


def check(code: str) -> Check:
    """The check of that code."""
    return next(each for each in CHECKS if each.code == code)


def once(value: Any) -> Once[Any]:
    """A value that is found at once, or an error."""

    def find() -> Any:
        if isinstance(value, BsopsError):
            raise value
        return value

    return Once(find)


def no_terraform() -> Once[Any]:
    """Terraform is not there."""
    return once(EnvironmentMissing("Terraform is not installed", next_step="install it"))


def answers(host: str, port: int, seconds: float) -> None:
    """Any host answers."""


def refuses(host: str, port: int, seconds: float) -> None:
    """No host answers."""
    raise ConnectionRefusedError(111, "Connection refused")


@dataclass
class Ground:
    """Where a check is made; ``at`` makes the one of that code."""

    context: Context
    environ: dict[str, str] = field(default_factory=dict)

    def at(self, code: str, **changes: Any) -> Outcome:
        """What the check of that code finds, the context changed."""
        return make(Job(check(code), replace(self.context, **changes))).outcome

    def probing(self, **probes: Any) -> Probes:
        """The probes, some of them replaced."""
        return replace(self.context.probes, **probes)


def ground(directory: Path, variables: Mapping[str, str] | None = None) -> Ground:
    """A workspace with dev, where everything is well."""
    workspace = make_workspace(directory / "workspace", "dev")
    own = environ(**(variables or {}))
    connect: Callable[[str, int, float], None] = answers
    context = Context(
        workspace,
        own,
        once(TERRAFORM),
        name="dev",
        environment=environment(),
        probes=Probes(free=lambda _: 50 * 1024**3, connect=connect, now=lambda: NOW),
    )
    return Ground(context, own)
