"""What was recorded of the runs of runbooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from bookstore_ops.errors import BsopsError
from bookstore_ops.files import write_atomically
from bookstore_ops.runbooks.records import Ended
from bookstore_ops.runbooks.standing import Standing, standing_of
from bookstore_ops.runbooks.store import RunFiles, runs
from bookstore_ops.runbooks.transcript import Transcript, markdown, read_transcript
from bookstore_ops.workspace import Workspace

Format = Literal["md", "html", "jsonl"]


@dataclass(frozen=True)
class Past:
    """A run in the list. ``state`` is how it ended; ``running``, or ``killed`` and resumable."""

    run: str
    standing: Standing
    state: str


def past_runs(workspace: Workspace, environment: str | None) -> list[Past]:
    """All runs, oldest first; one whose events cannot be read is passed over."""
    found = []
    for files in runs(workspace):
        try:
            standing = standing_of(files)
        except BsopsError:
            continue
        if environment in {None, standing.begun.environment}:
            found.append(Past(files.run, standing, _state(files, standing)))
    return found


def _state(files: RunFiles, standing: Standing) -> str:
    if files.is_led():
        return "running"
    return standing.closed.ending if standing.closed else "killed"


def render(files: RunFiles, form: Format) -> tuple[Transcript, str]:
    """The transcript of a run, and it in that form.

    Raises:
        ConfigurationError: its events cannot be read.
    """
    transcript = read_transcript(files)
    match form:
        case "html":
            from bookstore_ops.runbooks.html import html

            return transcript, html(transcript)
        case "jsonl":
            return transcript, "".join(_lines(files))
        case _:
            return transcript, markdown(transcript)


def _lines(files: RunFiles) -> Sequence[str]:
    lines = []
    for event in files.events():
        document = {"schema": "bsops.runbook.event/1", **msgspec.to_builtins(event)}
        if isinstance(event, Ended) and event.output:
            document["text"] = files.output(event.output)
        lines.append(msgspec.json.encode(document).decode() + "\n")
    return lines


def write_report(path: Path, text: str) -> None:
    """Write a report where only its owner can read it.

    Raises:
        EnvironmentMissing: it cannot be written.
    """
    write_atomically(path, text, mode=0o600)
