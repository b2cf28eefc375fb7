"""What was recorded of the runs of runbooks."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from bookstore_ops.errors import BsopsError
from bookstore_ops.files import write_atomically
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.runbooks.sharing import Seeker
from bookstore_ops.runbooks.records import AnyEvent, Ended
from bookstore_ops.runbooks.shared import SharedRuns
from bookstore_ops.runbooks.standing import Standing, stand, standing_of
from bookstore_ops.runbooks.store import RunFiles, decode_events, runs
from bookstore_ops.runbooks.transcript import Transcript, markdown, read_transcript
from bookstore_ops.workspace import Workspace

Format = Literal["md", "html", "jsonl"]


@dataclass(frozen=True)
class Past:
    """A run in the list.

    ``state`` is how it ended; ``running``, or ``killed`` and resumable. ``elsewhere``: another
    machine led it last, and only the bucket can say more.
    """

    run: str
    standing: Standing
    state: str


def past_runs(workspace: Workspace, environment: str | None) -> list[Past]:
    """The runs that are kept on this machine, oldest first; what cannot be read is passed over."""
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
    if standing.closed:
        return standing.closed.ending
    host = who().rpartition("@")[2]
    elsewhere = standing.taken and standing.taken[-1].who.rpartition("@")[2] != host
    return "elsewhere" if elsewhere else "killed"


def all_runs(past: Sequence[Past], seeker: Seeker, environment: str, last: int) -> list[Past]:
    """``past`` and the last runs in the bucket of an environment; a warning where it is silent."""
    try:
        bucket = seeker.bucket(environment)
        return _with_shared(past, bucket, last) if bucket else list(past)
    except BsopsError as error:
        seeker.warn(f"these are the runs of this machine: {error.what} ({error.why})")
        return list(past)


def _with_shared(past: Sequence[Past], bucket: SharedRuns, last: int) -> list[Past]:
    known = {each.run: each for each in past}
    for name in bucket.names()[-last:]:
        content = bucket.read(bucket.events_of(name))
        standing = stand(decode_events(content)) if content else None
        if standing is None or (name in known and known[name].state == "running"):
            # Who leads it on this machine writes here first.
            continue
        state = standing.closed.ending if standing.closed else _STATES[bucket.life(name)[0]]
        known[name] = Past(name, standing, state)
    return [known[name] for name in sorted(known)]


_STATES = {Liveness.ALIVE: "running", Liveness.DEAD: "killed", Liveness.UNKNOWN: "not seen lately"}


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
    return [
        msgspec.json.encode(document_of(files, each)).decode() + "\n" for each in files.events()
    ]


def document_of(files: RunFiles, event: AnyEvent) -> dict[str, object]:
    """An event as a line of JSON holds it, with what the block printed."""
    document = {"schema": "bsops.runbook.event/1", **msgspec.to_builtins(event)}
    if isinstance(event, Ended) and event.output:
        document["text"] = files.output(event.output)
    return document


def write_report(path: Path, text: str) -> None:
    """Write a report where only its owner can read it.

    Raises:
        EnvironmentMissing: it cannot be written.
    """
    write_atomically(path, text, mode=0o600)
