"""An ``import`` block in a root module for as long as one plan takes."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bookstore_ops.files import write_atomically

# The file carries the number of the process that needs it.
_FILE = "bsops_import_{}.tf"

_BLOCK = """\
# Written by bsops import for one plan, and removed after it.
import {{
  to = {address}
  id = {identifier}
}}
"""


@contextmanager
def import_block(root: Path, address: str, identifier: str) -> Iterator[None]:
    """Have the block in ``root``; it goes whatever happens, and a killed one's with the next run.

    Raises:
        EnvironmentMissing: it cannot be written.
    """
    path = root / _FILE.format(os.getpid())
    # Terraform's strings know ${ and %{ as templates, JSON's do not.
    quoted = json.dumps(identifier, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    write_atomically(path, _BLOCK.format(address=address, identifier=quoted))
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def forget_stale_blocks(root: Path) -> None:
    """Remove what a killed import has left in a root: its block must not enter another plan."""
    for path in root.glob(_FILE.format("*")):
        import psutil

        number = path.stem.rpartition("_")[2]
        if not (number.isdecimal() and psutil.pid_exists(int(number))):
            path.unlink(missing_ok=True)
