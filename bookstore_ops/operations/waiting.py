"""How long Terraform waits in an environment, and the setting that makes it wait longer."""

import difflib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from bookstore_ops.environments import nearest
from bookstore_ops.errors import ConfigurationError, Refused, UsageError
from bookstore_ops.files import write_atomically
from bookstore_ops.operations.formatting import formatted
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.addresses import without_keys
from bookstore_ops.terraform.ledger import Ledger
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.progress import Step
from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.editing import by_hand, set_value
from bookstore_ops.tfvars.reading import decode
from bookstore_ops.tfvars.writing import literal
from bookstore_ops.timeouts.tree import Timeout, find_timeouts
from bookstore_ops.workspace import Workspace

# https://pkg.go.dev/time#ParseDuration, without signs; the tree asks for whole units.
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?(?:h|m|s|ms|us|µs|ns))+")
_ONE_UNIT = re.compile(r"(\d+)(s|m|h)")
_RAN_OUT = re.compile(
    r"(?i)timeout while waiting|context deadline exceeded|timed out waiting|couldn't find resource "
    r"\(\d+ retries\)|waiting for state to become"
)


@dataclass(frozen=True)
class Edit:
    """A value set in a file: how the file differs, or that it did not."""

    path: Path
    variable: tuple[str, ...]
    before: str | None
    after: str
    difference: str


def list_timeouts(workspace: Workspace, environment: str) -> list[Timeout]:
    """Every timeout of an environment's tree.

    Raises:
        ConfigurationError: the tree cannot be read.
    """
    root = workspace.environment_root(environment)
    try:
        return find_timeouts(root)
    except NotUnderstood as error:
        raise ConfigurationError(
            f"the timeouts of {environment} cannot be read",
            why=str(error),
            next_step=f"bsops validate {environment}",
        ) from error


def set_timeout(
    workspace: Workspace, environment: str, assignment: str, terraform_bin: str | None, watch: Watch
) -> Edit:
    """Write ``database.create=90m`` into the environment's ``terraform.tfvars``.

    Raises:
        UsageError: no such setting, or no duration.
        Refused: it cannot be done surely; the error says what to write by hand.
        BsopsError: the tree or the file cannot be read or written.
    """
    name, _, value = assignment.partition("=")
    known = {t.variable: t for t in list_timeouts(workspace, environment) if t.variable is not None}
    variable = _variable(name.strip(), list(known), environment)
    value = value.strip().strip('"')
    if not _DURATION.fullmatch(value):
        raise UsageError(
            f"{value or 'nothing'} is no duration",
            why="a duration is a number and a unit: s, m or h",
            next_step=f"bsops timeouts {environment} --set {name.strip()}=90m",
        )
    path = workspace.environment_root(environment) / "terraform.tfvars"
    try:
        text = decode(path.read_bytes()) if path.exists() else ""
        changed = _changed(
            text, variable, value, lambda t: formatted(workspace, terraform_bin, t, watch)
        )
    except NotUnderstood as error:
        raise Refused(
            f"{path} was left as it is",
            why=str(error),
            next_step=f"write by hand: {by_hand(variable, literal(value))}",
        ) from error
    if changed != text:
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        write_atomically(path, changed, mode=mode)
    shown = str(path.relative_to(workspace.root))
    lines = difflib.unified_diff(
        text.splitlines(), changed.splitlines(), shown, shown, n=1, lineterm=""
    )
    return Edit(path, variable, known[variable].in_force, value, "\n".join(lines))


def _changed(text: str, variable: tuple[str, ...], value: str, fmt: Callable[[str], str]) -> str:
    if fmt(text) != text:
        raise NotUnderstood("the file is not in Terraform's format (bsops fmt mends that)")
    return fmt(set_value(text, variable, literal(value)))


def with_advice(ledger: Ledger, session: Session) -> tuple[Ledger, tuple[str, ...]]:
    """The ledger whose timed-out steps say which value lets them wait longer, and the commands."""
    late = [step for step in ledger.failed if _RAN_OUT.search(step.message)]
    if not late:
        return ledger, ()
    try:
        known = find_timeouts(session.request.workspace.environment_root(session.environment.name))
    except NotUnderstood:
        return ledger, ()
    advised, commands = {}, []
    for step in late:
        timeout = _of_step(step, known)
        if timeout is None:
            continue
        words, command = _advice(timeout, session)
        advised[step.address] = replace(step, message=f"{step.message}\n{words}")
        commands += [command] if command else []
    failed = tuple(advised.get(step.address, step) for step in ledger.failed)
    return replace(ledger, failed=failed), tuple(dict.fromkeys(commands))


def _of_step(step: Step, known: Iterable[Timeout]) -> Timeout | None:
    address = without_keys(step.address)
    return next((t for t in known if (t.address, t.operation) == (address, step.action)), None)


def _advice(timeout: Timeout, session: Session) -> tuple[str, str | None]:
    waited = timeout.in_force or "as long as the provider finds right"
    if timeout.variable is None:
        return f"It may take {waited}: the tree's code says so, in its timeouts block.", None
    longer = _doubled(timeout.in_force)
    setting = by_hand(timeout.variable, literal(longer))
    name = ".".join(part for part in timeout.variable if part != "timeouts")
    return (
        f"It may take {waited}. To wait longer, in terraform.tfvars: {setting}",
        f"bsops timeouts {session.environment.name} --set {name}={longer}   (it was {waited})",
    )


def _doubled(value: str | None) -> str:
    found = _ONE_UNIT.fullmatch(value or "")
    return f"{int(found[1]) * 2}{found[2]}" if found else "90m"


def _variable(name: str, known: list[tuple[str, ...]], environment: str) -> tuple[str, ...]:
    spellings = {".".join(part for part in path if part != "timeouts"): path for path in known}
    spellings |= {".".join(path): path for path in known}
    if name in spellings:
        return spellings[name]
    guess = nearest(name, list(spellings))
    raise UsageError(
        f"{environment} has no timeout {name}",
        why=f"bsops timeouts {environment} lists them",
        next_step=f"did you mean {guess}?" if guess else f"bsops timeouts {environment}",
    )
