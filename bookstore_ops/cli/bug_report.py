"""The file an operator attaches to an issue when bsops itself is at fault."""

import platform
import sys
import tempfile
import traceback
from pathlib import Path

from bookstore_ops import __version__
from bookstore_ops.bundle.masking import Masker
from bookstore_ops.journal import mask_arguments


def write_bug_report(error: Exception) -> Path | None:
    """Write the traceback, without local variables (they hold secrets); None if it cannot be.

    A message may quote a value: what looks like a secret is masked.
    """
    lines = [
        f"bsops {__version__}, Python {platform.python_version()}, {platform.platform()}",
        f"arguments: {' '.join(mask_arguments(sys.argv[1:]))}",
        "",
        *traceback.format_exception(error),
        "",
        "`bsops support bundle` takes this file with it, and all else that an issue needs.",
    ]
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="bsops-report-", suffix=".txt", delete=False
        ) as report:
            report.write(Masker(account_ids=True).text("\n".join(lines)))
    except OSError:
        return None
    return Path(report.name)
