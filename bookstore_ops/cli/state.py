"""bsops state."""

import typer

from bookstore_ops.cli import state_changing, state_mending, state_reading
from bookstore_ops.cli.common import with_common

COMMANDS = (
    (state_reading.list_, "list", "bsops state list prod module.bookstore.module.rds"),
    (state_reading.show, "show", "bsops state show dev 'aws_s3_bucket.logs[\"a\"]'"),
    (state_changing.mv, "mv", "bsops state mv dev aws_s3_bucket.old aws_s3_bucket.new"),
    (state_changing.rm, "rm", "bsops state rm dev aws_s3_bucket.old"),
    (state_changing.import_, "import", "bsops state import dev aws_s3_bucket.logs my-logs"),
    (state_reading.pull, "pull", "bsops state pull dev -o dev.tfstate"),
    (state_changing.push, "push", "bsops state push dev dev.tfstate"),
    (state_reading.backup, "backup", "bsops state backup prod --list"),
    (state_changing.restore, "restore", "bsops state restore dev latest"),
    (state_reading.versions, "versions", "bsops state versions prod --last 20"),
    (state_mending.recover, "recover", "bsops state recover dev"),
    (state_mending.repair_digest, "repair-digest", "bsops state repair-digest dev"),
    (state_mending.orphans, "orphans", "bsops state orphans dev"),
)


def add(app: typer.Typer) -> None:
    """Add the command group."""
    group = typer.Typer(
        help="Look into a state, change it, and get it back.",
        no_args_is_help=True,
        rich_markup_mode=None,
    )
    group.callback()(_state)
    for function, name, example in COMMANDS:
        group.command(name, epilog=f"Example:  {example}")(with_common(function))
    app.add_typer(group, name="state")


def _state() -> None:
    """Look into a state, change it, and get it back."""
