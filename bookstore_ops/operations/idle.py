"""What of an environment costs money and does nothing, as its state, its tags and AWS tell.

As for releases, Terraform takes no part.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Literal

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.tasks import TaskStore
from bookstore_ops.errors import BsopsError, OperationFailed, Refused
from bookstore_ops.idle.colors import judge_colors
from bookstore_ops.idle.looking import Look, look_at_all
from bookstore_ops.idle.model import Finding, Period, Verdict
from bookstore_ops.idle.scene import Scene
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.releases.session import ReleaseSession, open_release_session
from bookstore_ops.operations.request import Request
from bookstore_ops.releases.model import Ledger, Place
from bookstore_ops.terraform.state import instances, parse_state

FailOn = Literal["found", "unknown"]

# Looks are made side by side: one that is throttled is made again.
_ATTEMPTS = 4
_SERVICES = ("ecs", "elbv2")
_AT_ONCE = 4


@dataclass(frozen=True)
class Report:
    """Everything that was looked at, what is idle first; ``days`` were looked back on."""

    environment: str
    region: str
    days: int
    findings: Sequence[Finding]
    failure: BsopsError | None = None

    def of(self, verdict: Verdict) -> list[Finding]:
        """The findings of one verdict."""
        return [each for each in self.findings if each.verdict is verdict]


@dataclass(frozen=True)
class IdleSession:
    """An environment that can be looked at; ``held`` is its hold on AWS."""

    held: ReleaseSession
    cloud: Cloud
    tasks: TaskStore


@contextmanager
def open_idle_session(request: Request, say: Say, *, warn: Say) -> Iterator[IdleSession]:
    """Get credentials and check the account; a look leaves no entry in the journal.

    Raises:
        BsopsError: a file, a permission or the right account is missing.
    """
    from bookstore_ops.aws.session import Clients

    with open_release_session(request, say, warn=warn, journaled=False) as held:
        clients = Clients(request.environment.region, held.environ, attempts=_ATTEMPTS)
        again, backend = held.command_line("idle"), held.backend
        tasks = TaskStore(backend.client("s3"), backend.bucket, backend.key, again)
        yield IdleSession(held, Cloud(clients.make, again), tasks)


def read_idle(session: IdleSession, days: int, fail_on: FailOn | None = None) -> Report:
    """Look at all that is the environment's, ``days`` back.

    Raises:
        Refused: there is no state.
        BsopsError: the state, or what lies beside it, cannot be read.
    """
    held = session.held
    environment, backend = held.environment, held.backend
    content = backend.read()
    if content is None:
        raise Refused(
            f"{environment.name} has nothing that could be idle",
            why="nothing is applied yet: there is no state",
            next_step=held.command_line("apply"),
        )
    parse_state(content, backend.describe())
    scene = Scene(
        session.cloud,
        environment.name,
        environment.region,
        instances(content),
        session.tasks.read(),
        held.command_line,
        datetime.now(UTC),
    )
    held.say(f"looking {days} days back at {environment.name} in {environment.region}")
    more: dict[str, Look] = {}
    if scene.of("aws_ecs_service"):
        for service in _SERVICES:
            held.aws.client(service)
        more["tasks"] = partial(_colors, session, scene)
    findings = look_at_all(scene, Period(days, scene.at), more)
    return Report(
        environment.name,
        environment.region,
        days,
        findings,
        _failure(session, findings, fail_on),
    )


def _colors(session: IdleSession, scene: Scene) -> list[Finding]:
    """The colours of every service; those without a second one have nothing to be idle."""
    held = session.held
    places = [place for place in held.places().values() if place.has_colors]
    ledger = held.store.read()
    look = partial(_colors_of, held, scene, ledger)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return [each for part in pool.map(look, places) for each in part]


def _colors_of(held: ReleaseSession, scene: Scene, ledger: Ledger, place: Place) -> list[Finding]:
    return judge_colors(scene, place, held.aws.colors(place), ledger.of(place.service).current)


def _failure(
    session: IdleSession, findings: Sequence[Finding], fail_on: FailOn | None
) -> BsopsError | None:
    if fail_on is None:
        return None
    grades = {Verdict.IDLE} if fail_on == "found" else {Verdict.IDLE, Verdict.UNKNOWN}
    bad = [each for each in findings if each.verdict in grades]
    if not bad:
        return None
    idle = sum(each.verdict is Verdict.IDLE for each in bad)
    unknown = f", {len(bad) - idle} unknown" if idle < len(bad) else ""
    return OperationFailed(
        f"{session.held.environment.name} is not without waste: {idle} idle{unknown}",
        why=f"{bad[0].kind} {bad[0].name}: {bad[0].why}",
        next_step=bad[0].mend or session.held.command_line("idle"),
    )
