"""Output streams that outlive their readers."""

import errno
import os
import sys
from typing import TextIO

# What a terminal that knows no UTF-8 gets; each is as wide as what it stands for.
_ASCII = str.maketrans({"…": "~", "·": ",", "│": "|", "─": "-", "—": "-", "“": '"', "”": '"'})

# The reader went away: nobody is left to be told.
_GONE = {errno.EPIPE, errno.EIO, errno.EBADF, errno.ENXIO}


def open_closed() -> None:
    """Put the null device where a standard stream was closed (``>&-``).

    Else the next file that is opened would take its number, and what is said would go there.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


class Stream:
    """A text stream that falls silent, rather than raise, once it cannot be written.

    An apply goes on to its proper end although ``| head`` has had enough or the terminal was
    closed. ``failure`` is then the error that ended the output. It has the few methods of a file
    that rich asks for.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"
        self.tty = is_tty(stream)
        self.failure: OSError | None = None
        self._plain = not self.encoding.lower().replace("-", "").startswith("utf")

    def write(self, text: str) -> int:
        """Write, in what characters the stream has."""
        if self.failure is None:
            try:
                self._stream.write(self._encodable(text))
            except (OSError, ValueError) as error:
                self._fall_silent(error)
        return len(text)

    def flush(self) -> None:
        """Hand everything to the reader now."""
        if self.failure is None:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._fall_silent(error)

    def isatty(self) -> bool:
        """Whether a person reads."""
        return self.tty

    def fileno(self) -> int:
        """The descriptor below."""
        return self._stream.fileno()

    @property
    def reader_left(self) -> bool:
        """Whether output ended because nobody reads (a full disk, say, is another matter)."""
        return self.failure is not None and self.failure.errno in _GONE

    def _encodable(self, text: str) -> str:
        if self._plain:
            text = text.translate(_ASCII)
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return text.encode(self.encoding, "backslashreplace").decode(self.encoding)
        return text

    def _fall_silent(self, error: OSError | ValueError) -> None:
        # ValueError: the file object itself was closed.
        self.failure = error if isinstance(error, OSError) else OSError(errno.EBADF, str(error))
        # What Python still holds in its buffer must go somewhere, or it complains at exit.
        try:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, self._stream.fileno())
            os.close(sink)
        except (OSError, ValueError):
            pass


def is_tty(stream: TextIO) -> bool:
    """Whether a person is at the other end; a closed stream has none."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):
        return False
