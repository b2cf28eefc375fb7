"""The environment Terraform gets: what could change a run unseen is told or refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from bookstore_ops.environments import Environment
from bookstore_ops.errors import Refused

# Dropped, always: each breaks a promise of bsops (the lock, the event stream, one state an
# environment), and each has a flag of bsops instead.
_DROPPED = {
    "TF_CLI_ARGS": "use bsops's own options",
    "TF_WORKSPACE": "one environment is one root here, not a workspace",
    "TF_DATA_DIR": "bsops keeps .terraform in the environment's root",
    "TF_INPUT": "bsops never lets Terraform ask",
    "TF_IN_AUTOMATION": "bsops sets it",
    "TF_LOG_PATH": "the log is kept with the run; use TF_LOG",
}
_TOLD = ("TF_VAR_", "TF_LOG", "TF_REATTACH_PROVIDERS", "AWS_ENDPOINT_URL")


@dataclass(frozen=True)
class ChildEnvironment:
    """``variables`` for the process, and a line for each inherited variable that matters."""

    variables: dict[str, str]
    notes: tuple[str, ...] = ()


def curate(
    inherited: Mapping[str, str],
    environment: Environment,
    *,
    sandbox: Mapping[str, str] | None,
) -> ChildEnvironment:
    """Terraform's environment for one run of ``environment``.

    ``sandbox`` holds the variables of the sandbox, in place of everything AWS that is inherited.

    Raises:
        Refused: the environment is protected and a variable would change what runs.
    """
    variables: dict[str, str] = {}
    notes: list[str] = []
    for name, value in sorted(inherited.items()):
        if sandbox is not None and (name.startswith("AWS_") or is_proxy(name)):
            continue
        dropped = _reason_to_drop(name)
        if dropped:
            if value and name not in {"TF_INPUT", "TF_IN_AUTOMATION"}:
                notes.append(f"{name} is set in your environment: ignored ({dropped})")
            continue
        if name.startswith(_TOLD) and value:
            notes.append(f"{name} is set in your environment: it takes part in this run")
        variables[name] = value
    if environment.protected and sandbox is None and notes:
        names = [note.split()[0] for note in notes]
        raise Refused(
            f"{environment.name} is protected, and your environment would change what runs",
            why="; ".join(notes),
            next_step=f"unset {' '.join(names)}",
        )
    variables.update({"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"})
    variables.update(sandbox or {})
    return ChildEnvironment(variables, tuple(notes))


def _reason_to_drop(name: str) -> str | None:
    if name.startswith("TF_CLI_ARGS"):
        return _DROPPED["TF_CLI_ARGS"]
    return _DROPPED.get(name)


def is_proxy(name: str) -> bool:
    """Whether a variable sends HTTP through a proxy, or past it."""
    return name.upper().endswith("_PROXY")
