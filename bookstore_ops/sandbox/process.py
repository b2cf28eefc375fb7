"""What Terraform's process needs to know of the sandbox, and all it may know."""

import os

from bookstore_ops.environments import Environment
from bookstore_ops.sandbox.accounts import access_key
from bookstore_ops.sandbox.lifecycle import Server

# Terraform's ten are all taken by what only waits: the provider looks six times, for 25 seconds,
# whether a queue is as it was made, and there are a dozen with a policy each.
PARALLELISM = 40


# Where nobody listens (the discard service's port).
_NOWHERE = "http://127.0.0.1:9"


def nowhere(environment: Environment) -> dict[str, str]:
    """Variables of a process in the sandbox while its server may be gone: all of AWS is away."""
    return _variables(_NOWHERE, environment, confined=True)


def process_environment(
    server: Server, environment: Environment, *, confined: bool = True
) -> dict[str, str]:
    """Variables for a Terraform run in the sandbox; the caller strips every inherited ``AWS_*``.

    ``confined`` makes the sandbox server the proxy of the process: it answers what is its own
    and refuses everything else, so that no real endpoint can be reached. ``terraform init`` may
    need the registry, runs no provider and is the one to pass ``confined=False`` for.
    """
    return _variables(server.url, environment, confined=confined)


def _variables(url: str, environment: Environment, *, confined: bool) -> dict[str, str]:
    variables = {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": access_key(environment.account_id),
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": environment.region,
        "AWS_DEFAULT_REGION": environment.region,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        # No question to HashiCorp about newer versions either.
        "CHECKPOINT_DISABLE": "1",
    }
    if confined:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            variables[name] = url
        for name in ("NO_PROXY", "no_proxy"):
            variables[name] = "127.0.0.1,localhost"
    return variables
