"""bsops import: `bsops state import` under the name that Terraform gives it."""

import typer

from bookstore_ops.cli.common import with_common
from bookstore_ops.cli.state_changing import import_


def add(app: typer.Typer) -> None:
    """Add the command."""
    app.command("import", epilog="Example:  bsops import dev aws_s3_bucket.logs my-logs")(
        with_common(import_)
    )
