"""Saved plans and the record beside each: what it was made from, and whether it still holds.

The record of ``PLAN`` is ``PLAN.record.json``. A plan is applied at most once: taking it for an
apply renames its record, so that two applies can never both have it.
"""

import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec

from bookstore_ops.errors import ConfigurationError, Refused
from bookstore_ops.files import write_atomically
from bookstore_ops.policies.findings import Verdict
from bookstore_ops.terraform.events import Planned
from bookstore_ops.terraform.state import StateSummary, parse_state

# Machines that plan and apply may differ by so much.
_CLOCK_SKEW_SECONDS = 300

_IGNORED = frozenset({".terraform", ".bsops", "__pycache__"})


Timestamp = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00\Z")
]


class PlanRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a saved plan was made from, by whom and when (``created``: ISO 8601, UTC).

    ``demand`` is what it asks of the account's quotas, None where its details were not read;
    ``policies`` what they said of it, None where they were not asked.
    """

    environment: str
    sandbox: str | None
    plan_sha256: str
    tree_sha256: str
    values_sha256: str
    lineage: str
    serial: int
    account_id: str
    region: str
    terraform_version: str
    provider_version: str | None
    created: Timestamp
    created_by: str
    ttl_seconds: int
    destroy: bool
    refresh_only: bool
    value_files: list[str]
    changes: list[Planned]
    demand: dict[str, float] | None = None
    policies: Verdict | None = None

    @property
    def age_seconds(self) -> float:
        """Seconds since it was made."""
        return (datetime.now(UTC) - datetime.fromisoformat(self.created)).total_seconds()


class SavedPlan(msgspec.Struct, frozen=True):
    """A plan file and its record."""

    path: Path
    record: PlanRecord

    @property
    def name(self) -> str:
        """The plan's short name, as ``bsops apply ENV PLAN`` takes it."""
        return self.path.stem


def record_path(plan: Path) -> Path:
    """Where the record of a plan lies."""
    return plan.with_name(f"{plan.name}.record.json")


def _applied_path(plan: Path) -> Path:
    return plan.with_name(f"{plan.name}.applied.json")


class Now(msgspec.Struct, frozen=True, kw_only=True):
    """What holds at the moment of the apply, to be held against a record."""

    environment: str
    sandbox: str | None
    tree_sha256: str
    values_sha256: str
    state: StateSummary | None
    account_id: str
    region: str
    terraform_version: str
    provider_version: str | None
    policies_sha256: str | None = None


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hex."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def tree_sha256(tree: Path, root: Path) -> str:
    """The SHA-256 of all configuration ``root`` can use: names and contents, values apart."""
    digest = hashlib.sha256()
    for path in _files(tree, root):
        name = str(path.relative_to(tree))
        digest.update(f"{len(name)}:{name}".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(tree: Path, root: Path) -> Iterator[Path]:
    for directory, names, files in os.walk(tree):
        names[:] = sorted(name for name in names if name not in _IGNORED)
        here = Path(directory)
        if here.parent == root.parent and here != root and here.is_relative_to(root.parent):
            names.clear()
            continue
        for name in sorted(files):
            if name.endswith(
                (".tf", ".tf.json", ".json", ".yaml", ".yml", ".tftpl", ".py", ".zip")
            ):
                yield here / name
        if here == root and (here / ".terraform.lock.hcl").exists():
            yield here / ".terraform.lock.hcl"


def values_sha256(files: Sequence[Path]) -> str:
    """The SHA-256 of the values: each file's content in Terraform's order of precedence.

    Single ``-var`` values are inside the plan file itself, whose own digest covers them.
    """
    digest = hashlib.sha256()
    for path in files:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def planned_state(plan: Path) -> StateSummary:
    """The state a plan file was made on; a plan is a zip that carries it."""
    with zipfile.ZipFile(plan) as archive:
        return parse_state(archive.read("tfstate"), str(plan))


def save_record(plan: Path, record: PlanRecord) -> SavedPlan:
    """Write the record beside its plan."""
    plan.chmod(0o600)
    content = msgspec.json.format(msgspec.json.encode(record), indent=2)
    write_atomically(record_path(plan), content + b"\n", mode=0o600)
    return SavedPlan(plan, record)


def read_saved_plan(plan: Path) -> SavedPlan:
    """Read a saved plan's record.

    Raises:
        ConfigurationError: there is no such plan, or no readable record beside it.
        Refused: it was applied already.
    """
    record = record_path(plan)
    if _applied_path(plan).exists() and not record.exists():
        raise Refused(
            f"the plan {plan.stem} was applied already",
            why="a saved plan is applied at most once",
            next_step="make a new one with: bsops plan",
        )
    try:
        plan.stat()
        return SavedPlan(plan, msgspec.json.decode(record.read_bytes(), type=PlanRecord))
    except OSError as error:
        raise ConfigurationError(
            f"there is no saved plan {plan}",
            why=f"{Path(error.filename).name}: {error.strerror}",
            next_step="bsops plan makes one; bsops history lists those made",
        ) from error
    except msgspec.MsgspecError as error:
        raise ConfigurationError(
            f"the record {record} cannot be read", why=str(error), next_step="bsops plan makes anew"
        ) from error


def latest_saved_plan(directory: Path) -> SavedPlan | None:
    """The newest plan in ``directory`` that was not applied yet."""
    for plan in sorted(directory.glob("*.tfplan"), reverse=True):
        if record_path(plan).exists():
            return read_saved_plan(plan)
    return None


def take(saved: SavedPlan) -> None:
    """Claim a plan for the one apply it may have.

    Raises:
        Refused: another apply has it.
    """
    try:
        record_path(saved.path).rename(_applied_path(saved.path))
    except FileNotFoundError as error:
        raise Refused(
            f"the plan {saved.name} is being applied already",
            why="a saved plan is applied at most once",
            next_step=f"bsops history {saved.record.environment}",
        ) from error


def give_back(saved: SavedPlan) -> None:
    """Undo :func:`take` after an apply that never began (the state was locked)."""
    _applied_path(saved.path).rename(record_path(saved.path))


def discard_plans(directory: Path) -> None:
    """Delete every saved plan in ``directory``: the state they were made on is history."""
    for plan in directory.glob("*.tfplan"):
        record_path(plan).unlink(missing_ok=True)
        plan.unlink(missing_ok=True)


def differences(saved: SavedPlan, now: Now) -> list[str]:
    """Each field in which the world differs from the plan's record, in words."""
    record = saved.record
    pairs = (
        ("environment", record.environment, now.environment),
        ("sandbox", record.sandbox or "none", now.sandbox or "none"),
        ("account", record.account_id, now.account_id),
        ("region", record.region, now.region),
        ("Terraform version", record.terraform_version, now.terraform_version),
        ("AWS provider version", record.provider_version, now.provider_version),
    )
    found = [f"{name}: planned {then}, now {here}" for name, then, here in pairs if then != here]
    if file_sha256(saved.path) != record.plan_sha256:
        found.append("plan file: its sha256 is not the recorded one")
    if record.tree_sha256 != now.tree_sha256:
        found.append("tree: infrastructure/aws was edited since")
    if record.values_sha256 != now.values_sha256:
        found.append("values: terraform.tfvars or a variable was edited since")
    state = now.state or StateSummary()
    if record.lineage and state.lineage != record.lineage:
        found.append(f"state lineage: planned {record.lineage}, now {state.lineage or 'no state'}")
    elif record.serial != state.serial:
        found.append(f"state serial: planned on {record.serial}, now {state.serial}")
    if record.policies and record.policies.sha256 != now.policies_sha256:
        found.append("policies: environments/policies was edited since")
    if record.age_seconds < -_CLOCK_SKEW_SECONDS:
        found.append(f"age: it was made {-record.age_seconds / 60:.0f} minutes from now (clock?)")
    if record.age_seconds > record.ttl_seconds:
        found.append(
            f"age: {record.age_seconds / 60:.0f} minutes, "
            f"and its time-to-live (plan_ttl) is {record.ttl_seconds / 60:.0f}"
        )
    return found
