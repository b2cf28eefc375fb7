"""The values that a run begins with: given, asked for, or the page's defaults."""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from bookstore_ops.environments import Environment, nearest
from bookstore_ops.errors import UsageError
from bookstore_ops.runbooks.schema import FrontMatter, Parameter
from bookstore_ops.runbooks.values import Value, as_text, read_value
from bookstore_ops.terraform.masking import is_secret_name

# Asks for one value; None where nobody is there to be asked.
Ask = Callable[[str, Parameter], str]


def given(words: Sequence[str], parameters: Mapping[str, Parameter]) -> dict[str, Value]:
    """The values given as ``NAME=VALUE``.

    Raises:
        UsageError: no such parameter, or a value of another type.
    """
    values: dict[str, Value] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if name not in parameters:
            guess = nearest(name, list(parameters))
            raise UsageError(
                f"this runbook has no parameter {name!r}",
                why=f"it has: {', '.join(parameters) or 'none'}",
                next_step=f"did you mean {guess}?" if guess else "leave it out",
            )
        if not equals:
            raise UsageError(
                f"--param {name} has no value", next_step=f"write --param {name}=VALUE"
            )
        values[name] = read_value(name, parameters[name], text)
    return values


def complete(
    front: FrontMatter, values: Mapping[str, Value], ask: Ask | None, *, defaults: bool = False
) -> dict[str, Value]:
    """``values`` with those that are missing: asked for where somebody is there, else defaults.

    ``defaults``: what has one is not asked for.

    Raises:
        UsageError: one is missing that has no default, and nobody can be asked.
    """
    found = dict(values)
    for name, parameter in front.parameters.items():
        if name in found:
            continue
        default = parameter.default
        if default is not None and (defaults or ask is None):
            found[name] = default
        elif ask is not None:
            text = ask(name, parameter)
            empty = not text and default is not None
            found[name] = default if empty else read_value(name, parameter, text)
        else:
            raise UsageError(
                f"the parameter {name} is missing",
                why=parameter.description,
                next_step=f"the same command with --param {name}=VALUE",
            )
    return found


def secrets_again(
    front: FrontMatter, names: Sequence[str], words: Sequence[str], ask: Ask | None
) -> dict[str, Value]:
    """The secret values of a run that goes on: they were not kept.

    Raises:
        UsageError: one is missing and nobody can be asked; or another one was given.
    """
    parameters = {name: front.parameters[name] for name in names if name in front.parameters}
    found = given(words, parameters)
    only = msgspec.structs.replace(front, parameters=parameters)
    return complete(only, found, ask)


def built_in(environment: Environment) -> dict[str, Value]:
    """What every page knows."""
    return {
        "environment": environment.name,
        "region": environment.region,
        "account_id": environment.account_id,
    }


def secret_names(front: FrontMatter) -> set[str]:
    """The parameters that are never shown and never written: by their own word, or by name."""
    return {name for name, each in front.parameters.items() if is_secret(name, each)}


def is_secret(name: str, parameter: Parameter) -> bool:
    """Whether a parameter's value is one."""
    return parameter.secret or is_secret_name(name)


def question(name: str, parameter: Parameter) -> str:
    """How a parameter is asked for."""
    hints: list[str] = [parameter.type if parameter.type != "string" else ""]
    hints.append(", ".join(map(str, parameter.choices)))
    if parameter.default is not None:
        hints.append(f"else {as_text(parameter.default)}")
    hint = "; ".join(filter(None, hints))
    return f"{name}: {parameter.description}{f' ({hint})' if hint else ''}"
