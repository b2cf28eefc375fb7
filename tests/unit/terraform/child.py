"""Stands in for Terraform: takes note of every signal, and ends some time after the nth SIGINT.

argv: LOG, how many SIGINTs it takes to stop it, how long it then still needs.
"""

import signal
import sys
import time
from pathlib import Path
from types import FrameType

log, enough, seconds = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
interrupts = 0


def take_note(number: int, _frame: FrameType | None) -> None:
    global interrupts  # noqa: PLW0603  (a signal handler has nowhere else to put it)
    with log.open("a") as file:
        file.write(f"{signal.Signals(number).name}\n")
    interrupts += number == signal.SIGINT


for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(each, take_note)
print("ready", flush=True)  # noqa: T201
# Nothing may outlive a test run for long.
deadline = time.monotonic() + 30
while interrupts < enough and time.monotonic() < deadline:
    time.sleep(0.02)
ends = time.monotonic() + seconds
while time.monotonic() < ends:
    time.sleep(0.02)
with log.open("a") as file:
    file.write("ended\n")
print("stopped", flush=True)  # noqa: T201
sys.exit(1)
