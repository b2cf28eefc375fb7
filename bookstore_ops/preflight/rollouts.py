"""Checks of what is given to customers step by step: rollouts of flags, and releases."""

from bookstore_ops.bootstrap.backend_file import Backend, wanted_backend
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
from bookstore_ops.releases.model import Release
from bookstore_ops.releases.store import Store, liveness


def _rollouts(context: Context) -> Outcome:
    backend = _bucket(context)
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
        return ok(f"rollouts of flags under way: {len(under_way) or 'none'}")
    rollout, why = stuck[0]
    return warning(
        f"the rollout of {rollout.flag} is stuck at {rollout.weight} %",
        why=why,
        next_step=_resume(context, "flags", f"{rollout.service} {rollout.flag}"),
        details=tuple(f"{each.flag}: {words}" for each, words in stuck),
    )


def _releases(context: Context) -> Outcome:
    backend = _bucket(context)
    if backend is None:
        return skipped("nothing can be released yet", why="the state is in a file")
    again = context.command("release status")
    store = Store(context.cloud().client("s3"), backend.bucket, backend.key, again)
    try:
        services = store.read().services.values()
    except BsopsError as wrong:
        return unknown(wrong.what, why=wrong.why, next_step=wrong.next_step)
    under_way = [s.current for s in services if s.current and not s.current.is_over]
    stuck = [(release, why) for release in under_way if (why := _stuck(release, context))]
    if not stuck:
        return ok(f"releases under way: {len(under_way) or 'none'}")
    release, why = stuck[0]
    more = f"; also: {', '.join(each.service for each, _ in stuck[1:])}" if stuck[1:] else ""
    return warning(
        f"the release of {release.service} was left half-way: {release.phase}, {release.shares}",
        why=f"{why}{more}",
        next_step=_resume(context, "release", release.service, back=release.can_turn),
        details=tuple(f"{each.service}: {words}" for each, words in stuck),
    )


def _bucket(context: Context) -> Backend | None:
    """Where ledgers lie; the sandbox has a bucket of its own before any bootstrap."""
    backend = context.cloud().backend
    if backend is None and context.sandbox:
        return wanted_backend(context.policy())
    return backend


def _resume(context: Context, group: str, arguments: str, *, back: bool = True) -> str:
    """The command that goes on, and the one that goes back where there is a way."""
    command, _, options = context.command(f"{group} resume").partition(" --")
    resume = f"{command} {arguments}" + (f" --{options}" if options else "")
    return f"{resume}   (or: {resume.replace('resume', 'abort', 1)})" if back else resume


def _stuck(kept: Rollout | Release, context: Context) -> str:
    """Why it does not go on; empty: it does."""
    if kept.paused:
        return f"it waits for a person: {kept.paused}"
    held = liveness(kept.holder, who(), context.probes.now())
    if held is Liveness.ALIVE:
        return ""
    if kept.holder is None:
        return "nobody drives it"
    return f"{kept.holder.who} drove it, and is {held.value}"


CHECKS = (
    Check(
        "BS901",
        Group.ROLLOUTS,
        "No rollout of a flag is stuck",
        "A flag that is on for a part of the customers, and that nobody watches any more, is "
        "neither on nor off, and its service cannot be released. A rollout is stuck that waits for "
        "a person, or whose bsops was killed or gives no sign of life.",
        "`bsops flags resume ENV SERVICE FLAG`, or `bsops flags abort` to set it back.",
        _rollouts,
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
    ),
    Check(
        "BS902",
        Group.ROLLOUTS,
        "No release is left half-way",
        "While a release is half-way and nobody watches, customers may meet a bad image, and "
        "nothing else of the service can be released. It is left half-way that waits for a "
        "person, or whose bsops was killed or gives no sign of life.",
        "`bsops release resume ENV SERVICE`, or `bsops release abort` to go back.",
        _releases,
        scope=Scope.AWS,
        exit_code=ExitCode.FAILED,
        runbook="canary-stuck",
    ),
)
