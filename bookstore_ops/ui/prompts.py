"""Questions to the operator; without a terminal, the flag that answers them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from bookstore_ops.errors import Refused
from bookstore_ops.ui.streams import Stream, is_tty
from bookstore_ops.ui.text import plain


class Prompter:
    """Asks on standard error and reads one line of standard input.

    ``flag`` is what answers the question beforehand, as it is typed: ``--yes``.
    """

    def __init__(self, stdin: TextIO, stderr: Stream) -> None:
        self._stdin = stdin
        self._stderr = stderr

    @property
    def interactive(self) -> bool:
        """Whether somebody is there."""
        return is_tty(self._stdin) and self._stderr.tty

    def confirm(self, question: str, *, flag: str) -> bool:
        """Whether the answer was a clear yes.

        Raises:
            Refused: there is no terminal to ask on.
        """
        return self._answer(question, f"{question} [y/N] ", flag).lower() in {"y", "yes"}

    def ask_exact(self, question: str, expected: str, *, flag: str) -> bool:
        """Whether ``expected`` was typed, letter by letter.

        Raises:
            Refused: there is no terminal to ask on.
        """
        prompt = f"{question}\nType {expected} to go on, anything else stops: "
        return self._answer(question, prompt, flag) == expected

    def ask(self, question: str, *, flag: str) -> str:
        """What was typed.

        Raises:
            Refused: there is no terminal to ask on.
        """
        return self._answer(question, f"{question}: ", flag)

    def ask_secret(self, question: str, *, flag: str) -> str:
        """What was typed, which the terminal does not show.

        Raises:
            Refused: there is no terminal to ask on.
        """
        with self._unseen():
            answer = self._answer(question, f"{question}: ", flag)
        self._stderr.write("\n")
        return answer

    def choose(self, question: str, options: Sequence[str], *, flag: str) -> str | None:
        """The option chosen by number or by name; None for no choice.

        Raises:
            Refused: there is no terminal to ask on; the error lists the options.
        """
        menu = [f"  {number}  {option}" for number, option in enumerate(options, 1)]
        prompt = "\n".join([question, *menu, f"1-{len(options)}: "])
        answer = self._answer(f"{question} {', '.join(options)}", prompt, flag)
        if answer.isdecimal() and 1 <= int(answer) <= len(options):
            return options[int(answer) - 1]
        return answer if answer in options else None

    def _answer(self, question: str, prompt: str, flag: str) -> str:
        if not self.interactive:
            raise Refused(
                "this needs an answer, and there is no terminal to ask on",
                why=f"the question: {question}",
                next_step=f"the same command with {flag}",
            )
        self._forget_typed_ahead()
        self._stderr.write(plain(prompt))
        self._stderr.flush()
        try:
            answer = self._stdin.readline()
        except OSError:  # the terminal is gone
            answer = ""
        if not answer.endswith("\n"):
            self._stderr.write("\n")
        return answer.strip()

    @contextmanager
    def _unseen(self) -> Iterator[None]:
        try:
            import termios

            descriptor = self._stdin.fileno()
            earlier = termios.tcgetattr(descriptor)
        except (ImportError, OSError, ValueError, termios.error):
            yield
            return
        silent = [*earlier]
        silent[3] &= ~termios.ECHO
        termios.tcsetattr(descriptor, termios.TCSADRAIN, silent)
        try:
            yield
        finally:
            termios.tcsetattr(descriptor, termios.TCSADRAIN, earlier)

    def _forget_typed_ahead(self) -> None:
        # A key pressed while the plan ran answers no question that was asked after it.
        try:
            import termios
        except ImportError:  # no POSIX terminal
            return
        try:
            termios.tcflush(self._stdin.fileno(), termios.TCIFLUSH)
        except (termios.error, OSError, ValueError):
            return
