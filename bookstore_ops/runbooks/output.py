"""What a block prints: handed on line by line, kept in bounded memory."""

import codecs
from collections.abc import Callable

from bookstore_ops.runbooks.secrets import Masker

# What expectations and captures look at.
ANSWER_BYTES = 4 * 1024 * 1024
# What is kept of a block's output: its beginning, and its end.
HEAD_CHARACTERS = 256 * 1024
TAIL_BYTES = 64 * 1024
_LINE_CHARACTERS = 16 * 1024


class Output:
    """The output of one attempt.

    ``on_line`` gets each line, masked, while there are not too many; then, at the end, a word of
    how much was left out, and the last lines. Of binary output nothing is handed on but that it is
    so. A ``document`` is handed on once it is whole: its structure says what is secret in it.
    """

    def __init__(
        self, masker: Masker, on_line: Callable[[str], None], *, document: bool = False
    ) -> None:
        self._masker = masker
        self._document = document
        self._on_line = on_line
        self._answer = bytearray()
        self._rows: list[str] = []
        self._size = 0
        self._tail = bytearray()
        self._cut = 0
        self._streams = {False: _Lines(masker, self._line), True: _Lines(masker, self._line)}
        self.bytes = 0
        self.binary = False

    def feed(self, chunk: bytes, *, error: bool = False) -> None:
        """Take what was printed, on standard error or not."""
        self.bytes += len(chunk)
        if not error and len(self._answer) <= ANSWER_BYTES:
            self._answer += chunk[: ANSWER_BYTES + 1 - len(self._answer)]
        if b"\0" in chunk and not self.binary:
            self.binary = True
            self._line("[binary output: not shown]")
        if self.binary or (self._document and not error):
            return
        if self._size < HEAD_CHARACTERS:
            self._streams[error].feed(chunk)
            return
        # Only the end is of use to anybody: nothing else is even looked at.
        self._tail += chunk
        spare = len(self._tail) - TAIL_BYTES
        if spare > TAIL_BYTES:
            self._cut += spare
            del self._tail[:spare]

    def end(self) -> None:
        """Nothing more comes."""
        if self.binary:
            self._line(f"[{self.bytes} bytes in all]")
            return
        if self._document:
            for row in self._masker.document(self.answer).splitlines():
                self._line(row)
        for stream in self._streams.values():
            stream.end()
        self._end_of_much()

    def _end_of_much(self) -> None:
        if not self._tail:
            return
        tail = bytes(self._tail[-TAIL_BYTES:])
        left_out = self._cut + len(self._tail) - len(tail)
        # The first line is a part of one, and might be a part of a secret.
        first, newline, rest = tail.partition(b"\n")
        if left_out and newline:
            left_out, tail = left_out + len(first) + 1, rest
        elif left_out:
            left_out, tail = left_out + len(tail), b""
        if left_out:
            self._line(f"[… {left_out} bytes were left out here …]")
        for row in tail.decode(errors="replace").splitlines():
            self._line(self._masker.line(row))

    @property
    def answer(self) -> str:
        """Standard output as text."""
        return bytes(self._answer[:ANSWER_BYTES]).decode(errors="replace")

    @property
    def answer_cut(self) -> bool:
        """Whether standard output is longer than what is looked at."""
        return len(self._answer) > ANSWER_BYTES

    @property
    def kept(self) -> str:
        """What is written of it."""
        return "\n".join(self._rows)

    def _line(self, row: str) -> None:
        self._on_line(row)
        self._rows.append(row)
        self._size += len(row) + 1


class _Lines:
    """Cuts a stream into masked lines; very long ones into pieces, never within a secret."""

    def __init__(self, masker: Masker, hand_on: Callable[[str], None]) -> None:
        self._masker = masker
        self._hand_on = hand_on
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._rest = ""

    def feed(self, chunk: bytes) -> None:
        self._rest += self._decoder.decode(chunk)
        *whole, self._rest = self._rest.split("\n")
        for row in whole:
            self._hand_on(self._masker.line(row.rstrip("\r")))
        if len(self._rest) > _LINE_CHARACTERS:
            masked = self._masker.values(self._rest)
            held_back = self._masker.longest
            cut = max(len(masked) - held_back, 0)
            self._hand_on(self._masker.line(masked[:cut]))
            self._rest = masked[cut:]

    def end(self) -> None:
        self._rest += self._decoder.decode(b"", final=True)
        if self._rest:
            self._hand_on(self._masker.line(self._rest))
        self._rest = ""
