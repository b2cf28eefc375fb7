"""The commands of `bsops tfvars`."""

from typing import Annotated

import typer

from bookstore_ops.cli.common import Common, EnvironmentArgument, RequiredEnvironmentArgument
from bookstore_ops.exit_codes import ExitCode


def check(common: Common, env: EnvironmentArgument = None) -> int:
    """List everything that is wrong with an environment's values; exit 6 if anything is."""
    from bookstore_ops.operations.values_checking import check as look
    from bookstore_ops.operations.values_reading import load_values
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
    from bookstore_ops.operations.values_editing import set_one
    from bookstore_ops.operations.values_reading import load_values
    from bookstore_ops.ui.tfvars_view import show_change
    from bookstore_ops.ui.watch import LiveWatch

    workspace = common.find_workspace()
    environment = common.environment(workspace, env).name
    values = load_values(workspace, environment)
    with LiveWatch(common.terminal, verb="fmt", environment=environment) as watch:
        change = set_one(values, name, value, common.terraform_bin, watch)
    sandbox = " --sandbox" if common.sandbox else ""
    show_change(common.terminal, environment, change, f"bsops plan {environment}{sandbox}")
