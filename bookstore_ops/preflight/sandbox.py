"""Checks of what the sandbox needs."""

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import Check, Group, Outcome, error, ok, skipped, warning
from bookstore_ops.preflight.context import Context
from bookstore_ops.sandbox.launch import QUICK, answering
from bookstore_ops.sandbox.processes import is_alive
from bookstore_ops.sandbox.record import read_record
from bookstore_ops.sandbox.server import MOTO_VERSION

_INSTALL = "pip install 'bookstore-ops[sandbox]'"


def _moto(context: Context) -> Outcome:
    found = context.probes.package_version("moto")
    if found == MOTO_VERSION:
        return ok(f"moto {found}")
    if found is None:
        if not context.sandbox:
            return skipped("the sandbox is not installed", why=_INSTALL)
        return error("moto is not installed", why="--sandbox needs it", next_step=_INSTALL)
    found_other = error if context.sandbox else warning
    return found_other(
        f"moto {found} is installed, the sandbox fits {MOTO_VERSION}",
        why="the sandbox changes parts of moto that are no interface",
        next_step=_INSTALL,
    )


def _server(context: Context) -> Outcome:
    directory = context.workspace.sandbox
    if not directory.is_dir() or not is_alive(directory):
        return ok("the sandbox does not run")
    record = answering(directory, timeout=QUICK)
    if record is None:
        before = read_record(directory)
        return warning(
            "the sandbox server runs and does not answer",
            why=f"pid {before.pid}, since {before.started}" if before else None,
            next_step="bsops sandbox reset   (forgets everything in it)",
        )
    bare = ", bare" if record.bare else ""
    return ok(f"the sandbox answers at {record.url}{bare}")


CHECKS = (
    Check(
        "BS801",
        Group.SANDBOX,
        "moto fits",
        "The sandbox is moto with extensions of ours, which fit one version of it.",
        f"`{_INSTALL}` installs the version that fits.",
        _moto,
        exit_code=ExitCode.ENVIRONMENT,
    ),
    Check(
        "BS802",
        Group.SANDBOX,
        "The sandbox answers, or does not run",
        "A server that hangs is replaced by the next command with `--sandbox`; what it held is "
        "lost.",
        "`bsops sandbox reset`.",
        _server,
        exit_code=ExitCode.FAILED,
        runbook="sandbox-trouble",
    ),
)
