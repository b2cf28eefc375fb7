"""After a destroy: what releases left in AWS is taken away, or is said to be there."""

from bookstore_ops.errors import BsopsError
from bookstore_ops.flags.store import FlagStore
from bookstore_ops.operations.session import Session
from bookstore_ops.releases.leftovers import deregister, families_of
from bookstore_ops.releases.store import Store
from bookstore_ops.terraform.backends import S3Backend, open_backend


def clear_releases(session: Session) -> str | None:
    """Take away what releases registered, and forget them; what was done, None where nothing was.

    The services are gone, and what they ran: another life of the environment must not roll back
    to it. It never fails: a destroy that went well is not to be repeated for this.
    """
    from bookstore_ops.aws.session import Clients

    try:
        backend = open_backend(session.root, session.environ)
        if not isinstance(backend, S3Backend):
            return None
        again = session.command_line("destroy")
        FlagStore(backend.client("s3"), backend.bucket, backend.key, again).forget()
        store = Store(backend.client("s3"), backend.bucket, backend.key, again)
        families = families_of(store.read())
        if not families:
            return None
        ecs = Clients(session.environment.region, session.environ).make("ecs")
        count = sum(deregister(ecs, family, again) for family in families)
        store.forget()
    except BsopsError as error:
        return f"what releases registered is still there: {error.what} ({error.why})"
    revisions = "1 task definition" if count == 1 else f"{count} task definitions"
    return f"of releases: {revisions} deregistered, their history forgotten"
