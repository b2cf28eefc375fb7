"""Checks of the shell that bsops is typed in."""

import shutil
from pathlib import Path

import msgspec

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.preflight.check import (
    Check,
    Group,
    Outcome,
    Scope,
    error,
    ok,
    skipped,
    warning,
)
from bookstore_ops.preflight.context import Context
from bookstore_ops.terraform.environ import curate

# Where typer puts the script of each shell, and the file of the shell that it makes read it.
_SCRIPTS = {
    "bash": (".bash_completions/bsops.sh", ".bashrc"),
    "zsh": (".zfunc/_bsops", ".zshrc"),
    "fish": (".config/fish/completions/bsops.fish", None),
}


def _variables(context: Context) -> Outcome:
    policy = context.policy()
    # To refuse is for the commands that run something; this tells it before.
    lenient = msgspec.structs.replace(policy, protected=False)
    notes = curate(context.environ, lenient, sandbox={} if context.sandbox else None).notes
    if not notes:
        return ok("no variable of this shell changes what Terraform does")
    # Names alone: a value may be a secret.
    names = [note.split()[0] for note in notes]
    finding, why = warning, "each run from here says whether it takes part or is ignored"
    if policy.protected and not context.sandbox:
        finding, why = error, f"{policy.name} is protected: no command that runs Terraform takes it"
    return finding(
        f"this shell would change what runs: {', '.join(names)}",
        why=why,
        next_step=f"unset {' '.join(names)}",
    )


def _shell(context: Context) -> str:
    return Path(context.environ.get("SHELL", "")).name


def _completion(context: Context) -> Outcome:
    shell, title = _shell(context), "completion in the shell"
    if context.probes.install_completion is None:
        return skipped(title, why="nobody types here")
    if shell not in _SCRIPTS:
        return skipped(title, why=f"there is one for {', '.join(_SCRIPTS)}, not for {shell or '?'}")
    script = _home(context) / _SCRIPTS[shell][0]
    if not script.is_file():
        return skipped(
            f"{shell} does not complete bsops yet",
            why="bsops doctor --fix, or: bsops --install-completion",
        )
    return ok(f"{shell} completes bsops: {script}")


def _home(context: Context) -> Path:
    return Path(context.environ.get("HOME", "~")).expanduser()


def _install(context: Context) -> list[str]:
    shell, install = _shell(context), context.probes.install_completion
    if install is None or shell not in _SCRIPTS:
        return []
    script, start = _SCRIPTS[shell]
    if (_home(context) / script).is_file():
        return []
    changed = _home(context) / start if start else None
    kept = changed.with_name(f"{changed.name}.before-bsops") if changed else None
    if changed and kept and changed.is_file():
        # typer writes the file anew; what an operator made of it must not get lost.
        shutil.copy2(changed, kept)
    done = [f"wrote {install(shell)}"]
    if changed and kept and kept.is_file():
        done.append(f"changed {changed}; as it was: {kept}")
    elif changed:
        done.append(f"wrote {changed}")
    return [*done, "a new shell completes bsops"]


CHECKS = (
    Check(
        "BS108",
        Group.TOOLS,
        "No variable of the shell changes what runs",
        "`TF_VAR_*`, `TF_CLI_ARGS*`, `TF_LOG*`, `TF_WORKSPACE` and `AWS_ENDPOINT_URL*` change what "
        "Terraform does, unseen by who reviews the values. bsops drops some, tells of the others, "
        "and runs nothing with any of them where the environment is protected: that is an error "
        "here, elsewhere a warning. Their names are shown, never their values.",
        "`unset` those that are named.",
        _variables,
        scope=Scope.ENVIRONMENT,
    ),
    Check(
        "BS109",
        Group.TOOLS,
        "The shell completes bsops",
        "Commands, options and environments are completed in bash, zsh and fish. Nobody has to "
        "have it: where it is missing this is skipped, and so it is where nobody types.",
        "`bsops doctor --fix` installs it for the shell in `SHELL`, and keeps what it changes as "
        "`.bashrc.before-bsops` or `.zshrc.before-bsops`. To undo it, move that file back and "
        "remove the script that was written.",
        _completion,
        exit_code=ExitCode.ENVIRONMENT,
        fix=_install,
    ),
)
