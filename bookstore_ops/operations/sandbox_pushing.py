"""Images for the sandbox's registry, to be released there."""

from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.releases.places import find_place
from bookstore_ops.sandbox.push import push_image


def push(
    session: ReleaseSession, service: str, tag: str, *, healthy: bool, answers: int, exits: int
) -> tuple[str, str]:
    """Put an image of a service into its repository; repository and digest.

    Raises:
        UsageError: there is no such service.
        OperationFailed: the registry does not take it.
    """
    place = find_place(session.places(), session.environment.name, service)
    ecr = session.aws.client("ecr")
    return place.repository, push_image(
        ecr, place.repository, tag, healthy=healthy, answers=answers, exits=exits
    )
