"""Killed at any step, taken up or given up: where the traffic ends, and that nothing drifts.

The ids are a table: step, whether its work was begun or done (and not yet written down), what the
next person does, and who has the traffic in the end. A process of its own drives each release and
sends itself SIGKILL there.
"""

import dataclasses
import http.client
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from itertools import count, product
from typing import Any, Literal

import pytest
from msgspec.structs import replace

from bookstore_ops.environments import load_environment
from bookstore_ops.errors import Refused
from bookstore_ops.operations.releases import steering, turning
from bookstore_ops.operations.releases.session import ReleaseSession, open_release_session
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.sandbox_pushing import push
from bookstore_ops.releases.model import Ledger, Phase, Release
from bookstore_ops.releases.store import Store
from bookstore_ops.sandbox import lifecycle
from tests.e2e.shop import Shop, open_shop
from tests.e2e.workspaces import make_bench
from tests.unit.releases.world import Silent

Moment = Literal["begun", "done"]
Way = Literal["resume", "abort"]

SETTINGS = """
[defaults]
strategy = "canary"
health = "1s"
steps = [25, 100]
minimum_requests = 0
smoke = [{ path = "/catalog/books" }]

[services.catalog.migration]
expand = ["bin/migrate", "expand"]
contract = ["bin/migrate", "contract"]
"""

BACK = (Phase.REVERTING, Phase.LEAVING)
TOO_LATE = (Phase.FINISHING, Phase.CONTRACTING)
STEPS = [phase for phase in Phase if phase is not Phase.ENDED]
# In place there is neither a colour to wake and try, nor one to lay to sleep.
ROLLING = [
    phase
    for phase in STEPS
    if phase not in {Phase.EXPANDING, Phase.STARTING, Phase.CHECKING, Phase.CONTRACTING}
]

_numbers = count()


def ends_with(phase: Phase, way: Way) -> Literal["old", "new"]:
    """Which image has the traffic in the end."""
    if phase in BACK:
        return "old"
    return "new" if way == "resume" or phase in TOO_LATE else "old"


def table(steps: Sequence[Phase]) -> list[Any]:
    """Every step, killed at both moments, with both ways to go on."""
    moments: tuple[Moment, ...] = ("begun", "done")
    ways: tuple[Way, ...] = ("resume", "abort")
    return [
        pytest.param(
            phase,
            moment,
            way,
            id=f"{phase}-{moment}-{way}-{ends_with(phase, way)}-has-the-traffic",
        )
        for phase, moment, way in product(steps, moments, ways)
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose releases take no time."""
    bench = make_bench(tmp_path_factory.mktemp("kills"))
    made = open_shop(bench)
    _end_tasks_at_once(lifecycle.ensure(bench.workspace).url)
    (bench.workspace.tree / "releases.toml").write_text(SETTINGS)
    yield made
    lifecycle.stop(bench.workspace)


def _end_tasks_at_once(url: str) -> None:
    # https://docs.getmoto.org/en/latest/docs/configuration/state_transition/index.html
    at_once = {"model_name": "ecs::task", "transition": {"progression": "immediate"}}
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
    connection.request("POST", "/moto-api/state-manager/set-transition", json.dumps(at_once))
    assert connection.getresponse().status in {200, 201}
    connection.close()


class Doomed(Store):
    """A ledger whose process dies when a step is begun, or done and not written down."""

    def __init__(self, session: ReleaseSession, phase: Phase, moment: Moment) -> None:
        backend = session.backend
        super().__init__(backend.client("s3"), backend.bucket, backend.key, "again")
        self._doom = (phase, moment)
        self._phase = Phase.PREPARING

    def begin(self, kept: Release, check: Callable[[Ledger], None] = lambda _: None) -> Release:
        # Nothing is watched for long: what is tried here comes before and after.
        steps = [replace(step, bake_seconds=0) for step in kept.steps]
        begun = super().begin(replace(kept, steps=steps), check)
        self._die((Phase.PREPARING, "begun"))
        return begun

    def save(self, kept: Release) -> Release:
        if kept.phase is not self._phase:
            self._die((self._phase, "done"))
        saved = super().save(kept)
        if kept.phase is not self._phase:
            self._die((kept.phase, "begun"))
        self._phase = kept.phase
        return saved

    def _die(self, at: tuple[Phase, Moment]) -> None:
        if at == self._doom:
            os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def session(shop: Shop) -> Iterator[ReleaseSession]:
    """One session for all: what its clients share is loaded once."""
    environment = load_environment(shop.bench.workspace, "dev")
    request = Request(shop.bench.workspace, environment, "release", sandbox=True, arguments=())
    with open_release_session(
        request, lambda _: None, warn=lambda _: None, journaled=False
    ) as opened:
        yield opened


def killed(session: ReleaseSession, service: str, phase: Phase, moment: Moment) -> None:
    """A release that dies there; one on its way back has an image that is not well.

    The child dies between two calls, and nobody calls meanwhile: connections stay whole.
    """
    tag, bad = f"3.{next(_numbers)}.0", phase in BACK
    well = not bad or service == "catalog"  # whose smoke check fails sooner
    push(session, service, tag, healthy=well, answers=500 if bad else 200, exits=0)
    child = os.fork()
    if not child:
        try:
            doomed = dataclasses.replace(session, store=Doomed(session, phase, moment))
            steering.start(doomed, steering.Wanted(service, tag), lambda _: True, Silent())
        finally:
            os._exit(1)  # it should have died
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def go_on(session: ReleaseSession, service: str, phase: Phase, way: Way) -> Release:
    """What the next person does; where it is too late to give it up, it is taken up."""
    if way == "resume":
        return steering.resume(session, service, Silent(), wait=True)
    try:
        return turning.abort(session, service, lambda _: True, Silent())
    except Refused:
        assert phase in TOO_LATE
        return steering.resume(session, service, Silent(), wait=True)


def as_terraform_sees_it(shop: Shop) -> dict[str, Any]:
    """What the tree owns of all that a release touches: see its README, "Who owns what"."""
    names = [*shop.place["services"].values(), shop.place["internal"]]
    found = shop.aws("ecs").describe_services(cluster=shop.place["cluster"], services=names)
    releases_own = {"taskDefinition", "desiredCount", "runningCount", "pendingCount"}
    services = {
        service["serviceName"]: {
            key: value
            for key, value in service.items()
            if key not in releases_own | {"deployments", "events"}
        }
        for service in found["services"]
    }
    targets = shop.aws("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")
    limits = {each["ResourceId"]: each["MaxCapacity"] for each in targets["ScalableTargets"]}
    (rule,) = shop.aws("elbv2").describe_rules(RuleArns=[shop.place["rule"]])["Rules"]
    first = shop.aws("ecs").describe_task_definition(
        taskDefinition=f"{shop.place['cluster']}-catalog:1"
    )["taskDefinition"]
    return {
        "services": services,
        "limits": limits,
        "rule": {key: value for key, value in rule.items() if key != "Actions"},
        "first": (first["status"], first["containerDefinitions"]),
    }


@pytest.mark.parametrize(("phase", "moment", "way"), table(STEPS))
def test_a_canary_killed(
    shop: Shop, session: ReleaseSession, phase: Phase, moment: Moment, way: Way
) -> None:
    (old,) = (color for color, weight in shop.weights().items() if weight)
    new = "green" if old == "blue" else "blue"
    before, migrated = as_terraform_sees_it(shop), len(shop.migrations())
    killed(session, "catalog", phase, moment)
    ended = go_on(session, "catalog", phase, way)
    carries, sleeps = (new, old) if ends_with(phase, way) == "new" else (old, new)
    assert ended.is_over
    assert shop.weights() == {carries: 100, sleeps: 0}
    assert shop.tasks() == {carries: 2, sleeps: 0}
    assert as_terraform_sees_it(shop) == before
    commands = [command[1] for _, command in shop.migrations()[migrated:]]
    assert len(commands) == len(set(commands))
    if ended.outcome == "done":
        assert commands == ["expand", "contract"]


@pytest.mark.parametrize(("phase", "moment", "way"), table(ROLLING))
def test_a_rolling_release_killed(
    shop: Shop, session: ReleaseSession, phase: Phase, moment: Moment, way: Way
) -> None:
    image, before = shop.image("only"), as_terraform_sees_it(shop)
    killed(session, "inventory", phase, moment)
    ended = go_on(session, "inventory", phase, way)
    assert ended.is_over
    assert (shop.image("only") == image) is (ends_with(phase, way) == "old")
    assert as_terraform_sees_it(shop) == before
