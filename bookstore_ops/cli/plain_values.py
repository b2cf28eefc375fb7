"""Words of a command line turned into values without pydantic.

typer has pydantic do it, also for texts and switches, and loads it with the first option of any
command: that takes as long as all else up to the first question. What has a type that is not
listed here goes the way of typer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

import typer
from typer import core
from typer._coercion import RuntimeParam, TypeDescriptor, build_runtime_param
from typer._param_types import coerce_cli_choice
from typer.models import ParameterInfo

_TRUTH = {"": False, "0": False, "1": True}
_TRUTH |= dict.fromkeys(("false", "f", "no", "n", "off"), False)
_TRUTH |= dict.fromkeys(("true", "t", "yes", "y", "on"), True)


@dataclass(frozen=True)
class _PlainParam(RuntimeParam):
    """One option or argument; ``convert`` makes its value of a word."""

    convert: Callable[[Any], Any]

    def _coerce_value(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            if param.multiple or param.nargs == -1:
                return [self.convert(each) for each in value]
            return self.convert(value)
        except ValueError as error:
            raise typer.BadParameter(str(error), ctx=ctx, param=param) from error


def use_plain_values() -> None:
    """Let typer make values so, wherever it makes any.

    It offers no way to say so; what is replaced is the one function that builds converters
    (typer 0.29), and a test sees to it that pydantic stays unloaded.
    """
    setattr(core, "build_runtime_param", _build)  # noqa: B010  (typer does not export it)


def _build(descriptor: TypeDescriptor) -> RuntimeParam:
    annotation, info = descriptor.annotation, descriptor.parameter_info
    convert = _converter(annotation, info)
    if convert is None:
        return build_runtime_param(descriptor)
    return _PlainParam(info, annotation, convert)


def _converter(annotation: Any, info: ParameterInfo) -> Callable[[Any], Any] | None:
    if get_origin(annotation) is list:
        (annotation,) = get_args(annotation)
    if info.parser is not None or info.exists or info.resolve_path:
        return None
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        choices = list(annotation)
        sensitive = info.case_sensitive
        return lambda word: coerce_cli_choice(word, choices=choices, case_sensitive=sensitive)
    plain: dict[Any, Callable[[Any], Any]] = {
        str: str,
        bool: _truth,
        Path: Path,
        int: lambda word: _whole(word, info),
    }
    return plain.get(annotation)


def _truth(word: Any) -> bool:
    if isinstance(word, bool):
        return word
    try:
        return _TRUTH[str(word).strip().lower()]
    except KeyError:
        raise ValueError(f"{word!r} is neither true nor false.") from None


def _whole(word: Any, info: ParameterInfo) -> int:
    try:
        number = int(word)
    except ValueError:
        raise ValueError(f"{word!r} is no whole number.") from None
    if info.min is not None and number < info.min:
        raise ValueError(f"{number} is less than {info.min}.")
    if info.max is not None and number > info.max:
        raise ValueError(f"{number} is more than {info.max}.")
    return number
