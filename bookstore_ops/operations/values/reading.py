"""The values of an environment as its files give them and as its tree gets them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookstore_ops.environments import nearest
from bookstore_ops.errors import ConfigurationError, EnvironmentMissing, UsageError
from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.reading import Document, Entry, Malformed, decode, plain, read
from bookstore_ops.tfvars.secrets import masked
from bookstore_ops.tfvars.types import Attribute, Object, at, effective
from bookstore_ops.tfvars.variables import Variable, find_variables
from bookstore_ops.tfvars.writing import dotted, parse_path
from bookstore_ops.workspace import Workspace

VALUES_FILE = "terraform.tfvars"

Path_ = tuple[str, ...]


@dataclass(frozen=True)
class Values:
    """An environment's variables, and the files that give them values, the strongest last."""

    workspace: Workspace
    environment: str
    root: Path
    variables: dict[str, Variable]
    files: dict[Path, Document]

    @property
    def file(self) -> Path:
        """The environment's ``terraform.tfvars``."""
        return self.root / VALUES_FILE

    @property
    def given(self) -> dict[str, tuple[Path, Entry]]:
        """What each variable is given, and by which file."""
        return given_by(self.files)

    def effective(self) -> dict[str, Any]:
        """What the tree gets for each variable, defaults merged; null for what is missing."""
        given = self.given
        found = {}
        for name, variable in self.variables.items():
            value = plain(given[name][1].value) if name in given else None
            # A variable that takes no null takes its default instead.
            if name not in given or (value is None and not variable.nullable):
                value = variable.default_value
            found[name] = effective(variable.type, value)
        return found

    def shown(self, path: Path) -> str:
        """A file as it is named on the screen."""
        return shown(self.workspace, path)

    def masked(self, path: Path_, value: Any) -> Any:
        """A value with its secrets replaced."""
        variable = self.variables.get(path[0])
        return masked(path, value, sensitive=bool(variable and variable.sensitive))


def shown(workspace: Workspace, path: Path) -> str:
    """A file of the workspace as it is named on the screen."""
    inside = path.is_relative_to(workspace.root)
    return str(path.relative_to(workspace.root) if inside else path)


def load_values(workspace: Workspace, environment: str, *, files: bool = True) -> Values:
    """Everything known of an environment's values; without ``files`` its variables alone.

    Raises:
        ConfigurationError: the file is missing, or it or the tree cannot be read.
    """
    root = workspace.environment_root(environment)
    variables = load_variables(workspace, environment)
    documents = load_documents(workspace, environment) if files else {}
    return Values(workspace, environment, root, variables, documents)


def load_documents(workspace: Workspace, environment: str) -> dict[Path, Document]:
    """An environment's values as its files give them, whatever the tree makes of them.

    Raises:
        ConfigurationError: the file is missing, or one cannot be read.
    """
    root = workspace.environment_root(environment)
    file = root / VALUES_FILE
    if not file.is_file():
        raise ConfigurationError(
            f"{environment} has no values",
            why=f"{shown(workspace, file)} does not exist",
            next_step=f"bsops tfvars new {environment}",
        )
    paths = [path for path in [file, *sorted(root.glob("*.auto.tfvars"))] if path.is_file()]
    return {path: read_values(workspace, path) for path in paths}


def given_by(files: Mapping[Path, Document]) -> dict[str, tuple[Path, Entry]]:
    """What each variable is given, and by which file; the last one that speaks of it decides."""
    return {
        name: (path, entry)
        for path, document in files.items()
        for name, entry in document.group.entries.items()
    }


def load_variables(workspace: Workspace, environment: str) -> dict[str, Variable]:
    """The variables of an environment's tree.

    Raises:
        ConfigurationError: the tree cannot be read.
    """
    root = workspace.environment_root(environment)
    try:
        return find_variables(root)
    except NotUnderstood as error:
        raise ConfigurationError(
            f"the variables of {environment} cannot be read",
            why=str(error),
            next_step=f"bsops validate {environment}",
        ) from error


def read_values(workspace: Workspace, path: Path) -> Document:
    """The values in one file.

    Raises:
        ConfigurationError: it is malformed; the error names the line.
        EnvironmentMissing: it may not be read.
    """
    try:
        return read(decode(read_bytes(workspace, path)))
    except Malformed as error:
        raise malformed(shown(workspace, path), error) from error


def read_bytes(workspace: Workspace, path: Path) -> bytes:
    """The content of one file.

    Raises:
        EnvironmentMissing: it may not be read, or is no file.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise EnvironmentMissing(
            f"cannot read {shown(workspace, path)}",
            why=error.strerror,
            next_step="check the kind, the owner and the mode of that file",
        ) from error


def malformed(name: str, error: Malformed) -> ConfigurationError:
    """The error of a file that cannot be read."""
    return ConfigurationError(f"{name}:{error.line}: {error.what}", next_step=error.write)


def find_key(variables: dict[str, Variable], text: str) -> tuple[Path_, Attribute]:
    """The place in the tree's variables that an operator means by a dotted key.

    Raises:
        UsageError: there is none; the error names the nearest.
    """
    try:
        path = parse_path(text)
    except NotUnderstood as error:
        raise UsageError(
            str(error),
            why="a key is a variable's name, and after a dot a name in its group",
            next_step="e.g. database.instance_class",
        ) from error
    variable = variables.get(path[0])
    attribute = at(variable.type, path[1:]) if variable else None
    if attribute is None:
        guess = nearest_key(variables, path)
        raise UsageError(
            f"the tree has no {dotted(path)}",
            why=None if guess else "bsops tfvars explain lists its variables",
            next_step=f"did you mean {guess}?" if guess else "bsops tfvars explain",
        )
    return path, attribute


def nearest_key(variables: dict[str, Variable], path: Path_) -> str | None:
    """The key that was probably meant: at the same place, else the same name in a group."""
    if path[0] in variables:
        for depth in range(1, len(path)):
            above = at(variables[path[0]].type, path[1:depth])
            if above and isinstance(above.type, Object):
                names = above.type.attributes
                if path[depth] not in names:
                    guess = nearest(path[depth], list(names))
                    return dotted((*path[:depth], guess)) if guess else None
        return None
    groups = {name: v.type for name, v in variables.items() if isinstance(v.type, Object)}
    for name, kind in groups.items():
        if path[0] in kind.attributes:
            return dotted((name, *path))
    guess = nearest(path[0], list(variables))
    return dotted((guess, *path[1:])) if guess else None
