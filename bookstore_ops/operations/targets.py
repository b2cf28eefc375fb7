"""Which environment a command means."""

from collections.abc import Callable, Mapping, Sequence

from bookstore_ops.environments import Environment, environment_names, load_environment
from bookstore_ops.errors import ConfigurationError, UsageError
from bookstore_ops.workspace import Workspace

ENVIRONMENT_VARIABLE = "BSOPS_ENV"

Choose = Callable[[str, Sequence[str]], str]


def resolve_environment(
    workspace: Workspace,
    named: str | None,
    environ: Mapping[str, str],
    choose: Choose | None,
) -> Environment:
    """The environment named, else ``BSOPS_ENV``, the default, the only one, the operator's choice.

    ``choose`` asks the operator; None where nobody can be asked.

    Raises:
        ConfigurationError: there is no such environment, or its file is wrong.
        UsageError: none was named, several are possible and nobody can be asked.
    """
    name = named or environ.get(ENVIRONMENT_VARIABLE)
    if name:
        return load_environment(workspace, name)
    names = environment_names(workspace)
    if not names:
        raise ConfigurationError(
            f"{workspace.environments} holds no environment",
            why="each environment is a file NAME.toml there",
            next_step="bsops new DIR writes a workspace with dev, staging and prod",
        )
    if len(names) == 1:
        return load_environment(workspace, names[0])
    default = _default(workspace, names)
    if default is not None:
        return default
    if choose is None:
        raise UsageError(
            "no environment was named",
            why=f"this workspace has: {', '.join(names)}",
            next_step=f"name one, e.g. {names[0]}, or set {ENVIRONMENT_VARIABLE}",
        )
    return load_environment(workspace, choose("Which environment?", names))


def _default(workspace: Workspace, names: Sequence[str]) -> Environment | None:
    marked = [each for name in names if (each := load_environment(workspace, name)).default]
    if len(marked) > 1:
        raise ConfigurationError(
            f"{' and '.join(each.name for each in marked)} are both marked default",
            why="one environment is meant where none is named",
            next_step=f"remove default from environments/{marked[-1].name}.toml",
        )
    return marked[0] if marked else None
