"""The variables of an environment's root, with the types that the tree gives them.

A root passes its groups through as ``any``: the module that it hands them to says what they hold.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from bookstore_ops.tfvars.blocks import Block, Body, NotUnderstood, parse
from bookstore_ops.tfvars.reading import Malformed, Plain, plain, read_value
from bookstore_ops.tfvars.types import ANY, Type, constant, parse_type

_REFERENCE = re.compile(r"\bvar\.([\w-]+)")
# What a plan of declarations alone does not have.
_OTHERS = re.compile(r"\b(?:local|module|data|each|path|aws_\w+|terraform)\.")
_PASSED = re.compile(r"var\.([\w-]+)")


@dataclass(frozen=True)
class Validation:
    """A rule; ``text`` is its block as it is written."""

    condition: str
    message: str
    text: str


@dataclass(frozen=True)
class Variable:
    """One variable; ``default`` is the text of its default, None where a value must be given."""

    name: str
    type: Type
    type_text: str
    default: str | None
    description: str
    nullable: bool
    sensitive: bool
    validations: tuple[Validation, ...]
    file: Path
    line: int

    @property
    def default_value(self) -> Plain:
        """The default as a value."""
        return None if self.default is None else constant(self.default)

    def declaration(self, rules: Iterable[Validation]) -> str:
        """The variable as HCL, with these of its rules."""
        lines = [f'variable "{self.name}" {{', f"  type = {self.type_text}"]
        if self.default is not None:
            lines.append(f"  default = {self.default}")
        if not self.nullable:
            lines.append("  nullable = false")
        return "\n".join([*lines, *(rule.text for rule in rules), "}"])


def find_variables(root: Path) -> dict[str, Variable]:
    """Every variable of a root module by its name, in the order of the files.

    Raises:
        NotUnderstood: a file cannot be read.
    """
    own = _declared(root)
    for call, target in _calls(root):
        inner = _declared(target)
        for name, argument in call.body.arguments.items():
            passed = _PASSED.fullmatch(argument.text)
            if passed and passed[1] in own and name in inner:
                own[passed[1]] = _merged(own[passed[1]], inner[name])
    return own


@dataclass(frozen=True)
class Stub:
    """A module of the tree reduced to the variables that the values alone decide."""

    name: str
    arguments: dict[str, str]
    variables: list[Variable]


def stubs(root: Path, known: Collection[str]) -> list[Stub]:
    """The modules below the tree's own, with what they are given of the variables ``known``.

    What a resource or another module decides is left out, and so is a module that may not be there.
    """
    found = []
    for outer, tree in _calls(root):
        passed = {
            name
            for name, argument in outer.body.arguments.items()
            if argument.text == f"var.{name}" and name in known
        }
        for call, target in _calls(tree):
            given = {name: argument.text for name, argument in call.body.arguments.items()}
            if {"count", "for_each"} & set(given):
                continue
            inner = _declared(target)
            decided = {
                name: text
                for name, text in given.items()
                if name in inner and references(text) and _only(text, passed)
            }
            if any(inner[name].validations for name in decided):
                label = f"{outer.labels[0]}_{call.labels[0]}"
                found.append(Stub(label, decided, [inner[name] for name in decided]))
    return found


def references(text: str) -> set[str]:
    """The variables that an expression reads."""
    return set(_REFERENCE.findall(text))


def _only(text: str, known: Collection[str]) -> bool:
    return references(text) <= set(known) and not _OTHERS.search(text)


def rules_within(variable: Variable, known: Collection[str]) -> list[Validation]:
    """The rules of a variable that read nothing but variables that are known."""
    return [rule for rule in variable.validations if _only(rule.text, known)]


def modules_of(root: Path) -> list[Path]:
    """The root itself and the modules on this machine that it calls."""
    return [root, *dict.fromkeys(target for _, target in _calls(root))]


def _merged(outer: Variable, inner: Variable) -> Variable:
    typed = inner if outer.type == ANY else outer
    known = {rule.message for rule in outer.validations}
    more = tuple(rule for rule in inner.validations if rule.message not in known)
    return Variable(
        outer.name,
        typed.type,
        typed.type_text,
        outer.default,
        typed.description or outer.description,
        outer.nullable,
        outer.sensitive or inner.sensitive,
        # A rule reads its variable by the name that it has where it stands.
        outer.validations + (more if inner.name == outer.name else ()),
        typed.file,
        typed.line,
    )


def _declared(module: Path) -> dict[str, Variable]:
    found: dict[str, Variable] = {}
    for path, text, body in _files(module):
        for block in body.of_kind("variable"):
            if block.labels:
                found[block.labels[0]] = _variable(path, text, block)
    return found


def _variable(path: Path, text: str, block: Block) -> Variable:
    given = {name: argument.text for name, argument in block.body.arguments.items()}
    type_text = given.get("type", "any")
    return Variable(
        block.labels[0],
        parse_type(type_text),
        type_text,
        given.get("default"),
        _words(given.get("description", '""')),
        given.get("nullable") != "false",
        given.get("sensitive") == "true",
        tuple(_validation(text, rule) for rule in block.body.of_kind("validation")),
        path,
        text.count("\n", 0, block.start) + 1,
    )


def _validation(text: str, block: Block) -> Validation:
    given = block.body.arguments
    condition = given["condition"].text if "condition" in given else "true"
    message = given["error_message"].text if "error_message" in given else '""'
    return Validation(condition, _words(message), text[block.start : block.body.end + 1])


def _words(text: str) -> str:
    try:
        value = plain(read_value(text))
    except Malformed:  # a heredoc or a template
        return text
    return value if isinstance(value, str) else text


def _calls(root: Path) -> list[tuple[Block, Path]]:
    found = []
    for path, _, body in _files(root):
        for block in body.of_kind("module"):
            source = block.body.arguments.get("source")
            place = constant(source.text) if source else None
            if isinstance(place, str) and place.startswith("."):
                target = (path.parent / place).resolve()
                if target.is_dir():
                    found.append((block, target))
    return found


def _files(module: Path) -> list[tuple[Path, str, Body]]:
    found = []
    for path in sorted(module.glob("*.tf")):
        if path.name.endswith("_override.tf"):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        try:
            found.append((path, text, parse(text)))
        except NotUnderstood as error:
            raise NotUnderstood(f"{path}: {error}") from error
    return found
