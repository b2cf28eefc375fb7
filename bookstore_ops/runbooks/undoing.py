"""Undoing what a run did, the last first."""

from bookstore_ops.errors import Refused
from bookstore_ops.runbooks.blocks import NO_UNDO, Block
from bookstore_ops.runbooks.effects import changes
from bookstore_ops.runbooks.engine import Halt, Running, by_hand, make_attempts, must_choose
from bookstore_ops.runbooks.page import Step


def undoable(running: Running) -> list[tuple[Step, Block]]:
    """What ran and was not undone, the last first."""
    places = {block.name: (step, block) for step, block in running.page.sequence}
    return [
        places[name]
        for name, ended in reversed(running.standing.ended.items())
        if ended.outcome in {"done", "failed", "undo-failed"} and name in places
    ]


def undo(running: Running, until: str | None = None) -> None:
    """Undo what ran, the last first, back to the block ``until`` and with it.

    Raises:
        Halt: it stops before its end.
    """
    for step, block in undoable(running):
        undo_one(running, step, block)
        if block.name == until:
            return


def undo_one(running: Running, step: Step, block: Block) -> None:
    """Undo one block, if the page says how.

    Raises:
        Halt: it stops here.
    """
    undoing = running.page.block(block.undo) if block.undo else None
    if undoing is None:
        if changes(block) or block.undo == NO_UNDO:
            running.desk.notice(f"{block.name} stays as it is: the page has no way to undo it")
        return
    if undoing.when is not None and not undoing.when.holds(running.standing.values):
        running.desk.notice(f"{block.name}: nothing to undo (not so: {undoing.when.text})")
        return
    chosen: str | None = "retry"
    while chosen == "retry":
        why = _try(running, step, block, undoing)
        chosen = _ask_what_now(running, block, why) if why else None


def _try(running: Running, step: Step, block: Block, undoing: Block) -> str | None:
    if undoing.manual:
        return by_hand(running, step, undoing, undo_of=block.name)
    try:
        running.guard(undoing)
        command = running.command(undoing)
        running.desk.about(undoing, command.shown)
        question = f"Undo {block.name} so?"
        agreed = running.yes or running.desk.confirm(question, flag="--yes")
    except Refused as refused:
        why = f"{undoing.name}: {refused.what}; {refused.next_step}"
        raise Halt("stopped", why) from refused
    if not agreed:
        raise Halt("stopped", f"the undo of {block.name} was not confirmed")
    return make_attempts(running, step, undoing, command, undo_of=block.name)


def _ask_what_now(running: Running, block: Block, why: str) -> str | None:
    failed = f"the undo of {block.name} failed: {why}"
    if not running.desk.interactive:
        raise Halt("failed", failed)
    chosen = must_choose(running, f"{failed}. What now?", ("retry", "skip", "stop"))
    if chosen == "stop":
        raise Halt("stopped", failed)
    return chosen


def undo_back(running: Running) -> str | None:
    """Undo back to a block that the operator names; None where there is none to go back to."""
    names = [block.name for _, block in undoable(running)]
    if not names:
        running.desk.notice("nothing ran that could be undone")
        return None
    chosen = running.desk.choose("Undo back to which?", names, flag="a terminal")
    if chosen is not None:
        undo(running, chosen)
    return chosen
