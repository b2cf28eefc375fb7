"""The override files of the sandbox's copy of the tree.

One points an environment's backend and providers at the sandbox; the others shorten what the
provider waits for nothing here.

https://developer.hashicorp.com/terraform/language/files/override: a backend block takes the
place of the original one, a provider block merges into the one of the same alias, and a
resource's nested blocks take the place of those of their type.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from bookstore_ops.bootstrap.backend_file import Backend
from bookstore_ops.sandbox.hcl import provider_aliases, resource_names

OVERRIDE_FILE = "bsops_sandbox_override.tf"
WAITS_FILE = "bsops_sandbox_waits_override.tf"

# The provider first looks at these after minutes, whatever their state; only a shorter timeout
# makes it look earlier. Elsewhere it would give up before it has looked.
_SHORT_WAITS = {"aws_opensearch_domain": "5s"}

_WAITS = """\
resource "{kind}" "{name}" {{
  timeouts {{
    create = "{wait}"
    update = "{wait}"
    delete = "{wait}"
  }}
}}
"""

_PROVIDER = """\
provider "aws" {{
{alias}  profile                     = null
  shared_config_files         = null
  shared_credentials_files    = null
  max_retries                 = 2
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = "true"
  skip_region_validation      = true
}}
"""

_HEAD = """\
# Written by bsops for the sandbox, again before every run. Endpoints and keys are not here:
# they come from the environment of Terraform's process.
"""

# In place of a backend that the root may have: its bucket is not in a bare sandbox.
_LOCAL = """\
terraform {
  backend "local" {}
}
"""

_BACKEND = """\
terraform {{
  backend "s3" {{
    bucket                      = {bucket}
    key                         = {key}
    region                      = {region}
    {lock}
    max_retries                 = 2
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
  }}
}}
"""


def override_file(root: Path, backend: Backend | None) -> str:
    """The override for the root module in ``root``; without a backend its state is in a file."""
    # The default provider may be overridden even where the root has no block for it.
    aliases = [None, *sorted(provider_aliases(root))]
    blocks = (_PROVIDER.format(alias=_alias(alias)) for alias in aliases)
    return _HEAD + "\n".join((_backend(backend), *blocks))


def waits_override(texts: Iterable[str]) -> str:
    """The override for a module of these files; empty where nothing needs it."""
    blocks = (
        _WAITS.format(kind=kind, name=name, wait=wait)
        for text in texts
        for kind, wait in _SHORT_WAITS.items()
        if kind in text
        for name in resource_names(text, kind)
    )
    return "\n".join(blocks)


def _backend(backend: Backend | None) -> str:
    if backend is None:
        return _LOCAL
    locks = ["use_lockfile                = true"] if backend.lock_file else []
    if backend.lock_table:
        locks.append(f"dynamodb_table              = {json.dumps(backend.lock_table)}")
    return _BACKEND.format(
        bucket=json.dumps(backend.bucket),
        key=json.dumps(backend.key),
        region=json.dumps(backend.region),
        lock="\n    ".join(locks),
    )


def _alias(alias: str | None) -> str:
    return "" if alias is None else f"  alias                       = {json.dumps(alias)}\n"
