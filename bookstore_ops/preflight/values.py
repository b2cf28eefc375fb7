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
    return _free_of(context, frozenset({"foreign"}), "the values are those of this environment")


def _free_of(context: Context, kinds: frozenset[str], well: str) -> Outcome:
    """What is wrong with the values, of these kinds."""
    context.policy()
    if not (context.root / "terraform.tfvars").is_file():
        raise NotKnown("not looked at", why="see BS302")
    problems = [each for each in context.values.get() if each.kind in kinds]
    if not problems:
        return ok(well)
    first, more = problems[0], len(problems) - 1
    check = f"bsops tfvars check {context.name}"
    return error(
        f"{first.place}: {first.what}" + (f", and {more} more" if more else ""),
        why=f"instead: {first.write}",
        next_step=f"{check}   (lists all, and tries the rules of the tree's variables)",
    )


def _fit(context: Context) -> Outcome:
    kinds = frozenset({"unknown", "missing", "type"})
    try:
        return _free_of(context, kinds, "names and types are the tree's, and none is missing")
    except NotKnown:
        raise
    except BsopsError as wrong:
        return failed(wrong)


def _no_secrets(context: Context) -> Outcome:
    return _free_of(context, frozenset({"secret"}), "no value looks like a secret")


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
    Check(
        "BS304",
        Group.VALUES,
        "The values fit the tree",
        "Terraform drops a misspelt name within a group without a word, and finds a wrong type or "
        "a missing value only once it plans. Rules of the tree's variables are tried by "
        "`bsops tfvars check`, which runs Terraform.",
        "`bsops tfvars check ENV` lists all that is wrong, with what to write.",
        _fit,
        scope=Scope.ENVIRONMENT,
    ),
    Check(
        "BS305",
        Group.VALUES,
        "There is no secret in the values",
        "Values are committed and reviewed. What has the form of a key, a token or a password, or "
        "the name of one, is told; it is not shown.",
        "Keep the secret in AWS Secrets Manager and name its ARN. What was committed must be "
        "changed where it is used.",
        _no_secrets,
        scope=Scope.ENVIRONMENT,
    ),
)
