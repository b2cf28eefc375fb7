"""What stands between a plan and its apply: the record, the stateful, the typed word."""

from collections.abc import Sequence

from bookstore_ops.environments import Environment
from bookstore_ops.errors import Refused
from bookstore_ops.operations.confirmation import Confirm, Confirmation
from bookstore_ops.terraform.plan import Action, is_stateful
from bookstore_ops.terraform.records import Now, SavedPlan, differences

__all__ = ["Confirm", "Confirmation"]


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
        )


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
        )


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
