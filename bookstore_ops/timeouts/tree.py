"""Every timeout of a tree, followed from the resource that has it up to the value that sets it.

Nothing is listed by hand: the ``timeouts`` of resources are followed through the modules' calls to
the root's variables, and their defaults read from the variables' types.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.tfvars.blocks import Body, NotUnderstood, object_body, parse, split_call

_TRAVERSAL = re.compile(r"var((?:\.\w+)+)")


@dataclass(frozen=True)
class Timeout:
    """How long Terraform waits for one operation on a resource of the configuration.

    ``variable`` is the path of the value that sets it (none: the code sets it), ``value`` what
    holds without that value, None where the provider decides; ``given`` is what the values say.
    """

    address: str
    operation: str
    variable: tuple[str, ...] | None
    value: str | None
    given: str | None = None

    @property
    def in_force(self) -> str | None:
        """How long it waits; None: as long as the provider finds right."""
        return self.given or self.value


@dataclass(frozen=True)
class _Setting:
    """What an expression stands for: a value of the root, with what holds where it is null."""

    variable: tuple[str, ...] | None
    default: str | None = None


_Bound = _Setting | Mapping[str, "_Bound"]


def find_timeouts(root: Path) -> list[Timeout]:
    """Every timeout below a root module, with what its ``.tfvars`` files say."""
    values = _Values(root)
    found = _walk(root, "", None)
    return sorted(
        (
            Timeout(t.address, t.operation, t.variable, t.value, values.get(t.variable))
            for t in found
        ),
        key=lambda t: (t.address, t.operation),
    )


class _Values:
    """The values of a root: its own files, the later ones first."""

    def __init__(self, root: Path) -> None:
        files = [root / "terraform.tfvars", *sorted(root.glob("*.auto.tfvars"))]
        self._bodies = [_read(path) for path in reversed(files) if path.exists()]

    def get(self, path: tuple[str, ...] | None) -> str | None:
        for body in self._bodies if path else ():
            text = _lookup(body, path or ())
            if text is not None:
                return text
        return None


def _lookup(body: Body, path: tuple[str, ...]) -> str | None:
    argument = body.arguments.get(path[0])
    if argument is None:
        return None
    if len(path) == 1:
        return _literal(argument.text)
    inner = object_body(argument)
    return _lookup(inner, path[1:]) if inner else None


def _walk(directory: Path, prefix: str, bindings: Mapping[str, _Bound] | None) -> Iterator[Timeout]:
    """The timeouts of a module and those below; ``bindings`` is None for the root."""
    body = _module(directory)
    types = {
        block.labels[0]: block.body.arguments["type"].text
        for block in body.of_kind("variable")
        if "type" in block.body.arguments
    }

    def evaluate(text: str) -> _Bound:
        return _evaluate(text, bindings, types)

    for resource in body.of_kind("resource"):
        address = f"{prefix}{'.'.join(resource.labels)}"
        for operation, text in _operations(resource.body):
            bound = evaluate(text)
            if isinstance(bound, _Setting):
                yield Timeout(address, operation, bound.variable, bound.default)
    for call in body.of_kind("module"):
        source = _literal(call.body.arguments["source"].text) or ""
        target = (directory / source).resolve()
        if not source.startswith(".") or not target.is_dir():
            continue
        inner = {name: evaluate(a.text) for name, a in call.body.arguments.items()}
        yield from _walk(target, f"{prefix}module.{call.labels[0]}.", inner)


def _operations(body: Body) -> Iterator[tuple[str, str]]:
    for block in body.of_kind("timeouts"):
        yield from ((name, a.text) for name, a in block.body.arguments.items())
    given = body.arguments.get("timeouts")
    inner = object_body(given) if given else None
    if inner:
        yield from ((name, a.text) for name, a in inner.arguments.items())


def _evaluate(text: str, bindings: Mapping[str, _Bound] | None, types: Mapping[str, str]) -> _Bound:
    found = _TRAVERSAL.fullmatch(text)
    if found:
        name, *rest = found[1].removeprefix(".").split(".")
        bound: _Bound = (
            _Setting((name,)) if bindings is None else bindings.get(name, _Setting(None))
        )
        default = _default(types.get(name, ""), rest)
        for part in rest:
            if isinstance(bound, _Setting):
                path = None if bound.variable is None else (*bound.variable, part)
                bound = _Setting(path, bound.default)
            else:
                bound = bound.get(part, _Setting(None))
        if isinstance(bound, _Setting) and bound.default is None:
            return _Setting(bound.variable, default)
        return bound
    if text.startswith("{"):
        try:
            inner = parse(text, 1)
        except NotUnderstood:  # a `for` expression, say: nothing that sets a timeout by name
            return _Setting(None)
        return {name: _evaluate(a.text, bindings, types) for name, a in inner.arguments.items()}
    return _Setting(None, _literal(text))


def _default(kind: str, path: list[str]) -> str | None:
    """The default that a type gives the attribute at ``path``."""
    call = split_call(kind)
    if call is None:
        return None
    name, given = call
    if name == "optional":
        if not path:
            return _literal(given[1]) if len(given) > 1 else None
        return _default(given[0], path)
    if name != "object" or not path:
        return None
    inner = parse(given[0], 1).arguments.get(path[0])
    return _default(inner.text, path[1:]) if inner else None


def _module(directory: Path) -> Body:
    whole = Body()
    for path in sorted(directory.glob("*.tf")):
        if not path.name.endswith("_override.tf"):
            whole.blocks += _read(path).blocks
    return whole


def _read(path: Path) -> Body:
    try:
        return parse(path.read_text(encoding="utf-8", errors="replace"))
    except NotUnderstood as error:
        raise NotUnderstood(f"{path}: {error}") from error


def _literal(text: str) -> str | None:
    found = re.fullmatch(r'"([^"\\$%]*)"', text)
    return found[1] if found else None
