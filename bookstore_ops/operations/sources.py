"""From which tree an environment may be changed: committed, pushed, on the right branch.

Only what Terraform reads for the environment counts: a page edited, or the values of another
environment, are no reason to stop.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from bookstore_ops.environments import Environment, environment_names
from bookstore_ops.errors import Refused
from bookstore_ops.operations.overriding import Overrides, note_override, same_command
from bookstore_ops.operations.session import Session
from bookstore_ops.workspace import Workspace

_SECONDS = 15.0
_SHOWN = 5
# Terraform reads these whether git ignores them or not.
_READ = (".tf", ".tf.json", ".tfvars", ".tfvars.json")
# git sets these for its hooks; with them it would look at another repository.
_OTHER_REPOSITORY = frozenset(
    {"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"}
)
_PASSED_OVER = frozenset({".terraform", ".bsops"})


class _GitSaysNot(Exception):
    """What is asked for cannot be told; ``args[0]`` says why."""


def check_source(session: Session, overrides: Overrides) -> None:
    """Refuse a tree that is not what the environment's ``[source]`` asks for.

    Raises:
        Refused: it is not, or git cannot tell, and it was not overridden.
    """
    found = source_problem(session)
    if found is None:
        return
    what, why, next_step = found
    name = session.environment.name
    if overrides.allow_dirty:
        note_override(session, overrides, f"the source of {name}: {what}")
        return
    override = same_command(session, overrides.flags_missing("--allow-dirty"))
    raise Refused(
        what,
        why=f"{why}\n([source] in environments/{name}.toml)",
        next_step=f"{next_step}; if it cannot wait: {override}",
    )


def source_problem(session: Session) -> tuple[str, str, str] | None:
    """What is wrong with the tree, why, and what helps; None where nothing is.

    The sandbox asks nothing: it is where a tree is tried before it is committed.
    """
    environment = session.environment
    if session.server is not None or not environment.source.asks_git:
        return None
    git = _Git(session.request.workspace, environment, session.environ)
    try:
        return _problem(git, environment)
    except _GitSaysNot as said:
        return (
            f"git cannot tell whether the tree of {environment.name} may be used",
            str(said),
            "use a git checkout of the workspace",
        )


def _problem(git: "_Git", environment: Environment) -> tuple[str, str, str] | None:
    wanted, root = environment.source, git.workspace.root
    changed = git.changed() if wanted.committed else []
    if changed:
        shown = changed[:_SHOWN] + (["…"] if len(changed) > _SHOWN else [])
        return (
            f"the tree of {environment.name} holds what is not committed",
            "\n".join(shown),
            f"git -C {root} add -A && git -C {root} commit",
        )
    if wanted.pushed and (commit := git.unpushed()):
        return (
            f"the tree of {environment.name} holds what is not pushed",
            f"no remote branch is known to have {commit}",
            f"git -C {root} push",
        )
    if wanted.branches:
        branches = git.branches(remote_only=wanted.pushed)
        if not branches & set(wanted.branches):
            return (
                f"this commit is not on {' or '.join(wanted.branches)}",
                f"it is on {', '.join(sorted(branches)) or 'no branch'}",
                f"git -C {root} switch {wanted.branches[0]}",
            )
    return None


class _Git:
    """Asks git about what Terraform reads for one environment; changes nothing."""

    def __init__(
        self, workspace: Workspace, environment: Environment, environ: Mapping[str, str]
    ) -> None:
        self.workspace = workspace
        others = [name for name in environment_names(workspace) if name != environment.name]
        self._paths = ["infrastructure", "environments"]
        for name in others:
            self._paths.append(f":(exclude)infrastructure/aws/environments/{name}")
            self._paths.append(f":(exclude)environments/{name}.toml")
        kept = {name: value for name, value in environ.items() if not _is_in_the_way(name)}
        # Looking must not take the lock that a commit under way needs.
        self._environ = {**kept, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}

    def changed(self) -> list[str]:
        """The files that are changed, new, or ignored although Terraform reads them."""
        top = Path(self._run("rev-parse", "--show-toplevel").strip())
        listed = self._run(
            "status",
            "--porcelain",
            "-z",
            "--no-renames",
            "--untracked-files=all",
            "--ignored=matching",
            "--",
            *self._paths,
        )
        found = []
        for entry in filter(None, listed.split("\0")):
            mark, name = entry[:2], entry[3:]
            if mark != "!!" or _is_read(top, Path(name)):
                found.append(name)
        return found

    def unpushed(self) -> str:
        """A commit of what is read that no remote branch has; empty where there is none."""
        return self._run(
            "rev-list", "--max-count=1", "HEAD", "--not", "--remotes", "--", *self._paths
        ).strip()[:12]

    def branches(self, *, remote_only: bool) -> set[str]:
        """The branches that have the commit; remote ones without the remote's name."""
        places = ["refs/remotes"] if remote_only else ["refs/heads", "refs/remotes"]
        listed = self._run("for-each-ref", "--contains=HEAD", "--format=%(refname)", *places)
        names = set()
        for line in listed.split():
            _, kind, rest = line.split("/", 2)
            names.add(rest.partition("/")[2] if kind == "remotes" else rest)
        return names - {"HEAD"}

    def _run(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.workspace.root), *arguments]
        try:
            said = subprocess.run(
                command,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
                timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
                env=self._environ,
            )
        except FileNotFoundError:
            raise _GitSaysNot("git is not installed") from None
        except subprocess.TimeoutExpired:
            raise _GitSaysNot(f"git gave no answer within {_SECONDS:.0f} seconds") from None
        if said.returncode and "not a git repository" in said.stderr:
            raise _GitSaysNot("the workspace is not in a git repository")
        if said.returncode:
            raise _GitSaysNot(said.stderr.strip() or f"git ended with {said.returncode}")
        return said.stdout


def _is_in_the_way(name: str) -> bool:
    """Whether git is better off without a variable: credentials, and what a hook was given."""
    return name.startswith(("AWS_", "TF_")) or name in _OTHER_REPOSITORY


def _is_read(top: Path, path: Path) -> bool:
    """Whether Terraform would read a file, or one in a directory, that git ignores."""
    if _PASSED_OVER & set(path.parts):
        return False
    if (top / path).is_dir():
        below = (found.relative_to(top) for found in (top / path).rglob("*") if found.is_file())
        return any(_is_read(top, each) for each in below)
    return path.name.endswith(_READ)
