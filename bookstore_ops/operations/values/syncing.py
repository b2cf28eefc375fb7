"""A file of values held against the tree of today: what is new there, what is gone."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from bookstore_ops.errors import Refused
from bookstore_ops.files import write_atomically
from bookstore_ops.operations.formatting import formatted
from bookstore_ops.operations.values.checking import Finding, structure
from bookstore_ops.operations.values.reading import Values
from bookstore_ops.terraform.process import Watch
from bookstore_ops.tfvars.blocks import NotUnderstood
from bookstore_ops.tfvars.reading import Document, Group, plain, read
from bookstore_ops.tfvars.scaffold import commented, commented_member
from bookstore_ops.tfvars.types import Object

_COMMENTED = re.compile(r'(?:#|//)\s*"?([\w-]+)"?\s*=')


@dataclass(frozen=True)
class New:
    """A name that the file does not mention; ``line`` is what to write, as a comment.

    ``needed``: it has no default, so that a value must be given.
    """

    key: tuple[str, ...]
    line: str
    description: str
    needed: bool


@dataclass(frozen=True)
class Synced:
    """How a file of values stands to the tree; ``written``: the new names were added to it."""

    file: str
    new: list[New]
    obsolete: list[Finding]
    written: bool = False


def look(values: Values, *, groups: bool) -> Synced:
    """What is new and what is obsolete; with ``groups`` also the names in groups."""
    document = values.files[values.file]
    mentioned = set(values.given) | _mentioned(document, document.group)
    new = [
        New((name,), commented(variable), variable.description, variable.default is None)
        for name, variable in values.variables.items()
        if name not in mentioned
    ]
    if groups:
        new += _in_groups(values, document)
    obsolete = [finding for finding in structure(values) if finding.kind == "unknown"]
    return Synced(values.shown(values.file), new, obsolete)


def _in_groups(values: Values, document: Document) -> list[New]:
    found = []
    for name, entry in document.group.entries.items():
        variable, node = values.variables.get(name), entry.value
        if variable is None or not isinstance(variable.type, Object) or not isinstance(node, Group):
            continue
        mentioned = set(node.entries) | _mentioned(document, node)
        for each, attribute in variable.type.attributes.items():
            if each not in mentioned and attribute.optional:
                found.append(New((name, each), commented_member(each, attribute), "", needed=False))
    return found


def _mentioned(document: Document, group: Group) -> set[str]:
    """The names that stand in comments as if they were values."""
    found = (
        _COMMENTED.match(document.text, place)
        for place in document.comments
        if group.start <= place < group.end
    )
    return {match[1] for match in found if match}


def write(values: Values, synced: Synced, terraform_bin: str | None, watch: Watch) -> Synced:
    """Add what is new to the file as comments: no value changes.

    Raises:
        Refused: the file is not in Terraform's format, or cannot be added to surely.
    """
    document = values.files[values.file]
    try:
        text = _changed(
            document,
            synced.new,
            lambda text: formatted(values.workspace, terraform_bin, text, watch),
        )
    except NotUnderstood as error:
        raise Refused(
            f"{synced.file} was left as it is",
            why=str(error),
            next_step=f"bsops tfvars sync {values.environment}   (lists what to add)",
        ) from error
    if text == document.text:
        return synced
    write_atomically(values.file, text, mode=values.file.stat().st_mode & 0o777)
    return Synced(synced.file, synced.new, synced.obsolete, written=True)


def _changed(document: Document, new: list[New], fmt: Callable[[str], str]) -> str:
    if fmt(document.text) != document.text:
        raise NotUnderstood("the file is not in Terraform's format (bsops fmt mends that)")
    text = fmt(_added(document, new))
    if _values(read(text)) != _values(document):
        raise NotUnderstood("more would change than comments")
    return text


def _values(document: Document) -> str:
    return json.dumps(plain(document.group), sort_keys=True)


def _added(document: Document, new: list[New]) -> str:
    text = document.text
    # From the end, so that the places before stay what they are.
    for name, entry in reversed(document.group.entries.items()):
        node, lines = entry.value, [f"  {n.line}\n" for n in new if n.key[:-1] == (name,)]
        close = node.end - 1
        begin = text.rfind("\n", 0, close) + 1
        # Into a group in one line nothing is written: its comments would hide the rest of it.
        if lines and begin > node.start and not text[begin:close].strip():
            text = text[:begin] + "".join(lines) + text[begin:]
    parts = [
        "\n".join([*([f"# {n.description}"] if n.description else []), n.line])
        for n in new
        if len(n.key) == 1
    ]
    return "\n\n".join(filter(None, [text.rstrip("\n"), *parts])) + "\n"
