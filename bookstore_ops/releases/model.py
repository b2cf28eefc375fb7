"""A release as it is kept: what it wants, how far it has come, who drives it.

Every step is written before it is taken, so that another machine can go on from it. A newer bsops
may add fields; an older one passes them over.
"""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

import msgspec

from bookstore_ops.environments import Duration, seconds

# What an environment remembers of each service; the object stays far below a megabyte.
HISTORY_KEPT = 30

Strategy = Literal["blue-green", "canary", "rolling"]
Kind = Literal["release", "rollback"]
Outcome = Literal["done", "rolled-back", "aborted", "failed", "found"]


class Phase(StrEnum):
    """What is to be done next. Each can be done again from its beginning."""

    PREPARING = "preparing"  # register the revision
    EXPANDING = "expanding"  # run the task that makes the schema fit old and new
    STARTING = "starting"  # wake the idle colour with it
    WARMING = "warming"  # until its tasks are healthy
    CHECKING = "checking"  # smoke checks against it
    SHIFTING = "shifting"  # give it the weight of the step; rolling: have the tasks replaced
    BAKING = "baking"  # watch it for the step's time
    FINISHING = "finishing"  # lay the old colour to sleep
    CONTRACTING = "contracting"  # run the task that takes from the schema what only the old used
    REVERTING = "reverting"  # give the old colour all traffic again
    LEAVING = "leaving"  # lay the new colour to sleep; rolling: until the old tasks are healthy
    ENDED = "ended"


class Criterion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One limit on one metric of the new colour.

    ``errors`` is the share of requests answered with 5xx in per cent, ``p95`` the 95th percentile
    of the answers' time in seconds; ``custom`` is a metric of CloudWatch, with ``{color}`` and
    ``{service}`` in its dimensions. ``over_stable`` is how much it may lie above the stable
    colour's value, ``times_stable`` how many times as large it may be.
    """

    name: str
    source: Literal["errors", "p95", "custom"]
    at_most: float | None = None
    at_least: float | None = None
    over_stable: float | None = None
    times_stable: float | None = None
    namespace: str = ""
    metric: str = ""
    stat: str = "Average"
    dimensions: dict[str, str] = {}

    @property
    def is_relative(self) -> bool:
        """Whether the stable colour's value is needed."""
        return self.over_stable is not None or self.times_stable is not None

    @property
    def stands_alone(self) -> bool:
        """Whether it needs neither a load balancer's counts nor another colour."""
        return self.source == "custom" and not self.is_relative


class SmokeCheck(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request that the new colour must answer before it gets traffic."""

    path: str
    method: str = "GET"
    status: tuple[int, ...] = (200,)


class Migration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the new image runs in a task of its own, before traffic moves and after the bake.

    With the schema after ``expand``, the old image works and the new one does. ``contract`` takes
    away what the new one does not use; older images do not fit it afterwards. ``container`` runs
    the commands: the service's own where none is named.
    """

    expand: list[str] = []
    contract: list[str] = []
    container: str = ""
    timeout: Duration = "15m"

    @property
    def seconds(self) -> int:
        """``timeout`` in seconds."""
        return seconds(self.timeout)


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A share of the traffic, and for how long it is watched."""

    weight: int
    bake_seconds: float


class Place(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where a service runs; maps are by colour.

    A service that no traffic is sent to has one colour, ``only``, and neither groups nor rule.
    """

    service: str
    cluster: str
    services: dict[str, str]
    family: str
    repository: str
    min_tasks: int
    max_tasks: int
    target_groups: dict[str, str] = {}
    rule_arn: str = ""
    alarms: list[str] = []
    rest_api_id: str = ""

    @property
    def has_colors(self) -> bool:
        """Whether there is a second colour to release to."""
        return bool(self.rule_arn)

    def other(self, color: str) -> str:
        """The colour beside this one."""
        return next(name for name in sorted(self.services) if name != color)


class Revision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a colour runs. ``image`` is as the task definition names it."""

    color: str
    task_definition: str
    image: str


class Holder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who drives a release, and when they last said so (RFC 3339, UTC)."""

    run: str
    who: str
    pid: int
    pid_started: float
    seen: str
    ci: str | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of a release's own timeline."""

    time: str
    what: str


class Kept(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept in a ledger, and driven by one process at a time.

    ``version`` grows with every write: who holds an older one has lost it.
    """

    id: str
    version: int = 0
    holder: Holder | None = None
    timeline: list[Event] = []

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        raise NotImplementedError  # a struct cannot be abstract: each kind has phases of its own


class Release(Kept, frozen=True, kw_only=True, omit_defaults=True):
    """A release of one service, from its beginning to its outcome.

    ``step`` is the position in ``steps``, ``weight`` what the new colour was last given, ``paused``
    why it waits for a person. ``alarms_before`` were raised when it began and say nothing of it.
    ``task`` is the migration's task under way, ``failed_task`` the last one that failed, and
    ``attempt`` how many did. ``contracted``: the schema may not fit older images any more.
    A rolling release replaces the tasks of its one colour, with the new revision while ``weight``
    is more than nothing. ``goal`` is the outcome that a release on its way back will have.
    """

    kind: Kind
    strategy: Strategy
    place: Place
    image: str
    label: str
    color: str
    previous: Revision
    steps: list[Step]
    started: str
    by: str
    health_seconds: float
    minimum_requests: int = 0
    criteria: list[Criterion] = []
    smoke: list[SmokeCheck] = []
    migration: Migration = Migration()
    alarms_before: list[str] = []
    phase: Phase = Phase.PREPARING
    step: int = 0
    weight: int = 0
    tasks: int = 0
    task_definition: str = ""
    task: str = ""
    failed_task: str = ""
    attempt: int = 0
    contracted: bool = False
    since: str = ""
    paused: str | None = None
    goal: Outcome | None = None
    outcome: Outcome | None = None
    reason: str | None = None

    @property
    def service(self) -> str:
        """The service's name."""
        return self.place.service

    @property
    def rolls(self) -> bool:
        """Whether tasks are replaced where they are, instead of traffic being moved."""
        return self.strategy == "rolling"

    @property
    def wanted_definition(self) -> str:
        """The task definition that the released colour is to run."""
        if self.rolls and not self.weight:
            return self.previous.task_definition
        return self.task_definition

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.phase is Phase.ENDED

    @property
    def has_turned(self) -> bool:
        """Whether it is on its way back."""
        return self.phase in {Phase.REVERTING, Phase.LEAVING}

    @property
    def can_turn(self) -> bool:
        """Whether the old colour is awake, so that traffic can go back to it at once."""
        return self.phase not in {Phase.FINISHING, Phase.CONTRACTING, Phase.ENDED}

    @property
    def migrates(self) -> Literal["expand", "contract"] | None:
        """Which part of the migration its phase runs."""
        parts: dict[Phase, Literal["expand", "contract"]]
        parts = {Phase.EXPANDING: "expand", Phase.CONTRACTING: "contract"}
        return parts.get(self.phase)

    def weights(self, weight: int | None = None) -> dict[str, int]:
        """The weight of each colour where the new one has ``weight``."""
        if self.rolls:
            return {self.color: 100}
        given = self.weight if weight is None else weight
        return {self.color: given, self.previous.color: 100 - given}

    @property
    def shares(self) -> str:
        """Who has how much of the traffic, or which revision is to run, in words."""
        if self.rolls:
            return f"to run {self.wanted_definition.rpartition('/')[2]}"
        return ", ".join(f"{color} {weight} %" for color, weight in sorted(self.weights().items()))

    def baked_seconds(self, now: datetime) -> float:
        """For how long the step under way has been watched."""
        return (now - datetime.fromisoformat(self.since)).total_seconds() if self.since else 0.0

    def bake_left(self, now: datetime) -> float | None:
        """Seconds left of the step's time; None where nothing is being watched."""
        if self.phase is not Phase.BAKING or self.paused is not None:
            return None
        return max(0.0, self.steps[self.step].bake_seconds - self.baked_seconds(now))


class Past(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A release that is over. ``found``: what ran before the first release."""

    id: str
    kind: Kind
    strategy: Strategy
    image: str
    label: str
    color: str
    task_definition: str
    started: str
    ended: str
    by: str
    outcome: Outcome
    reason: str | None = None
    contracted: bool = False
    timeline: list[Event] = []


class Hold(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rollout of a flag that is judged by a service, which is not released meanwhile.

    It holds until the rollout of that id is over, as the ledger of rollouts has it. ``holder``
    counts as long as it is not in there: the hold is written first.
    """

    flag: str
    rollout: str
    holder: Holder


class Service(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of the releases of one service, newest last, and the last rollout's hold."""

    current: Release | None = None
    history: list[Past] = []
    rollout: Hold | None = None


class Ledger(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All releases of an environment, in one object beside its state."""

    services: dict[str, Service] = {}

    def of(self, service: str) -> Service:
        """What is known of a service."""
        return self.services.get(service, Service())


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def stamp(moment: datetime) -> str:
    """A time as it is kept."""
    return moment.isoformat(timespec="milliseconds")


def label_of(image: str) -> str:
    """The tag of an image, or the beginning of its digest."""
    name, separator, digest = image.rpartition("@sha256:")
    if separator:
        return digest[:12]
    return image.rpartition("/")[2].rpartition(":")[2] or name


def contracted_since(service: Service, good: Past) -> Past | None:
    """The release after ``good`` with whose schema it may not work any more."""
    after = service.history[service.history.index(good) + 1 :]
    return next((past for past in after if past.contracted), None)


def last_good(service: Service, running: str) -> Past | None:
    """The newest image that was released well, other than the task definition ``running``.

    What was rolled back from is not good, whatever was thought of it before.
    """
    for past in reversed(service.history):
        if past.outcome in {"done", "found"} and past.task_definition != running:
            return past
    return None
