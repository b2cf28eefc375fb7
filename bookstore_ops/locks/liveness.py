"""Whether the holder of a lock lives: from this machine's processes, bsops's journal, its signs."""

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from bookstore_ops.journal import Entry, Started, who
from bookstore_ops.locks.lock import Lock, LockKind
from bookstore_ops.locks.signs import Sign

# Names that say nothing about which machine it is.
ANYWHERE = frozenset({"", "localhost", "localhost.localdomain", "runner", "builder"})
# A lock is taken after its process began; clocks and file systems round.
_ROUNDING_SECONDS = 2.0


class Liveness(StrEnum):
    """What is known of a lock's holder."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class TerraformProcess:
    """A Terraform on this machine; ``here``: whether it works on the state in question.

    ``here`` is None where its directory cannot be read.
    """

    pid: int
    started: float
    here: bool | None


@dataclass(frozen=True)
class Machine:
    """This machine: its name, when it was started, and the Terraform processes on it."""

    who: str
    booted: float
    processes: Sequence[TerraformProcess]

    @property
    def host(self) -> str:
        """The host part of ``who``."""
        return self.who.rpartition("@")[2]


@dataclass(frozen=True)
class Verdict:
    """What is known of a lock's holder, and why. ``mine``: the lock names you on this machine.

    ``run`` is the holder's entry in this workspace's journal, ``sign`` its last sign of life;
    ``pid`` is the process that lives.
    """

    liveness: Liveness
    reason: str
    mine: bool = False
    pid: int | None = None
    run: Started | None = None
    sign: Sign | None = None

    @property
    def ci(self) -> str | None:
        """The address of the CI run that holds the lock, if it was recorded."""
        known = (each.ci for each in (self.run, self.sign) if each)
        return next(filter(None, known), None)


def judge(
    lock: Lock,
    machine: Machine,
    runs: Iterable[Entry],
    sign: Sign | None,
    holder_of: Callable[[Path], int | None] | None = None,
) -> Verdict:
    """Whether the holder of ``lock`` lives.

    ``runs`` are the journal's entries of the environment, ``sign`` the last sign beside the
    state; ``holder_of`` gives the pid that holds a local lock's file, 0 for none, None where
    this system does not say.
    """
    sign = sign if sign and lock.id and lock.id in sign.lock_ids else None
    entry = _run_of(lock, machine, runs, sign)
    run = entry.started if entry else None
    mine = lock.who == machine.who

    def verdict(liveness: Liveness, reason: str, pid: int | None = None) -> Verdict:
        return Verdict(liveness, reason, mine, pid, run, sign)

    if lock.kind is LockKind.LOCAL and holder_of:
        pid = holder_of(Path(lock.place))
        if pid:
            return verdict(Liveness.ALIVE, f"process {pid} holds the file", pid)
        if pid == 0:
            return verdict(Liveness.DEAD, "no process holds the file: its holder has ended")
    if entry and entry.alive:
        started = entry.started
        reason = f"bsops {started.command} (pid {started.pid}) is running"
        return verdict(Liveness.ALIVE, reason, started.pid)
    if lock.problem and lock.kind is not LockKind.LOCAL:
        return verdict(Liveness.UNKNOWN, f"the lock cannot be read: {lock.problem}")
    if lock.host == machine.host:
        return _judge_here(lock, machine, entry, verdict)
    return _judge_elsewhere(lock, sign, verdict)


_Verdict = Callable[..., Verdict]


def _judge_here(lock: Lock, machine: Machine, entry: Entry | None, verdict: _Verdict) -> Verdict:
    return (
        _by_processes(lock, machine, entry, verdict)
        or _by_journal(entry, verdict)
        or _by_machine(lock, machine, verdict)
    )


def _by_processes(
    lock: Lock, machine: Machine, entry: Entry | None, verdict: _Verdict
) -> Verdict | None:
    created = lock.created_at.timestamp() if lock.created_at else None
    for process in machine.processes:
        if created is not None and process.started > created + _ROUNDING_SECONDS:
            continue
        if process.here:
            left = "its bsops was killed; " if entry and not entry.ended else ""
            reason = f"{left}Terraform (pid {process.pid}) is running"
            return verdict(Liveness.ALIVE, reason, process.pid)
        if process.here is None and entry is None:
            whose = f"a Terraform of another user runs here (pid {process.pid})"
            return verdict(Liveness.UNKNOWN, f"{whose}, and on what cannot be read")
    return None


def _by_journal(entry: Entry | None, verdict: _Verdict) -> Verdict | None:
    if entry is None:
        return None
    if entry.ended:
        return verdict(Liveness.DEAD, f"its run ended ({entry.outcome}) and left the lock behind")
    started = entry.started
    return verdict(Liveness.DEAD, f"bsops {started.command} (pid {started.pid}) was killed")


def _by_machine(lock: Lock, machine: Machine, verdict: _Verdict) -> Verdict:
    if lock.created_at and lock.created_at.timestamp() < machine.booted:
        return verdict(Liveness.DEAD, "this machine was restarted since")
    if machine.host.lower() in ANYWHERE:
        reason = f"{machine.host} may be any machine, and on this one nothing runs"
        return verdict(Liveness.UNKNOWN, reason)
    return verdict(Liveness.DEAD, "no Terraform on this machine works on this state")


def _judge_elsewhere(lock: Lock, sign: Sign | None, verdict: _Verdict) -> Verdict:
    host = lock.host or "a machine it does not name"
    if sign is None:
        return verdict(Liveness.UNKNOWN, f"it runs on {host}, and gave no sign of life")
    if sign.fresh:
        return verdict(
            Liveness.ALIVE, f"its bsops on {host} gave a sign of life {_ago(sign.age_seconds)} ago"
        )
    return verdict(
        Liveness.UNKNOWN, f"its bsops on {host} was last seen {_ago(sign.age_seconds)} ago"
    )


def _ago(seconds: float) -> str:
    whole = max(int(seconds), 0)
    return f"{whole}s" if whole < 120 else f"{whole // 60}m"


def _run_of(lock: Lock, machine: Machine, runs: Iterable[Entry], sign: Sign | None) -> Entry | None:
    """The run of this machine's journal that took the lock: by its sign, else by its time."""
    if lock.host != machine.host and lock.kind is not LockKind.LOCAL:
        return None
    created = lock.created_at.timestamp() if lock.created_at else None
    found = None
    for entry in runs:
        if sign and entry.started.run == sign.run:
            return entry
        if created is None or entry.started.host != machine.host:
            continue
        if entry.started.command.startswith("runbook"):
            # It holds no lock itself; the commands that it runs have entries of their own.
            continue
        began = datetime.fromisoformat(entry.started.time).timestamp()
        ended = (
            datetime.fromisoformat(entry.ended.time).timestamp() if entry.ended else float("inf")
        )
        if began - _ROUNDING_SECONDS <= created <= ended + _ROUNDING_SECONDS:
            found = entry
    return found


def this_machine(same_state: Callable[[Path], bool]) -> Machine:
    """This machine now; ``same_state`` tells whether a directory is of the state in question."""
    import psutil

    return Machine(who(), float(psutil.boot_time()), list(_processes(same_state)))


def _processes(same_state: Callable[[Path], bool]) -> Iterable[TerraformProcess]:
    import psutil

    for process in psutil.process_iter(["name", "cmdline", "create_time"]):
        name, words = process.info["name"] or "", process.info["cmdline"] or []
        embedded = "bookstore_ops.terraform.embedded" in words
        if not embedded and Path(name).stem not in {"terraform", "tofu"}:
            continue
        here: bool | None
        try:
            here = same_state(Path(process.cwd()))
        except psutil.AccessDenied:
            here = None
        except (psutil.Error, OSError):
            continue
        yield TerraformProcess(process.pid, process.info["create_time"], here)


def local_holder(lock_file: Path) -> int | None:
    """The process that holds a local state: its pid, 0 for none, None where nobody can say.

    Terraform locks the state file itself (fcntl(2), F_SETLK) and the kernel frees it with the
    process; the file beside it only says who that was.
    """
    import fcntl
    import struct

    # struct flock: https://man7.org/linux/man-pages/man2/fcntl_locking.2.html, and macOS's own.
    layouts = {"linux": ("hhqqi4x", 4), "darwin": ("qqihh", 2)}
    layout, position = layouts.get(sys.platform, ("", 0))
    state = lock_file.with_name(lock_file.name.removeprefix(".").removesuffix(".lock.info"))
    if not layout:
        return None
    wanted = (fcntl.F_WRLCK, 0, 0, 0, 0) if sys.platform == "linux" else (0, 0, 0, fcntl.F_WRLCK, 0)
    try:
        with state.open("rb") as handle:
            answer = fcntl.fcntl(handle, fcntl.F_GETLK, struct.pack(layout, *wanted))
    except FileNotFoundError:
        return 0
    except OSError:
        return None
    found = struct.unpack(layout, answer)
    kind = found[0] if sys.platform == "linux" else found[3]
    return 0 if kind == fcntl.F_UNLCK else int(found[position])
