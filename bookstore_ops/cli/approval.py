"""What the operator agrees to, on the command line or when asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bookstore_ops.operations.overriding import Overrides

if TYPE_CHECKING:
    from bookstore_ops.operations.confirmation import Confirm, Confirmation
    from bookstore_ops.ui.terminal import Terminal


@dataclass(frozen=True)
class Approval:
    """What the operator agreed to on the command line."""

    yes: bool
    words: str | None
    allow_destroy: Sequence[str] = ()
    overrides: Overrides = Overrides()  # noqa: RUF009  (frozen)

    def asking(self, terminal: "Terminal") -> "Confirm":
        """Answers with what was agreed to, else asks on ``terminal``."""

        def ask(confirmation: "Confirmation") -> bool:
            if confirmation.words is None:
                return self.yes or terminal.confirm(confirmation.question, flag="--yes")
            if self.words is not None:
                return self.words == confirmation.words
            return terminal.ask_exact(
                f"{confirmation.question} Type {confirmation.words!r} to go on",
                confirmation.words,
                flag=f"--confirm '{confirmation.words}'",
            )

        return ask
