"""A run in the environment's state bucket as well: seen, and gone on with, on any machine.

``KEY.runbooks/RUN/`` beside the state has the same files as ``.bsops/runbooks/RUN/``. Every write
of the events is conditional on what was read or written last (:mod:`states.objects`): of two that
lead one run, one fails with its next event, and runs nothing more.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.errors import BsopsError, StateLocked
from bookstore_ops.files import write_atomically
from bookstore_ops.journal import process_started, who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.runbooks.leaders import Sign, Signs, judge
from bookstore_ops.runbooks.records import AnyEvent, Closed, Ended, Spawned, Taken
from bookstore_ops.runbooks.store import RunFiles, decode_events
from bookstore_ops.states.objects import SharedObject
from bookstore_ops.terraform.backends import S3Backend

_GONE = {"NoSuchKey", "404"}
_OUTPUT = re.compile(r"output/[\w.-]+")


class SharedRuns:
    """The runs in the state bucket of one environment."""

    def __init__(self, backend: S3Backend) -> None:
        self._backend = backend
        # Made here, in the main thread: signs of life are written by another one.
        self._s3 = backend.client("s3")
        self._prefix = f"{backend.key}.runbooks/"

    def names(self) -> list[str]:
        """The names of all runs, oldest first.

        Raises:
            BsopsError: the bucket does not say.
        """
        pages = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._backend.bucket, Prefix=self._prefix, Delimiter="/"
        )
        with self._asking("list", self._prefix):
            found = [each["Prefix"] for page in pages for each in page.get("CommonPrefixes", [])]
        return sorted(prefix.removeprefix(self._prefix).rstrip("/") for prefix in found)

    def events_of(self, run: str) -> SharedObject:
        """The events of a run, nothing of which is read yet."""
        return SharedObject(self._s3, self._backend.bucket, f"{self._prefix}{run}/events.jsonl")

    def read(self, events: SharedObject, *, changed: bool = False) -> bytes | None:
        """See :class:`SharedObject`.

        Raises:
            BsopsError: they cannot be read.
        """
        with self._asking("read", events.key):
            return events.read(changed=changed)

    def write(self, events: SharedObject, content: bytes) -> bool:
        """See :class:`SharedObject`.

        Raises:
            BsopsError: they cannot be written.
        """
        with self._asking("write", events.key):
            return events.write(content)

    def read_text(self, key: str) -> str | None:
        """A text of a run; None where there is none.

        Raises:
            BsopsError: it cannot be read.
        """
        answer = self._get(key)
        return None if answer is None else answer["Body"].read().decode(errors="replace")

    def write_text(self, key: str, text: str) -> None:
        """Write a text of a run.

        Raises:
            BsopsError: it cannot be written.
        """
        key = f"{self._prefix}{key}"
        with self._asking("write", key):
            self._s3.put_object(Bucket=self._backend.bucket, Key=key, Body=text.encode())

    def read_sign(self, run: str) -> tuple[Sign, datetime] | None:
        """The last sign of life, and when the bucket got it; None where nothing can be told."""
        with suppress(BsopsError, msgspec.MsgspecError):
            answer = self._get(f"{run}/seen.json")
            if answer is not None:
                sign = msgspec.json.decode(answer["Body"].read(), type=Sign)
                return sign, answer["LastModified"]
        return None

    def write_sign(self, run: str, sign: Sign) -> None:
        """Leave a sign of life.

        Raises:
            BsopsError: it cannot be written.
        """
        self.write_text(f"{run}/seen.json", msgspec.json.encode(sign).decode())

    def life(self, run: str) -> tuple[Liveness, str]:
        """Whether who leads a run lives, and how that is known.

        Raises:
            BsopsError: the bucket does not say.
        """
        events = self.events_of(run)
        leader = leader_of(decode_events(self.read(events) or b""))
        if leader is None or events.written is None:
            return Liveness.DEAD, "nobody leads it"
        sign = self.read_sign(run)
        seen = [events.written, *([sign[1]] if sign and sign[0].is_of(leader) else [])]
        here = process_started(leader.pid)
        return judge(leader, who(), here, max(seen), datetime.now(UTC))

    def _get(self, key: str) -> dict[str, Any] | None:
        from botocore.exceptions import ClientError

        key = f"{self._prefix}{key}"
        with self._asking("read", key):
            try:
                return dict(self._s3.get_object(Bucket=self._backend.bucket, Key=key))
            except ClientError as error:
                if error.response["Error"]["Code"] in _GONE:
                    return None
                raise

    @contextmanager
    def _asking(self, doing: str, key: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (BotoCoreError, ClientError) as error:
            raise self._backend.unreadable(key, error, doing=doing) from error


class SharedFiles(RunFiles):
    """The files of a run that lie in the bucket as well; what the bucket has is what holds."""

    def __init__(self, directory: Path, bucket: SharedRuns) -> None:
        super().__init__(directory)
        self._bucket = bucket
        self._events = bucket.events_of(self.run)
        self._looked: list[AnyEvent] = []
        self._signs: Signs | None = None

    def append(self, event: AnyEvent) -> None:
        """Write an event; it is in the bucket and on the disk when this returns.

        Raises:
            StateLocked: somebody else leads the run by now.
            BsopsError: it cannot be written.
        """
        if isinstance(event, Spawned):
            # Of use on this machine only: it goes into the bucket with the next.
            super().append(event)
            return
        try:
            self._push(event)
        except StateLocked:
            raise
        except BsopsError:
            # What has happened is kept here, and goes into the bucket when the run goes on.
            if isinstance(event, Ended | Closed):
                super().append(event)
            raise
        super().append(event)
        if isinstance(event, Taken):
            self._leave_signs(event)

    def _push(self, event: AnyEvent) -> None:
        kept = self.events() if self.events_file.exists() else []
        lines = b"".join(msgspec.json.encode(each) + b"\n" for each in (*kept, event))
        if self._bucket.write(self._events, lines):
            return
        # Ours stays at what was read before: who has lost the run must not write on.
        present = self._bucket.events_of(self.run)
        content = self._bucket.read(present)
        if content == lines:  # the answer to an earlier attempt was lost
            self._events = present
            return
        leader = leader_of(decode_events(content or b""))
        raise StateLocked(
            f"the run {self.run} was taken over by {_named(leader)}",
            why="its events in the bucket have others behind ours; nothing more is run here",
            next_step=f"bsops runbook watch {self.run}",
        )

    def _leave_signs(self, taken: Taken) -> None:
        sign = Sign(who=taken.who, pid=taken.pid, pid_started=taken.pid_started)

        def leave() -> None:
            self._bucket.write_sign(self.run, sign)

        self._signs = Signs(leave)
        self._signs.start()

    def bring_up(self) -> None:
        """:meth:`fetch`, unless somebody leads the run on this machine.

        Raises:
            StateLocked: somebody does.
            BsopsError: the bucket or the disk refuses.
        """
        with super().lead():
            self.fetch()

    def fetch(self) -> None:
        """Bring what lies here up to the bucket's, unless it is ahead of it.

        Raises:
            BsopsError: the bucket or the disk refuses.
        """
        content = self._bucket.read(self._events)
        if content is None:
            return
        theirs = decode_events(content)
        ours = self.events() if self.events_file.exists() else []
        if ours[: len(theirs)] == theirs:
            return
        if theirs[: len(ours)] != ours:
            # Ours ended apart from it: what was written here, and not there, is kept beside.
            apart = b"".join(msgspec.json.encode(each) + b"\n" for each in ours)
            write_atomically(self.directory / "events-apart.jsonl", apart, mode=0o600)
        write_atomically(self.events_file, content, mode=0o600)
        page = self._bucket.read_text(f"{self.run}/page.md")
        if page is not None:
            super().keep_page(page)

    def keep_page(self, text: str) -> None:
        """See :class:`RunFiles`."""
        self._bucket.write_text(f"{self.run}/page.md", text)
        super().keep_page(text)

    def keep_output(self, name: str, text: str) -> str:
        """See :class:`RunFiles`."""
        kept = super().keep_output(name, text)
        self._bucket.write_text(f"{self.run}/{kept}", text)
        return kept

    def output(self, name: str) -> str:
        """See :class:`RunFiles`; fetched where it is not here yet."""
        if not _OUTPUT.fullmatch(name):
            return ""
        if not (self.directory / name).exists():
            text = self._bucket.read_text(f"{self.run}/{name}")
            if text is not None:
                super().keep_output(name.removeprefix("output/"), text)
        return super().output(name)

    @contextmanager
    def lead(self) -> Iterator[None]:
        """Be the only one that leads the run, on this machine and any other.

        Raises:
            StateLocked: somebody else does, and lives.
            BsopsError: the bucket does not say.
        """
        with super().lead():
            self.fetch()
            self._refuse_the_living()
            try:
                yield
            finally:
                if self._signs is not None:
                    self._signs.stop()

    def _refuse_the_living(self) -> None:
        life, words = self.life()
        if life is Liveness.ALIVE:
            raise StateLocked(
                f"the run {self.run} is led by {self.leader()}",
                why=f"{words}; two cannot lead one run",
                next_step=f"bsops runbook watch {self.run}   (it can be resumed once it stopped)",
            )

    def look(self) -> list[AnyEvent]:
        """See :class:`RunFiles`: the bucket's, where the run is not led on this machine."""
        if super().is_led():
            return self.events()
        content = self._bucket.read(self._events, changed=bool(self._looked))
        if content is not None:
            self._looked = decode_events(content)
        return self._looked or super().look()

    def life(self) -> tuple[Liveness, str]:
        """See :class:`RunFiles`: on whatever machine."""
        return self._bucket.life(self.run)

    def is_led(self) -> bool:
        """See :class:`RunFiles`."""
        return super().is_led() or self.life()[0] is Liveness.ALIVE


def leader_of(events: Sequence[AnyEvent]) -> Taken | None:
    """Who leads a run that is not closed; None for nobody."""
    for event in reversed(events):
        if isinstance(event, Closed):
            return None
        if isinstance(event, Taken):
            return event
    return None


def _named(leader: Taken | None) -> str:
    return f"{leader.who} (pid {leader.pid})" if leader else "somebody else"
