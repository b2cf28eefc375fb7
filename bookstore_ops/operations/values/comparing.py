"""What the values of environments are, side by side; and what one variable means."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bookstore_ops.environments import environment_names
from bookstore_ops.errors import BsopsError, ConfigurationError, UsageError
from bookstore_ops.operations.values.checking import line_of
from bookstore_ops.operations.values.reading import Values, find_key, load_values, shown
from bookstore_ops.tfvars.secrets import masked
from bookstore_ops.tfvars.types import Attribute, Object, Type
from bookstore_ops.tfvars.variables import Variable, modules_of
from bookstore_ops.tfvars.writing import key
from bookstore_ops.workspace import Workspace

_NOTHING = object()


@dataclass(frozen=True)
class Difference:
    """A value that two environments have differently, secrets masked; None: it has none."""

    key: tuple[str, ...]
    left: Any
    right: Any


@dataclass(frozen=True)
class InForce:
    """A variable's value in one environment; ``place`` is the line that says so, else None.

    ``problem``: why nothing can be said.
    """

    environment: str
    value: Any
    place: str | None = None
    problem: str | None = None


@dataclass(frozen=True)
class Explained:
    """What a variable, or a place in its group, is for."""

    key: tuple[str, ...]
    variable: Variable
    attribute: Attribute
    required: bool
    default: Any
    used: list[str]
    in_force: list[InForce]

    @property
    def members(self) -> dict[str, Attribute]:
        """The names in it, for a group."""
        kind: Type = self.attribute.type
        return kind.attributes if isinstance(kind, Object) else {}


def compare(left: Values, right: Values) -> list[Difference]:
    """What differs in what the tree gets, defaults merged."""
    mine, other = _flat(left.effective()), _flat(right.effective())
    found = []
    for path in dict.fromkeys([*mine, *other]):
        a, b = mine.get(path, _NOTHING), other.get(path, _NOTHING)
        if a is b or (a is not _NOTHING and b is not _NOTHING and json.dumps(a) == json.dumps(b)):
            continue
        # A group that is empty on one side shows by the values of the other.
        if (a == {} and b is _NOTHING) or (b == {} and a is _NOTHING):
            continue
        a, b = (None if value is _NOTHING else value for value in (a, b))
        if a is not None or b is not None:
            found.append(Difference(path, left.masked(path, a), right.masked(path, b)))
    order = {name: number for number, name in enumerate([*left.variables, *right.variables])}
    return sorted(found, key=lambda d: order[d.key[0]])


def _flat(values: dict[str, Any], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for name, value in values.items():
        path = (*above, name)
        found |= _flat(value, path) if isinstance(value, dict) and value else {path: value}
    return found


def any_variables(workspace: Workspace) -> Values:
    """The variables of the first environment: what an operator means who names none.

    Raises:
        ConfigurationError: there is no environment, or its tree cannot be read.
    """
    names = environment_names(workspace)
    if not names:
        raise ConfigurationError(
            f"{workspace.environments} holds no environment",
            why="each environment is a file NAME.toml there",
            next_step="bsops new DIR writes a workspace with dev, staging and prod",
        )
    return load_values(workspace, names[0], files=False)


def explain(workspace: Workspace, name: str) -> Explained:
    """What one variable is: its type, default, rules, places of use, and value everywhere.

    Raises:
        UsageError: the tree has no such variable.
        ConfigurationError: the tree cannot be read.
    """
    tree = any_variables(workspace)
    path, attribute = find_key(tree.variables, name)
    variable = tree.variables[path[0]]
    top = len(path) == 1
    default = variable.default_value if top else attribute.default
    return Explained(
        path,
        variable,
        attribute,
        required=variable.default is None if top else not attribute.optional,
        default=masked(path, default, sensitive=variable.sensitive),
        used=[
            f"{shown(workspace, file)}:{','.join(map(str, lines))}"
            for file, lines in _uses(tree.root, path)
        ],
        in_force=[_in_force(workspace, each, path) for each in environment_names(workspace)],
    )


def _in_force(workspace: Workspace, environment: str, path: tuple[str, ...]) -> InForce:
    try:
        values = load_values(workspace, environment)
        find_key(values.variables, ".".join(map(key, path)))
    except (ConfigurationError, UsageError) as error:
        return InForce(environment, None, problem=error.what)
    except BsopsError as error:
        return InForce(environment, None, problem=str(error).splitlines()[0])
    value: Any = values.effective()
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    place = None
    given = values.given.get(path[0])
    if given:
        document = values.files[given[0]]
        node: Any = document.group
        for name in path:
            entry = getattr(node, "entries", {}).get(name)
            node = entry.value if entry else None
        if node is not None:
            place = f"{values.shown(given[0])}:{line_of(document, path)}"
    return InForce(environment, values.masked(path, value), place)


def _uses(root: Path, path: tuple[str, ...]) -> Iterator[tuple[Path, list[int]]]:
    """Where the tree reads a value: by its own name, or with the whole group that it is in."""
    exact = re.compile(rf"\bvar\.{re.escape('.'.join(path))}(?![\w-])")
    above = [".".join(path[:depth]) for depth in range(1, len(path))]
    whole = re.compile(rf"\bvar\.(?:{'|'.join(map(re.escape, above)) or '$'})(?![\w.\[-])")
    for module in modules_of(root):
        for file in sorted(module.glob("*.tf")):
            lines = [
                number
                for number, line in enumerate(
                    file.read_text(encoding="utf-8", errors="replace").splitlines(), 1
                )
                if exact.search(line) or (module != root and whole.search(line))
            ]
            if lines:
                yield file, lines
