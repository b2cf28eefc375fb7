"""Setting a flag for all customers at once."""

from collections.abc import Sequence

from bookstore_ops.errors import Refused
from bookstore_ops.flags.document import Flag, parse_values
from bookstore_ops.flags.model import PERCENT
from bookstore_ops.journal import who
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.flags.beginning import ask, find_flag, last_rollout
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.operations.flags.status import FlagStatus


def set_flag(
    session: FlagSession, service: str, name: str, said: Sequence[str], confirm: Confirm
) -> FlagStatus:
    """Deploy a flag with other values, at once.

    Raises:
        UsageError: there is no such flag or service, or the values cannot be meant.
        StateLocked: it is being rolled out.
        Refused: it would be on for nobody, or it was not confirmed.
        OperationFailed: AppConfig does not do it.
    """
    flag, _ = find_flag(session, service, name)
    values = parse_values(flag, said, session.command_line("flags set", service, name))
    last = last_rollout(session, name)
    after = flag.given(values)
    if values.get("enabled") and PERCENT not in values and not after.share:
        raise _on_for_nobody(session, service, flag)
    words = ", ".join(
        ("on" if value else "off") if key == "enabled" else f"{key} = {value}"
        for key, value in values.items()
    )
    goes = "stays with" if after.reach == flag.reach else f"goes from {flag.reach} to"
    ask(session, f"Set {name} to {words}: it {goes} {after.reach}", confirm)
    why = f"bsops flags set {name}: {words}, by {who()}"
    changed = session.appconfig.change(name, values, why)
    done = changed.flags[name]
    said_so = f"{name}: {words}, for {done.reach}"
    session.held.journal.step(session.held.run_id, said_so)
    session.held.note = f"{said_so} (version {changed.version})"
    readers = tuple(session.readers().get(name, ()))
    return FlagStatus(done, readers, last, Liveness.DEAD)


def _on_for_nobody(session: FlagSession, service: str, flag: Flag) -> Refused:
    """What to say to ``on`` alone: everybody may be meant, or a few at first; nobody is not."""
    everybody = session.command_line("flags set", service, flag.name, "on", f"{PERCENT}=100")
    return Refused(
        f"{flag.name} would be on for nobody",
        why=f"its {PERCENT} is 0, and on alone leaves that as it is",
        next_step=f"{session.command_line('flags rollout', service, flag.name)}   "
        f"(to more and more customers, watched; or for all at once: {everybody})",
    )
