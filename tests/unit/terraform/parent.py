"""Stands in for bsops: runs the child, and tells its own stdout what the child says.

argv: DIRECTORY for output and log, how many SIGINTs stop the child, how long it then needs.
"""

import sys
from pathlib import Path

from bookstore_ops.terraform.process import run
from bookstore_ops.ui.terminal import Terminal

directory, arguments = Path(sys.argv[1]), sys.argv[2:]
terminal = Terminal()
ended = run(
    [sys.executable, str(Path(__file__).with_name("child.py")), str(directory / "log"), *arguments],
    cwd=directory,
    environ={},
    output=directory / "output",
    errors=directory / "errors",
    on_line=lambda line: terminal.result(line.decode()),
    on_tick=lambda: None,
    notice=terminal.notice,
)
(directory / "exit").write_text(f"{ended.code} {ended.signal_number}")
