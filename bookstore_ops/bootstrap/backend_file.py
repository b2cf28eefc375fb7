"""``backend.tf``: where a root module keeps its state once it is bootstrapped."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.environments import Environment

# What makes a root keep its state in S3; without it Terraform keeps it in a file beside the root.
BACKEND_FILE = "backend.tf"

# Only a file that begins so is ours to write again.
_MARKER = "# Written by bsops bootstrap"

# An `encrypt` in the block would ask for S3's own key in place of the one the bucket has.
# https://developer.hashicorp.com/terraform/language/backend/s3#encrypt
_FILE = """\
{marker} from environments/{environment}.toml: edit that, and run it again.
# No `encrypt` here: the bucket encrypts with a key of its own.
terraform {{
  backend "s3" {{
{arguments}
  }}
}}
"""
_ARGUMENT = re.compile(r"^    (\w+) += (.+)$", re.MULTILINE)
_BACKEND_BLOCK = re.compile(r"^\s*(backend\s+\"|cloud\s*\{)", re.MULTILINE)


@dataclass(frozen=True)
class Backend:
    """Where state lies and what locks it; ``lock_table`` is None where no table does."""

    bucket: str
    key: str
    region: str
    account_id: str
    lock_file: bool
    lock_table: str | None

    @property
    def place(self) -> str:
        """The state's URL."""
        return f"s3://{self.bucket}/{self.key}"

    @property
    def locks(self) -> str:
        """What locks the state, in words."""
        table = f"the table {self.lock_table}" if self.lock_table else ""
        return " and ".join(filter(None, ("an object beside it" if self.lock_file else "", table)))

    def is_where(self, other: "Backend") -> bool:
        """Whether the state lies in the same place, whatever locks it."""
        return (self.bucket, self.key, self.region) == (other.bucket, other.key, other.region)


def wanted_backend(environment: Environment) -> Backend:
    """The backend that an environment's policy asks for."""
    state = environment.state
    return Backend(
        bucket=state.bucket,
        key=state.key,
        region=environment.state_region,
        account_id=environment.account_id,
        lock_file=state.lock in {"s3", "both"},
        lock_table=state.lock_table if state.lock in {"dynamodb", "both"} else None,
    )


def render(backend: Backend, environment: str) -> str:
    """The text of ``backend.tf``, as ``terraform fmt`` leaves it."""
    arguments: dict[str, object] = {
        "bucket": backend.bucket,
        "key": backend.key,
        "region": backend.region,
        "allowed_account_ids": [backend.account_id],
    }
    if backend.lock_file:
        arguments["use_lockfile"] = True
    if backend.lock_table:
        arguments["dynamodb_table"] = backend.lock_table
    width = max(map(len, arguments))
    lines = [f"    {name:<{width}} = {json.dumps(value)}" for name, value in arguments.items()]
    return _FILE.format(marker=_MARKER, environment=environment, arguments="\n".join(lines))


def parse(text: str) -> Backend | None:
    """The backend in a file that :func:`render` wrote; None for any other."""
    if not text.startswith(_MARKER):
        return None
    try:
        held = {name: json.loads(value) for name, value in _ARGUMENT.findall(text)}
        return Backend(
            bucket=held["bucket"],
            key=held["key"],
            region=held["region"],
            account_id=held["allowed_account_ids"][0],
            lock_file=held.get("use_lockfile", False),
            lock_table=held.get("dynamodb_table"),
        )
    except (ValueError, KeyError, TypeError, IndexError):
        return None


def read_backend(path: Path) -> Backend | None:
    """The backend in the file that bsops wrote there; None for no file, or one that is not ours."""
    try:
        return parse(path.read_text(errors="replace"))
    except OSError:
        return None


def other_backends(root: Path) -> list[Path]:
    """The files of a root that name a backend, but for ``backend.tf`` and what overrides it."""
    return sorted(
        path
        for path in root.glob("*.tf")
        if path.name not in {BACKEND_FILE, "override.tf"}
        and not path.name.endswith("_override.tf")
        and _BACKEND_BLOCK.search(path.read_text(errors="replace"))
    )
