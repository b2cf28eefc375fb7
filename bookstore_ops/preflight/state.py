"""Checks of where the state lies: its bucket, its lock table, its lock, its copies."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from bookstore_ops.bootstrap.backend_file import BACKEND_FILE, Backend, read_backend
from bookstore_ops.bootstrap.bucket import LogBucket, StateBucket
from bookstore_ops.bootstrap.key import StateKey
from bookstore_ops.bootstrap.migration import state_file
from bookstore_ops.bootstrap.table import LockTable
from bookstore_ops.errors import BsopsError, Refused
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import Journal
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.preflight.check import (
    Check,
    Group,
    NotKnown,
    Outcome,
    Scope,
    error,
    failed,
    ok,
    skipped,
    unknown,
    warning,
)
from bookstore_ops.preflight.context import Context
from bookstore_ops.states.backups import BackupStore

_COPY_DAYS = 7
_CHANGING = frozenset({"apply", "destroy"})


def _bootstrapped(context: Context, look: Callable[[Context, Backend], Outcome]) -> Outcome:
    """What ``look`` finds where the state lies in a bucket of its own."""
    backend = context.cloud().backend
    if backend is not None:
        return look(context, backend)
    if look is not _there:
        return skipped("nothing to look at yet", why="see BS601")
    bootstrap = context.command("bootstrap")
    if context.sandbox:
        return skipped("the sandbox's plain bucket", why=f"until: {bootstrap}")
    return skipped("the state is in a file", why=f"until: {bootstrap}")


def _bucket(context: Context, backend: Backend) -> StateBucket:
    aws, account = context.cloud(), backend.account_id
    key = StateKey(aws.client("kms"), backend.bucket, account, {})
    logs = LogBucket(aws.client("s3"), backend.bucket, backend.region, account, {})
    return StateBucket(
        aws.client("s3"), backend.bucket, backend.region, account, {}, key=key, logs=logs
    )


def _there(context: Context, backend: Backend) -> Outcome:
    bucket = _bucket(context, backend)
    try:
        there = bucket.exists()
    except Refused as refused:
        return failed(refused)
    if not there:
        return error(
            f"the {bucket.name} is gone",
            why="backend.tf says that the state is in it",
            next_step=f"restore it before anything else; then: {context.command('bootstrap')}",
        )
    return ok(f"{backend.place}, in {backend.region}")


def _setting(context: Context, backend: Backend, name: str) -> Any:
    """A setting of the bucket as it is, and whether it is as the bootstrap made it."""
    bucket = _bucket(context, backend)
    if not bucket.exists():
        raise NotKnown("not asked", why="see BS601")
    setting = next(each for each in bucket.settings() if each.name == name)
    found = setting.read()
    return found, found == setting.wanted


def _repair(context: Context) -> str:
    return context.command("bootstrap") + " --repair"


def _versioned(context: Context, backend: Backend) -> Outcome:
    if _setting(context, backend, "versioning")[1]:
        return ok("the bucket keeps versions")
    return error(
        f"{backend.bucket} keeps no versions",
        why="a state that is overwritten or deleted could not be got back",
        next_step=_repair(context),
    )


def _encrypted(context: Context, backend: Backend) -> Outcome:
    found = _setting(context, backend, "encryption")[0] or {}
    algorithm = str(found.get("SSEAlgorithm", ""))
    if algorithm.startswith("aws:kms"):
        return ok("the bucket encrypts with a KMS key")
    if not algorithm:
        return error(
            f"{backend.bucket} does not encrypt",
            why="a state holds secrets",
            next_step=_repair(context),
        )
    return warning(
        f"{backend.bucket} encrypts with S3's own key ({algorithm})",
        why="whoever may read the bucket reads the state; a KMS key is a second gate",
        next_step=_repair(context),
    )


def _private(context: Context, backend: Backend) -> Outcome:
    if _setting(context, backend, "block of public access")[1]:
        return ok("public access is blocked")
    return error(
        f"{backend.bucket} does not block public access",
        why="a state holds secrets",
        next_step=_repair(context),
    )


def _table(context: Context, backend: Backend) -> Outcome:
    if backend.lock_table is None:
        return skipped("no lock table is configured: the lock is an object")
    table = LockTable(context.cloud().client("dynamodb"), backend.lock_table, {})
    try:
        there = table.exists()
    except Refused as refused:
        return failed(refused)
    if not there:
        return error(
            f"the {table.name} is missing",
            why="backend.tf names it: nothing can be locked",
            next_step=_repair(context),
        )
    return ok(table.name)


def _locked(context: Context) -> Outcome:
    aws = context.cloud()
    try:
        locks = aws.locks()
    except BsopsError as wrong:
        return unknown(wrong.what, why=wrong.why, next_step=wrong.next_step)
    if not locks:
        return ok("the state is not locked")
    dead = [lock for lock in locks if lock.liveness is Liveness.DEAD]
    if dead:
        return warning(
            "the holder of the state's lock is dead",
            why=dead[0].holder,
            next_step=context.command("unlock"),
        )
    if any(lock.liveness is Liveness.UNKNOWN for lock in locks):
        return warning(
            "the state is locked, and nobody can tell whether its holder lives",
            why=locks[0].holder,
            next_step=context.command("lock"),
        )
    return ok(f"the state is locked by somebody who lives: {locks[0].holder}")


def _copied(context: Context) -> Outcome:
    if context.sandbox:
        return skipped("no copy is needed: a sandbox's state ends with it")
    name, data = str(context.name), context.workspace.data
    newest = BackupStore(data / "backups" / "state" / name, name).find("latest")
    backup = context.command("state backup")
    if newest is None:
        if read_backend(context.root / BACKEND_FILE) is None and state_file(context.root) is None:
            return skipped("there is no state to keep a copy of yet")
        return warning(
            "this machine has no copy of the state",
            why="versions in the bucket are gone when the bucket is",
            next_step=backup,
        )
    taken = datetime.fromisoformat(newest.record.time)
    days = (context.probes.now() - taken).days
    since = _changes_since(context, taken)
    says = f"the last copy of the state is of {taken:%Y-%m-%d}, serial {newest.record.serial}"
    if days >= _COPY_DAYS and since:
        runs = "1 run" if since == 1 else f"{since} runs"
        return warning(says, why=f"{runs} may have changed the state since", next_step=backup)
    return ok(says)


def _changes_since(context: Context, moment: datetime) -> int:
    """How many runs that change resources the journal has since then."""
    return sum(
        each.started.command in _CHANGING
        and not each.started.sandbox
        and datetime.fromisoformat(each.started.time) > moment
        for each in Journal(context.workspace.journal).entries(context.name)
    )


CHECKS = (
    Check(
        "BS601",
        Group.STATE,
        "The state bucket is there",
        "A state that Terraform does not find is an empty one: it would make everything once "
        "more. Skipped until the environment is bootstrapped.",
        "Restore the bucket, or correct the region or the name under `[state]`.",
        partial(_bootstrapped, look=_there),
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
    Check(
        "BS602",
        Group.STATE,
        "The state bucket keeps versions",
        "The versions of a state are what `bsops state restore` goes back to.",
        "`bsops bootstrap ENV --repair`.",
        partial(_bootstrapped, look=_versioned),
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
    Check(
        "BS603",
        Group.STATE,
        "The state bucket encrypts",
        "A state holds passwords. `bsops bootstrap` gives the bucket a KMS key of its own.",
        "`bsops bootstrap ENV --repair`.",
        partial(_bootstrapped, look=_encrypted),
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
    Check(
        "BS604",
        Group.STATE,
        "The state bucket is private",
        "All four blocks of public access must be on.",
        "`bsops bootstrap ENV --repair`.",
        partial(_bootstrapped, look=_private),
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
    Check(
        "BS605",
        Group.STATE,
        "The lock table is there",
        "Terraform below 1.10 locks the state with an item of a DynamoDB table. Skipped where the "
        "lock is an object beside the state.",
        "`bsops bootstrap ENV --repair`.",
        partial(_bootstrapped, look=_table),
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
    Check(
        "BS606",
        Group.STATE,
        "No dead run holds the state",
        "A run that was killed may leave its lock behind. The holder is judged as by `bsops lock`.",
        "`bsops unlock ENV`.",
        _locked,
        scope=Scope.AWS,
        exit_code=ExitCode.LOCKED,
        runbook="state-locked",
    ),
    Check(
        "BS607",
        Group.STATE,
        "The state has a copy that is not old",
        "Commands that change the state keep a copy in `.bsops/backups/state`, and so does "
        "`bsops state backup`. There is a warning where a state is there without one, and where "
        "the newest is a week old and an apply or a destroy came after it.",
        "`bsops state backup ENV`.",
        _copied,
        scope=Scope.ENVIRONMENT,
        exit_code=ExitCode.FAILED,
    ),
)
