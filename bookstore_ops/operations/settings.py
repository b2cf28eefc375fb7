"""Every setting of an environment, and where its value comes from."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from bookstore_ops.environments import Environment, read_raw
from bookstore_ops.operations.targets import ENVIRONMENT_VARIABLE
from bookstore_ops.terraform.binary import BINARY_VARIABLE, find_binary
from bookstore_ops.terraform.providers import MIRROR_VARIABLE, find_providers
from bookstore_ops.workspace import WORKSPACE_VARIABLE, Workspace

SANDBOX_VARIABLE = "BSOPS_SANDBOX"


@dataclass(frozen=True)
class Setting:
    """``source``: a flag, an environment variable, a file, ``default`` or ``found``."""

    name: str
    value: str
    source: str


def settings(
    workspace: Workspace, environment: Environment, given: Mapping[str, object]
) -> list[Setting]:
    """All settings in force for ``environment``; ``given`` are those of the command line.

    Raises:
        BsopsError: Terraform is missing, or the mirror named is none.
    """
    named = given.get("terraform_bin")
    binary = find_binary(workspace, os.environ, named=str(named) if named else None)
    lock_file = workspace.environment_root(environment.name) / ".terraform.lock.hcl"
    source = find_providers(workspace, os.environ, lock_file=lock_file, platform=binary.platform)
    return [
        Setting("workspace", str(workspace.root), _origin(given, "workspace", WORKSPACE_VARIABLE)),
        Setting("environment", environment.name, _environment_origin(environment.name)),
        Setting(
            "sandbox",
            str(bool(given.get("sandbox"))).lower(),
            _origin(given, "sandbox", SANDBOX_VARIABLE, "default"),
        ),
        Setting(
            "terraform",
            f"{binary.path} ({binary.version})",
            _origin(given, "terraform_bin", BINARY_VARIABLE, f"found: {binary.source}"),
        ),
        Setting("providers", source.origin, _origin({}, "", MIRROR_VARIABLE, "found")),
        *_policy(workspace, environment),
    ]


def _origin(given: Mapping[str, object], name: str, variable: str, otherwise: str = "found") -> str:
    # typer merges flag and variable; where both are set and differ, the flag won.
    variable_value, value = os.environ.get(variable), given.get(name)
    same = value is True or not name or value == variable_value
    if variable_value and same and (not name or value):
        return f"environment variable {variable}"
    return f"flag --{name.replace('_', '-')}" if value else otherwise


def _environment_origin(name: str) -> str:
    if os.environ.get(ENVIRONMENT_VARIABLE) == name:
        return f"environment variable {ENVIRONMENT_VARIABLE}"
    return "argument"


def _policy(workspace: Workspace, environment: Environment) -> list[Setting]:
    path = workspace.environments / f"{environment.name}.toml"
    raw = read_raw(path)
    file = str(path.relative_to(workspace.root))
    found, tables = [], []
    for name, value in msgspec.structs.asdict(environment).items():
        if isinstance(value, msgspec.Struct):
            inner = raw.get(name, {})
            tables += [
                Setting(f"{name}.{key}", _shown(each), file if key in inner else "default")
                for key, each in msgspec.structs.asdict(value).items()
            ]
        elif name != "name":
            found.append(Setting(name, _shown(value), file if name in raw else "default"))
    return found + tables


def _shown(value: object) -> str:
    if value is None or value == []:
        return "-"
    if isinstance(value, list):
        return ", ".join(_shown(each) for each in value)
    if isinstance(value, msgspec.Struct):
        given = msgspec.to_builtins(value).items()
        return "(" + ", ".join(f"{key} {each}" for key, each in given if each is not None) + ")"
    return str(value).lower() if isinstance(value, bool) else str(value)
