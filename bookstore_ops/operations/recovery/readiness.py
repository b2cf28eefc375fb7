"""What is ready in the other region: `bsops dr`. It is asked there, not here: here may be gone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal

from bookstore_ops.aws.session import Access
from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.model import Kind
from bookstore_ops.backups.places import read_stores
from bookstore_ops.backups.settings import Objective, load_objectives
from bookstore_ops.backups.sight import Sight
from bookstore_ops.environments import Environment, moved_to
from bookstore_ops.errors import BsopsError, CredentialsError, OperationFailed, Refused
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.releases.session import ReleaseSession, open_release_session
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.states.store import copies_of
from bookstore_ops.operations.values.reading import load_values
from bookstore_ops.preflight.check import Once, Status
from bookstore_ops.preflight.context import Aws, Context
from bookstore_ops.preflight.needs import name_prefix
from bookstore_ops.preflight.quotas import CHECKS as QUOTAS
from bookstore_ops.preflight.runner import Job, Result, begin, collect
from bookstore_ops.recovery.looks import look_at_rest, look_without_state
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.recovery.named import look_for_stores
from bookstore_ops.recovery.places import read_needed
from bookstore_ops.recovery.stores import look_at_stores
from bookstore_ops.terraform.demand import read_whole
from bookstore_ops.workspace import Workspace

FailOn = Literal["missing", "unknown"]

_ATTEMPTS = 3
# The state's bucket is where one moves away from: on that day nobody answers there, and all that
# is looked at waits for it. What is not had within these seconds is taken from elsewhere.
_STATE_SECONDS, _STATE_ATTEMPTS = 4, 2
_QUOTA_SERVICES = ("ec2", "ecs", "rds", "logs", "service-quotas")
_VARIABLE = "replica_region"


@dataclass(frozen=True)
class Recovery:
    """How ready the other region is. ``source`` is where what is needed was read from."""

    environment: str
    region: str
    away: str
    source: str
    pieces: Sequence[Piece]
    failure: BsopsError | None = None

    @property
    def gaps(self) -> list[Piece]:
        """What is not ready."""
        return [piece for piece in self.pieces if not piece.is_ready]


@dataclass
class RecoverySession:
    """An environment that may have to leave its region; ``held`` works in the other one."""

    home: Environment
    held: ReleaseSession
    cloud: Cloud
    make: Any

    @property
    def region(self) -> str:
        """The other region."""
        return self.held.environment.region


def other_region(workspace: Workspace, environment: Environment) -> str:
    """The region to move to, as the environment's values name it.

    Raises:
        Refused: they name none.
        ConfigurationError: the values cannot be read.
    """
    region = load_values(workspace, environment.name).effective().get(_VARIABLE)
    if region in {None, environment.region}:
        raise Refused(
            f"{environment.name} has no other region to move to",
            why=f"its values name no {_VARIABLE}: nothing is copied out of {environment.region}",
            next_step=f"bsops tfvars set {environment.name} {_VARIABLE} eu-central-1   "
            "(and disaster_recovery.enabled true; then plan and apply)",
        )
    return str(region)


@contextmanager
def open_recovery_session(request: Request, say: Say, *, warn: Say) -> Iterator[RecoverySession]:
    """Get credentials and check the account, in the other region.

    Raises:
        Refused: there is no other region.
        BsopsError: a file, a permission or the right account is missing.
    """
    from bookstore_ops.aws.session import Clients

    home = request.environment
    region = other_region(request.workspace, home)
    there = replace(request, environment=moved_to(home, region))
    with open_release_session(there, say, warn=warn, journaled=False) as held:
        at_home = Clients(
            held.backend.region, held.environ, attempts=_STATE_ATTEMPTS, seconds=_STATE_SECONDS
        )
        held.backend.adopt({"s3": at_home.make("s3")})
        clients = Clients(region, held.environ, attempts=_ATTEMPTS)
        cloud = Cloud(clients.make, held.command_line("dr status"))
        yield RecoverySession(home, held, cloud, clients.make)


def read_recovery(session: RecoverySession, fail_on: FailOn | None = None) -> Recovery:
    """Look at everything that a move needs.

    Raises:
        BsopsError: there never was a state, or the objectives cannot be read.
    """
    held, home, region = session.held, session.home, session.region
    content, source = _state(session)
    stores = read_stores(content, home, source, held.command_line("apply")) if content else []
    sight = Sight(
        session.cloud,
        held.account_id,
        tuple(stores),
        held.backend,
        held.store.read,
        copies_of(held.request),
        datetime.now(UTC),
    )
    objectives = load_objectives(held.request.workspace.tree, home.name)
    if content is None:
        pieces = _without_state(session, sight, objectives)
    else:
        pieces = [
            *look_at_stores(sight, stores, objectives, region),
            *look_at_rest(session.cloud, read_needed(content, region), region, held.account_id),
            _quotas(session, content),
        ]
    recovery = Recovery(home.name, home.region, region, source, pieces)
    return replace(recovery, failure=_failure(session, recovery, fail_on))


def _state(session: RecoverySession) -> tuple[bytes | None, str]:
    """What is to be moved, and where that is read from.

    The state, or where that is out of reach its newest copy here; None: there is none either.
    """
    held, name = session.held, session.home.name
    place = held.backend.describe()
    held.say(f"reading the state of {name} in {held.backend.region}, for 10 s at most: {place}")
    problem: BsopsError | None = None
    try:
        content = held.backend.read()
        if content is not None:
            return content, place
    except CredentialsError:
        raise
    except BsopsError as error:
        problem = error
    copy = copies_of(held.request).find("latest")
    if copy is not None:
        return copy.read(), f"the copy {copy.name} on this machine"
    if problem is not None:
        held.say(f"it is out of reach: {problem.why or problem.what}")
        named = name_prefix(held.request.workspace.environment_root(name))
        return None, (
            f"what is called {named} in {session.region}; the state is out of reach, and no copy "
            "of it is on this machine"
        )
    raise Refused(
        f"{name} has nothing to move",
        why="nothing is applied yet: there is no state",
        next_step=held.command_line("apply"),
    )


def _without_state(
    session: RecoverySession, sight: Sight, objectives: Mapping[Kind, Objective]
) -> list[Piece]:
    """What the other region alone tells."""
    held, workspace = session.held, session.held.request.workspace
    copies = sight.copies.directory.relative_to(workspace.root)
    backup = held.command_line("state backup")
    mend = f"copy {copies} here from a machine on which `{backup}` was run"
    named = name_prefix(workspace.environment_root(session.home.name))
    return [
        *look_for_stores(sight, session.home, named, objectives, session.region, mend=mend),
        *look_without_state(session.cloud, session.region, held.account_id, mend),
    ]


def _quotas(session: RecoverySession, content: bytes) -> Piece:
    """Whether all of it fits into what the account may have there."""
    demand: Mapping[str, float] = read_whole(content)
    clients = {name: session.make(name, session.region) for name in _QUOTA_SERVICES}
    request = session.held.request
    aws = Aws(
        Access(session.held.environ, None, "", clients),
        None,
        Once(dict),
        demand=Once(lambda: demand),
    )
    context = Context(
        request.workspace,
        session.held.environ,
        Once(_no_binary),
        sandbox=request.sandbox,
        name=session.home.name,
        environment=request.environment,
        aws=aws,
    )
    return _fits(collect(begin([Job(check, context) for check in QUOTAS])))


def _fits(results: Sequence[Result]) -> Piece:
    """All quotas as one piece: the worst of them, and its words."""
    grades = {
        # One that is nearly used up afterwards is enough.
        Readiness.READY: {Status.OK, Status.WARNING},
        Readiness.MISSING: {Status.ERROR},
        Readiness.UNKNOWN: {Status.UNKNOWN, Status.SKIPPED},
    }
    for readiness in (Readiness.MISSING, Readiness.UNKNOWN):
        found = [each.outcome for each in results if each.outcome.status in grades[readiness]]
        if found:
            words = "; ".join(outcome.what for outcome in found)
            if readiness is Readiness.UNKNOWN:
                nouns = ", ".join(outcome.what.partition(":")[0] for outcome in found)
                words = f"whether there is room is not known: {nouns}"
            mend = next((each.next_step for each in found if each.next_step), None) or ""
            return Piece(name="quotas", readiness=readiness, words=words, mend=mend)
    words = f"{len(results)} kinds of quotas leave room for all of it"
    return Piece(name="quotas", readiness=Readiness.READY, words=words)


def _no_binary() -> Any:
    raise OperationFailed("Terraform is not looked at")


def _failure(
    session: RecoverySession, recovery: Recovery, fail_on: FailOn | None
) -> BsopsError | None:
    if fail_on is None:
        return None
    grades = {Readiness.MISSING, Readiness.LATE}
    if fail_on == "unknown":
        grades.add(Readiness.UNKNOWN)
    bad = [piece for piece in recovery.pieces if piece.readiness in grades]
    if not bad:
        return None
    return OperationFailed(
        f"{recovery.away} is not ready: {', '.join(piece.name for piece in bad)}",
        why=f"{bad[0].name}: {bad[0].words}",
        next_step=next((piece.mend for piece in bad if piece.mend), "")
        or session.held.command_line("dr status"),
    )
