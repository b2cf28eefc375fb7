"""Who holds the state of an environment, whether they live, and breaking what nobody holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bookstore_ops.environments import environment_names
from bookstore_ops.errors import BsopsError, Interrupted, OperationFailed, Refused, UsageError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.confirmation import Confirm, Confirmation
from bookstore_ops.operations.holders import HeldLock, examine, state_backend
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.session import Session, open_session
from bookstore_ops.terraform.backends import LocalBackend, S3Backend, StateBackend
from bookstore_ops.terraform.process import Watch
from bookstore_ops.workspace import Workspace


@dataclass(frozen=True)
class LockReport:
    """The locks of one environment; ``problem`` where they could not be looked at."""

    environment: str
    place: str
    held: tuple[HeldLock, ...] = ()
    problem: BsopsError | None = None


@dataclass(frozen=True)
class Unlocked:
    """What breaking a lock came to: the locks that are gone, and what to look at next."""

    broken: tuple[HeldLock, ...]
    next_commands: tuple[str, ...]


def read_held(session: Session) -> LockReport:
    """The locks on the environment's state, each with what is known of its holder.

    Raises:
        BsopsError: it cannot be told whether there is a lock.
    """
    backend = state_backend(session)
    held = examine(session, backend, backend.read_locks())
    return LockReport(session.environment.name, backend.describe(), held)


def read_all(
    workspace: Workspace, request: Callable[[str], Request], warn: Callable[[str], None]
) -> list[LockReport]:
    """The locks of every environment; ``request`` makes one for each.

    An environment that cannot be looked at (no credentials for it, say) is reported so.
    """
    reports = []
    for name in environment_names(workspace):
        try:
            with open_session(request(name), warn, warn=warn, journaled=False) as session:
                reports.append(read_held(session))
        except (Interrupted, UsageError):
            raise
        except BsopsError as error:
            reports.append(LockReport(name, "", problem=error))
    return reports


def exit_code(reports: Sequence[LockReport]) -> ExitCode:
    """What the reports come to: an error where no environment at all could be looked at."""
    problems = [report.problem for report in reports if report.problem]
    if problems and len(problems) == len(reports):
        return ExitCode(problems[0].exit_code)
    return ExitCode.DONE


def the_locked(reports: Sequence[LockReport]) -> list[str]:
    """The environments that are locked.

    Raises:
        BsopsError: none is known to be, and some could not be looked at.
    """
    locked = [report.environment for report in reports if report.held]
    problem = next((report.problem for report in reports if report.problem), None)
    if problem and not locked:
        raise problem
    return locked


def check_unlock(
    session: Session, report: LockReport, lock_id: str | None, *, reason: str | None, yes: bool
) -> tuple[HeldLock, ...]:
    """The locks that may be broken, once their holders were judged.

    ``reason``: the operator insists. ``yes``: nobody will be asked, so what only a person can
    decide is refused.

    Raises:
        Refused: no lock has that ID, or its holder lives, or may live.
    """
    held = tuple(each for each in report.held if lock_id in {None, each.lock.id})
    name = session.environment.name
    if lock_id is not None and not held:
        locks = [each.lock for each in report.held]
        there = "; ".join(f"{lock.id or 'unreadable'} ({lock.who})" for lock in locks)
        raise Refused(
            f"{name} is not locked by {lock_id}",
            why=f"the lock there is {there}: somebody else took it since",
            next_step=session.command_line("lock"),
        )
    force = f"{session.command_line('unlock')} --force --reason 'WHY'"
    for each in held if reason is None else ():
        _refuse_living(session, each, force, yes=yes)
    return held


def _refuse_living(session: Session, held: HeldLock, force: str, *, yes: bool) -> None:
    lock, verdict = held.lock, held.verdict
    if verdict.liveness is Liveness.ALIVE:
        raise Refused(
            f"the holder of the lock is alive: {lock.who or 'somebody'}",
            why=f"{verdict.reason}; breaking its lock lets two write the state at once",
            next_step=f"wait for it: {session.command_line('plan')} --lock-timeout 10m   "
            f"(if you know better: {force})",
        )
    if verdict.liveness is Liveness.DEAD:
        return
    patience = session.environment.state.unlock_after_seconds
    age = lock.age_seconds
    if age is None or age < patience:
        raise Refused(
            f"nobody can tell whether the holder of the lock lives: {lock.who or 'not named'}",
            why=f"{verdict.reason}; and the lock is younger than "
            f"{session.environment.state.unlock_after} (unlock_after in environments/"
            f"{session.environment.name}.toml)",
            next_step=f"ask {lock.who or 'your colleagues'}"
            + (f", look at {verdict.ci}" if verdict.ci else "")
            + f"; once you know that it ended: {force}",
        )
    if yes:
        raise Refused(
            f"nobody can tell whether the holder of the lock lives: {lock.who or 'not named'}",
            why=f"{verdict.reason}; the age of a lock proves nothing, so --yes does not do here",
            next_step=force,
        )


def unlock(
    session: Session,
    held: Sequence[HeldLock],
    confirm: Confirm,
    watch: Watch,
    *,
    reason: str | None = None,
) -> Unlocked:
    """Break the locks that :func:`check_unlock` let pass, if they are still the same.

    Raises:
        Refused: not confirmed, or the lock changed meanwhile; nothing was broken.
        OperationFailed: the lock is still there.
    """
    backend = state_backend(session)
    if not confirm(_confirmation(session, held)):
        raise Refused(
            "the lock was not broken",
            why="it was not confirmed",
            next_step=session.command_line("lock"),
        )
    session.initialise(watch)
    _require_unchanged(session, backend, held)
    said = "\n".join(_break(session, backend, each, watch) for each in _distinct(held))
    left = [lock for lock in backend.read_locks() if lock in [each.lock for each in held]]
    if left:
        raise OperationFailed(
            f"the lock is still there: {left[0].place}",
            why=said or None,
            next_step=session.command_line("lock"),
        )
    session.result.note = "; ".join(_note(each, reason) for each in held)
    return Unlocked(tuple(held), _next_commands(session, held))


def _confirmation(session: Session, held: Sequence[HeldLock]) -> Confirmation:
    name = session.environment.name
    who = ", ".join(dict.fromkeys(each.lock.who or "an unnamed holder" for each in held))
    states = ", ".join(dict.fromkeys(each.verdict.liveness.value for each in held))
    question = f"Break the lock of {who} ({states}) on {name}?"
    words = name if session.environment.protected and session.server is None else None
    return Confirmation(question, words)


def _distinct(held: Sequence[HeldLock]) -> list[HeldLock]:
    """One for each ID: Terraform's force-unlock clears both places of a lock."""
    return list({each.lock.id or each.lock.place: each for each in held}.values())


def _require_unchanged(session: Session, backend: StateBackend, held: Sequence[HeldLock]) -> None:
    now = backend.read_locks()
    for each in held:
        if each.lock in now:
            continue
        same_place = [lock for lock in now if lock.kind is each.lock.kind]
        if not same_place:
            raise Refused(
                "the lock is gone already",
                why="its holder freed it, or somebody else broke it, while you looked",
                next_step=session.command_line("plan"),
            )
        raise Refused(
            f"another lock is there now: {same_place[0].id} of {same_place[0].who}",
            why="it was taken while you looked; nothing was broken",
            next_step=session.command_line("lock"),
        )


def _break(session: Session, backend: StateBackend, held: HeldLock, watch: Watch) -> str:
    lock = held.lock
    if isinstance(backend, LocalBackend):
        if held.verdict.liveness is not Liveness.DEAD:
            raise Refused(
                "a local lock cannot be broken while a process holds it",
                why=f"{held.verdict.reason}; the kernel frees the file when that process ends",
                next_step=f"kill -INT {held.verdict.pid}   (Terraform saves its state and ends)"
                if held.verdict.pid
                else "end that process",
            )
        # The kernel freed the lock with its holder; what is left only says who that was.
        backend.lock_path.unlink(missing_ok=True)
        return ""
    if lock.problem and isinstance(backend, S3Backend):
        # Terraform refuses to break what it cannot read.
        backend.delete_lock(lock)
        return ""
    run, output = session.terraform.force_unlock(watch, lock.id)
    if run.exit.signal_number is not None:
        raise session.failure(run, "the lock was not broken")
    return "\n".join([*output.decode(errors="replace").splitlines(), *run.strays])


def _note(held: HeldLock, reason: str | None) -> str:
    lock = held.lock
    what = f"broke the {lock.kind.value} lock {lock.id or '(unreadable)'} of {lock.who or 'nobody'}"
    forced = f", forced: {reason}" if reason else ""
    return f"{what} ({held.verdict.liveness.value}: {held.verdict.reason}{forced})"


def _next_commands(session: Session, held: Sequence[HeldLock]) -> tuple[str, ...]:
    partial = any(each.lock.command not in {"plan", "refresh"} for each in held)
    plan = f"{session.command_line('plan')}   (what is left to do)"
    if not partial:
        return (plan,)
    recover = session.command_line("state recover")
    return (f"{recover}   (whether an apply was cut off, and what it left)", plan)
