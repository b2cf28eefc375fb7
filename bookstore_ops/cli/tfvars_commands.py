"""The commands of `bsops tfvars`."""

from pathlib import Path
from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument
from bookstore_ops.exit_codes import ExitCode


def new(
    common: Common,
    env: EnvironmentArgument = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Give one value; may be repeated."),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Values over those of the environment's kind."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over the file; a copy is kept in .bsops/backups.")
    ] = False,
) -> None:
    """Write an environment's terraform.tfvars anew; asks for what has no default."""
    from bookstore_ops.operations.values.scaffolding import Wanted, write_new
    from bookstore_ops.ui.tfvars_view import asker, show_written
    from bookstore_ops.ui.watch import LiveWatch

    terminal, workspace = common.terminal, common.find_workspace()
    environment = common.environment(workspace, env)
    wanted = Wanted(assignments or (), file, force)
    ask = asker(terminal) if terminal.interactive else None
    with LiveWatch(terminal, verb="fmt", environment=environment.name) as watch:
        written = write_new(workspace, environment, wanted, common.terraform_bin, watch, ask=ask)
    sandbox = " --sandbox" if common.sandbox else ""
    show_written(terminal, environment.name, written, f"bsops plan {environment.name}{sandbox}")


def check(common: Common, env: EnvironmentArgument = None) -> int:
    """List everything that is wrong with an environment's values; exit 6 if anything is."""
    from bookstore_ops.operations.values.checking import check as look
    from bookstore_ops.operations.values.reading import load_values
    from bookstore_ops.ui.tfvars_view import show_findings
    from bookstore_ops.ui.watch import LiveWatch

    workspace = common.find_workspace()
    environment = common.environment(workspace, env)
    values = load_values(workspace, environment.name)
    with LiveWatch(common.terminal, verb="validate", environment=environment.name) as watch:
        checked = look(values, environment, common.terraform_bin, watch)
    show_findings(common.terminal, values, checked)
    return ExitCode.CONFIGURATION if checked.findings else ExitCode.DONE


def set_(
    common: Common,
    env: RequiredEnvironmentArgument,
    name: Annotated[
        str, typer.Argument(metavar="KEY", help="A variable, or a place in a group: database.port")
    ],
    value: Annotated[
        str,
        typer.Argument(metavar="VALUE", help='Text as it is; else as in the file: 4, true, ["a"]'),
    ],
) -> None:
    """Set one value in terraform.tfvars; comments and layout stay."""
    from bookstore_ops.operations.values.editing import set_one
    from bookstore_ops.operations.values.reading import load_values
    from bookstore_ops.ui.tfvars_view import show_change
    from bookstore_ops.ui.watch import LiveWatch

    workspace = common.find_workspace()
    environment = common.environment(workspace, env).name
    values = load_values(workspace, environment)
    with LiveWatch(common.terminal, verb="fmt", environment=environment) as watch:
        change = set_one(values, name, value, common.terraform_bin, watch)
    sandbox = " --sandbox" if common.sandbox else ""
    show_change(common.terminal, environment, change, f"bsops plan {environment}{sandbox}")


def diff(
    common: Common,
    env: RequiredEnvironmentArgument,
    other: Annotated[str, typer.Argument(metavar="ENV", help="Another environment.")],
) -> None:
    """Show which values two environments have differently, defaults merged."""
    from bookstore_ops.operations.values.comparing import compare
    from bookstore_ops.operations.values.reading import load_values
    from bookstore_ops.ui.tfvars_view import show_differences

    workspace = common.find_workspace()
    names = [common.environment(workspace, name).name for name in (env, other)]
    left, right = (load_values(workspace, name) for name in names)
    show_differences(common.terminal, names[0], names[1], compare(left, right))


def sync(
    common: Common,
    env: EnvironmentArgument = None,
    write: Annotated[
        bool, typer.Option("--write", help="Add what is new to the file, as commented defaults.")
    ] = False,
    groups: Annotated[
        bool, typer.Option("--groups", help="Look into the groups that the file gives, too.")
    ] = False,
) -> None:
    """List what the tree has and the file does not mention, and what the tree has no more."""
    from bookstore_ops.operations.values.reading import load_values
    from bookstore_ops.operations.values.syncing import look
    from bookstore_ops.operations.values.syncing import write as add_new
    from bookstore_ops.ui.tfvars_view import show_synced
    from bookstore_ops.ui.watch import LiveWatch

    workspace = common.find_workspace()
    environment = common.environment(workspace, env).name
    values = load_values(workspace, environment)
    synced = look(values, groups=groups)
    if write:
        with LiveWatch(common.terminal, verb="fmt", environment=environment) as watch:
            synced = add_new(values, synced, common.terraform_bin, watch)
    show_synced(common.terminal, environment, synced, groups=groups)


def explain(
    common: Common,
    name: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME", show_default=False, help="A variable, or a place in its group."
        ),
    ] = None,
) -> None:
    """Say what a variable is: type, default, rules, where it is used, its value everywhere."""
    from bookstore_ops.operations.values.comparing import any_variables
    from bookstore_ops.operations.values.comparing import explain as look_up
    from bookstore_ops.ui.tfvars_view import show_explained, show_variables

    workspace = common.find_workspace()
    if name is None:
        show_variables(common.terminal, any_variables(workspace).variables)
    else:
        show_explained(common.terminal, look_up(workspace, name))
