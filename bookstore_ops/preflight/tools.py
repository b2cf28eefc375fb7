"""Checks of the programs and files that Terraform itself needs."""

import os
import re
from pathlib import Path

from bookstore_ops.errors import BsopsError
from bookstore_ops.exit_codes import ExitCode
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
from bookstore_ops.preflight.known_bad import KNOWN_BAD
from bookstore_ops.preflight.network import is_proxied
from bookstore_ops.terraform.binary import FLOOR, Binary, release, require_floor
from bookstore_ops.terraform.providers import (
    AWS_PROVIDER,
    find_providers,
    holds,
    locked_version,
    operator_files,
)

_REGISTRY = "registry.terraform.io"
_CONNECT_SECONDS = 4.0
_GIB = 1024**3
# An unpacked AWS provider takes 700 MB, a plan and its events some ten.
_SPACE_WANTED = 2 * _GIB
_SPACE_NEEDED = _GIB // 4
_CACHE = re.compile(r"^\s*plugin_cache_dir\s*=\s*\"([^\"]+)\"", re.M)


def _found(context: Context) -> Outcome:
    try:
        binary = context.binary.get()
    except BsopsError as missing:
        return failed(missing)
    return ok(f"Terraform {binary.version}: {binary.path} ({binary.source})")


def _floor(context: Context) -> Outcome:
    binary = context.terraform()
    try:
        require_floor(binary)
    except BsopsError as old:
        return failed(old)
    return ok(f"{binary.version} is {'.'.join(map(str, FLOOR))} or later")


def _known_bad(context: Context) -> Outcome:
    binary = context.terraform()
    program = "tofu" if "tofu" in Path(binary.path).name else "terraform"
    found = release(binary.version)
    bad = [b for b in KNOWN_BAD if b.program == program and b.first <= found < b.mended]
    if bad:
        mended = ".".join(map(str, max(each.mended for each in bad)))
        return warning(
            f"{program} {binary.version} is known to go wrong",
            why="; ".join(each.reason for each in bad),
            next_step=f"install {mended} or later, or name another with --terraform-bin PATH",
        )
    if "-" in binary.version:
        return warning(
            f"{program} {binary.version} is no release",
            why="a state that it writes may be one that releases cannot read",
            next_step="install a release of Terraform",
        )
    return ok(f"nothing bad is known of {program} {binary.version}")


def _providers(context: Context) -> Outcome:
    binary, lock_file = context.terraform(), context.root / ".terraform.lock.hcl"
    wanted = locked_version(lock_file) or "any version"
    installed = _installed(context, binary.platform)
    if installed:
        return ok(f"AWS provider {wanted} is installed for {binary.platform}")
    try:
        source = find_providers(
            context.workspace, context.environ, lock_file=lock_file, platform=binary.platform
        )
    except BsopsError as wrong:
        return failed(wrong)
    if source.mirror is None and source.origin != "registry":
        return ok(f"AWS provider {wanted}: {source.origin}")
    if source.mirror is not None:
        if holds(source.mirror, lock_file, binary.platform):
            return ok(f"AWS provider {wanted}: {source.origin}")
        return error(
            f"{source.mirror} lacks AWS provider {wanted} for {binary.platform}",
            why="BSOPS_PROVIDER_MIRROR names it, so nothing else is asked",
            next_step=f"terraform providers mirror -platform={binary.platform} {source.mirror}",
        )
    return _registry(context, wanted)


def _registry(context: Context, wanted: str) -> Outcome:
    what = f"AWS provider {wanted} has to come from {_REGISTRY}"
    mirror = "name a mirror: export BSOPS_PROVIDER_MIRROR=DIR"
    if context.offline:
        return unknown(f"{what}, which was not asked", why="--offline", next_step=mirror)
    if is_proxied(_REGISTRY, context.environ):
        return unknown(f"{what}, by way of a proxy", why="what a proxy lets through is not known")
    try:
        context.probes.connect(_REGISTRY, 443, _CONNECT_SECONDS)
    except OSError as cause:
        return error(
            f"{what}, which does not answer",
            why=cause.strerror or str(cause),
            next_step=mirror,
        )
    return ok(f"{what}, which answers")


def _installed(context: Context, platform: str) -> bool:
    version = locked_version(context.root / ".terraform.lock.hcl")
    providers = _working_root(context) / ".terraform" / "providers" / AWS_PROVIDER
    return version is not None and (providers / version / platform).is_dir()


def _working_root(context: Context) -> Path:
    """Where Terraform works: in the sandbox, on the copy."""
    if not context.sandbox:
        return context.root
    relative = context.root.relative_to(context.workspace.root)
    return context.workspace.sandbox / "tree" / relative


def _lock_file(context: Context) -> Outcome:
    binary, path = context.terraform(), context.root / ".terraform.lock.hcl"
    version, shown = locked_version(path), context.shown(path)
    if version is None:
        return warning(
            f"{shown} names no AWS provider",
            why="each init may take another version",
            next_step=context.command("init") + f"   (then commit {path.name})",
        )
    again = f"terraform -chdir={context.shown(context.root)} providers lock"
    text = path.read_text(errors="replace")
    block = text.partition(f'provider "{AWS_PROVIDER}"')[2].partition("\n}")[0]
    packed, unpacked = block.count('"zh:'), block.count('"h1:')
    # The registry's checksums are those of an archive a platform, and of the release's manifest.
    everywhere = unpacked >= packed - 1
    if packed and (everywhere or not _comes_unpacked(context, binary, path)):
        return ok(f"the lock file has {version} for every platform of the registry")
    if not unpacked:
        return error(
            f"{shown} has no checksum of AWS provider {version}",
            why="init would refuse it, or take any package for the right one",
            next_step=f"{again} -platform={binary.platform}",
        )
    if _installed(context, binary.platform):
        return ok(f"the lock file has {version} for {binary.platform}: init took it")
    return unknown(
        f"{shown} may not have {version} for {binary.platform}",
        why="its checksums (h1) do not say for which platform they are",
        next_step=f"{again} -platform={binary.platform}",
    )


def _comes_unpacked(context: Context, binary: Binary, lock_file: Path) -> bool:
    """Whether the provider lies unpacked in a mirror: the registry's checksums are of archives."""
    try:
        source = find_providers(
            context.workspace, context.environ, lock_file=lock_file, platform=binary.platform
        )
    except BsopsError:
        return False
    if source.mirror is None:
        return False
    version = locked_version(lock_file) or ""
    return (source.mirror / AWS_PROVIDER / version / binary.platform).is_dir()


def cache_directory(context: Context) -> Path | None:
    """Where Terraform keeps downloaded providers, if it was told so."""
    named = context.environ.get("TF_PLUGIN_CACHE_DIR")
    if named:
        return Path(named).expanduser()
    for path in (*operator_files(context.environ), context.workspace.data / "terraform.tfrc"):
        try:
            told = _CACHE.search(path.read_text(errors="replace"))
        except OSError:
            continue
        if told:
            home = context.environ.get("HOME", "/nonexistent")
            return Path(told[1].replace("$HOME", home)).expanduser()
    return None


def _cache(context: Context) -> Outcome:
    directory = cache_directory(context)
    if directory is None:
        return skipped("no plugin cache is configured")
    if not directory.is_dir():
        return error(
            f"the plugin cache {directory} is no directory",
            why="Terraform refuses to run where it is configured and missing",
            next_step=f"mkdir -p {directory}   (or: bsops doctor --fix)",
        )
    if not os.access(directory, os.W_OK | os.X_OK):
        return error(
            f"the plugin cache {directory} cannot be written",
            why="init keeps there what it downloads",
            next_step=f"ls -ld {directory}",
        )
    return ok(f"plugin cache {directory}")


def _make_cache(context: Context) -> list[str]:
    directory = cache_directory(context)
    if directory is None or directory.exists():
        return []
    directory.mkdir(parents=True)
    return [f"made {directory}"]


def _space(context: Context) -> Outcome:
    free = context.probes.free(context.workspace.root)
    shown = f"{free / _GIB:.1f} GiB free in the workspace"
    if free < _SPACE_NEEDED:
        return error(
            f"only {shown}",
            why="Terraform could not save a state: what it made would be forgotten",
            next_step=f"df -h {context.workspace.root}",
        )
    if free < _SPACE_WANTED:
        return warning(
            f"only {shown}",
            why="an AWS provider takes 0.7 GiB where it is downloaded",
            next_step=f"df -h {context.workspace.root}",
        )
    return ok(shown)


CHECKS = (
    Check(
        "BS101",
        Group.TOOLS,
        "Terraform is found",
        "Every command but a few runs Terraform, or OpenTofu. It is the one named with "
        "`--terraform-bin`, else the one on `PATH`, else the one in a wheel.",
        "Install Terraform, or take the wheel: `pip install 'bookstore-ops[terraform]'`.",
        _found,
        exit_code=ExitCode.ENVIRONMENT,
    ),
    Check(
        "BS102",
        Group.TOOLS,
        "Terraform is not too old",
        "The tree uses what older versions lack.",
        "Install the newest Terraform, or name another with `--terraform-bin`.",
        _floor,
        exit_code=ExitCode.ENVIRONMENT,
    ),
    Check(
        "BS103",
        Group.TOOLS,
        "Terraform is not known to go wrong",
        "Some versions have faults that touch what bsops does. Each is listed with its reason in "
        "`bookstore_ops/preflight/known_bad.py`. A version that is no release is told as well.",
        "Install the version that is named, or a later one.",
        _known_bad,
        exit_code=ExitCode.ENVIRONMENT,
    ),
    Check(
        "BS104",
        Group.TOOLS,
        "The AWS provider can be had",
        "Without its provider, Terraform ends in `init`. It may be installed already, lie in a "
        "mirror, or have to come from the registry.",
        "Let this machine reach the registry, or name a mirror with `BSOPS_PROVIDER_MIRROR`.",
        _providers,
        scope=Scope.ENVIRONMENT,
        exit_code=ExitCode.ENVIRONMENT,
    ),
    Check(
        "BS105",
        Group.TOOLS,
        "The lock file fits this platform",
        "Terraform refuses a provider whose checksum for this platform is not in "
        "`.terraform.lock.hcl`.",
        "`terraform providers lock -platform=PLATFORM` in the environment's root; commit the file.",
        _lock_file,
        scope=Scope.ENVIRONMENT,
    ),
    Check(
        "BS106",
        Group.TOOLS,
        "The plugin cache can be used",
        "Terraform refuses to run where a plugin cache is configured and its directory is missing.",
        "`bsops doctor --fix` makes it. It is configured by `TF_PLUGIN_CACHE_DIR`, or by "
        "`plugin_cache_dir` in Terraform's configuration file.",
        _cache,
        exit_code=ExitCode.ENVIRONMENT,
        fix=_make_cache,
    ),
    Check(
        "BS107",
        Group.TOOLS,
        "There is space on the disk",
        "On a full disk a state cannot be saved, and the provider not be unpacked.",
        "Free space on the workspace's file system. `.terraform` directories of roots that are "
        "not in use can go: `init` makes them again.",
        _space,
        exit_code=ExitCode.ENVIRONMENT,
    ),
)
