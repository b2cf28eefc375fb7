"""Making a plan, and the record that an apply will hold it against."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from bookstore_ops.errors import ConfigurationError, EnvironmentMissing
from bookstore_ops.journal import who
from bookstore_ops.operations.holders import HolderWatch
from bookstore_ops.operations.policing import Judgement, ask_policies, judge_now
from bookstore_ops.operations.session import Session
from bookstore_ops.policies.catalogue import read_catalogue
from bookstore_ops.terraform.adapter import PlanOptions, Run
from bookstore_ops.terraform.demand import read_demand
from bookstore_ops.terraform.events import Planned
from bookstore_ops.terraform.plan import Plan, read_plan
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.progress import Progress
from bookstore_ops.terraform.providers import locked_version
from bookstore_ops.terraform.records import (
    PlanRecord,
    SavedPlan,
    file_sha256,
    planned_state,
    record_path,
    save_record,
    tree_sha256,
    values_sha256,
)


@dataclass(frozen=True)
class PlanResult:
    """A finished plan. ``saved`` is None where there is nothing to apply; ``plan`` has the
    attributes, ``judgement`` what the policies mean for it, where they were asked for."""

    progress: Progress
    saved: SavedPlan | None
    plan: Plan | None
    judgement: Judgement | None = None


def make_plan(
    session: Session,
    options: PlanOptions,
    watch: Watch,
    *,
    out: Path | None = None,
    details: bool = True,
    policies: bool = True,
) -> PlanResult:
    """Plan, save the plan with its record, and read its details if they will be shown.

    With its details at hand the policies are asked, unless ``policies`` is false.

    Raises:
        BsopsError: the plan failed or was interrupted; no plan file is left behind.
    """
    _require_values(session, options)
    if policies:
        # A mistake in their settings must not cost a whole plan.
        read_catalogue(session.request.workspace).check_settings(session.environment)
    target = (out or _new_path(session)).resolve()
    _check_target(target)
    session.initialise(watch)
    run = session.terraform.plan(target, options, HolderWatch(session, watch))
    if not run.may_go_on:
        target.unlink(missing_ok=True)
        raise session.failure(run, "the plan failed")
    changes = applicable(run.progress)
    record = _record(session, options, target, run, changes)
    plan = judgement = None
    if details:
        document = _shown(session, target, watch)
        plan = read_plan(document, all_drift=options.refresh_only)
        record = structs.replace(record, demand=read_demand(document))
        if policies and not options.refresh_only:
            verdict = ask_policies(
                session.request.workspace, session.environment, document, destroy=options.destroy
            )
            record = structs.replace(record, policies=verdict)
            judgement = judge_now(verdict, session.environment) if verdict else None
    session.result.plan_sha256 = record.plan_sha256
    session.result.counts = count_actions(changes)
    if run.exit.code == 0 and out is None:
        # Nothing to apply: a plan kept would only be taken for one that does something.
        target.unlink()
        return PlanResult(run.progress, None, plan, judgement)
    return PlanResult(run.progress, save_record(target, record), plan, judgement)


def show_plan(session: Session, saved: SavedPlan, watch: Watch) -> Plan:
    """A saved plan's details, read from the plan file alone.

    Raises:
        BsopsError: Terraform cannot read it.
    """
    session.initialise(watch)
    document = _shown(session, saved.path, watch)
    return read_plan(document, all_drift=saved.record.refresh_only)


def applicable(progress: Progress) -> list[Planned]:
    """The changes an apply would make, out of all that the plan speaks of."""
    return [change for change in progress.planned.values() if change.action not in {"noop", "read"}]


def count_actions(changes: list[Planned]) -> dict[str, int]:
    """How many changes there are of each action."""
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.action] = counts.get(change.action, 0) + 1
    return counts


def value_files(session: Session, named: Sequence[Path]) -> list[Path]:
    """Every file of values that takes part, in Terraform's order of precedence."""
    root = session.root
    automatic = [root / "terraform.tfvars", *sorted(root.glob("*.auto.tfvars"))]
    return [path for path in [*automatic, *named] if path.exists()]


def _require_values(session: Session, options: PlanOptions) -> None:
    values = session.values_file
    if not values.exists() and not options.var_files:
        raise ConfigurationError(
            f"{session.environment.name} has no values",
            why=f"{values} does not exist",
            next_step=f"bsops tfvars new {session.environment.name}",
        )
    for path in options.var_files:
        if not path.exists():
            raise ConfigurationError(
                f"there is no values file {path}",
                why="--var-file names it",
                next_step="correct the path",
            )


def _new_path(session: Session) -> Path:
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%f")
    return session.plans / f"{stamp}.tfplan"


def _check_target(target: Path) -> None:
    if not target.parent.is_dir():
        raise EnvironmentMissing(
            f"cannot save the plan as {target}",
            why=f"there is no directory {target.parent}",
            next_step=f"mkdir -p {target.parent}   (or another --out)",
        )
    record_path(target).unlink(missing_ok=True)


def _record(
    session: Session, options: PlanOptions, target: Path, run: Run, changes: list[Planned]
) -> PlanRecord:
    environment = session.environment
    state = planned_state(target)
    return PlanRecord(
        environment=environment.name,
        sandbox=session.server.instance if session.server else None,
        plan_sha256=file_sha256(target),
        tree_sha256=tree_sha256(session.tree, session.root),
        values_sha256=values_sha256(value_files(session, options.var_files)),
        lineage=state.lineage,
        serial=state.serial,
        account_id=session.account_id,
        region=environment.region,
        terraform_version=run.progress.terraform_version,
        provider_version=locked_version(session.root / ".terraform.lock.hcl"),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        created_by=who(),
        ttl_seconds=environment.plan_ttl_seconds,
        destroy=options.destroy,
        refresh_only=options.refresh_only,
        value_files=[str(path.resolve()) for path in options.var_files],
        changes=changes,
    )


def _shown(session: Session, target: Path, watch: Watch) -> bytes:
    run, document = session.terraform.show(watch, target)
    if not run.may_go_on:
        raise session.failure(run, "the plan cannot be read back")
    return document
