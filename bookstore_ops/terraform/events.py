"""Terraform's machine-readable event stream, as typed values.

Source: https://developer.hashicorp.com/terraform/internals/machine-readable-ui (format 1.x).
Terraform may add message types and fields in a minor version: unknown ones are passed over.
"""

from typing import Any, ClassVar

import msgspec


class Resource(msgspec.Struct, frozen=True):
    """The resource instance that an event speaks of."""

    addr: str
    module: str = ""
    resource_type: str = ""


class Hook(msgspec.Struct, frozen=True):
    """What happens to one resource instance; ``elapsed_seconds`` counts whole seconds."""

    resource: Resource
    action: str = ""
    elapsed_seconds: float = 0
    id_key: str = ""
    id_value: str = ""


class Planned(msgspec.Struct, frozen=True):
    """One planned change: ``action`` is create, update, delete, replace, read, move, noop, …"""

    resource: Resource
    action: str
    reason: str = ""


class Counts(msgspec.Struct, frozen=True):
    """Terraform's own totals; ``operation`` is plan, apply or destroy."""

    add: int = 0
    change: int = 0
    remove: int = 0
    imported: int = msgspec.field(name="import", default=0)
    operation: str = "plan"


class Position(msgspec.Struct, frozen=True):
    """A place in a file, lines and columns counted from one."""

    line: int = 0
    column: int = 0


class Range(msgspec.Struct, frozen=True):
    """Where in the configuration a diagnostic points."""

    filename: str
    start: Position = Position()


class ExpressionValue(msgspec.Struct, frozen=True):
    """A value that took part: ``var.x`` ``is 3``."""

    traversal: str
    statement: str


class Snippet(msgspec.Struct, frozen=True):
    """The configuration a diagnostic quotes."""

    code: str = ""
    context: str | None = None
    values: list[ExpressionValue] | None = None


class Diagnostic(msgspec.Struct, frozen=True):
    """An error or a warning of Terraform or of the provider."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""
    range: Range | None = None
    snippet: Snippet | None = None

    @property
    def is_error(self) -> bool:
        """Whether it fails the run."""
        return self.severity == "error"


class OutputEvent(msgspec.Struct, frozen=True):
    """An output value; a sensitive one comes without its value."""

    sensitive: bool = False
    action: str = ""
    value: Any = None


class _Event(msgspec.Struct, frozen=True, tag_field="type"):
    pass


class Version(_Event, frozen=True, tag="version"):
    """The first event of every stream."""

    terraform: str = ""


class LockAwaited(_Event, frozen=True, tag="state_lock_acquire"):
    """The state's lock was not got at once: Terraform waits for it (``-lock-timeout``)."""


class RefreshStart(_Event, frozen=True, tag="refresh_start"):
    """The provider begins to read a resource."""

    hook: Hook


class RefreshComplete(_Event, frozen=True, tag="refresh_complete"):
    """The provider has read a resource."""

    hook: Hook


class PlannedChange(_Event, frozen=True, tag="planned_change"):
    """What the plan would do to one resource."""

    change: Planned


class ResourceDrift(_Event, frozen=True, tag="resource_drift"):
    """A difference met while reading; often noise, so never a drift signal by itself."""

    change: Planned


class ApplyStart(_Event, frozen=True, tag="apply_start"):
    """Work on a resource begins."""

    hook: Hook


class ApplyProgress(_Event, frozen=True, tag="apply_progress"):
    """Work on a resource goes on (about every ten seconds)."""

    hook: Hook


class ApplyComplete(_Event, frozen=True, tag="apply_complete"):
    """Work on a resource is done."""

    hook: Hook


class ApplyErrored(_Event, frozen=True, tag="apply_errored"):
    """Work on a resource failed; a diagnostic with its address follows."""

    hook: Hook


class ChangeSummary(_Event, frozen=True, tag="change_summary"):
    """The totals at the end of a plan or of an apply."""

    changes: Counts


class Outputs(_Event, frozen=True, tag="outputs"):
    """The root module's outputs."""

    outputs: dict[str, OutputEvent]


class DiagnosticEvent(_Event, frozen=True, tag="diagnostic"):
    """A diagnostic in the stream."""

    diagnostic: Diagnostic


Event = (
    Version
    | LockAwaited
    | RefreshStart
    | RefreshComplete
    | PlannedChange
    | ResourceDrift
    | ApplyStart
    | ApplyProgress
    | ApplyComplete
    | ApplyErrored
    | ChangeSummary
    | Outputs
    | DiagnosticEvent
)


class EventReader:
    """Turns the lines of one stream into events.

    Lines that are no events (a provider that prints, a panic) are kept in ``strays``, the last
    few, so that they can be shown when a run fails with no diagnostic.
    """

    _kept: ClassVar[int] = 40

    def __init__(self) -> None:
        self._decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)
        self.strays: list[str] = []

    def read(self, line: bytes) -> Event | None:
        """The event of a line, or None for one this version of bsops does not know."""
        try:
            return self._decoder.decode(line)
        except msgspec.ValidationError:
            return None
        except (msgspec.DecodeError, UnicodeDecodeError):
            text = line.decode(errors="replace").rstrip()
            if text:
                self.strays = [*self.strays[-self._kept :], text]
            return None
