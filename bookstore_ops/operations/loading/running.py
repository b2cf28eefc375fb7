"""Sending the requests of a load test, with an eye on the service's alarms, and the verdict."""

import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

from bookstore_ops.errors import BsopsError, Interrupted, Refused, UsageError
from bookstore_ops.load.figures import Figures
from bookstore_ops.load.generator import Generator, Live, connections
from bookstore_ops.load.profile import Profile
from bookstore_ops.load.target import Target
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.freezing import check_freeze
from bookstore_ops.operations.loading.result import (
    TOKEN_VARIABLE,
    Ending,
    LoadTest,
    failure,
    summary,
)
from bookstore_ops.operations.loading.wanted import Wanted, absolute, api_of, path_of, profile_of
from bookstore_ops.operations.releases.holding import refuse_others
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.releases.signals import Signals
from bookstore_ops.releases.analysis import Analysis, Names, Sample, judge
from bookstore_ops.releases.model import Criterion, Place
from bookstore_ops.releases.places import find_place
from bookstore_ops.releases.settings import FILE, ReleaseSettings, load_settings
from bookstore_ops.releases.watching import LONGEST_LOOK_SECONDS, Looks

# Nobody waits longer for a page; and API Gateway itself waits for 29 seconds at most:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_PATIENCE_SECONDS = 5.0
_LONGEST_PATIENCE = 29.0

_NAMES = Names(new="the service")


def load(
    session: ReleaseSession, wanted: Wanted, confirm: Confirm, tell: Callable[[Live], None]
) -> LoadTest:
    """Send requests to a service at a constant rate, and hold it to its criteria.

    What is to be said of a test that was not held is the session's outcome.

    Raises:
        UsageError: there is no such service, or the test cannot be meant.
        Refused: it is too much, the service is not well, there is a freeze, or it was not
            confirmed.
        StateLocked: a release of the service, or a rollout judged by it, is under way.
        BsopsError: AWS does not tell what is needed.
    """
    name, service = session.environment.name, wanted.service
    profile = profile_of(wanted)
    place = find_place(session.places(), name, service)
    settings = load_settings(session.request.workspace.tree, name, service)
    criteria = absolute(settings, service)
    if profile.held < settings.minimum_requests:
        raise UsageError(
            f"{profile.held} requests are too few to judge {service} by",
            why=f"minimum_requests in {FILE} asks for {settings.minimum_requests}",
            next_step="a longer --for, or a higher --rate",
        )
    url = api_of(session, place) + path_of(session, place, settings, wanted.path)
    refuse_others(session, service, session.store.read())
    raised = session.aws.alarms(place)
    if raised:
        raise Refused(
            f"{service} is not well: what the load does could not be told from what ails it",
            why=f"alarms are raised: {', '.join(raised)}",
            next_step="wait for them to end",
        )
    session.reason = wanted.overrides.reason
    check_freeze(session, wanted.overrides)
    ramp = f", after {wanted.ramp} of growing to it" if wanted.ramp else ""
    does = f"Send {service} {wanted.rate} requests a second for {wanted.hold}{ramp}"
    look = session.command_line("release status", service)
    session.agree(does, confirm, look=look, refused="nothing was sent")
    session.journal.step(session.run_id, f"{service}: GET {url}, {wanted.rate}/s for {wanted.hold}")
    done = _drive(session, place, _Plan(url, profile, settings, criteria), tell)
    session.note = summary(done)
    session.outcome = session.outcome or failure(done, look)
    return done


@dataclass(frozen=True)
class _Plan:
    url: str
    profile: Profile
    settings: ReleaseSettings
    criteria: list[Criterion]

    @property
    def patience(self) -> float:
        """Seconds after which a request counts as an error: far beyond what is allowed."""
        limits = [c.at_most for c in self.criteria if c.source == "p95" and c.at_most is not None]
        return min(max([_PATIENCE_SECONDS, *(2 * limit for limit in limits)]), _LONGEST_PATIENCE)


def _drive(
    session: ReleaseSession, place: Place, plan: _Plan, tell: Callable[[Live], None]
) -> LoadTest:
    target = Target(
        plan.url,
        headers=_headers(os.environ),
        timeout=plan.patience,
        connections=connections(plan.profile, plan.patience),
    )
    generator = Generator(plan.profile, target.ask, patience=plan.patience)
    ending, raised = Ending.TIME, []
    with Signals() as signals, _Alarms(session, place) as alarms:
        try:
            if not generator.run(alarms.ended, tell, signals.sleep):
                ending = Ending.ALARM if alarms.ended() else Ending.GENERATOR
            # Another look: the last one may be some seconds old.
            raised = alarms.last()
            signals.check()
        except Interrupted as signal:
            ending, session.outcome = Ending.SIGNAL, _stopped(session, place, signal)
    if raised and ending is Ending.TIME:
        ending = Ending.ALARM
    figures = generator.figures()
    if figures.are_the_generators and ending is Ending.TIME:
        ending = Ending.GENERATOR
    judged = not figures.are_the_generators and ending is not Ending.GENERATOR
    return LoadTest(
        service=place.service,
        url=plan.url,
        profile=plan.profile,
        ending=ending,
        figures=figures,
        analysis=_judge(plan, figures) if judged else None,
        alarms=raised,
        not_judged=[c.name for c in plan.settings.criteria if c not in plan.criteria],
    )


class _Alarms:
    """Looks for alarms beside the requests, which must not wait for CloudWatch."""

    def __init__(self, session: ReleaseSession, place: Place) -> None:
        self._look: Callable[[], list[str]] = lambda: session.aws.alarms(place)
        self._looks = Looks()
        self._raised: list[str] = []
        self._error: BsopsError | None = None
        self._over = threading.Event()
        # The client was made in this thread: see aws.session.
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def ended(self) -> bool:
        """Whether an alarm is raised.

        Raises:
            OperationFailed: CloudWatch has not told for long.
        """
        if self._error is not None:
            raise self._error
        return bool(self._raised)

    def last(self) -> list[str]:
        """The alarms that are, or were, raised; one look that fails takes no figures away.

        Raises:
            OperationFailed: CloudWatch has not told for long.
        """
        return self._raised or self._looks.at("alarms", self._look) or []

    def _watch(self) -> None:
        while not self._over.wait(LONGEST_LOOK_SECONDS):
            try:
                self._raised = self._looks.at("alarms", self._look) or []
            except BsopsError as error:
                self._error = error
            if self._raised or self._error:
                return


def _judge(plan: _Plan, figures: Figures) -> Analysis:
    known = {"errors": figures.error_percent, "p95": figures.times.p95}
    sample = Sample(
        figures.sent - figures.left, {each.name: known[each.source] for each in plan.criteria}
    )
    return judge(
        plan.criteria,
        sample,
        None,
        minimum_requests=plan.settings.minimum_requests,
        names=_NAMES,
    )


def _stopped(session: ReleaseSession, place: Place, signal: Interrupted) -> Interrupted:
    return Interrupted(
        signal.signal_number,
        f"the load test of {place.service} was stopped",
        why="what was measured until then is shown; it is no verdict",
        next_step=f"bsops {' '.join(session.request.arguments)}",
    )


def _headers(environ: Mapping[str, str]) -> dict[str, str]:
    token = environ.get(TOKEN_VARIABLE)
    return {"Authorization": f"Bearer {token}"} if token else {}
