"""What changed outside Terraform: what counts, what is passed over, and why."""

from typing import TYPE_CHECKING

from bookstore_ops.ui.change_view import ChangeBlock
from bookstore_ops.ui.error_view import runbook_line
from bookstore_ops.ui.plan_view import change_document
from bookstore_ops.ui.text import Screen, Span, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from bookstore_ops.environments import IgnoredDrift
    from bookstore_ops.operations.drifting import Drift
    from bookstore_ops.terraform.plan import ResourceChange
    from bookstore_ops.ui.terminal import Terminal


def show_drift(terminal: "Terminal", drift: "Drift", environment: str, accept: str | None) -> None:
    """Show what differs; ``accept`` is the command that takes it over, if it is to be typed."""
    for rule in drift.expired:
        terminal.warn(
            f"{_named(rule)} is ignored no longer, since {rule.until} has passed "
            f"(environments/{environment}.toml: {rule.reason})"
        )
    terminal.result(
        render_drift(
            drift,
            environment=environment,
            sandbox=terminal.sandbox,
            width=terminal.width,
            verbose=terminal.verbose,
        )
    )
    if drift.changed and accept is not None:
        terminal.say(f"Set it back:  {accept.replace('drift', 'plan', 1)}", style="bold")
        terminal.say(f"Take it over into the state:  {accept} --accept", style="bold")
        page = runbook_line("drift-found", environment, sandbox=terminal.sandbox)
        terminal.say(f"Led through it:  {page}", style="bold")
    if accept is not None:
        terminal.document("bsops.drift/1", drift_document(drift, environment))


def render_drift(
    drift: "Drift", *, environment: str, sandbox: bool, width: int, verbose: bool = False
) -> Screen:
    """Every difference that counts with its attributes; the others as numbers, or in full."""
    banner = Span("SANDBOX ", "bold cyan") if sandbox else Span("")
    screen = Screen()
    screen.add(banner, Span(f"Changed outside Terraform in {environment}", "bold"))
    _section(screen, drift.changed, width)
    if verbose:
        _explained(
            screen,
            "Ignored",
            [(one.change, f"until {one.rule.until}: {one.rule.reason}") for one in drift.ignored],
            width,
        )
        if drift.settled:
            screen.add()
            screen.add(Span(f"{len(drift.settled)} settled by AWS after the last apply", "dim"))
            why = "not counted: no plan would take them back, the tree leaves them to AWS"
            screen.extend(prose(why, width, "dim", "  "))
            _section(screen, drift.settled, width, apart=False)
        for rule in drift.idle:
            screen.add()
            screen.extend(
                prose(f"{_named(rule)} is to be ignored, and does not differ now", width, "dim")
            )
    screen.add()
    screen.extend(prose(_summary(drift, environment), width, "bold"))
    if (drift.settled or drift.ignored) and not verbose:
        left_out = [
            f"{len(drift.ignored)} ignored" if drift.ignored else "",
            f"{len(drift.settled)} settled by AWS after the last apply" if drift.settled else "",
        ]
        words = ", ".join(filter(None, left_out))
        screen.extend(prose(f"Not counted: {words}; --verbose shows them", width, "dim"))
    return screen


def drift_document(drift: "Drift", environment: str) -> dict[str, object]:
    """The drift for ``--json``."""
    return {
        "environment": environment,
        "drifted": bool(drift.changed),
        "changed": [change_document(change) for change in drift.changed],
        "ignored": [
            {
                **change_document(one.change),
                "ignored_because": one.rule.reason,
                "until": one.rule.until.isoformat(),
            }
            for one in drift.ignored
        ],
        "settled": [change_document(change) for change in drift.settled],
        "expired_rules": [_rule_document(rule) for rule in drift.expired],
        "idle_rules": [_rule_document(rule) for rule in drift.idle],
    }


def _summary(drift: "Drift", environment: str) -> str:
    if not drift.changed:
        return f"No drift: {environment} is as Terraform left it."
    gone = sum(change.action.destroys for change in drift.changed)
    changed = len(drift.changed) - gone
    parts = [f"{changed} changed" if changed else "", f"{gone} gone" if gone else ""]
    return f"Drift: {', '.join(filter(None, parts))} outside Terraform"


def _section(
    screen: Screen,
    changes: "Iterable[ResourceChange]",
    width: int,
    *,
    apart: bool = True,
) -> None:
    for index, change in enumerate(changes):
        if index == 0 and apart:
            screen.add()
        block = ChangeBlock(change, width, everything=False, loss="GONE")
        screen.extend([block.head, *block.body])


def _explained(
    screen: Screen, title: str, changes: "Sequence[tuple[ResourceChange, str]]", width: int
) -> None:
    if not changes:
        return
    screen.add()
    screen.add(Span(f"{len(changes)} {title.lower()}", "bold"))
    for change, why in changes:
        block = ChangeBlock(change, width, everything=False, loss="GONE")
        screen.extend([block.head, *prose(why, width, "dim", " " * 6), *block.body])


def _named(rule: "IgnoredDrift") -> str:
    return rule.address + (f" {rule.attribute}" if rule.attribute else "")


def _rule_document(rule: "IgnoredDrift") -> dict[str, object]:
    return {
        "address": rule.address,
        "attribute": rule.attribute,
        "reason": rule.reason,
        "until": rule.until.isoformat(),
    }
