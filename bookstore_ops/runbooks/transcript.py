"""What happened in a run, told from its events: half of what is written after an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bookstore_ops.runbooks.records import (
    AnyEvent,
    Begun,
    Closed,
    Ended,
    PageChanged,
    Started,
    Taken,
)
from bookstore_ops.runbooks.store import RunFiles, begun


@dataclass(frozen=True)
class Entry:
    """One block that ran, was skipped or was done by hand; ``shown`` is what ran, masked."""

    ended: Ended
    began: str
    who: str
    shown: str
    output: str


@dataclass(frozen=True)
class Remark:
    """Something that happened to the run itself."""

    time: str
    text: str


@dataclass(frozen=True)
class Transcript:
    """A run as it was. ``ending`` is ``unfinished`` where it was killed, or goes on still."""

    begun: Begun
    entries: Sequence[Entry]
    remarks: Sequence[Remark]
    ending: str
    last: str

    @property
    def people(self) -> list[str]:
        """Who led it."""
        return list(dict.fromkeys(entry.who for entry in self.entries if entry.who))

    @property
    def seconds(self) -> float:
        """From its beginning to the last that was written."""
        return moment(self.last) - moment(self.begun.time)


def moment(time: str) -> float:
    """Seconds since the epoch."""
    return datetime.fromisoformat(time).timestamp()


def read_transcript(files: RunFiles) -> Transcript:
    """The transcript of a run.

    Raises:
        ConfigurationError: its events cannot be read.
    """
    beginning = begun(files)
    entries: list[Entry] = []
    remarks: list[Remark] = []
    who, ending = "", "unfinished"
    started: Started | None = None
    last = beginning.time
    for event in files.events():
        last = event.time
        match event:
            case Taken():
                who, ending = event.who, "unfinished"
            case Started():
                # The first attempt's time, the last one's text.
                began = started.time if started and event.attempt > 1 else event.time
                started = Started(
                    time=began,
                    block=event.block,
                    step=event.step,
                    attempt=event.attempt,
                    shown=event.shown,
                    undo_of=event.undo_of,
                )
            case Ended():
                text = files.output(event.output) if event.output else ""
                shown = started.shown if started else ""
                time = started.time if started else event.time
                entries.append(Entry(event, time, who, shown, text))
                started = None
            case Closed():
                ending = event.ending
            case _:
                pass
        remark = remark_of(event)
        if remark:
            remarks.append(Remark(event.time, remark))
    return Transcript(beginning, entries, remarks, ending, last)


def remark_of(event: AnyEvent) -> str:
    """What an event says of the run itself; nothing where it is about a block."""
    match event:
        case Begun():
            return "the run began"
        case Taken():
            verb = "began to undo it" if event.undoing else "took the lead"
            return f"{event.who} {verb} (pid {event.pid})"
        case PageChanged():
            return f"the page was edited: {'; '.join(event.changes)}"
        case Closed():
            words = {"done": "it came to its end", "undone": "what could be undone was undone"}
            words |= {"failed": "it failed", "stopped": "it was stopped"}
            words["waiting"] = "it waits for a person"
            return words[event.ending] + (f": {event.why}" if event.why else "")
        case _:
            return ""


def markdown(transcript: Transcript) -> str:
    """The transcript as Markdown."""
    beginning = transcript.begun
    rows = [f"| {name} | {_cell(value)} |" for name, value in head(transcript)]
    lines = [f"# {beginning.title}", "", "| | |", "| --- | --- |", *rows, "", "## Timeline", ""]
    lines += [f"- {remark.time} {_plain(remark.text)}" for remark in transcript.remarks]
    lines += ["", *_HEADINGS]
    for entry in transcript.entries:
        ended = entry.ended
        cells = (entry.began, ended.step, ended.block, ended.outcome, _took(ended), entry.who)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    for entry in transcript.entries:
        lines += [
            "",
            f"## {_plain(entry.ended.step)}: {entry.ended.block}",
            "",
            _plain(says(entry)),
        ]
        for label, text in (("It ran:", entry.shown), ("It printed:", entry.output)):
            if text:
                lines += ["", label, "", *_fenced(text)]
    return "\n".join(lines) + "\n"


_HEADINGS = (
    "| Time | Step | Block | Outcome | Took | Who |",
    "| --- | --- | --- | --- | --- | --- |",
)


def head(transcript: Transcript) -> list[tuple[str, str]]:
    """What stands above a transcript."""
    beginning = transcript.begun
    values = ", ".join(f"{name}={value}" for name, value in beginning.values.items())
    secret = ", ".join(f"{name}=(sensitive)" for name in beginning.secret)
    return [
        ("run", beginning.run),
        ("runbook", f"{beginning.runbook} (sha256 {beginning.sha256[:12]})"),
        (
            "environment",
            beginning.environment + (" (sandbox)" if beginning.sandbox else ""),
        ),
        ("account", f"{beginning.account_id}, {beginning.region}"),
        ("led by", ", ".join(transcript.people) or "nobody"),
        ("began", beginning.time),
        ("last", transcript.last),
        ("outcome", transcript.ending),
        ("values", ", ".join(filter(None, (values, secret)))),
    ]


def says(entry: Entry) -> str:
    """One line of what came of a block."""
    ended = entry.ended
    parts: list[str] = [ended.outcome]
    parts += [f"undoes {ended.undo_of}"] if ended.undo_of else []
    parts += [f"exit {ended.exit_code}"] if ended.exit_code is not None else []
    parts += [f"{ended.attempt} attempts"] if ended.attempt > 1 else []
    parts += [f"took {_took(ended)}"] if ended.seconds else []
    parts += [ended.why] if ended.why else []
    parts += [f"note: {ended.note}"] if ended.note else []
    parts += [f"captured {name}={value}" for name, value in ended.captured.items()]
    parts += [f"captured {name}=(sensitive)" for name in ended.secret]
    return "; ".join(parts)


def _took(ended: Ended) -> str:
    return f"{ended.seconds:.1f}s" if ended.seconds else "-"


def _plain(text: str) -> str:
    """Text that no Markdown reader takes for more."""
    row = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*_<>[]|#" else c for c in row)


def _cell(text: str) -> str:
    return _plain(text) or "-"


def _fenced(text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [f"{fence}text", *text.rstrip("\n").splitlines(), fence]
