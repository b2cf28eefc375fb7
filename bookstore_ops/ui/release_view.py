"""Releases on the screen: the tree of a service, a release under way, its history."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.ui.step_watch import StepWatch, clock_of
from bookstore_ops.ui.text import Screen, Span, duration, plain
from bookstore_ops.ui.watch import Region

if TYPE_CHECKING:
    from bookstore_ops.operations.releases.status import Difference, ServiceStatus
    from bookstore_ops.releases.analysis import Analysis
    from bookstore_ops.releases.driver import Health
    from bookstore_ops.releases.model import Past, Release
    from bookstore_ops.ui.terminal import Terminal

_OUTCOMES = {
    "done": "bold green",
    "rolled-back": "bold yellow",
    "aborted": "bold yellow",
    "failed": "bold red",
}
_COLORS = {"blue": "blue", "green": "green"}
_LOOK_SECONDS = 2.0


def show_status(terminal: "Terminal", statuses: "Sequence[ServiceStatus]") -> None:
    """Every service as a tree of its colours."""
    terminal.result(_tree(statuses))
    terminal.document(
        "bsops.release-status/1", {"services": [_document(status) for status in statuses]}
    )


def watch_status(terminal: "Terminal", look: "Callable[[], Sequence[ServiceStatus]]") -> None:
    """The tree, again and again, until no release is under way; JSON lines with ``--json``."""
    with ExitStack() as stack:
        region = Region(terminal) if terminal.animated else None
        if region:
            stack.callback(region.close)
        shown = ""
        while True:
            statuses = look()
            screen = _tree(statuses)
            if region:
                region.draw(screen)
            elif _steady(statuses) != shown:
                terminal.show(screen)
                shown = _steady(statuses)
            terminal.line(
                "bsops.release-status-line/1",
                {"services": [_document(status) for status in statuses]},
            )
            if all(s.release is None or s.release.is_over for s in statuses):
                break
            time.sleep(_LOOK_SECONDS)
    terminal.result(screen)


def _steady(statuses: "Sequence[ServiceStatus]") -> str:
    """The tree without what changes with every look."""
    return str(_tree(statuses, clock=False))


def show_release(terminal: "Terminal", release: "Release", *, error_follows: bool) -> None:
    """What became of a release, and how the traffic is shared; why, unless an error says it."""
    word = release.outcome or ("paused" if release.paused else str(release.phase))
    screen = Screen()
    screen.add(
        Span(f"{release.service} {release.label}: ", "bold"),
        Span(word, _OUTCOMES.get(word, "bold yellow")),
    )
    screen.add("tasks: " if release.rolls else "traffic: ", release.shares)
    why = release.reason or release.paused
    if why and not error_follows:
        screen.add(f"why: {plain(why)}")
    terminal.result(screen)
    terminal.document("bsops.release/1", {"release": release_document(release)})


def show_history(
    terminal: "Terminal", history: "Sequence[tuple[str, Past]]", *, verbose: bool
) -> None:
    """Releases that are over, the newest last."""
    if not history:
        terminal.result("No releases yet.")
    elif verbose:
        for service, past in history:
            terminal.result(_past(service, past))
    else:
        columns = ("when", "service", "image", "to", "how", "outcome", "took", "by", "why")
        terminal.table(columns, [_row(service, past) for service, past in history], fold=True)
    terminal.document(
        "bsops.release-history/1",
        {
            "releases": [
                {"service": service, **msgspec.to_builtins(past)} for service, past in history
            ]
        },
    )


def show_differences(
    terminal: "Terminal", before: str, after: str, differences: "Sequence[Difference]"
) -> None:
    """What two task definitions have differently."""
    if differences:
        rows = [(d.name, d.before or "-", d.after or "-") for d in differences]
        terminal.table(("what", before, after), rows)
    else:
        terminal.result(f"{before} and {after} do not differ.")
    terminal.document(
        "bsops.release-diff/1",
        {
            "before": before,
            "after": after,
            "differences": [
                {"name": d.name, "before": d.before, "after": d.after} for d in differences
            ],
        },
    )


class ReleaseWatch(StepWatch):
    """Follows a release: a line for each step, and one that is redrawn for what is waited for."""

    def migrating(self, release: "Release", elapsed: float) -> None:
        """See :class:`Watcher`."""
        self.show(f"{release.migrates} task: runs for {duration(elapsed)}")

    def health(self, release: "Release", health: "Health") -> None:
        """See :class:`Watcher`."""
        self.show(f"{release.color}: {health.words}")

    def baking(self, release: "Release", left: float, analysis: "Analysis") -> None:
        """See :class:`Watcher`."""
        step = f"step {release.step + 1} of {len(release.steps)}: {release.shares}"
        says = f" ({analysis.words})" if analysis.words else ""
        self.show(f"{step}, {duration(left)} left, so far: {analysis.verdict}{says}")


def release_document(release: "Release") -> dict[str, object]:
    """A release as JSON; where it runs and by which criteria is left to the ledger."""
    document: dict[str, object] = msgspec.to_builtins(release)
    for key in ("place", "criteria", "smoke", "migration", "health_seconds", "version", "since"):
        document.pop(key, None)
    return {
        "service": release.service,
        "phase": str(release.phase),
        "outcome": release.outcome,
        "paused": release.paused,
        "reason": release.reason,
        "weights": release.weights(),
        "weight": release.weight,
        "step": release.step,
        **document,
    }


def _tree(statuses: "Sequence[ServiceStatus]", *, clock: bool = True) -> Screen:
    screen = Screen()
    for status in statuses:
        _add(screen, status, clock=clock)
    if not statuses:
        screen.add("No services.")
    return screen


def _add(screen: Screen, status: "ServiceStatus", *, clock: bool) -> None:
    screen.add(Span(status.place.service, "bold"), "  ", *_headline(status, clock=clock))
    notes = [f"alarms: {', '.join(status.alarms)}"] if status.alarms else []
    if status.astray:
        what = "weights" if status.place.has_colors else "tasks"
        notes.append(f"the {what} are not as they should be: {status.astray}")
    if status.release and status.release.paused:
        notes.append(f"paused: {plain(status.release.paused)}")
    names = [_label(c.image, status.labels) if c.image else "?" for c in status.colors]
    for number, (color, name) in enumerate(zip(status.colors, names, strict=True)):
        last = number + 1 == len(status.colors) and not notes
        share = f"{color.weight:4} %  " if status.place.has_colors else " " * 8
        screen.add(
            "└─ " if last else "├─ ",
            Span(f"{color.color:6}", _COLORS.get(color.color, "")),
            Span(share, "bold" if color.weight else "dim"),
            f"{name:{max(map(len, names))}}  ",
            Span(color.health.words, "" if color.weight or color.health.wanted else "dim"),
        )
    for number, note in enumerate(notes):
        screen.add("└─ " if number + 1 == len(notes) else "├─ ", Span(note, "bold red"))


def _headline(status: "ServiceStatus", *, clock: bool) -> list[str | Span]:
    release = status.release
    if release is None:
        return [Span("no release yet", "dim")]
    if release.is_over:
        word = str(release.outcome)
        return [f"{release.label} ", Span(word, _OUTCOMES.get(word, "")), f", by {release.by}"]
    step = f"step {release.step + 1} of {len(release.steps)}, " if release.weight else ""
    left = status.bake_left
    bake = f", {duration(left)} left" if left is not None and clock else ""
    holder = f"{release.holder.who}, {status.holder.value}" if release.holder else "nobody"
    return [
        f"{release.label} ({release.strategy}): ",
        Span("paused" if release.paused else str(release.phase), "bold yellow"),
        f", {step}driven by {holder}{bake}",
    ]


def _label(image: str, labels: Mapping[str, str]) -> str:
    known, (_, separator, digest) = labels.get(image), image.rpartition("@sha256:")
    if separator:
        short = f"sha256:{digest[:12]}"
        return f"{known} ({short})" if known and not digest.startswith(known) else short
    return image.rpartition(":")[2]


def _document(status: "ServiceStatus") -> dict[str, object]:
    return {
        "service": status.place.service,
        "colors": [
            {
                "color": color.color,
                "weight": color.weight,
                "image": color.image,
                "label": status.labels.get(color.image),
                "task_definition": color.task_definition,
                "wanted": color.health.wanted,
                "running": color.health.running,
                "healthy": color.health.healthy,
            }
            for color in status.colors
        ],
        "alarms": list(status.alarms),
        "astray": status.astray or None,
        "bake_seconds_left": status.bake_left,
        "holder": status.holder.value if status.release and status.release.holder else None,
        "release": release_document(status.release) if status.release else None,
    }


def _past(service: str, past: "Past") -> Screen:
    screen = Screen()
    how = "" if past.outcome == "found" else f" ({past.kind}, {past.strategy}) to {past.color}"
    head = f"{service} {past.label}{how}: "
    screen.add(Span(head, "bold"), Span(past.outcome, _OUTCOMES.get(past.outcome, "")))
    for event in past.timeline:
        screen.add(f"  {clock_of(event.time)}  {plain(event.what)}")
    return screen


def _row(service: str, past: "Past") -> tuple[str, ...]:
    from datetime import datetime

    began, ended = (datetime.fromisoformat(t) for t in (past.started, past.ended))
    found = past.outcome == "found"
    return (
        past.started.replace("T", " ")[:19] + "Z",
        service,
        past.label,
        past.color,
        "-" if found else past.strategy if past.kind == "release" else past.kind,
        past.outcome,
        "-" if found else duration((ended - began).total_seconds()),
        past.by or "-",
        past.reason or "-",
    )
