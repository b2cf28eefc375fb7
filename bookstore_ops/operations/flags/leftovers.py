"""Before a profile of flags is destroyed: the versions that operators deployed are taken away."""

from bookstore_ops.errors import BsopsError
from bookstore_ops.flags.leftovers import PROFILE, delete_versions, profiles_of
from bookstore_ops.operations.guards import destroyed_addresses
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.backends import open_backend
from bookstore_ops.terraform.records import SavedPlan


def clear_flags(session: Session, saved: SavedPlan) -> None:
    """Delete the versions of flags that stand in the way of what the plan destroys.

    It never fails: the destroy that follows says what AWS says.
    """
    from bookstore_ops.aws.session import Clients

    doomed = {each for each in destroyed_addresses(saved) if PROFILE in each}
    if not doomed:
        return
    try:
        content = open_backend(session.root, session.environ).read()
        profiles = profiles_of(content) if content else []
        client = Clients(session.environment.region, session.environ).make("appconfig")
        again = session.command_line("destroy")
        count = sum(
            delete_versions(client, profile, again)
            for profile in profiles
            if profile.address in doomed
        )
    except BsopsError as error:
        session.say(f"versions of the flags are still there: {error.what} ({error.why})")
        return
    if count:
        session.say(f"{count} versions of the flags deleted, which operators had deployed")
