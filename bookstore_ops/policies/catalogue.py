"""The policies of a workspace: the files of ``environments/policies``, and their fixtures."""

import ast
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.environments import Environment, nearest
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.workspace import Workspace

_SUFFIXES = (".py", ".rego")
_FIXTURES = "fixtures"


@dataclass(frozen=True)
class Policy:
    """One policy; its name is its file's, without the ending."""

    name: str
    path: Path

    @property
    def language(self) -> str:
        """``python`` or ``rego``."""
        return "rego" if self.path.suffix == ".rego" else "python"

    def describe(self) -> str:
        """The first line of what it says of itself; empty where it says nothing."""
        try:
            text = self.path.read_text(encoding="utf-8-sig")
            if self.language == "rego":
                said = re.search(r"^#\s*(.+)$", text, re.MULTILINE)
                return said[1] if said else ""
            said_in_python = ast.get_docstring(ast.parse(text)) or ""
        except (OSError, ValueError, SyntaxError):
            return ""
        return said_in_python.partition("\n")[0]


@dataclass(frozen=True)
class Fixture:
    """A plan that a policy must be against (``fails``), or must let pass."""

    policy: str
    path: Path
    fails: bool

    def read(self) -> dict[str, Any]:
        """The plan in it.

        Raises:
            ConfigurationError: it is no JSON object.
        """
        return read_json(self.path)


@dataclass(frozen=True)
class Catalogue:
    """All policies by name, and the SHA-256 of their files."""

    folder: Path
    sha256: str
    policies: Mapping[str, Policy] = field(default_factory=dict)

    def named(self, name: str) -> Policy:
        """The policy of that name.

        Raises:
            ConfigurationError: there is none.
        """
        if name in self.policies:
            return self.policies[name]
        guess = nearest(name, list(self.policies))
        raise ConfigurationError(
            f"there is no policy {name!r}",
            why=f"{self.folder} has: {', '.join(self.policies) or 'none'}",
            next_step=f"did you mean {guess}?  bsops policy list" if guess else "bsops policy list",
        )

    def only(self, name: str) -> "Catalogue":
        """This catalogue with one policy."""
        return replace(self, policies={name: self.policies[name]})

    def check_settings(self, environment: Environment) -> None:
        """Refuse settings of policies that do not exist.

        Raises:
            ConfigurationError: the environment's file names one.
        """
        named = environment.policies
        places = {
            "policies.warn": named.warn,
            "policies.off": named.off,
            "policies.exempt": [each.policy for each in named.exempt],
        }
        for key, names in places.items():
            for name in names:
                if name not in self.policies:
                    self._refuse(environment.name, key, name)

    def _refuse(self, environment: str, key: str, name: str) -> None:
        guess = nearest(name, list(self.policies))
        raise ConfigurationError(
            f"environments/{environment}.toml: {key} names {name!r}, which is no policy",
            why=f"{self.folder} has: {', '.join(self.policies) or 'none'}",
            next_step=f"write {guess} instead" if guess else "bsops policy list",
        )

    def fixtures(self) -> list[Fixture]:
        """The fixtures of all policies, in order."""
        return [
            Fixture(name, path, fails=path.name.startswith("fails"))
            for name in self.policies
            for path in sorted((self.folder / _FIXTURES / name).glob("*.json"))
            if path.name.startswith(("fails", "passes"))
        ]


def read_catalogue(workspace: Workspace) -> Catalogue:
    """The policies of a workspace; none where it has no such folder.

    Raises:
        ConfigurationError: two have the same name, or one cannot be read.
    """
    folder = workspace.environments / "policies"
    policies: dict[str, Policy] = {}
    digest = hashlib.sha256()
    for path in _files(folder):
        if not path.name.startswith("_"):
            if path.stem in policies:
                raise ConfigurationError(
                    f"two policies are named {path.stem}",
                    why=f"{policies[path.stem].path.name} and {path.name}",
                    next_step=f"rename one of them in {folder}",
                )
            policies[path.stem] = Policy(path.stem, path)
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ConfigurationError(
                f"cannot read the policy {path}",
                why=error.strerror,
                next_step=f"check the file: ls -l {path}",
            ) from error
        digest.update(f"{len(path.name)}:{path.name}".encode())
        digest.update(hashlib.sha256(content).digest())
    return Catalogue(folder, digest.hexdigest(), policies)


def read_json(path: Path) -> dict[str, Any]:
    """A file that holds one JSON object.

    Raises:
        ConfigurationError: it does not, or cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise ConfigurationError(
            f"cannot read {path}", why=error.strerror, next_step="correct the path"
        ) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigurationError(
            f"{path} is not a plan in JSON",
            why=str(error),
            next_step="terraform show -json PLAN > FILE writes one",
        ) from error


def _files(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        return []
    found = (path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    return sorted(path for path in found if not path.name.startswith("."))
