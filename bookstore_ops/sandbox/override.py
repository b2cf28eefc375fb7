"""The override file that points an environment's backend and providers at the sandbox.

https://developer.hashicorp.com/terraform/language/files/override: a backend block takes the
place of the original one, a provider block merges into the one of the same alias.
"""

import json
from pathlib import Path

from bookstore_ops.environments import Environment
from bookstore_ops.sandbox.hcl import provider_aliases

OVERRIDE_FILE = "bsops_sandbox_override.tf"

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

_BACKEND = """\
# Written by bsops for the sandbox, again before every run. Endpoints and keys are not here:
# they come from the environment of Terraform's process.
terraform {{
  backend "s3" {{
    bucket                      = {bucket}
    key                         = {key}
    region                      = {region}
    {lock}
    use_path_style              = true
    skip_credentials_validation = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    skip_requesting_account_id  = true
  }}
}}
"""


def override_file(root: Path, environment: Environment, *, native_locking: bool) -> str:
    """The override for an environment whose root module is in ``root``."""
    state = environment.state
    if native_locking and state.lock == "s3":
        lock = "use_lockfile                = true"
    else:
        lock = f"dynamodb_table              = {json.dumps(state.lock_table)}"
    backend = _BACKEND.format(
        bucket=json.dumps(state.bucket),
        key=json.dumps(state.key),
        region=json.dumps(environment.state_region),
        lock=lock,
    )
    # The default provider may be overridden even where the root has no block for it.
    aliases = [None, *sorted(provider_aliases(root))]
    blocks = (_PROVIDER.format(alias=_alias(alias)) for alias in aliases)
    return "\n".join((backend, *blocks))


def _alias(alias: str | None) -> str:
    return "" if alias is None else f"  alias                       = {json.dumps(alias)}\n"
