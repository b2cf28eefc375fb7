"""Flags on the screen: each with its share and its rollout; a rollout under way."""

from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.flags.model import PERCENT
from bookstore_ops.releases.model import now
from bookstore_ops.ui.step_watch import StepWatch
from bookstore_ops.ui.text import Line, Screen, Span, duration, line, plain

if TYPE_CHECKING:
    from bookstore_ops.flags.model import Rollout
    from bookstore_ops.operations.flags.status import Flags, FlagStatus
    from bookstore_ops.releases.analysis import Analysis
    from bookstore_ops.ui.terminal import Terminal

_OUTCOMES = {"done": "bold green", "aborted": "bold yellow", "failed": "bold red"}
_BAR = 20


def show_flags(terminal: "Terminal", found: "Flags") -> None:
    """Every flag, and what is under it."""
    screen = Screen()
    name = max((len(each.flag.name) for each in found.flags), default=0)
    for each in found.flags:
        screen.extend(_lines(each, name))
    if not found.flags:
        screen.add("No flags.")
    screen.add(Span(f"version {found.version}, deployment {found.deployment}", "dim"))
    terminal.result(screen)
    terminal.document(
        "bsops.flags/1",
        {
            "version": found.version,
            "deployment": found.deployment,
            "flags": [_document(each) for each in found.flags],
        },
    )


def show_flag(terminal: "Terminal", changed: "FlagStatus") -> None:
    """A flag that was set."""
    screen = Screen()
    screen.extend(_lines(changed, len(changed.flag.name)))
    screen.add("who has it: ", changed.flag.reach)
    terminal.result(screen)
    terminal.document("bsops.flag/1", {"flag": _document(changed)})


def show_rollout(terminal: "Terminal", rollout: "Rollout") -> None:
    """What became of a rollout, and how the flag is now."""
    word = rollout.outcome or ("paused" if rollout.paused else str(rollout.phase))
    screen = Screen()
    screen.add(Span(f"{rollout.flag}: ", "bold"), Span(word, _OUTCOMES.get(word, "bold yellow")))
    values = rollout.values
    share = f"{values[PERCENT]:g} %"
    screen.add("now: ", f"on for {share} of the customers" if values["enabled"] else "off")
    why = rollout.reason or rollout.paused
    if why:
        screen.add(f"why: {plain(why)}")
    terminal.result(screen)
    terminal.document("bsops.flag-rollout/1", {"rollout": rollout_document(rollout)})


class RolloutWatch(StepWatch):
    """Follows a rollout."""

    def baking(self, rollout: "Rollout", left: float, analysis: "Analysis") -> None:
        """See :class:`Watcher`."""
        step = f"step {rollout.step + 1} of {len(rollout.steps)}: on for {rollout.weight} %"
        says = f" ({analysis.words})" if analysis.words else ""
        self.show(f"{step}, {duration(left)} left, so far: {analysis.verdict}{says}")


def rollout_document(rollout: "Rollout") -> dict[str, object]:
    """A rollout as JSON; where it runs and by which criteria is left to the ledger."""
    document: dict[str, object] = msgspec.to_builtins(rollout)
    for key in ("place", "criteria", "version", "since", "baseline"):
        document.pop(key, None)
    return {
        "service": rollout.service,
        "phase": str(rollout.phase),
        "outcome": rollout.outcome,
        "paused": rollout.paused,
        "reason": rollout.reason,
        "step": rollout.step,
        "percent": rollout.values[PERCENT],
        "enabled": rollout.values["enabled"],
        **document,
    }


def _lines(each: "FlagStatus", width: int) -> list[Line]:
    flag = each.flag
    shown: list[str | Span] = [
        Span(f"{flag.name:{width}}  ", "bold"),
        Span("on   " if flag.enabled else "off  ", "bold green" if flag.enabled else "dim"),
    ]
    if flag.percent is not None:
        full = round(_BAR * min(max(flag.share, 0), 100) / 100)
        shown += [Span("\u2588" * full, "green"), Span("\u2591" * (_BAR - full), "dim")]
        shown.append(f" {flag.percent:3g} %  ")
    else:
        shown.append(" " * (_BAR + 8))
    shown.append(Span(", ".join(each.services) or "-", "" if each.services else "dim"))
    notes: list[list[str | Span]] = []
    others = {key: value for key, value in flag.attributes.items() if key != PERCENT}
    if others:
        notes.append([", ".join(f"{key} = {plain(str(v))}" for key, v in others.items())])
    if flag.description:
        notes.append([Span(plain(flag.description), "dim")])
    notes += _rollout(each)
    if each.astray:
        notes.append([Span(f"it is not as it should be: {each.astray}", "bold red")])
    marks = ["\u251c\u2500 "] * (len(notes) - 1) + ["\u2514\u2500 "] * bool(notes)
    return [line(*shown), *(line(mark, *note) for mark, note in zip(marks, notes, strict=True))]


def _rollout(each: "FlagStatus") -> list[list[str | Span]]:
    rollout = each.rollout
    if rollout is None:
        return []
    if rollout.is_over:
        word = str(rollout.outcome)
        why = f": {plain(rollout.reason)}" if rollout.reason else ""
        return [["rollout ", Span(word, _OUTCOMES[word]), f"{why}, by {rollout.by}"]]
    word = "paused" if rollout.paused else str(rollout.phase)
    step = f"step {rollout.step + 1} of {len(rollout.steps)}"
    holder = f"{rollout.holder.who}, {each.holder.value}" if rollout.holder else "nobody"
    left = rollout.bake_left(now())
    rest = f", {duration(left)} left" if left is not None and not rollout.paused else ""
    found: list[list[str | Span]] = [
        ["rollout ", Span(word, "bold yellow"), f", {step}, driven by {holder}{rest}"]
    ]
    if rollout.paused:
        found.append([Span(f"paused: {plain(rollout.paused)}", "bold red")])
    return found


def _document(each: "FlagStatus") -> dict[str, object]:
    rollout = each.rollout
    return {
        "name": each.flag.name,
        "enabled": each.flag.enabled,
        "percent": each.flag.percent,
        "share": each.flag.share,
        "attributes": dict(each.flag.attributes),
        "description": each.flag.description,
        "temporary": each.flag.temporary,
        "services": list(each.services),
        "astray": each.astray or None,
        "holder": each.holder.value if rollout and rollout.holder else None,
        "bake_seconds_left": rollout.bake_left(now()) if rollout else None,
        "rollout": rollout_document(rollout) if rollout else None,
    }
