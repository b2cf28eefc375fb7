"""How long it takes until bsops asks its first question, at a terminal, on thirty runbooks."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PAGES = 30
_PATIENCE_SECONDS = 60.0
# What stands behind a question, on the line on which it is answered.
_ASKED = re.compile(rb"(: |\[y/N\] )\Z")


def thirty(workspace: Path) -> str:
    """Fill a workspace up to thirty runbooks; the name of one that asks for a parameter first."""
    pages = workspace / "runbooks"
    have = sorted(path for path in pages.glob("*.md") if path.stem != "README")
    text = (pages / "scale-service.md").read_text(encoding="utf-8")
    for number in range(len(have), PAGES):
        (pages / f"scale-service-{number}.md").write_text(text, encoding="utf-8")
    return "scale-service"


def until_asked(command: Sequence[str], cwd: Path) -> float:
    """Seconds until a command asks something at a terminal; it is ended then."""
    ours, theirs = pty.openpty()
    began = time.perf_counter()
    with subprocess.Popen(
        command, cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        seen = b""
        while not _ASKED.search(seen):
            ready, _, _ = select.select([ours], [], [], _PATIENCE_SECONDS)
            try:
                piece = os.read(ours, 65536) if ready else b""
            except OSError:  # Linux says so of a terminal whose last process has ended
                piece = b""
            if not piece:
                process.kill()
                sys.exit(f"{' '.join(command)} asked nothing:\n{seen.decode(errors='replace')}")
            seen += piece
        took = time.perf_counter() - began
        process.kill()
    os.close(ours)
    return took
