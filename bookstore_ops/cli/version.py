"""bsops version."""

import typer

from bookstore_ops.cli.common import Common, with_common


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("version", epilog="Example:  bsops version --json")(with_common(version))


def version(common: Common) -> None:
    """Print the versions of bsops, Terraform and the provider."""
    from bookstore_ops.operations.versions import versions

    found = versions(common.workspace, common.terraform_bin)
    common.terminal.table(("what", "version", "from"), found)
    common.terminal.document(
        "bsops.version/1",
        {what: {"version": number, "from": source} for what, number, source in found},
    )
