"""What a load test is asked to do: how much, for how long, of which address, by which criteria."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from bookstore_ops.environments import Duration, seconds
from bookstore_ops.errors import ConfigurationError, Refused, UsageError
from bookstore_ops.load.profile import Profile
from bookstore_ops.operations.overriding import Overrides, same_command
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.releases.model import Criterion, Place
from bookstore_ops.releases.places import read_outputs
from bookstore_ops.releases.settings import FILE, ReleaseSettings
from bookstore_ops.sandbox.apis import api_url

# What one machine sends well, and what an environment bears that was not made ready for more.
MOST_RATE = 200
LONGEST_SECONDS = 3600
MORE = (
    "for more: Distributed Load Testing on AWS, "
    "https://docs.aws.amazon.com/solutions/latest/distributed-load-testing-on-aws/"
)

_PATH = re.compile(r"/[A-Za-z0-9._~%!$&'()*+,;=:@/?-]*")


@dataclass(frozen=True)
class Wanted:
    """A load test as it was asked for; ``path`` None: that of the service's smoke check."""

    service: str
    rate: int
    hold: str
    ramp: str | None = None
    path: str | None = None
    overrides: Overrides = Overrides()  # noqa: RUF009  (frozen)


def profile_of(wanted: Wanted) -> Profile:
    """The rate over time.

    Raises:
        UsageError: a duration cannot be meant.
        Refused: it is more than one machine should send.
    """
    hold, ramp = _seconds("--for", wanted.hold), _seconds("--ramp", wanted.ramp or "")
    if wanted.rate > MOST_RATE:
        raise Refused(
            f"{wanted.rate} requests a second are too many from one machine",
            why=f"bsops sends up to {MOST_RATE}: beyond that the figures would soon be those of "
            "this machine and of its way to AWS",
            next_step=f"--rate {MOST_RATE}; {MORE}",
        )
    if hold + ramp > LONGEST_SECONDS:
        raise Refused(
            f"{hold + ramp} seconds are too long",
            why=f"bsops sends for up to {LONGEST_SECONDS // 3600} hour; what lasts longer must not "
            "hang on one terminal",
            next_step=f"a shorter --for; {MORE}",
        )
    return Profile(rate=wanted.rate, hold=hold, ramp=ramp)


def _seconds(flag: str, text: str) -> int:
    if not text:
        return 0
    try:
        return seconds(msgspec.convert(text, Duration))
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{flag} {text} is no duration",
            why="it is a number and a unit: s, m or h",
            next_step=f"{flag} 2m",
        ) from error


def absolute(settings: ReleaseSettings, service: str) -> list[Criterion]:
    """The criteria that hold without another colour, of what is measured from outside.

    Raises:
        ConfigurationError: there is none.
    """
    found = [
        each
        for each in settings.criteria
        if each.source != "custom" and (each.at_most is not None or each.at_least is not None)
    ]
    if not found:
        raise ConfigurationError(
            f"nothing says what {service} must achieve under load",
            why=f"{FILE} has no criterion errors or p95 with a limit of its own (at_most)",
            next_step=f"add at_most to a criterion of {service} in {FILE}",
        )
    return found


def api_of(session: ReleaseSession, place: Place) -> str:
    """The address of the environment's own API, from its state; no other is ever asked.

    Raises:
        Refused: the state does not tell it.
    """
    if session.request.sandbox:
        return api_url(session.environ["AWS_ENDPOINT_URL"], place.rest_api_id)
    apply = session.command_line("apply")
    outputs = read_outputs(session.backend.read(), session.environment.name, apply, "API to ask")
    api = outputs.get("api")
    url = str(api.get("url", "")) if isinstance(api, Mapping) else ""
    if not url.startswith("https://"):
        raise Refused(
            f"the state of {session.environment.name} does not tell where its API answers",
            why="its output api has no url that begins with https://",
            next_step=apply,
        )
    return url.rstrip("/")


def path_of(
    session: ReleaseSession, place: Place, settings: ReleaseSettings, wanted: str | None
) -> str:
    """The path to ask for, which must lead to the service and to no other.

    Raises:
        UsageError: it does not, or none was named and none is known.
    """
    service = place.service
    if not place.has_colors:
        raise UsageError(
            f"no path of the API leads to {service}",
            why="it works from its queue, not from requests",
            next_step="name a public service: "
            + ", ".join(sorted(name for name, p in session.places().items() if p.has_colors)),
        )
    path = wanted or next((each.path for each in settings.smoke if each.method == "GET"), None)
    patterns = session.aws.paths(place)
    if path is None:
        raise UsageError(
            f"which path of {service}?",
            why=f"{FILE} has no smoke check with GET for it, whose path would be taken",
            next_step=same_command(
                session, f"--path {patterns[0].rstrip('*') if patterns else '/'}"
            ),
        )
    bare = path.partition("?")[0]
    if not _PATH.fullmatch(path) or "//" in bare or ".." in bare:
        raise UsageError(
            f"{path} is no path of the API",
            why="it begins with a slash and has no host, no space, no '//' and no '..'",
            next_step="--path /catalog/books",
        )
    if not any(fnmatchcase(bare, pattern) for pattern in patterns):
        raise UsageError(
            f"{path} does not lead to {service}",
            why=f"its paths are: {', '.join(patterns)}",
            next_step="a --path that is one of them, or the service that the path is of",
        )
    return path
