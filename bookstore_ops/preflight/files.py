"""Checks of the workspace: the tree, git, and what bsops keeps for itself."""

import filecmp
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec

from bookstore_ops.bootstrap.backend_file import BACKEND_FILE
from bookstore_ops.errors import BsopsError
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import Journal
from bookstore_ops.preflight.check import (
    Check,
    Group,
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
from bookstore_ops.terraform.formatting import unformatted
from bookstore_ops.workspace import template

_SECONDS = 5.0
# Not of the tree as it is shipped, or an operator's own: values, and what runs leave behind.
_NOT_COMPARED = frozenset({BACKEND_FILE, ".terraform.lock.hcl", "crash.log"})
_OURS = (".tf", ".md", ".json", ".yaml", ".yml", ".zip", ".py", ".tftpl", ".hcl", ".example")


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _git(context: Context) -> Outcome:
    root = context.workspace.root
    command = ["git", "-C", str(root), "status", "--porcelain", "--", "infrastructure"]
    try:
        said = subprocess.run(
            [*command, "environments"],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=_SECONDS,
            # Looking must not take the lock that a commit under way needs.
            env={**context.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        return unknown("git is not installed", why="whether the tree is committed is not known")
    except subprocess.TimeoutExpired:
        return unknown("git gave no answer in time", next_step=" ".join(command))
    if said.returncode and "not a git repository" in said.stderr:
        return skipped("the workspace is not in a git repository")
    if said.returncode:
        return unknown("git does not say", why=said.stderr.strip(), next_step=" ".join(command))
    changed = [line[3:] for line in said.stdout.splitlines()]
    if not changed:
        return ok("tree and environments are committed")
    return warning(
        f"{len(changed)} changed or new in tree and environments: {_some(changed)}",
        why="what is applied from here is not what others see",
        next_step=f"git -C {root} status -- infrastructure environments",
    )


def _shipped(context: Context) -> Outcome:
    shipped = template() / "infrastructure"
    own = context.workspace.root / "infrastructure"
    if shipped.resolve() == own.resolve():
        return skipped("this is a checkout of bsops itself")
    if not shipped.is_dir():
        return unknown("the shipped tree is missing", why=f"{shipped} does not exist")
    theirs, ours = set(_compared(shipped)), set(_compared(own))
    differs = [
        str(path)
        for path in sorted(theirs | ours)
        if path not in theirs
        or path not in ours
        or not filecmp.cmp(shipped / path, own / path, shallow=False)
    ]
    if not differs:
        return ok("the tree is the one that this bsops ships")
    return warning(
        f"not as it is shipped, {_count(len(differs), 'file')}: {_some(differs)}",
        why="yours, or of another version of bsops; values and environments are not compared",
        next_step=f"diff -r {shipped} {own}",
    )


def _compared(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        relative = path.relative_to(root)
        hidden = any(part in {".terraform", "tests", "__pycache__"} for part in relative.parts)
        if path.suffix in _OURS and path.name not in _NOT_COMPARED and not hidden:
            yield relative


def _format(context: Context) -> Outcome:
    binary = context.terraform()
    try:
        names = unformatted(binary, context.workspace.tree, context.environ, seconds=_SECONDS)
    except BsopsError as wrong:
        return failed(wrong)
    if not names:
        return ok("the tree is formatted")
    return warning(
        f"not formatted, {_count(len(names), 'file')}: {_some(names)}",
        why="the next bsops fmt changes them, and with them the reviews of others",
        next_step="bsops fmt   (or: bsops doctor --fix)",
    )


def _format_it(context: Context) -> list[str]:
    return [f"formatted {context.shown(path)}" for path in context.probes.format_tree()]


def _open_paths(context: Context) -> list[Path]:
    """What others than the owner may read or enter; all below lies behind these."""
    data = context.workspace.data
    if not data.is_dir():
        return []
    paths = [data, *(path for path in sorted(data.iterdir()) if not path.is_symlink())]
    return [path for path in paths if stat.S_IMODE(path.stat().st_mode) & 0o077]


def _permissions(context: Context) -> Outcome:
    data = context.workspace.data
    if not data.is_dir():
        return skipped(f"there is no {data.name} yet")
    opened = _open_paths(context)
    if not opened:
        return ok(f"{data.name} is yours alone")
    return warning(
        f"others may read {_some([context.shown(path) for path in opened])}",
        why="plans, events and state backups quote values",
        next_step=f"bsops doctor --fix   (or: chmod -R go-rwx {data.name})",
    )


def _close(context: Context) -> list[str]:
    done = []
    for path in _open_paths(context):
        mode = 0o700 if path.is_dir() else 0o600
        before = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode)
        done.append(f"{context.shown(path)}: mode {before:04o} is now {mode:04o}")
    return done


def _journal(context: Context) -> Outcome:
    journal = Journal(context.workspace.journal)
    shown = context.shown(context.workspace.journal)
    try:
        entries = journal.entries()
        damaged = journal.damaged()
    except BsopsError as wrong:
        return failed(wrong)
    if damaged:
        return warning(
            f"{shown} has {_count(damaged, 'line')} that cannot be read",
            why="a crash, a full disk, or an edit; bsops passes them over",
            next_step=f"less {context.workspace.journal}",
        )
    return ok(f"the journal holds {_count(len(entries), 'run')}")


def _stale(context: Context) -> list[Path]:
    """What Terraform and bsops keep for later, and cannot be used."""
    found = []
    terraform = context.root / ".terraform"
    for path in (
        terraform / "terraform.tfstate",
        terraform / "modules" / "modules.json",
        context.workspace.data / "cache" / "terraform-versions.json",
    ):
        try:
            msgspec.json.decode(path.read_bytes())
        except FileNotFoundError:
            continue
        except (OSError, msgspec.MsgspecError):
            found.append(path)
    # Three levels of names, a version, a platform: https://developer.hashicorp.com/terraform/cli/config/config-file
    links = (terraform / "providers").glob("*/*/*/*/*")
    return found + [path for path in links if path.is_symlink() and not path.exists()]


def _caches(context: Context) -> Outcome:
    stale = _stale(context)
    if not stale:
        return ok("what is kept for later can be used")
    return error(
        f"damaged or gone: {_some([context.shown(path) for path in stale])}",
        why="an init was cut off, or a mirror moved",
        next_step=context.command("doctor") + " --fix   (removes it; init makes it again)",
    )


def _drop_caches(context: Context) -> list[str]:
    done = []
    for path in _stale(context):
        path.unlink()
        done.append(f"removed {context.shown(path)}")
    if done:
        # Without its mark the next command runs init.
        (context.root / ".terraform" / "bsops-fingerprint").unlink(missing_ok=True)
    return done


CHECKS = (
    Check(
        "BS201",
        Group.WORKSPACE,
        "Tree and environments are committed",
        "What is applied should be what others can read. Skipped outside a git repository.",
        "Commit, or stash, what `git status` names.",
        _git,
    ),
    Check(
        "BS202",
        Group.WORKSPACE,
        "The tree is the one that bsops ships",
        "Names the files under `infrastructure/` that differ from those of this version of bsops. "
        "Values (`terraform.tfvars`), `backend.tf` and lock files are not compared. Skipped in a "
        "checkout of bsops itself.",
        "If the changes are yours, leave it out with `bsops doctor --skip BS202`. Otherwise write "
        "a fresh workspace with `bsops new` and compare.",
        _shipped,
    ),
    Check(
        "BS203",
        Group.WORKSPACE,
        "The tree is formatted",
        "A file that is not in Terraform's format is changed by the next `bsops fmt`, and that "
        "hides what else changed.",
        "`bsops fmt`, or `bsops doctor --fix`.",
        _format,
        exit_code=ExitCode.FAILED,
        fix=_format_it,
    ),
    Check(
        "BS204",
        Group.WORKSPACE,
        ".bsops is yours alone",
        "Saved plans, events and backups of states quote values. `.bsops` and what lies directly "
        "in it must be closed to others: modes 0700 and 0600.",
        "`bsops doctor --fix` closes it.",
        _permissions,
        exit_code=ExitCode.ENVIRONMENT,
        fix=_close,
    ),
    Check(
        "BS205",
        Group.WORKSPACE,
        "The journal can be read",
        "Without its journal bsops runs nothing: it could not tell who did what, nor whether the "
        "holder of a lock lives.",
        "Give the file back to its owner. A line that cannot be read is passed over.",
        _journal,
        exit_code=ExitCode.ENVIRONMENT,
    ),
    Check(
        "BS206",
        Group.WORKSPACE,
        "What is kept for later can be used",
        "A damaged record of `terraform init`, or a link to a provider that has moved, ends every "
        "command.",
        "`bsops doctor --fix` removes what is damaged. The next command runs `init` again.",
        _caches,
        scope=Scope.ENVIRONMENT,
        exit_code=ExitCode.ENVIRONMENT,
        fix=_drop_caches,
    ),
)
