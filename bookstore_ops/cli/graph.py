"""bsops graph."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, with_common
from bookstore_ops.errors import UsageError


class Format(StrEnum):
    """What a graph can be written as."""

    TEXT = "text"
    SVG = "svg"
    DOT = "dot"
    MERMAID = "mermaid"


_SUFFIXES = {
    ".txt": Format.TEXT,
    ".svg": Format.SVG,
    ".dot": Format.DOT,
    ".gv": Format.DOT,
    ".mmd": Format.MERMAID,
    ".mermaid": Format.MERMAID,
}


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("graph", epilog="Example:  bsops graph prod -o graph.svg")(with_common(graph))


def graph(
    common: Common,
    env: EnvironmentArgument = None,
    resource: Annotated[
        str | None,
        typer.Option(
            "--resource",
            "--focus",
            metavar="ADDRESS",
            help="Only this resource or module, what it needs and who needs it.",
        ),
    ] = None,
    depth: Annotated[
        int, typer.Option("--depth", min=1, metavar="N", help="With --resource: so many steps.")
    ] = 1,
    kind: Annotated[
        Format | None,
        typer.Option("--format", show_default="by FILE's ending, else text", help="How."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it there.")
    ] = None,
) -> None:
    """Show what needs what: modules, or one resource and its surroundings."""
    from bookstore_ops.operations.graphing import read_dependencies
    from bookstore_ops.operations.session import open_session
    from bookstore_ops.ui.graph_view import show_dependencies
    from bookstore_ops.ui.watch import LiveWatch

    terminal = common.terminal
    chosen = kind or _by_suffix(out)
    request = common.request("graph", env)
    with open_session(request, terminal.say, warn=terminal.warn, reaches_aws=False) as session:
        name = session.environment.name
        with LiveWatch(terminal, verb="graph", environment=name) as watch:
            found = read_dependencies(session, watch, resource, depth)
        show_dependencies(terminal, found, name, chosen, out)


def _by_suffix(out: Path | None) -> Format:
    if out is None:
        return Format.TEXT
    found = _SUFFIXES.get(out.suffix.lower())
    if found is None:
        raise UsageError(
            f"what {out} is to hold cannot be told from its ending",
            why=f"known endings: {', '.join(_SUFFIXES)}",
            next_step=f"--format svg, or another ending: -o {out.stem}.svg",
        )
    return found
