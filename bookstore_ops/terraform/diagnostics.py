"""From Terraform's diagnostics to an error with the operator's next step."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bookstore_ops.errors import (
    BsopsError,
    ConfigurationError,
    CredentialsError,
    EnvironmentMissing,
    OperationFailed,
    Refused,
    StateLocked,
)
from bookstore_ops.terraform.events import Diagnostic


@dataclass(frozen=True)
class _Known:
    """A failure bsops knows: ``pattern`` is looked for in summary and detail."""

    pattern: str
    error: type[BsopsError]
    what: str
    next_step: str
    runbook: str | None = None


_KNOWN = (
    _Known(
        r"(ExpiredToken|token has expired|credentials have expired|InvalidClientTokenId|"
        r"No valid credential sources|SSO session|UnrecognizedClientException)",
        CredentialsError,
        "AWS did not accept the credentials for {env}",
        "log in again (aws sso login --profile PROFILE), then run the command again",
    ),
    _Known(
        # Terraform reads the state while it locks it, and then calls this a lock that failed.
        r"does not have the expected content|calculated checksum.*does not match",
        OperationFailed,
        "the state of {env} is not what the lock table's digest expects",
        "bsops state repair-digest {env}",
        "state-trouble",
    ),
    _Known(
        r"Unsupported state file format",
        OperationFailed,
        "the state of {env} is damaged",
        "bsops state versions {env}   (then restore one: bsops state restore {env} VERSION-ID)",
        "state-trouble",
    ),
    _Known(
        r"Failed to (save|persist) state",
        OperationFailed,
        "the state of {env} could not be saved: Terraform left it in errored.tfstate",
        "bsops state recover {env}",
        "interrupted-or-failed-apply",
    ),
    _Known(
        r"Error acquiring the state lock(?s:.)*"
        r"(Lock Info:|ConditionalCheckFailed|PreconditionFailed|temporarily unavailable)",
        StateLocked,
        "the state of {env} is locked",
        "bsops lock {env}   (who holds it, and whether they live)",
        "state-locked",
    ),
    _Known(
        r"[Ss]aved plan is stale|Saved plan does not match",
        Refused,
        "the saved plan no longer fits the state of {env}",
        "{plan}",
        "plan-refused",
    ),
    _Known(
        r"no space left on device",
        EnvironmentMissing,
        "the disk is full",
        "free space (df -h .), then run the command again",
    ),
    _Known(
        r"read-only file system",
        EnvironmentMissing,
        "the workspace is on a read-only file system",
        "use a writable copy: bsops new DIR",
    ),
    _Known(
        r"AWS account ID not allowed|account not allowed",
        CredentialsError,
        "these credentials belong to an account that {env} does not allow",
        "bsops config show {env}   (names the account), then choose that account's profile",
    ),
    _Known(
        r"SandboxNotImplemented|SandboxFault",
        OperationFailed,
        "the sandbox's fake AWS cannot do what the tree asks of it",
        "bsops sandbox status   (lists what it lacks)",
        "sandbox-trouble",
    ),
    _Known(
        r"Inconsistent dependency lock file|doesn't match any of the checksums|"
        r"checksums.*previously recorded|does not match configured version constraint",
        ConfigurationError,
        "the provider does not match the lock file of {env}",
        "bsops init {env} --upgrade   (accepts the new version; review .terraform.lock.hcl)",
    ),
    _Known(
        r"Failed to query available provider packages|Failed to install provider|"
        r"Could not retrieve the list of available versions|could not connect to registry",
        EnvironmentMissing,
        "the AWS provider cannot be fetched: no registry in reach, and no mirror on this machine",
        "terraform providers mirror /opt/terraform-providers (on a machine with network), or set "
        "BSOPS_PROVIDER_MIRROR to a mirror",
    ),
    _Known(
        r"Required plugins are not installed|Module not installed|Module source has changed|"
        r"Backend initialization required|Backend configuration changed|"
        r"Initialization required|Unreadable module directory|Failed to read module directory|"
        r"Missing required provider|Failed to instantiate provider|"
        r"Failed to load (plugin schemas|the manifest)|[Ff]ailed to read module manifest|"
        r"Failed to load state: invalid syntax|"
        r"Error loading (the )?(backend )?state|Error reading backend config|"
        r"Unrecognized remote plugin message",
        EnvironmentMissing,
        "the .terraform directory of {env} is damaged or out of date",
        "bsops init {env} --reconfigure",
    ),
    _Known(
        r"precondition failed|Invalid value for (input )?variable|No value for required variable|"
        r"Invalid variable value|Value for undeclared variable|Variables not allowed|"
        r"Too many variables? values|Unsuitable value type",
        ConfigurationError,
        "the values of {env} are not valid",
        "edit {values}, then: {plan}",
    ),
    _Known(
        r"Unsupported Terraform Core version",
        EnvironmentMissing,
        "this Terraform does not fit the tree of {env}",
        "bsops version   (names it), then --terraform-bin PATH for another",
    ),
    _Known(
        r"connection refused|no such host|connection reset by peer|i/o timeout|EOF$",
        OperationFailed,
        "the connection to AWS was lost",
        "check the network; {plan} shows where things stand",
    ),
)

_CONFIGURATION = re.compile(
    r"Unsupported (argument|block type|attribute)|Missing required argument|Unclosed|"
    r"Reference to undeclared|Invalid (expression|reference|block|attribute|function)|"
    r"Argument or block definition|Duplicate (resource|variable|module|output|required)|"
    r"Missing (newline|name for)|Extraneous label"
)


# How the services say that the account has as many as it may.
_QUOTA = re.compile(
    r"\w*(Limit|Quota)\w*Exceeded|TooManyBuckets|maximum number of \w+ (has been|is) reached|"
    r"reached (your|the) (quota|limit)"
)


def explain(
    errors: Sequence[Diagnostic],
    *,
    environment: str,
    values: str,
    sandbox: bool = False,
    strays: Sequence[str] = (),
    doing: str = "Terraform failed",
    destroying: bool = False,
) -> BsopsError:
    """The error an operator sees for a failed run; several diagnostics are all quoted.

    ``values`` names the file that holds the environment's values; ``strays`` are the last lines
    that were no events, for a Terraform that died without a diagnostic. ``destroying``: what is
    left is shown by a plan to destroy; any other would make all of it anew.
    """
    why = "\n".join(text(diagnostic) for diagnostic in errors) or "\n".join(strays[-8:])
    names = {"env": environment, "values": values}
    env = f"{environment} --sandbox" if sandbox else environment
    plan = f"bsops plan {env}{' --destroy' if destroying else ''}"
    typed = {**names, "env": env, "plan": plan}
    everything = why if errors else "\n".join(strays)
    for known in _KNOWN:
        if re.search(known.pattern, everything):
            error = known.error(
                known.what.format(**names), why=why, next_step=known.next_step.format(**typed)
            )
            return error.leading_to(known.runbook) if known.runbook else error
    if any(d.range and d.range.filename.endswith(".tfvars") for d in errors):
        return ConfigurationError(
            f"the values of {environment} are not valid",
            why=why,
            next_step=f"edit {values}, then: {plan}",
        )
    if errors and all(_CONFIGURATION.search(diagnostic.summary) for diagnostic in errors):
        return ConfigurationError(
            f"the configuration of {environment} is not valid",
            why=why,
            next_step=f"mend the lines above, then: bsops validate {env}",
        )
    failed = OperationFailed(
        f"{doing} ({len(errors)} error{'s' if len(errors) != 1 else ''})",
        why=why or "it ended without saying why",
        next_step=f"mend the cause above, then: {plan}",
    )
    return failed.leading_to("quota-reached") if _QUOTA.search(everything) else failed


def text(diagnostic: Diagnostic) -> str:
    """A diagnostic as plain text: summary, place, quoted code, values, detail."""
    lines = [diagnostic.summary]
    if diagnostic.address:
        lines.append(f"  with {diagnostic.address}")
    if diagnostic.range:
        lines.append(f"  at {diagnostic.range.filename}:{diagnostic.range.start.line}")
    if diagnostic.snippet:
        lines += [f"    {line}" for line in diagnostic.snippet.code.splitlines()[:6]]
        lines += [
            f"    {value.traversal} {value.statement}" for value in diagnostic.snippet.values or ()
        ]
    lines += [f"  {line}" for line in diagnostic.detail.strip().splitlines()]
    return "\n".join(lines)
