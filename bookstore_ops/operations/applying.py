"""Applying exactly one saved plan, and the account of what it did."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bookstore_ops.errors import (
    BsopsError,
    ConfigurationError,
    CredentialsError,
    Interrupted,
    OperationFailed,
    Refused,
    StateLocked,
)
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.flags.leftovers import clear_flags
from bookstore_ops.operations.freezing import check_freeze, describe, freeze_now
from bookstore_ops.operations.guards import (
    check_destroy_limits,
    check_record,
    check_stateful,
    confirmation,
    note_data_loss,
)
from bookstore_ops.operations.holders import HolderWatch
from bookstore_ops.operations.overriding import Overrides
from bookstore_ops.operations.planning import value_files
from bookstore_ops.operations.policing import check_policies
from bookstore_ops.operations.releases.leftovers import clear_releases
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.sources import check_source, source_problem
from bookstore_ops.operations.waiting import with_advice
from bookstore_ops.policies.catalogue import read_catalogue
from bookstore_ops.terraform.adapter import Run
from bookstore_ops.terraform.backends import open_backend
from bookstore_ops.terraform.ledger import Ledger, draw_up, explain_doubts
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.progress import Progress
from bookstore_ops.terraform.providers import locked_version
from bookstore_ops.terraform.records import (
    Now,
    SavedPlan,
    discard_plans,
    give_back,
    latest_saved_plan,
    read_saved_plan,
    take,
    tree_sha256,
    values_sha256,
)
from bookstore_ops.terraform.state import StateSummary


@dataclass(frozen=True)
class ApplyResult:
    """What an apply did; where it did not end well, ``error`` and the commands that help.

    ``note`` says what was done beside it.
    """

    progress: Progress
    ledger: Ledger
    error: BsopsError | None
    next_commands: tuple[str, ...] = ()
    destroying: bool = False
    note: str | None = None


def find_plan(session: Session, named: str) -> SavedPlan:
    """The saved plan of that name, or in that file; ``latest`` is the newest.

    Raises:
        ConfigurationError: there is none, or its record cannot be read.
        Refused: it was applied already.
    """
    if named == "latest":
        latest = latest_saved_plan(session.plans)
        if latest is None:
            raise ConfigurationError(
                f"there is no saved plan for {session.environment.name}",
                why=f"{session.plans} holds none that was not applied",
                next_step=session.command_line("plan"),
            )
        return latest
    path = Path(named)
    is_name = path.name == named and not path.exists()
    return read_saved_plan(session.plans / f"{named}.tfplan" if is_name else path.resolve())


def choose_plan(session: Session, named: str | None) -> SavedPlan | None:
    """The saved plan to apply: the one named, else the latest; None: plan first.

    Raises:
        ConfigurationError: the plan named does not exist, or its record cannot be read.
        Refused: the plan named was applied already, or there is none and the environment is
            protected: it gets only what somebody has looked at.
    """
    if named is not None:
        return find_plan(session, named)
    latest = latest_saved_plan(session.plans)
    if latest is None and session.environment.protected and session.server is None:
        raise Refused(
            f"there is no saved plan for {session.environment.name}",
            why=f"{session.environment.name} is protected: only a saved plan can be applied",
            next_step=session.command_line("plan"),
        )
    return latest


def check_occasion(session: Session, saved: SavedPlan | None, overrides: Overrides) -> None:
    """Refuse, before anything is planned, what the time or the tree forbids.

    The tree does not matter where a plan takes over into the state what AWS says.

    Raises:
        Refused: there is a freeze, or the tree is not what the environment asks for.
    """
    session.result.reason = overrides.reason
    check_freeze(session, overrides)
    if saved is None or not saved.record.refresh_only:
        check_source(session, overrides)


def hindrances(session: Session) -> list[str]:
    """What :func:`check_occasion` would refuse now, for who only plans."""
    found = []
    window = freeze_now(session)
    if window is not None:
        found.append(f"{session.environment.name} is frozen: {describe(window)}")
    problem = source_problem(session)
    if problem is not None:
        found.append(f"an apply would be refused: {problem[0]}")
    return found


def check_apply(
    session: Session,
    saved: SavedPlan,
    watch: Watch,
    overrides: Overrides,
    *,
    allow_destroy: Sequence[str] = (),
) -> None:
    """Hold the plan's record against the world, and what it does against the guards.

    The session is initialised already. In the sandbox only the record counts: all else is fake.

    Raises:
        Refused: a guard said no; nothing was changed.
    """
    state = open_backend(session.root, session.environ).read_state()
    check_record(saved, _now(session, saved, state), session.command_line("plan"))
    if session.server is None:
        again = session.command_line("destroy" if saved.record.destroy else "apply")
        check_destroy_limits(session, saved, overrides)
        check_stateful(saved, allow_destroy, again)
        note_data_loss(session, allow_destroy, overrides)
        check_policies(session, saved, watch)


def confirm_apply(
    session: Session, saved: SavedPlan, confirm: Confirm, overrides: Overrides
) -> None:
    """Ask before a plan is applied that :func:`check_apply` let pass.

    Raises:
        Refused: the operator said no, or a freeze has begun; nothing was changed.
    """
    if not confirm(confirmation(session.environment, saved, sandbox=session.server is not None)):
        raise Refused(
            "nothing was applied",
            why="it was not confirmed",
            next_step=f"{session.command_line('apply')}   (the saved plan is kept)",
        )
    # The question may have stood open into a freeze.
    check_freeze(session, overrides)


def apply_plan(
    session: Session,
    saved: SavedPlan,
    watch: Watch,
    *,
    lock_timeout: str = "0s",
    parallelism: int | None = None,
) -> ApplyResult:
    """Apply a plan that :func:`confirm_apply` let pass, once.

    A run that fails or is interrupted still returns its ledger, with ``error`` set.

    Raises:
        Refused: another apply has the plan.
    """
    take(saved)
    clear_flags(session, saved)
    run = session.terraform.apply(
        saved.path,
        HolderWatch(session, watch, total=len(saved.record.changes)),
        lock_timeout=lock_timeout,
        parallelism=parallelism,
    )
    result = _account_for(session, saved, run)
    _record_result(session, saved, result)
    state = result.ledger.state
    if saved.record.destroy and result.error is None and (state is None or not state.resources):
        return replace(result, note=clear_releases(session))
    return result


def _now(session: Session, saved: SavedPlan, state: StateSummary | None) -> Now:
    named = [Path(path) for path in saved.record.value_files]
    return Now(
        environment=session.environment.name,
        sandbox=session.server.instance if session.server else None,
        tree_sha256=tree_sha256(session.tree, session.root),
        values_sha256=values_sha256(value_files(session, named)),
        state=state,
        account_id=session.account_id,
        region=session.environment.region,
        terraform_version=session.terraform.binary.version,
        provider_version=locked_version(session.root / ".terraform.lock.hcl"),
        policies_sha256=read_catalogue(session.request.workspace).sha256,
    )


_HALF_DONE = "interrupted-or-failed-apply"


def _account_for(session: Session, saved: SavedPlan, run: Run) -> ApplyResult:
    ledger = _inspect(draw_up(run.progress, tuple(saved.record.changes)), session)
    error = _error(session, saved, run, ledger)
    if isinstance(error, StateLocked | CredentialsError) and not run.progress.steps:
        # Nothing was begun, and nothing is wrong with the plan.
        give_back(saved)
    else:
        # The state moved on, or may have: what was planned before is history.
        discard_plans(session.plans)
    ledger, longer = with_advice(ledger, session)
    if longer and type(error) is OperationFailed:
        error.next_step = longer[0]
    commands = (*longer, *_next_commands(session, saved, ledger, error))
    return ApplyResult(
        run.progress, ledger, error, tuple(dict.fromkeys(commands)), saved.record.destroy
    )


def _inspect(ledger: Ledger, session: Session) -> Ledger:
    """Look at what the backend holds now: state, lock, and what Terraform left in the root."""
    leftover = session.root / "errored.tfstate"
    try:
        backend = open_backend(session.root, session.environ)
        state, locks, problem = backend.read_state(), backend.read_locks(), None
    except BsopsError as error:
        state, locks, problem = None, [], f"{error.what}: {error.why}"
    inspected = replace(
        ledger,
        state=state,
        state_problem=problem,
        lock=locks[0] if locks else None,
        errored_state=leftover if leftover.exists() else None,
    )
    return explain_doubts(inspected)


def _error(session: Session, saved: SavedPlan, run: Run, ledger: Ledger) -> BsopsError | None:
    name = session.environment.name
    what = f"the destroy of {name}" if saved.record.destroy else f"the apply to {name}"
    done = f"{len(ledger.applied)} applied, {len(ledger.not_started)} not started"
    if run.exit.signal_number is not None and not run.succeeded:
        return Interrupted(
            run.exit.signal_number,
            f"{what} was stopped: {done}",
            why=f"{len(ledger.in_doubt)} under way then; the ledger says what is known of them"
            if ledger.in_doubt
            else "Terraform finished what was under way, then stopped",
            next_step=_next_commands(session, saved, ledger, None)[0],
        ).leading_to(_HALF_DONE)
    if run.exit.signal_number is not None:
        return Interrupted(
            run.exit.signal_number,
            f"{what} had ended before it could be stopped",
            next_step=_next_commands(session, saved, ledger, None)[0],
        )
    if not run.succeeded:
        failed = session.failure(run, f"{what} failed: {done}", destroying=saved.record.destroy)
        failed.next_step = _next_commands(session, saved, ledger, failed)[0]
        return failed.leading_to(_HALF_DONE)
    if not ledger.state_saved or ledger.lock:
        return OperationFailed(
            f"{what} ended, but its state is not in order",
            why=ledger.state_problem or "see the ledger above",
            next_step=_next_commands(session, saved, ledger, None)[0],
        ).leading_to(_HALF_DONE)
    return None


def _next_commands(
    session: Session, saved: SavedPlan, ledger: Ledger, error: BsopsError | None
) -> tuple[str, ...]:
    commands: list[str] = []
    said = error.next_step if error is not None else None
    # A plan on the state as it is stored would be wrong while a newer one waits beside it.
    if said and (ledger.errored_state is None or isinstance(error, CredentialsError)):
        commands.append(said)
    if ledger.lock:
        commands.append(f"{session.command_line('unlock')} {ledger.lock.id}".rstrip())
    elif ledger.state_problem:
        commands.append(f"{session.command_line('lock')}   (whether the state is still locked)")
    if ledger.errored_state:
        recover = session.command_line("state recover")
        commands.append(f"{recover}   (stores the state that could not be saved)")
    # After a destroy any other plan would make everything anew.
    plan = session.command_line("plan", *(["--destroy"] if saved.record.destroy else []))
    commands.append(f"{plan}   (shows what is left to do)")
    return tuple(dict.fromkeys(commands))


def _record_result(session: Session, saved: SavedPlan, result: ApplyResult) -> None:
    counts: dict[str, int] = {}
    for step in result.ledger.applied:
        counts[step.action] = counts.get(step.action, 0) + 1
    session.result.plan_sha256 = saved.record.plan_sha256
    session.result.counts = counts
    session.result.serial = result.ledger.state.serial if result.ledger.state else None
    session.result.error = result.error
