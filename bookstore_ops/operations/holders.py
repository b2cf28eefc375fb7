"""Who holds the state of an environment, and what is known of them; saying so while one waits.

The holder's own part is here too: a bsops that works for longer leaves signs of life.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bookstore_ops.bootstrap.backend_file import read_backend, wanted_backend
from bookstore_ops.errors import BsopsError, StateLocked
from bookstore_ops.journal import Journal, Started, ci_run_address, who
from bookstore_ops.locks.liveness import Liveness, Verdict, judge, local_holder, this_machine
from bookstore_ops.locks.lock import Lock
from bookstore_ops.locks.signs import BEAT_SECONDS, Sign, read_sign, write_sign
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.backends import S3Backend, StateBackend, open_backend, same_backend
from bookstore_ops.terraform.events import EventReader
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.progress import Progress, StepState
from bookstore_ops.workspace import Workspace

# A run that ends sooner needs no sign of life, and should not pay for one.
_FIRST_BEAT_SECONDS = 10.0
_LOOK_SECONDS = 3.0
_SANDBOX = "/.bsops/sandbox/"

_LIVES = {
    Liveness.ALIVE: "its holder is alive",
    Liveness.DEAD: "its holder is dead",
    Liveness.UNKNOWN: "nobody can tell whether its holder lives",
}


@dataclass(frozen=True)
class HeldLock:
    """A lock and what is known of its holder; ``progress`` is how far it has come, in words."""

    lock: Lock
    verdict: Verdict
    progress: str = ""


def state_backend(session: Session) -> StateBackend:
    """Where the state lies, also before the first ``terraform init`` on this machine.

    Raises:
        BsopsError: what init recorded cannot be used.
    """
    backend = read_backend(session.backend_file)
    if backend is None:
        bare = session.server.bare if session.server else not session.backend_file.exists()
        if bare or (session.root / ".terraform" / "terraform.tfstate").exists():
            return open_backend(session.root, session.environ)
        backend = wanted_backend(session.environment)
    return S3Backend(
        backend.bucket, backend.key, backend.region, backend.lock_table, session.environ
    )


def examine(session: Session, backend: StateBackend, locks: Sequence[Lock]) -> tuple[HeldLock, ...]:
    """What is known of the holders of ``locks``."""
    if not locks:
        return ()

    def same_state(directory: Path) -> bool:
        # Every sandbox has a bucket of that name, and none is the real one.
        if session.server or _SANDBOX in str(directory):
            return directory == session.root
        try:
            return same_backend(open_backend(directory, session.environ), backend)
        except BsopsError:
            return directory == session.root

    machine = this_machine(same_state)
    journal = Journal(session.request.workspace.journal)
    runs = [
        entry
        for entry in journal.entries(session.environment.name)
        if entry.started.sandbox == session.request.sandbox and entry.started.run != session.run_id
    ]
    sign = None
    if isinstance(backend, S3Backend):
        sign = read_sign(backend.client("s3"), backend.bucket, backend.key)
    verdicts = [judge(lock, machine, runs, sign, local_holder) for lock in locks]
    return tuple(
        HeldLock(lock, verdict, _progress(session.request.workspace, verdict))
        for lock, verdict in zip(locks, verdicts, strict=True)
    )


def describe_holder(held: HeldLock) -> str:
    """One line on who holds the state: ``ann@laptop (apply, alive): …``."""
    lock, verdict = held.lock, held.verdict
    who = ("you, " if verdict.mine else "") + (lock.who or "nobody it names")
    doing = lock.command or "unknown operation"
    far = f" ({held.progress})" if held.progress else ""
    return f"{who} ({doing}, {verdict.liveness.value}): {verdict.reason}{far}"


def locked_by(session: Session, error: StateLocked) -> StateLocked:
    """The error of a run that did not get the lock, with what is known of who has it.

    ``error`` itself, where the lock cannot be looked at or is gone by now.
    """
    try:
        backend = state_backend(session)
        held = examine(session, backend, backend.read_locks())
    except BsopsError:
        return error
    name = session.environment.name
    if not held:
        return StateLocked(
            f"the state of {name} was locked; by now it is free",
            next_step=session.command_line(session.request.command),
        )
    lock, verdict = held[0].lock, held[0].verdict
    since = "" if lock.age_seconds is None else f", for {_minutes(lock.age_seconds)}"
    ci = f"\nits CI run: {verdict.ci}" if verdict.ci else ""
    far = held[0].progress
    again = f"{session.command_line(session.request.command)} --lock-timeout 10m"
    unlock = session.command_line("unlock")
    return StateLocked(
        f"the state of {name} is locked by {lock.who or 'nobody it names'} "
        f"({lock.command or 'unknown operation'}{since})",
        why=f"{_LIVES[verdict.liveness]}: {verdict.reason}" + (f" ({far})" if far else "") + ci,
        next_step=unlock
        if verdict.liveness is Liveness.DEAD
        else f"{again}   (waits; all about the lock: {session.command_line('lock')})",
    ).leading_to("state-locked")


def _minutes(seconds: float) -> str:
    return f"{int(seconds)} s" if seconds < 120 else f"{int(seconds // 60)} min"


def _progress(workspace: Workspace, verdict: Verdict) -> str:
    """From the events of the holder's run, where it runs in this workspace; else its last sign."""
    run, sign = verdict.run, verdict.sign
    if run:
        return _progress_here(workspace, run)
    if sign:
        total = f" of {sign.total}" if sign.total else ""
        doing = f", now {sign.doing}" if sign.doing else ""
        return f"{sign.done}{total} done{doing}"
    return ""


def _progress_here(workspace: Workspace, run: Started) -> str:
    streams = sorted((workspace.data / "runs" / run.run).glob("*-[apd]*.jsonl"))
    if not streams:
        return ""
    reader, progress = EventReader(), Progress()
    with suppress(OSError):
        for line in streams[-1].read_bytes().splitlines():
            event = reader.read(line)
            if event is not None:
                progress.add(event)
    return _counted(progress)


def _counted(progress: Progress) -> str:
    if progress.steps:
        done = len(progress.in_state(StepState.DONE))
        running = [step for step in progress.running() if step.action != "read"]
        now = f", now {running[0].address}" if running else ""
        return f"{done} done, {len(running)} under way{now}"
    read = sum(step.state is not StepState.RUNNING for step in progress.reads.values())
    return f"{read} read" if read else ""


class HolderWatch:
    """A watch that says who holds the lock while Terraform waits for it, and, once Terraform
    holds it, leaves signs of life for others.

    Both happen beside the run, and neither can fail it. ``total`` is how many resources the
    run changes, where that is known.
    """

    def __init__(self, session: Session, watch: Watch, *, total: int = 0) -> None:
        self._session = session
        self._watch = watch
        self._total = total
        self._backend: StateBackend | None = None
        self._busy: threading.Thread | None = None
        self._next = 0.0
        self._holder = ""
        self._lock_ids: list[str] = []

    def update(self, progress: Progress) -> None:
        """See :class:`Watch`."""
        if progress.awaits_lock:
            self._beside(progress, _LOOK_SECONDS, self._look)
            progress.holder = self._holder
        elif progress.begun and progress.elapsed > _FIRST_BEAT_SECONDS:
            self._beside(progress, BEAT_SECONDS, partial(self._beat, progress))
        self._watch.update(progress)

    def notice(self, message: str) -> None:
        """See :class:`Watch`."""
        self._watch.notice(message)

    def _beside(
        self, progress: Progress, every: float, work: Callable[[StateBackend], None]
    ) -> None:
        if progress.elapsed < self._next or (self._busy and self._busy.is_alive()):
            return
        self._next = progress.elapsed + every
        if self._backend is None:
            with suppress(BsopsError):
                self._backend = state_backend(self._session)
            if isinstance(self._backend, S3Backend):
                self._backend.client("s3")  # made in this thread: see there
                self._backend.client("dynamodb")
        if self._backend is not None:
            self._busy = threading.Thread(target=work, args=(self._backend,), daemon=True)
            self._busy.start()

    def _look(self, backend: StateBackend) -> None:
        with suppress(BsopsError):
            held = examine(self._session, backend, backend.read_locks())
            if held:
                self._holder = describe_holder(held[0])

    def _beat(self, progress: Progress, backend: StateBackend) -> None:
        from botocore.exceptions import BotoCoreError, ClientError

        if not isinstance(backend, S3Backend):
            return
        with suppress(BsopsError, BotoCoreError, ClientError):
            if not self._lock_ids:
                own = [lock.id for lock in backend.read_locks() if lock.who == who()]
                self._lock_ids = list(dict.fromkeys(own))
            if self._lock_ids:
                write_sign(backend.client("s3"), backend.bucket, backend.key, self._sign(progress))

    def _sign(self, progress: Progress) -> Sign:
        running = [step for step in progress.running() if step.action != "read"]
        return Sign(
            lock_ids=self._lock_ids,
            run=self._session.run_id,
            who=who(),
            pid=os.getpid(),
            command=self._session.request.command,
            ci=ci_run_address(os.environ),
            done=len(progress.in_state(StepState.DONE)),
            total=self._total,
            doing=running[0].address if running else "",
        )
