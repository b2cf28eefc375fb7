"""Which files of a tree are not in Terraform's format: a look that writes nothing.

It can be cut off at any time, so it needs none of the care that runs with a state need.
"""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from bookstore_ops.errors import OperationFailed
from bookstore_ops.terraform.binary import Binary


def unformatted(
    binary: Binary, tree: Path, environ: Mapping[str, str], *, seconds: float
) -> list[str]:
    """The names of those files, below ``tree``.

    Raises:
        OperationFailed: a file could not be parsed, or it took too long.
    """
    quiet = {
        name: value
        for name, value in environ.items()
        if not name.startswith(("TF_CLI_ARGS", "TF_LOG"))
    }
    try:
        said = subprocess.run(
            [*binary.command, "fmt", "-check", "-recursive", "-no-color"],
            cwd=tree,
            env={**quiet, "CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OperationFailed(
            "Terraform does not look at the format of the tree", why=str(error)
        ) from error
    # Exit status 3 means that files differ; every other failure is a real one.
    if said.returncode not in {0, 3}:
        raise OperationFailed(
            "Terraform cannot read the tree",
            why=said.stderr.strip(),
            next_step="mend the lines above, then: bsops fmt --check",
        )
    return said.stdout.splitlines()
