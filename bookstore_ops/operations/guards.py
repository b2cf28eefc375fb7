"""What stands between a plan and its apply: the record, the stateful, the typed word."""

from collections.abc import Sequence

from bookstore_ops.environments import Environment
from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.operations.confirmation import Confirmation
from bookstore_ops.operations.overriding import Overrides, note_override, same_command
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.plan import Action, is_stateful
from bookstore_ops.terraform.records import Now, SavedPlan, differences

_PAGE = "plan-refused"


def check_record(saved: SavedPlan, now: Now, again: str) -> None:
    """Refuse a plan whose record does not hold any more, saying which fields differ.

    ``again`` is the command that plans anew.

    Raises:
        Refused: it does not hold.
    """
    found = differences(saved, now)
    if found:
        raise Refused(
            f"the saved plan {saved.name} does not hold any more",
            why="\n".join(found),
            next_step=again,
        ).leading_to(_PAGE)


def check_destroy_limits(session: Session, saved: SavedPlan, overrides: Overrides) -> None:
    """Refuse to destroy what, or more than, the environment's ``[destroy]`` allows.

    Raises:
        Refused: it is more, and was not overridden.
    """
    limits, name = session.environment.destroy, session.environment.name
    file = f"environments/{name}.toml"
    if saved.record.destroy and not limits.allowed:
        raise Refused(
            f"{name} may not be destroyed",
            why=f"allowed = false under [destroy] in {file}; no flag overrides it",
            next_step=f"write allowed = true there, and have it reviewed; to end a part of {name}, "
            "remove it from the tree and plan",
        )
    number = len(destroyed_addresses(saved))
    if limits.max is None or number <= limits.max:
        return
    if overrides.max_destroy is not None and number <= overrides.max_destroy:
        note_override(
            session, overrides, f"the destroy limit of {name}: {number} of at most {limits.max}"
        )
        return
    allowed = f"--max-destroy allows {overrides.max_destroy}, and " if overrides.max_destroy else ""
    flags = overrides.flags_missing(f"--max-destroy {number}")
    raise Refused(
        f"this plan destroys or replaces {number}; {name} allows {limits.max} at a time",
        why=f"{allowed}max = {limits.max} under [destroy] in {file}",
        next_step=f"look at them again; if all are meant: {same_command(session, flags)}",
    ).leading_to(_PAGE)


def check_stateful(saved: SavedPlan, allowed: Sequence[str], again: str) -> None:
    """Refuse to destroy what holds data unless each address was named with --allow-destroy.

    ``again`` is the command to which the missing flags are added.

    Raises:
        Refused: an address is missing, or one was named that is not about to be destroyed.
    """
    destroyed = destroyed_addresses(saved)
    unknown = [address for address in allowed if address not in destroyed]
    if unknown:
        raise Refused(
            f"--allow-destroy names what this plan does not destroy: {', '.join(unknown)}",
            why=f"it destroys {', '.join(destroyed) or 'nothing'}",
            next_step="name the addresses exactly as the plan shows them",
        )
    missing = [a for a in destroyed if is_stateful(a) and a not in allowed]
    if missing:
        flags = " ".join(f"--allow-destroy '{address}'" for address in missing)
        raise Refused(
            f"this destroys or replaces {len(missing)} that hold data",
            why="\n".join(missing),
            next_step=f"{again} {flags}",
        ).leading_to(_PAGE)


def note_data_loss(session: Session, allowed: Sequence[str], overrides: Overrides) -> None:
    """Let the journal know what may lose its data; a protected environment wants a reason.

    Raises:
        UsageError: there is none.
    """
    if not allowed:
        return
    if session.environment.protected and not overrides.reason:
        raise UsageError(
            f"--allow-destroy needs a reason in {session.environment.name}",
            why="it is protected; the reason is kept in the journal, for those who ask later",
            next_step=same_command(session, "--reason 'WHY'"),
        )
    session.result.overrode.append(f"the guard of data: {', '.join(allowed)}")


def destroyed_addresses(saved: SavedPlan) -> list[str]:
    """The addresses a plan destroys or replaces."""
    return sorted(
        change.resource.addr
        for change in saved.record.changes
        if change.action in {Action.DELETE, Action.REPLACE}
    )


def state_confirmation(environment: Environment, does: str, *, sandbox: bool) -> Confirmation:
    """What to ask before a state is changed; ``does`` says what will be done, as a question does.

    A state can be restored, resources that were forgotten cannot always be found again: a
    protected environment asks for its name.
    """
    place = "the sandbox" if sandbox else f"account {environment.account_id}"
    if environment.protected and not sandbox:
        return Confirmation(f"{environment.name} is protected ({place}). {does}?", environment.name)
    return Confirmation(f"{does}, in {place}?", None)


def confirmation(environment: Environment, saved: SavedPlan, *, sandbox: bool) -> Confirmation:
    """What to ask before ``saved`` is applied; the damage decides."""
    destroyed = len(destroyed_addresses(saved))
    does = f"{len(saved.record.changes)} changes" + (
        f", {destroyed} destroyed" if destroyed else ""
    )
    if saved.record.refresh_only:
        does = "the state alone: nothing in AWS is changed"
    if environment.protected and not sandbox:
        words = f"{environment.name} {destroyed}" if destroyed else environment.name
        return Confirmation(
            f"{environment.name} is protected (account {environment.account_id}; {does}).", words
        )
    place = "the sandbox" if sandbox else f"account {environment.account_id}"
    return Confirmation(f"Apply to {environment.name} in {place} ({does})?", None)
