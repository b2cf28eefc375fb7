"""A block that was running when bsops was killed: nobody saw its end."""

import time

from bookstore_ops.errors import Refused
from bookstore_ops.journal import who
from bookstore_ops.runbooks import engine
from bookstore_ops.runbooks.effects import changes
from bookstore_ops.runbooks.records import Ended, Spawned, stamp
from bookstore_ops.runbooks.standing import Standing

_PATIENCE_SECONDS = 15.0


def resolve(running: engine.Running, first: str | None) -> None:
    """Decide what to do of a block that was running when bsops was killed.

    ``first`` is where the operator wants to go on, which answers the question.

    Raises:
        Refused: it may have done its work, and nobody is there to say so.
        Halt: it is still at work, or the operator wants to look first.
    """
    doubt = running.standing.in_doubt
    if doubt is None:
        return
    _refuse_living(running)
    block = running.page.block(doubt.block)
    running.desk.notice(f"{doubt.block} was running when bsops was killed: nobody saw its end")
    harmless = block is None or doubt.undo_of or not changes(block) or block.retry
    if harmless or first:
        give_up(running)
        return
    # The doubt stays written until it is decided: a second try must not pass over it.
    if not running.desk.interactive:
        raise Refused(
            f"{doubt.block} may have done its work, or a part of it",
            why="it changes something, and bsops was killed while it ran",
            next_step=f"look, then run it again: bsops runbook resume {running.files.run} "
            f"--from {doubt.block} --yes   (or go on behind it, with the next step)",
        )
    chosen = running.desk.choose(
        f"{doubt.block} may have done its work. What now?",
        ("run it again", "take it as done", "stop"),
        flag="--from",
    )
    if chosen == "run it again":
        give_up(running)
    elif chosen == "take it as done":
        running.write(
            Ended(
                time=stamp(),
                block=doubt.block,
                step=doubt.step,
                outcome="done",
                note="taken as done: bsops was killed while it ran",
            )
        )
    else:
        raise engine.Halt("stopped", f"{doubt.block} is in doubt")


def _refuse_living(running: engine.Running) -> None:
    """The watchdog ends what a killed bsops had started; that takes a moment."""
    spawned = running.standing.spawned if _was_here(running.standing) else None
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while spawned is not None and _lives(spawned):
        if time.monotonic() > deadline:
            raise engine.Halt("stopped", f"its process {spawned.pid} is still at work")
        time.sleep(0.2)


def _was_here(standing: Standing) -> bool:
    """Whether this machine led the run before: another one's processes say nothing here."""
    hosts = [taken.who.rpartition("@")[2] for taken in standing.taken]
    return hosts[-2:-1] in ([], [who().rpartition("@")[2]])


def _lives(spawned: Spawned) -> bool:
    import psutil

    try:
        process = psutil.Process(spawned.pid)
        created = float(process.create_time())
        ended = process.status() == psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
    return not ended and abs(created - spawned.pid_started) < 1


def give_up(running: engine.Running) -> None:
    """Write that nobody saw the end of what was running, if anything was.

    Raises:
        Halt: it is still at work.
    """
    doubt = running.standing.in_doubt
    if doubt is None:
        return
    _refuse_living(running)
    running.write(
        Ended(
            time=stamp(),
            block=doubt.block,
            step=doubt.step,
            outcome="undo-failed" if doubt.undo_of else "failed",
            attempt=doubt.attempt,
            why="bsops was killed while it ran",
            undo_of=doubt.undo_of,
        )
    )
