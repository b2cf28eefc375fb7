"""A Python block in a process of its own: its text is the first argument, values come as JSON.

Started by :mod:`bookstore_ops.runbooks.commands`. What goes wrong in it is said in one line: an
operator needs AWS's words, not the way through boto3 that they took.
"""

import json
import sys
import traceback

_BLOCK = "<block>"


def main() -> int:
    """Run the block; 1 where it fails. What it exits with by itself stands."""
    text = sys.argv.pop(1)
    scope = {"__name__": "__main__", "values": json.load(sys.stdin)}
    try:
        exec(compile(text, _BLOCK, "exec"), scope)  # noqa: S102  (the page is the operator's own)
    except Exception as error:  # noqa: BLE001  (whatever it is, it is said)
        sys.stdout.flush()
        sys.stderr.write(f"{_told(error)}\n")
        return 1
    return 0


def _told(error: Exception) -> str:
    if isinstance(error, SyntaxError) and error.filename == _BLOCK:
        return f"line {error.lineno} of the block is no Python: {error.msg}"
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == _BLOCK
    ]
    where = f"line {lines[-1]} of the block" if lines else "the block"
    kind = type(error)
    known = kind.__module__.partition(".")[0] == "botocore"
    return f"{where}: {error}" if known else f"{where}: {kind.__name__}: {error}"


if __name__ == "__main__":
    sys.exit(main())
