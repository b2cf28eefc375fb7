"""Looking into a state: addresses from the state itself, attributes as Terraform shows them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.errors import UsageError
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.changes import unknown_address
from bookstore_ops.operations.states.store import no_whole_state, read_present, whole_state
from bookstore_ops.states.backups import private_file
from bookstore_ops.states.versions import Versions, read_versions
from bookstore_ops.terraform.backends import S3Backend, open_backend
from bookstore_ops.terraform.masking import mask
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary


@dataclass(frozen=True)
class Listing:
    """The addresses asked for; ``state`` is None where nothing is applied yet."""

    state: StateSummary | None
    addresses: list[str]


class ShownResource(msgspec.Struct, frozen=True):
    """One instance with its attributes, the secrets among them masked."""

    address: str
    type: str
    tainted: bool
    attributes: dict[str, Any]


class _Resource(msgspec.Struct):
    address: str
    type: str
    values: dict[str, Any] = {}
    sensitive_values: Any = False
    tainted: bool = False
    deposed_key: str = ""


class _Module(msgspec.Struct):
    resources: list[_Resource] = []
    child_modules: list["_Module"] = []


class _Values(msgspec.Struct):
    root_module: _Module


class _Document(msgspec.Struct):
    values: _Values | None = None


def list_state(session: Session, watch: Watch, prefix: str) -> Listing:
    """The addresses in the state that begin with ``prefix``.

    Raises:
        OperationFailed: the state is damaged, or the backend does not answer.
    """
    present = read_present(session, watch)
    if present.content is not None and present.summary is None:
        raise no_whole_state(session, present)
    if present.summary is None:
        return Listing(None, [])
    found = sorted(address for address in present.summary.addresses if address.startswith(prefix))
    return Listing(present.summary, found)


def show_resource(session: Session, watch: Watch, address: str) -> ShownResource:
    """One instance's attributes, secrets masked by the provider's schema and by name.

    Raises:
        UsageError: the state has no such address.
        BsopsError: the state cannot be read.
    """
    _, _, state = whole_state(session, watch)
    if address not in state.addresses:
        raise unknown_address(session, state, address)
    run, document = session.terraform.show(watch)
    if not run.may_go_on:
        raise session.failure(run, "the state cannot be read")
    values = msgspec.json.decode(document, type=_Document).values
    pending = [values.root_module] if values else []
    while pending:
        module = pending.pop()
        for resource in module.resources:
            if resource.address == address and not resource.deposed_key:
                shown = mask(resource.values, resource.sensitive_values)
                return ShownResource(address, resource.type, resource.tainted, shown)
        pending += module.child_modules
    raise unknown_address(session, state, address)


@dataclass(frozen=True)
class Pulled:
    """A state as it is stored; ``file`` is where it was written, None for standard output."""

    content: bytes
    summary: StateSummary | None
    problem: str
    file: Path | None


def pull_state(session: Session, watch: Watch, out: Path | None, *, seen: bool) -> Pulled:
    """The stored state, whole or not, written to ``out`` for its owner's eyes only.

    ``seen``: standard output is a screen; a state goes there only when ``-`` asks for it.

    Raises:
        UsageError: it would have gone to a screen unasked.
        OperationFailed: there is no state.
    """
    if out is None and seen:
        raise UsageError(
            "a state may hold secrets: it is not shown on a screen unasked",
            why="standard output is a terminal",
            next_step=f"{session.command_line('state pull')} -o FILE   (-o - for the screen)",
        )
    present = read_present(session, watch)
    if present.content is None:
        raise no_whole_state(session, present)
    file = None if out in {None, Path("-")} else out
    if file is not None:
        private_file(file, present.content)
    return Pulled(present.content, present.summary, present.problem, file)


def list_versions(session: Session, watch: Watch, last: int) -> tuple[str, Versions | None]:
    """Where the state lies, and the versions kept of it; None where it is a file.

    Raises:
        OperationFailed: AWS does not answer.
    """
    session.initialise(watch)
    backend = open_backend(session.root, session.environ)
    if isinstance(backend, S3Backend):
        return backend.describe(), read_versions(backend, last)
    return backend.describe(), None
