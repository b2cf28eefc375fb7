"""Values of a run: typed parameters and captures. They reach commands as data, never as code."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from bookstore_ops.errors import UsageError
from bookstore_ops.runbooks.schema import Parameter

# A parameter's or a captured value: text, a number, a truth value, or JSON.
Value = Any
Values = Mapping[str, Value]

# `$$` is a dollar sign; capitals are the shell's own.
REFERENCE = re.compile(r"\$(?:(\$)|([a-z][a-z0-9_]*)|\{([a-z][a-z0-9_]*)\})")
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def references(text: str) -> set[str]:
    """The values that ``text`` mentions as ``$name`` or ``${name}``."""
    return {found[2] or found[3] for found in REFERENCE.finditer(text) if not found[1]}


def substitute(text: str, values: Values) -> str:
    """``text`` with values in their places; what stands in a value is never read again.

    Raises:
        KeyError: a value is not known.
    """
    return REFERENCE.sub(
        lambda found: "$" if found[1] else as_text(values[found[2] or found[3]]), text
    )


def fill(document: Any, values: Values) -> Any:
    """A parsed document with values in its texts; a text that is one reference takes the type.

    Raises:
        KeyError: a value is not known.
    """
    if isinstance(document, dict):
        return {key: fill(item, values) for key, item in document.items()}
    if isinstance(document, list):
        return [fill(item, values) for item in document]
    if not isinstance(document, str):
        return document
    alone = REFERENCE.fullmatch(document)
    if alone and not alone[1]:
        return values[alone[2] or alone[3]]
    return substitute(document, values)


def document_references(document: Any) -> set[str]:
    """The values that a parsed document mentions."""
    if isinstance(document, dict):
        return set().union(*map(document_references, document.values()))
    if isinstance(document, list):
        return set().union(*map(document_references, document))
    return references(document) if isinstance(document, str) else set()


def as_text(value: Value) -> str:
    """A value as programs take it: text as it is, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_value(name: str, parameter: Parameter, text: str) -> Value:
    """The value that ``text`` gives a parameter.

    Raises:
        UsageError: it is of another type, or breaks a rule of the parameter.
    """
    converters: dict[str, Callable[[str], Value]] = {
        "string": str,
        "integer": int,
        "number": _number,
        "boolean": lambda word: _TRUTH[word.lower()],
    }
    try:
        value = converters[parameter.type](text)
    except (ValueError, KeyError):
        raise _wrong(name, parameter, f"it must be of type {parameter.type}") from None
    problem = _rule_broken(parameter, value)
    if problem:
        raise _wrong(name, parameter, problem)
    return value


def _number(text: str) -> float:
    # Neither "inf" nor "nan" is JSON.
    if not re.fullmatch(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?", text):
        raise ValueError(text)
    return float(text)


def _wrong(name: str, parameter: Parameter, problem: str) -> UsageError:
    return UsageError(
        f"wrong value for the parameter {name}",
        why=f"{problem}  ({parameter.description})",
        next_step=f"the same command with --param {name}=VALUE",
    )


def _rule_broken(parameter: Parameter, value: Value) -> str | None:
    if isinstance(value, str) and "\0" in value:
        return "it holds a NUL character"
    if parameter.choices and value not in parameter.choices:
        return f"it must be one of {', '.join(map(str, parameter.choices))}"
    if parameter.pattern and not re.fullmatch(parameter.pattern, as_text(value)):
        return f"all of it must match {parameter.pattern}"
    return _out_of_bounds(parameter, value)


def _out_of_bounds(parameter: Parameter, value: Value) -> str | None:
    size = len(value) if isinstance(value, str) else value
    unit = " characters" if isinstance(value, str) else ""
    # Not so written that "not a number" would pass.
    if parameter.min is not None and not size >= parameter.min:
        return f"it must be at least {parameter.min}{unit}"
    if parameter.max is not None and not size <= parameter.max:
        return f"it must be at most {parameter.max}{unit}"
    return None


def parameter_problem(parameter: Parameter) -> str | None:
    """Why no value could be right, or the default is not; None where all is well."""
    try:
        re.compile(parameter.pattern or "")
    except re.error as error:
        return f"its pattern is no regular expression: {error}"
    if parameter.secret and parameter.default is not None:
        return "a secret has no default: it would stand in the page"
    default = parameter.default
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
        "boolean": (bool,),
    }
    if default is None:
        return None
    boolean = isinstance(default, bool)
    if not isinstance(default, kinds[parameter.type]) or boolean != (parameter.type == "boolean"):
        return f"its default is not of type {parameter.type}"
    problem = _rule_broken(parameter, default)
    return f"its default is wrong: {problem}" if problem else None
