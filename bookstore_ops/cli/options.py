"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="ADDRESS", help="Only this resource and what it needs."),
]
Variables = Annotated[
    list[str] | None, typer.Option("--var", metavar="NAME=VALUE", help="Set one variable.")
]
VariableFiles = Annotated[
    list[Path] | None,
    typer.Option("--var-file", metavar="FILE", help="Values on top of terraform.tfvars."),
]
LockTimeout = Annotated[
    str, typer.Option("--lock-timeout", metavar="DURATION", help="Wait that long for the lock.")
]
Parallelism = Annotated[
    int | None,
    typer.Option("--parallelism", min=1, metavar="N", help="Operations at a time."),
]
Yes = Annotated[
    bool, typer.Option("--yes", "-y", help="Do not ask (protected environments: see --confirm).")
]
ConfirmWords = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar="WORDS",
        help="What a protected environment asks to be typed: 'prod', or 'prod 3' where 3 end.",
    ),
]
AllowDestroy = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-destroy",
        metavar="ADDRESS",
        help="A resource that holds data and may be destroyed; once for each.",
    ),
]
