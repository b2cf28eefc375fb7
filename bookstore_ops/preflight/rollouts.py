"""Checks of what is given to customers step by step: rollouts of flags."""

from bookstore_ops.bootstrap.backend_file import wanted_backend
from bookstore_ops.errors import BsopsError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.flags.model import Rollout
from bookstore_ops.flags.store import FlagStore
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    ok,
    skipped,
    unknown,
    warning,
)
from bookstore_ops.preflight.context import Context
from bookstore_ops.releases.store import liveness


def _rollouts(context: Context) -> Outcome:
    backend = context.cloud().backend
    if backend is None and context.sandbox:
        backend = wanted_backend(context.policy())
    if backend is None:
        return skipped("no flag can be rolled out yet", why="the state is in a file")
    again = context.command("flags list")
    store = FlagStore(context.cloud().client("s3"), backend.bucket, backend.key, again)
    try:
        found = store.read().rollouts
    except BsopsError as wrong:
        return unknown(wrong.what, why=wrong.why, next_step=wrong.next_step)
    under_way = [rollout for rollout in found.values() if not rollout.is_over]
    stuck = [(rollout, why) for rollout in under_way if (why := _stuck(rollout, context))]
    if not stuck:
        count = len(under_way)
        return ok(f"rollouts of flags under way: {count or 'none'}")
    rollout, why = stuck[0]
    command, _, options = context.command("flags resume").partition(" --")
    next_step = f"{command} {rollout.service} {rollout.flag}" + (f" --{options}" if options else "")
    return warning(
        f"the rollout of {rollout.flag} is stuck at {rollout.weight} %",
        why=why,
        next_step=f"{next_step}   (or: {next_step.replace('resume', 'abort')})",
        details=tuple(f"{each.flag}: {words}" for each, words in stuck),
    )


def _stuck(rollout: Rollout, context: Context) -> str:
    """Why it does not go on; empty: it does."""
    if rollout.paused:
        return f"it waits for a person: {rollout.paused}"
    held = liveness(rollout.holder, who(), context.probes.now())
    if held is Liveness.ALIVE:
        return ""
    if rollout.holder is None:
        return "nobody drives it"
    return f"{rollout.holder.who} drove it, and is {held.value}"


CHECKS = (
    Check(
        "BS901",
        Group.ROLLOUTS,
        "No rollout of a flag is stuck",
        "A flag that is on for a part of the customers, and that nobody watches any more, is "
        "neither on nor off. A rollout is stuck that waits for a person, or whose bsops was killed "
        "or gives no sign of life.",
        "`bsops flags resume ENV SERVICE FLAG`, or `bsops flags abort` to set it back.",
        _rollouts,
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
)
