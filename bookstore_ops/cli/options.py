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
Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="TEXT", help="Why a guard is overridden; kept in history."),
]
MaxDestroy = Annotated[
    int | None,
    typer.Option(
        "--max-destroy",
        min=1,
        metavar="N",
        help="Destroy up to so many, although the environment allows fewer; needs --reason.",
    ),
]
DuringFreeze = Annotated[
    bool, typer.Option("--during-freeze", help="Although there is a freeze; needs --reason.")
]
AllowDirty = Annotated[
    bool,
    typer.Option(
        "--allow-dirty",
        help="Although the tree is not committed, pushed or on its branch; needs --reason.",
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
