"""bsops sandbox."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, RequiredEnvironmentArgument, with_common

Bare = Annotated[
    bool,
    typer.Option(
        "--bare", help="Make no state buckets: state is in files until bsops bootstrap ENV."
    ),
]


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Run the platform on this machine against a fake AWS.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_sandbox)
    group.command("start", epilog="Example:  bsops sandbox start --port 5000")(
        with_common(start, sandbox=True)
    )
    group.command("status", epilog="Example:  bsops sandbox status --json")(
        with_common(status, sandbox=True)
    )
    group.command("reset", epilog="Example:  bsops sandbox reset")(with_common(reset, sandbox=True))
    group.command("push", epilog="Example:  bsops sandbox push dev catalog 1.4.0")(
        with_common(push, sandbox=True)
    )
    group.command("stop", epilog="Example:  bsops sandbox stop")(with_common(stop, sandbox=True))
    app.add_typer(group, name="sandbox")


def _sandbox() -> None:
    """Run the platform on this machine against a fake AWS."""


def start(
    common: Common,
    port: Annotated[
        int | None,
        typer.Option(
            "--port", min=1, max=65535, show_default="a free one", help="The loopback port."
        ),
    ] = None,
    bare: Bare = False,
) -> None:
    """Start this workspace's sandbox server, if it does not run."""
    from bookstore_ops.sandbox import lifecycle
    from bookstore_ops.ui.sandbox_view import show_server

    server = lifecycle.ensure(
        common.find_workspace(), port=port, bare=bare, progress=common.terminal.say
    )
    show_server(common.terminal, server)


def status(common: Common) -> None:
    """Show the server, what it holds, and what it lacks."""
    from bookstore_ops.sandbox import lifecycle
    from bookstore_ops.ui.sandbox_view import show_status

    show_status(common.terminal, lifecycle.status(common.find_workspace()))


def reset(common: Common, bare: Bare = False) -> None:
    """Forget everything in the sandbox and start afresh."""
    from bookstore_ops.sandbox import lifecycle
    from bookstore_ops.ui.sandbox_view import show_server

    show_server(common.terminal, lifecycle.reset(common.find_workspace(), bare=bare))


def push(
    common: Common,
    env: RequiredEnvironmentArgument,
    service: Annotated[str, typer.Argument(metavar="SERVICE", help="Whose image it is.")],
    tag: Annotated[str, typer.Argument(metavar="TAG", help="The tag, to be released by.")],
    unhealthy: Annotated[
        bool, typer.Option("--unhealthy", help="Its tasks never become healthy.")
    ] = False,
    answers: Annotated[
        int,
        typer.Option(
            "--answers", min=200, max=599, metavar="STATUS", help="What its tasks answer."
        ),
    ] = 200,
    exits: Annotated[
        int,
        typer.Option(
            "--exits", min=0, max=255, metavar="CODE", help="How its migration tasks end."
        ),
    ] = 0,
) -> None:
    """Put an image into the sandbox's registry, to rehearse a release with."""
    from bookstore_ops.operations.releases.session import open_release_session
    from bookstore_ops.operations.sandbox_pushing import push as put

    terminal = common.terminal
    request = common.request("sandbox push", env)
    with open_release_session(request, terminal.say, warn=terminal.warn, journaled=False) as held:
        repository, digest = put(
            held, service, tag, healthy=not unhealthy, answers=answers, exits=exits
        )
    terminal.result(f"{repository}:{tag}  {digest}")
    terminal.document(
        "bsops.sandbox-push/1", {"repository": repository, "tag": tag, "digest": digest}
    )


def stop(common: Common) -> None:
    """Stop the server; all it holds goes with it."""
    from bookstore_ops.sandbox import lifecycle

    stopped = lifecycle.stop(common.find_workspace())
    common.terminal.result("stopped" if stopped else "it was not running")
    common.terminal.document("bsops.sandbox/1", {"running": False, "stopped": stopped})
