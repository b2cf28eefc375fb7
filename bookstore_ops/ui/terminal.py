"""The one place that writes to the operator's terminal, and asks there.

Imported at the start of every command: rich is imported only once something is drawn with it.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TextIO, cast

from bookstore_ops.ui.error_view import render_error
from bookstore_ops.ui.prompts import Prompter
from bookstore_ops.ui.streams import Stream
from bookstore_ops.ui.text import Screen, Span, plain

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from bookstore_ops.errors import BsopsError

# Wide enough for addresses in a CI log, where nobody says how wide the page is.
_WIDTH_UNKNOWN = 120
_HEIGHT_UNKNOWN = 25


class Terminal:
    """Standard output for results, standard error for everything said on the way.

    In JSON mode standard output holds nothing but JSON. A reader that goes away silences its
    stream; the run goes on. Text is never read as markup: Terraform's is full of brackets.
    """

    def __init__(
        self,
        *,
        json: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        sandbox: bool = False,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        stdin: TextIO | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.json = json
        self.quiet = quiet
        self.verbose = verbose
        self.sandbox = sandbox
        # The one that the command under way is for, once it is known.
        self.environment: str | None = None
        self._environ = os.environ if environ is None else environ
        self._stdout = Stream(sys.stdout if stdout is None else stdout)
        self._stderr = Stream(sys.stderr if stderr is None else stderr)
        self._stdin = sys.stdin if stdin is None else stdin
        self._prompter = Prompter(self._stdin, self._stderr)
        self._consoles: dict[int, Console] = {}
        self._documented = False

    def say(self, text: str, *, style: str | None = None) -> None:
        """Something worth knowing on the way; nothing with ``--quiet``."""
        if not self.quiet:
            self._text(self._stderr, text, style)

    def detail(self, text: str) -> None:
        """Something for who asked with ``--verbose``."""
        if self.verbose:
            self._text(self._stderr, text, "dim")

    def warn(self, text: str) -> None:
        """Something the operator must know, also with ``--quiet``."""
        self._text(self._stderr, f"Warning: {text}", "yellow")

    def notice(self, text: str) -> None:
        """What happens to the run itself (a signal, a lock), also with ``--quiet``."""
        self._text(self._stderr, text, "bold")

    def result(self, content: "str | Screen | RenderableType") -> None:
        """What the command was asked for, for people; nothing in JSON mode."""
        if not self.json:
            self._show(self._stdout, content)

    def data(self, text: str) -> None:
        """A file's content as result, as it is, however large; nothing in JSON mode."""
        if not self.json:
            self._stdout.write(text)
            self._stdout.flush()

    def show(self, content: "str | Screen | RenderableType") -> None:
        """Something drawn that belongs to the way: a ledger, diagnostics, what is about to be."""
        self._show(self._stderr, content)

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        title: str | None = None,
        fold: bool = False,
    ) -> None:
        """A table as result; one block for each row where it would not fit.

        ``fold``: before that, long cells take several lines.
        """
        from bookstore_ops.ui.tables import layout

        fixed = self._stdout.tty or "COLUMNS" in self._environ
        width = self.width if fixed else None
        self.result(layout(columns, rows, title=title, width=width, fold=fold))

    def document(self, schema: str, payload: Mapping[str, object]) -> None:
        """The one JSON document of this run; only in JSON mode."""
        self._json(schema, payload, indent=2)
        self._documented = True

    def line(self, schema: str, payload: Mapping[str, object]) -> None:
        """One line of a JSON stream; only in JSON mode."""
        self._json(schema, payload)

    def error(self, error: "BsopsError") -> None:
        """What happened, why and what to do; in JSON mode a document as well.

        A run that has written its document writes no second one: readers parse exactly one.
        """
        self._show(
            self._stderr,
            render_error(error, self.width, environment=self.environment, sandbox=self.sandbox),
        )
        if not self._documented:
            self._json(
                "bsops.error/1",
                {
                    "what": error.what,
                    "why": error.why,
                    "next": error.next_step,
                    "runbook": error.runbook,
                    "exit_code": int(error.exit_code),
                },
            )

    def banner(self) -> None:
        """Say that this is the sandbox, if it is."""
        if self.sandbox:
            self.say("SANDBOX: a fake AWS, nothing real is touched", style="bold cyan")

    def confirm(self, question: str, *, flag: str) -> bool:
        """See :meth:`Prompter.confirm`."""
        return self._prompter.confirm(question, flag=flag)

    def ask_exact(self, question: str, expected: str, *, flag: str) -> bool:
        """See :meth:`Prompter.ask_exact`."""
        return self._prompter.ask_exact(question, expected, flag=flag)

    def ask(self, question: str, *, flag: str) -> str:
        """See :meth:`Prompter.ask`."""
        return self._prompter.ask(question, flag=flag)

    def ask_secret(self, question: str, *, flag: str) -> str:
        """See :meth:`Prompter.ask_secret`."""
        return self._prompter.ask_secret(question, flag=flag)

    def choose(self, question: str, options: Sequence[str], *, flag: str) -> str | None:
        """See :meth:`Prompter.choose`."""
        return self._prompter.choose(question, options, flag=flag)

    def close(self) -> None:
        """Flush; nothing may complain about a reader that went away, now or at exit."""
        self._stdout.flush()
        self._stderr.flush()
        lost = self.output_lost
        if lost:
            self.warn(f"output was lost: {lost.strerror}")

    @property
    def output_lost(self) -> OSError | None:
        """Why results could not be written, unless their reader simply left."""
        return None if self._stdout.reader_left else self._stdout.failure

    @property
    def shows_results(self) -> bool:
        """Whether results go to a screen, not to a file or a program."""
        return self._stdout.tty

    @property
    def shows_marks(self) -> bool:
        """Whether results may say by a coloured sign what takes a word otherwise."""
        utf = self._stdout.encoding.lower().startswith("utf")
        return utf and self._coloured(self._stdout)

    @property
    def interactive(self) -> bool:
        """Whether somebody can be asked."""
        return self._prompter.interactive

    @property
    def animated(self) -> bool:
        """Whether a region of the screen may be redrawn while a run goes on."""
        shares_screen = self.json and self._stdout.tty
        return self._stderr.tty and not self._dumb and not self.quiet and not shares_screen

    @property
    def width(self) -> int:
        """Columns to lay out for, as they are now."""
        return self.size[0]

    @property
    def size(self) -> tuple[int, int]:
        """Columns and rows: COLUMNS and LINES, then the terminal, then a guess."""
        columns, rows = self._measured()
        return self._number("COLUMNS") or columns, self._number("LINES") or rows

    def chatter_console(self) -> "Console":
        """Rich's console on standard error, for what redraws itself."""
        return self._console(self._stderr)

    def _number(self, name: str) -> int:
        text = self._environ.get(name, "")
        return int(text) if text.isdecimal() else 0

    def _measured(self) -> tuple[int, int]:
        for stream in (self._stderr, self._stdout, self._stdin):
            try:
                columns, rows = os.get_terminal_size(stream.fileno())
            except (OSError, ValueError, AttributeError):
                continue
            if columns:
                return columns, rows or _HEIGHT_UNKNOWN
        return _WIDTH_UNKNOWN, _HEIGHT_UNKNOWN

    @property
    def _dumb(self) -> bool:
        return self._environ.get("TERM", "").lower() in {"dumb", "unknown"}

    def _coloured(self, stream: Stream) -> bool:
        if self._environ.get("NO_COLOR") or self._dumb:
            return False
        return stream.tty or bool(self._environ.get("FORCE_COLOR"))

    def _text(self, stream: Stream, text: str, style: str | None = None) -> None:
        screen = Screen()
        for row in plain(text).splitlines() or [""]:
            screen.add(Span(row, style or ""))
        self._show(stream, screen)

    def _show(self, stream: Stream, content: "str | Screen | RenderableType") -> None:
        if isinstance(content, str):
            self._text(stream, content)
            return
        # What is drawn on a screen that a live region shares has to pass through its console.
        shared = stream is self._stderr and stream.tty and id(stream) in self._consoles
        if isinstance(content, Screen) and not self._coloured(stream) and not shared:
            stream.write(f"{content}\n")
        else:
            # Never wrapped: an address or a command must stay one piece when it is copied.
            self._console(stream).print(content, soft_wrap=isinstance(content, Screen))
        stream.flush()

    def _console(self, stream: Stream) -> "Console":
        from rich.console import Console, ConsoleDimensions

        console = self._consoles.get(id(stream))
        if console is None:
            console = Console(
                file=cast("TextIO", stream),
                force_terminal=stream.tty or self._coloured(stream),
                color_system="auto" if self._coloured(stream) else None,
                markup=False,
                highlight=False,
                emoji=False,
                _environ=self._environ,
            )
            self._consoles[id(stream)] = console
        console.size = ConsoleDimensions(*self.size)
        return console

    def _json(
        self, schema: str, payload: Mapping[str, object], *, indent: int | None = None
    ) -> None:
        if not self.json:
            return
        import json

        document = {"schema": schema, "sandbox": self.sandbox, **payload}
        ascii_only = not self._stdout.encoding.lower().startswith("utf")
        text = json.dumps(document, indent=indent, ensure_ascii=ascii_only, default=str)
        self._stdout.write(text + "\n")
        self._stdout.flush()
