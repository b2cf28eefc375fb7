"""Where providers come from: the registry, or a filesystem mirror found on this machine.

What is found goes into a CLI configuration file of bsops's own, layered over the operator's.
Source: https://developer.hashicorp.com/terraform/cli/config/config-file
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.files import write_atomically
from bookstore_ops.workspace import Workspace

MIRROR_VARIABLE = "BSOPS_PROVIDER_MIRROR"
AWS_PROVIDER = "registry.terraform.io/hashicorp/aws"
_OWN_INSTALLATION = re.compile(r"^\s*provider_installation\b", re.M)
_SYSTEM_PREFIXES = ("/opt", "/usr/share", "/usr/local/share", "/var/lib")


@dataclass(frozen=True)
class ProviderSource:
    """``config_file`` is what Terraform reads (None: its own default); ``mirror`` where from."""

    config_file: Path | None
    mirror: Path | None
    origin: str


def find_providers(
    workspace: Workspace, environ: Mapping[str, str], *, lock_file: Path, platform: str
) -> ProviderSource:
    """Decide where Terraform gets its providers, writing the CLI configuration that says so.

    ``BSOPS_PROVIDER_MIRROR`` wins, then the operator's own ``provider_installation`` (or JSON
    configuration, which cannot be layered over). A mirror that is discovered counts only if it
    holds the version that ``lock_file`` asks for, for ``platform`` (``linux_amd64``).

    Raises:
        ConfigurationError: the mirror that was named holds no AWS provider.
    """
    named = environ.get(MIRROR_VARIABLE)
    own = [path for path in operator_files(environ) if path.is_file()]
    text = "\n".join(path.read_text(errors="replace") for path in own if path.suffix != ".json")
    installs = any(path.suffix == ".json" for path in own) or _OWN_INSTALLATION.search(text)
    if not named and installs:
        return ProviderSource(_existing(environ), None, "provider_installation in your own config")
    mirror = _named_mirror(named) if named else _discover(environ, lock_file, platform)
    if mirror is None and not named and _implied_holds(environ, lock_file, platform):
        return ProviderSource(_existing(environ), None, "Terraform's implied mirror directories")
    if named:
        text = _without_installation(text)
    lines = [text, _installation(mirror) if mirror else "", _plugin_cache(text, environ, mirror)]
    content = "\n".join(line for line in lines if line).strip() + "\n"
    target = workspace.data / "terraform.tfrc"
    if not target.exists() or target.read_text(errors="replace") != content:
        workspace.make_data_directory()
        write_atomically(target, content, mode=0o600)
    return ProviderSource(target, mirror, f"mirror {mirror}" if mirror else "registry")


def _without_installation(text: str) -> str:
    """Terraform takes one ``provider_installation`` only; the mirror that was named brings it."""
    block = _OWN_INSTALLATION.search(text)
    if block is None:
        return text
    depth = 0
    for brace in re.finditer(r"[{}]", text[block.start() :]):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return text[: block.start()] + text[block.start() + brace.end() :]
    return text[: block.start()]


def _existing(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("TF_CLI_CONFIG_FILE")
    return Path(named) if named and Path(named).is_file() else None


def operator_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where Terraform looks for its CLI configuration; not each of them need be there."""
    # The order and the rule (a named file replaces all others) are Terraform's.
    named = environ.get("TF_CLI_CONFIG_FILE")
    if named and Path(named).is_file():
        yield Path(named)
        return
    home = Path(environ.get("HOME", "/nonexistent"))
    yield home / ".terraformrc"
    yield from sorted((home / ".terraform.d").glob("*.tfrc"))


def _named_mirror(named: str) -> Path:
    mirror = Path(named).expanduser().resolve()
    if not (mirror / AWS_PROVIDER).is_dir():
        raise ConfigurationError(
            f"{mirror} is no provider mirror",
            why=f"it holds no {AWS_PROVIDER} ({MIRROR_VARIABLE} names it)",
            next_step=f"terraform providers mirror {mirror}   (or unset {MIRROR_VARIABLE})",
        )
    return mirror


def _discover(environ: Mapping[str, str], lock_file: Path, platform: str) -> Path | None:
    if _implied_holds(environ, lock_file, platform):
        return None
    for prefix in _SYSTEM_PREFIXES:
        for candidate in sorted(Path(prefix).glob(f"*/{AWS_PROVIDER}")):
            mirror = candidate.parents[len(Path(AWS_PROVIDER).parts) - 1]
            if holds(mirror, lock_file, platform):
                return mirror
    return None


def _implied_holds(environ: Mapping[str, str], lock_file: Path, platform: str) -> bool:
    # https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
    home = Path(environ.get("HOME", "/nonexistent"))
    data_home = Path(environ.get("XDG_DATA_HOME") or home / ".local/share")
    data_dirs = (environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    implied = [
        home / ".terraform.d/plugins",
        home / "Library/Application Support/io.terraform/plugins",
        data_home / "terraform/plugins",
        *(Path(directory) / "terraform/plugins" for directory in data_dirs if directory),
    ]
    return any(holds(mirror, lock_file, platform) for mirror in implied)


def holds(mirror: Path, lock_file: Path, platform: str) -> bool:
    """Whether a mirror has the AWS provider that a lock file asks for, for that platform."""
    directory = mirror / AWS_PROVIDER
    versions = [version] if (version := locked_version(lock_file)) else _versions(directory)
    return any(
        (directory / version / platform).is_dir()
        or (directory / f"terraform-provider-aws_{version}_{platform}.zip").is_file()
        for version in versions
    )


def _versions(directory: Path) -> list[str]:
    if not directory.is_dir():
        return []
    names = [path.name for path in directory.iterdir()]
    packed = (re.match(r"terraform-provider-aws_([^_]+)_", name) for name in names)
    return [name for name in names if (directory / name).is_dir()] + [m[1] for m in packed if m]


def locked_version(lock_file: Path) -> str | None:
    """The AWS provider's version in a dependency lock file, if it names one."""
    try:
        text = lock_file.read_text(errors="replace")
    except OSError:
        return None
    block = re.search(rf'provider "{re.escape(AWS_PROVIDER)}" {{(.*?)^}}', text, re.DOTALL | re.M)
    version = re.search(r'^\s*version\s*=\s*"([^"]+)"', block[1], re.M) if block else None
    return version[1] if version else None


def _installation(mirror: Path) -> str:
    # All of the registry's names: a mirror of one provider still leaves the others to the registry.
    held = sorted(
        f"{path.parent.name}/{path.name}" for path in mirror.glob("registry.terraform.io/*/*")
    )
    names = json.dumps([f"registry.terraform.io/{name}" for name in held])
    return (
        "provider_installation {\n"
        f"  filesystem_mirror {{\n    path    = {json.dumps(str(mirror))}\n"
        f"    include = {names}\n  }}\n"
        f"  direct {{\n    exclude = {names}\n  }}\n"
        "}"
    )


def _plugin_cache(text: str, environ: Mapping[str, str], mirror: Path | None) -> str:
    """Without a mirror the provider is downloaded once, not once per environment."""
    if mirror or environ.get("TF_PLUGIN_CACHE_DIR") or "plugin_cache_dir" in text:
        return ""
    home = Path(environ.get("HOME", "/nonexistent"))
    cache = Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "bsops" / "providers"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return f"plugin_cache_dir = {json.dumps(str(cache))}"
