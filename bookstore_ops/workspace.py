"""Where the tree, the environments, the runbooks and bsops's own files are."""

import os
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.errors import ConfigurationError, Refused
from bookstore_ops.files import writing

WORKSPACE_VARIABLE = "BSOPS_WORKSPACE"
_PARTS = ("infrastructure", "environments", "runbooks")


@dataclass(frozen=True)
class Workspace:
    """A directory that holds ``infrastructure/aws`` and ``environments``.

    Everything bsops writes for itself lies under ``.bsops``, which only its owner can read:
    plans, events and journals may quote values.
    """

    root: Path

    @property
    def tree(self) -> Path:
        """The Terraform tree as the specification draws it."""
        return self.root / "infrastructure" / "aws"

    @property
    def environments(self) -> Path:
        """The directory of environment policies, one TOML file each."""
        return self.root / "environments"

    @property
    def runbooks(self) -> Path:
        """The pages for bad days."""
        return self.root / "runbooks"

    @property
    def data(self) -> Path:
        """bsops's own directory."""
        return self.root / ".bsops"

    @property
    def sandbox(self) -> Path:
        """Everything that belongs to the sandbox and goes with it."""
        return self.data / "sandbox"

    @property
    def journal(self) -> Path:
        """The record of every run, JSON lines."""
        return self.data / "journal.jsonl"

    def environment_root(self, environment: str) -> Path:
        """The Terraform root module of an environment."""
        return self.tree / "environments" / environment

    def make_data_directory(self, *parts: str) -> Path:
        """Make a directory under ``.bsops`` that only its owner can read.

        Raises:
            EnvironmentMissing: the workspace cannot be written.
        """
        directory = self.data.joinpath(*parts)
        with writing(directory):
            for path in (
                self.data,
                *(self.data.joinpath(*parts[: n + 1]) for n in range(len(parts))),
            ):
                path.mkdir(mode=0o700, exist_ok=True)
            if not os.access(directory, os.W_OK):
                raise PermissionError(13, "Permission denied")
        return directory


def _is_workspace(directory: Path) -> bool:
    return (directory / "environments").is_dir() and (directory / "infrastructure/aws").is_dir()


def find_workspace(named: Path | None = None, *, start: Path | None = None) -> Workspace:
    """The workspace named (flag or ``BSOPS_WORKSPACE``), else the nearest at or above ``start``.

    Raises:
        ConfigurationError: there is none.
    """
    if named is not None:
        if not _is_workspace(named):
            raise ConfigurationError(
                f"{named} is not a bsops workspace",
                why="a workspace holds the directories environments/ and infrastructure/aws/",
                next_step=f"bsops new {named}   (or name another with --workspace DIR)",
            )
        return Workspace(named.resolve())
    here = (start or Path.cwd()).resolve()
    for directory in (here, *here.parents):
        if _is_workspace(directory):
            return Workspace(directory)
    raise ConfigurationError(
        f"no bsops workspace in {here} or above it",
        why="a workspace holds the directories environments/ and infrastructure/aws/",
        next_step="bsops new bookstore && cd bookstore   (or --workspace DIR)",
    )


def template() -> Path:
    """What `new` copies: shipped in the wheel, or the checkout that bsops runs from."""
    package = Path(__file__).resolve().parent
    shipped = package / "workspace_template"
    return shipped if shipped.is_dir() else package.parent


def create_workspace(directory: Path) -> Workspace:
    """Write the workspace that bsops ships into ``directory``, which must be new or empty.

    It is copied beside and then moved, so that an interrupted copy leaves nothing behind.

    Raises:
        Refused: the directory holds something already.
        EnvironmentMissing: it cannot be written.
    """
    import secrets
    import shutil

    target = directory.resolve()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise Refused(
            f"{directory} is not empty",
            why="bsops new never writes over existing files",
            next_step="bsops new OTHER-DIR",
        )
    shipped = template()
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        # Named before it is made: an interrupt right after leaves nothing behind either.
        beside = target.parent / f".{target.name}.{secrets.token_hex(4)}"
        try:
            beside.mkdir(mode=0o700)
            for part in _PARTS:
                shutil.copytree(
                    shipped / part,
                    beside / part,
                    ignore=shutil.ignore_patterns(
                        ".terraform", "*.tfstate*", "*.tfplan", "__pycache__", "tests"
                    ),
                )
            (beside / ".gitignore").write_text(_GITIGNORE)
            beside.chmod(0o755)
            if target.exists():
                # It may be the operator's working directory: filled, never replaced.
                for path in beside.iterdir():
                    path.rename(target / path.name)
            else:
                beside.rename(target)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return Workspace(target)


_GITIGNORE = """\
.bsops/
.terraform/
*.tfstate
*.tfstate.*
*.tfplan
errored.tfstate
.terraform.tfstate.lock.info
crash.log
"""
