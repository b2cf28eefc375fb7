"""Change freezes: what changes an environment waits until they have passed."""

from datetime import UTC, datetime

from bookstore_ops.errors import Refused
from bookstore_ops.freezes import Window, in_both_times, window_at
from bookstore_ops.operations.overriding import Guarded, Overrides, note_override, same_command


def freeze_now(session: Guarded) -> Window | None:
    """The freeze that holds for this environment; the sandbox knows none."""
    if session.request.sandbox:
        return None
    return window_at(session.environment.freeze, datetime.now(UTC))


def describe(window: Window) -> str:
    """A freeze in a few words: its reason, and when it ends."""
    return f"{window.reason}; until {in_both_times(window.until)}"


def check_freeze(session: Guarded, overrides: Overrides) -> None:
    """Refuse to change anything during a freeze.

    Raises:
        Refused: there is one, and it was not overridden.
    """
    window = freeze_now(session)
    if window is None:
        return
    name = session.environment.name
    if overrides.during_freeze:
        what = f"the freeze of {name}: {window.reason}"
        if what not in session.result.overrode:
            note_override(session, overrides, what)
        return
    raise Refused(
        f"{name} is frozen: {window.reason}",
        why=f"from {in_both_times(window.since)}\nuntil {in_both_times(window.until)}\n"
        f"([[freeze]] in environments/{name}.toml; plan works all the same)",
        next_step="wait until it has passed; if it cannot wait: "
        + same_command(session, overrides.flags_missing("--during-freeze")),
    )
