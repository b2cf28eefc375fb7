"""Checks of an environment's two files: its policy and its values."""

import re

from bookstore_ops.environments import load_environment
from bookstore_ops.errors import BsopsError
from bookstore_ops.preflight.check import Check, Group, NotKnown, Outcome, Scope, error, failed, ok
from bookstore_ops.preflight.context import Context
from bookstore_ops.tfvars.reading import Malformed, decode, read

_ACCOUNT = re.compile(r"^account_id\s*=\s*\"([^\"]*)\"", re.M)
_REGION = re.compile(r"^region\s*=\s*\"([^\"]*)\"", re.M)


def _policy(context: Context) -> Outcome:
    try:
        policy = load_environment(context.workspace, context.name or "")
    except BsopsError as wrong:
        return failed(wrong)
    guarded = "protected" if policy.protected else "not protected"
    return ok(f"account {policy.account_id}, {policy.region}, {guarded}")


def _values(context: Context) -> Outcome:
    root = context.root
    if not root.is_dir():
        return error(
            f"{context.name} has no Terraform root module",
            why=f"{context.shown(root)} does not exist",
            next_step=f"restore it, or remove environments/{context.name}.toml",
        )
    path = root / "terraform.tfvars"
    try:
        text = decode(path.read_bytes())
        read(text)
    except FileNotFoundError:
        return error(
            f"{context.shown(path)} is missing",
            why="the environment's values are in it",
            next_step=f"bsops tfvars new {context.name}",
        )
    except Malformed as wrong:
        return error(f"{context.shown(path)}:{wrong.line}: {wrong.what}", next_step=wrong.write)
    except OSError as wrong:
        return error(
            f"{context.shown(path)} cannot be read", why=str(wrong), next_step=f"ls -l {path}"
        )
    return ok(f"terraform.tfvars, {len(text.splitlines())} lines")


def _own(context: Context) -> Outcome:
    policy = context.policy()
    path = context.root / "terraform.tfvars"
    try:
        text = path.read_text(errors="replace")
    except OSError:
        raise NotKnown("not looked at", why="see BS302") from None
    for name, pattern, wanted in (
        ("account_id", _ACCOUNT, policy.account_id),
        ("region", _REGION, policy.region),
    ):
        found = pattern.search(text)
        if found and found[1] != wanted:
            return error(
                f"{name} is {found[1]} in the values, and {wanted} in environments/"
                f"{context.name}.toml",
                why="these may be the values of another environment",
                next_step=f"correct {name} in {context.shown(path)}, or in the environment's file",
            )
    return ok("the values are those of this environment")


CHECKS = (
    Check(
        "BS301",
        Group.VALUES,
        "The environment's file is valid",
        "`environments/ENV.toml` says which account may be touched, and how it is guarded. A key "
        "that is not known is an error, with the nearest spelling.",
        "Correct the line that is named.",
        _policy,
        scope=Scope.ENVIRONMENT,
    ),
    Check(
        "BS302",
        Group.VALUES,
        "The values are there",
        "Terraform takes an environment's values from `terraform.tfvars` in its root. A file that "
        "is torn, or begins or ends its lines as other systems do, is found here with its line.",
        "Restore the file, or have it written anew: `bsops tfvars new ENV`.",
        _values,
        scope=Scope.ENVIRONMENT,
    ),
    Check(
        "BS303",
        Group.VALUES,
        "The values are this environment's own",
        "Values that were copied from another environment name its account and its region. Those "
        "of `terraform.tfvars` and of `environments/ENV.toml` must be the same.",
        "Correct the one that is wrong.",
        _own,
        scope=Scope.ENVIRONMENT,
    ),
)
