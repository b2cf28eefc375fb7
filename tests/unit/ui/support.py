"""A terminal in memory, and plan parts by hand."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field

from bookstore_ops.terraform import events
from bookstore_ops.terraform.plan import Action, AttributeChange, Plan, ResourceChange
from bookstore_ops.terraform.progress import Progress
from bookstore_ops.ui.terminal import Terminal


class Tty(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@dataclass
class Screens:
    """A terminal and what it wrote."""

    terminal: Terminal
    stdout: io.StringIO
    stderr: io.StringIO

    @property
    def out(self) -> str:
        return self.stdout.getvalue()

    @property
    def err(self) -> str:
        return self.stderr.getvalue()


def screens(
    *,
    tty: bool = False,
    environ: Mapping[str, str] | None = None,
    json: bool = False,
    quiet: bool = False,
    verbose: bool = False,
    sandbox: bool = False,
) -> Screens:
    """A terminal of 80 columns, unless the environment says otherwise."""
    stdout, stderr, stdin = ((Tty() if tty else io.StringIO()) for _ in range(3))
    terminal = Terminal(
        json=json,
        quiet=quiet,
        verbose=verbose,
        sandbox=sandbox,
        stdout=stdout,
        stderr=stderr,
        stdin=stdin,
        environ={"COLUMNS": "80", "LINES": "24", "TERM": "xterm-256color", **(environ or {})},
    )
    return Screens(terminal, stdout, stderr)


@dataclass
class Run:
    """A run told event by event, on a clock that moves when told to."""

    now: float = 0.0
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        self.progress = Progress(clock=lambda: self.now)

    def wait(self, seconds: float) -> None:
        self.now += seconds

    def reads(self, address: str) -> None:
        self.progress.add(events.RefreshStart(hook(address)))

    def has_read(self, address: str) -> None:
        self.progress.add(events.RefreshComplete(hook(address)))

    def starts(self, address: str, action: str = "create") -> None:
        self.progress.add(events.ApplyStart(hook(address, action)))

    def ends(self, address: str, action: str = "create") -> None:
        self.progress.add(events.ApplyComplete(hook(address, action)))

    def fails(self, address: str, action: str = "create") -> None:
        self.progress.add(events.ApplyErrored(hook(address, action)))

    def explains(self, address: str, message: str) -> None:
        diagnostic = events.Diagnostic("error", message, address=address)
        self.progress.add(events.DiagnosticEvent(diagnostic))

    def plans(self, address: str, action: str) -> None:
        self.progress.add(events.PlannedChange(events.Planned(resource(address), action)))


def resource(address: str) -> events.Resource:
    parts = address.split(".")
    return events.Resource(address, ".".join(parts[:-2]), parts[-2])


def hook(address: str, action: str = "") -> events.Hook:
    return events.Hook(resource(address), action)


def change(
    address: str, action: Action, *attributes: AttributeChange, reason: str = "", previous: str = ""
) -> ResourceChange:
    """A change of the resource at an address without dots in its keys."""
    where = resource(address)
    return ResourceChange(
        address, where.module, where.resource_type, action, reason, previous, attributes
    )


def plan(*changes: ResourceChange, drift: tuple[ResourceChange, ...] = ()) -> Plan:
    """A plan of these changes, counted."""
    counts: dict[Action, int] = {}
    for one in changes:
        counts[one.action] = counts.get(one.action, 0) + 1
    return Plan(changes=changes, drift=drift, counts=counts)
