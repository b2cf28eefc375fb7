"""``infrastructure/aws/releases.toml``: how each service is released, and what it must achieve.

It lies beside ``services.tf``, which says what the services are; all environments share it, and
an environment may have its own times.
"""

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from bookstore_ops.environments import Duration, nearest, seconds
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.releases.model import Criterion, Migration, SmokeCheck, Step, Strategy

FILE = "releases.toml"

_SECTIONS = ("defaults", "services", "environments")


class FlagSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a flag of a service is rolled out; what is left out is as for the service's canaries."""

    steps: tuple[int, ...] | None = None
    step_bake: Duration | None = None
    bake: Duration | None = None
    minimum_requests: int | None = None
    criteria: list[Criterion] | None = None


class ReleaseSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a service is released in an environment.

    ``bake`` is how long the old colour is kept after all traffic has moved; ``steps`` are the
    shares of a canary in per cent, each watched for ``step_bake``. ``health`` is how long new
    tasks may take to be well, ``minimum_requests`` what a verdict needs. ``flags`` are those that
    the service reads.
    """

    strategy: Strategy = "blue-green"
    health: Duration = "15m"
    bake: Duration = "15m"
    steps: tuple[int, ...] = (5, 25, 50, 100)
    step_bake: Duration = "5m"
    minimum_requests: int = 100
    criteria: list[Criterion] = []
    smoke: list[SmokeCheck] = []
    migration: Migration = Migration()
    flags: dict[str, FlagSettings] = {}

    @property
    def health_seconds(self) -> int:
        """``health`` in seconds."""
        return seconds(self.health)

    def of_flag(self, name: str) -> "ReleaseSettings":
        """The settings for a rollout of a flag: its own where it has any, else the service's."""
        own = self.flags.get(name, FlagSettings())
        said = msgspec.structs.asdict(own)
        return replace(self, **{key: value for key, value in said.items() if value is not None})

    def plan(self, strategy: Strategy) -> list[Step]:
        """The steps of a release: a canary's last one is watched as long as the only one's."""
        if strategy != "canary":
            return [Step(weight=100, bake_seconds=seconds(self.bake))]
        *first, last = self.steps
        return [
            *(Step(weight=weight, bake_seconds=seconds(self.step_bake)) for weight in first),
            Step(weight=last, bake_seconds=seconds(self.bake)),
        ]


def load_settings(tree: Path, environment: str, service: str) -> ReleaseSettings:
    """The settings of one service in one environment: defaults, its own, the environment's.

    Raises:
        ConfigurationError: the file cannot be read, or holds what cannot be meant.
    """
    path = tree / FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = {}
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"cannot read {path}", why=str(error), next_step=f"edit {path}"
        ) from error
    _refuse_unknown(path, document, _SECTIONS, "")
    merged: dict[str, Any] = {}
    for place, part in (
        ("defaults", document.get("defaults", {})),
        (f"services.{service}", document.get("services", {}).get(service, {})),
        (f"environments.{environment}", document.get("environments", {}).get(environment, {})),
    ):
        known = tuple(field.name for field in msgspec.structs.fields(ReleaseSettings))
        _refuse_unknown(path, part, known, f"{place}.")
        merged |= part
    try:
        settings = msgspec.convert(merged, ReleaseSettings)
    except msgspec.ValidationError as error:
        raise _wrong(path, f"the settings of {service} in {environment}", str(error)) from error
    _check(path, service, settings)
    return settings


def are_steps(steps: Sequence[int]) -> bool:
    """Whether these can be the shares of a canary: growing, up to 100."""
    return bool(steps) and steps[-1] == 100 and list(steps) == sorted(set(steps)) and steps[0] >= 1


def _check(path: Path, service: str, settings: ReleaseSettings) -> None:
    for flag in settings.flags:
        _check(path, f"{service}, flag {flag}", replace(settings.of_flag(flag), flags={}))
    if not are_steps(settings.steps):
        raise _wrong(
            path,
            f"steps of {service}",
            "they must grow from 1 or more to 100, such as [5, 25, 50, 100]",
        )
    for criterion in settings.criteria:
        limits = (criterion.at_most, criterion.at_least, criterion.over_stable)
        if all(limit is None for limit in (*limits, criterion.times_stable)):
            raise _wrong(
                path,
                f"criterion {criterion.name} of {service}",
                "it needs at_most, at_least, over_stable or times_stable",
            )
        if (criterion.source == "custom") != bool(criterion.namespace and criterion.metric):
            raise _wrong(
                path,
                f"criterion {criterion.name} of {service}",
                'namespace and metric are for source = "custom", which needs both',
            )
    names = [criterion.name for criterion in settings.criteria]
    if len(names) != len(set(names)):
        raise _wrong(path, f"criteria of {service}", "two have the same name")


def _refuse_unknown(path: Path, given: dict[str, Any], known: tuple[str, ...], above: str) -> None:
    for key in given:
        if key not in known:
            guess = nearest(key, list(known))
            raise ConfigurationError(
                f"{_place(path, key)}: unknown key {above}{key}",
                why=f"known keys: {', '.join(known)}",
                next_step=f"write {guess} instead of {key}" if guess else f"remove {above}{key}",
            )


def _place(path: Path, key: str) -> str:
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if re.match(rf'\s*(\[+[^\]]*)?"?{re.escape(key)}"?\s*[\]=]', row):
            return f"{path}:{number}"
    return str(path)


def _wrong(path: Path, what: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"{path}: {what} are not as they must be", why=why, next_step=f"edit {path}"
    )
