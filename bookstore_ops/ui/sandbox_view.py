"""The sandbox's server: what runs, what it holds, what it lacks."""

from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bookstore_ops.sandbox.lifecycle import Server, Status
    from bookstore_ops.ui.terminal import Terminal

_MEGABYTE = 1_000_000

BARE = "It is bare: an environment's state is in a file until bsops bootstrap ENV --sandbox."


def show_server(terminal: "Terminal", server: "Server") -> None:
    """A server that was just asked for."""
    if server.lost:
        terminal.warn(f"{server.lost}: its resources and its state are gone; this one is empty")
    began = "started" if server.fresh else "runs already"
    kind = "bare sandbox" if server.bare else "sandbox"
    terminal.result(f"The {kind} {began}: {server.url} (pid {server.pid})")
    if server.bare:
        terminal.say(BARE)
    terminal.say("next: bsops plan dev --sandbox")
    terminal.document(
        "bsops.sandbox/1",
        {
            "running": True,
            "bare": server.bare,
            "fresh": server.fresh,
            "url": server.url,
            "pid": server.pid,
        },
    )


def show_status(terminal: "Terminal", status: "Status") -> None:
    """The server, its resources by account, what it was asked and lacks, what is left out."""
    terminal.document("bsops.sandbox/1", asdict(status))
    if not status.running:
        terminal.result("The sandbox does not run. bsops sandbox start, or any command --sandbox.")
    else:
        memory = f", {status.memory / _MEGABYTE:.0f} MB" if status.memory else ""
        terminal.result(
            f"The {'bare ' if status.bare else ''}sandbox runs: {status.url} "
            f"(pid {status.pid}, since {status.started}{memory})"
        )
        if status.bare:
            terminal.result(BARE)
        rows = [
            (account, kind, str(count))
            for account, kinds in sorted(status.resources.items())
            for kind, count in sorted(kinds.items())
        ]
        if rows:
            terminal.table(("account", "holds", "number"), rows)
        for missing in status.missing:
            terminal.warn(f"asked for and missing: {missing}")
    terminal.result("Left out or replaced in the sandbox:")
    for substitution in status.substitutions:
        terminal.result(f"  {substitution.what}: {substitution.why}")
