"""What the sandbox adds to moto, one module per service.

Every module names the operations it adds or replaces with :func:`extends` and :func:`replaces`;
both are checked when the server starts, so that a moto they no longer fit is refused at once.
"""

import importlib
import pkgutil
from collections.abc import Callable
from typing import TypeVar

MODULES = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))

_Attribute = TypeVar("_Attribute")
_pending: list[tuple[object, str, object, bool]] = []


class ExtensionMisfitError(Exception):
    """The installed moto is not the one an extension was written for."""


def adds(target: object, name: str | None = None) -> Callable[[_Attribute], _Attribute]:
    """Register a function or property as a new attribute of ``target``, which must lack it."""
    return _register(target, name, expected=False)


def replaces(target: object, name: str | None = None) -> Callable[[_Attribute], _Attribute]:
    """Register a function or property in place of an attribute that ``target`` must have."""
    return _register(target, name, expected=True)


def _register(
    target: object, name: str | None, *, expected: bool
) -> Callable[[_Attribute], _Attribute]:
    def decorate(attribute: _Attribute) -> _Attribute:
        called = name or str(getattr(attribute, "__name__", ""))
        _pending.append((target, called, attribute, expected))
        return attribute

    return decorate


def install() -> None:
    """Import every extension and put it in place.

    Raises:
        ExtensionMisfitError: moto lacks what an extension replaces, or has what one adds.
    """
    for name in MODULES:
        try:
            importlib.import_module(f"{__name__}.{name}")
        except (ImportError, AttributeError) as error:
            raise ExtensionMisfitError(
                f"the extension {name} does not fit this moto: {error}"
            ) from error
    for target, name, function, expected in _pending:
        if hasattr(target, name) != expected:
            state = "has" if hasattr(target, name) else "lacks"
            where = getattr(target, "__qualname__", getattr(target, "__name__", target))
            raise ExtensionMisfitError(f"this moto {state} {where}.{name}: mend the extension")
        setattr(target, name, function)
    _pending.clear()
