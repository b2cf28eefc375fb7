"""`terraform init` when it is needed, and only then."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import msgspec

from bookstore_ops.files import write_atomically
from bookstore_ops.terraform.adapter import Run, Terraform
from bookstore_ops.terraform.process import Watch

_TERRAFORM_BLOCK = re.compile(r"^terraform\s*\{.*?(?:^\}|\Z)", re.M | re.S)
_MODULE_BLOCK = re.compile(r"^module\s+\"[^\"]+\"\s*\{.*?(?:^\}|\Z)", re.M | re.S)
_MODULE_SOURCE = re.compile(r"^\s*(?:source|version)\s*=.*$|^module.*$", re.M)


def fingerprint(terraform: Terraform, tree: Path) -> str:
    """A digest of all that `terraform init` depends on: providers, modules, backend, binary.

    ``tree`` holds the root and every module it can reach.
    """
    digest = hashlib.sha256()
    config = terraform.environ.get("TF_CLI_CONFIG_FILE")
    for part in (terraform.binary.version, terraform.binary.path, config and _text(Path(config))):
        digest.update(f"{part}\0".encode())
    digest.update(_text(terraform.root / ".terraform.lock.hcl").encode())
    for path in _configuration_files(terraform.root, tree):
        text = _text(path)
        blocks = _TERRAFORM_BLOCK.findall(text)
        for block in _MODULE_BLOCK.findall(text):
            blocks += _MODULE_SOURCE.findall(block)
        digest.update("\0".join([str(path.relative_to(tree)), *blocks]).encode())
    return digest.hexdigest()


def _configuration_files(root: Path, tree: Path) -> list[Path]:
    """The tree's .tf files but for the roots of other environments."""
    return sorted(
        path
        for path in tree.rglob("*.tf")
        if ".terraform" not in path.parts
        and (path.is_relative_to(root) or not path.is_relative_to(root.parent))
    )


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


def ensure_initialised(
    terraform: Terraform,
    tree: Path,
    watch: Watch,
    say: Callable[[str], None],
    *,
    force: bool = False,
    upgrade: bool = False,
    reconfigure: bool = False,
) -> Run | None:
    """Run `terraform init` if anything it depends on has changed; None if nothing has.

    Two bsops at once initialise a root one after the other.
    """
    mark = terraform.root / ".terraform" / "bsops-fingerprint"
    if not force and _is_current(mark, fingerprint(terraform, tree)):
        return None
    from filelock import FileLock

    say(f"initialising {terraform.root.name} (terraform init)")
    with FileLock(_lock_path(terraform.root)):
        if not force and _is_current(mark, fingerprint(terraform, tree)):
            return None
        if reconfigure:
            _forget_damaged_records(terraform.root / ".terraform")
        done = terraform.init(watch, upgrade=upgrade, reconfigure=reconfigure)
        if done.succeeded:
            # Init may have completed the lock file, so the digest is taken after it.
            write_atomically(mark, fingerprint(terraform, tree))
    return done


def _forget_damaged_records(directory: Path) -> None:
    """Init writes these records (backend, modules) anew, yet gives up where it cannot read them."""
    for record in (directory / "terraform.tfstate", directory / "modules" / "modules.json"):
        try:
            msgspec.json.decode(_text(record))
        except msgspec.MsgspecError:
            record.unlink(missing_ok=True)


def _lock_path(root: Path) -> Path:
    directory = root / ".terraform"
    directory.mkdir(exist_ok=True)
    return directory / "bsops-init.lock"


def _is_current(mark: Path, wanted: str) -> bool:
    providers = mark.parent / "providers"
    return _text(mark) == wanted and providers.is_dir()
