"""What a load test asks before it begins, where it goes, and what it says at the end."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from bookstore_ops.errors import (
    BsopsError,
    ConfigurationError,
    OperationFailed,
    Refused,
    UsageError,
)
from bookstore_ops.journal import Journal, new_run_id
from bookstore_ops.load.figures import Answer, Done, figures_of
from bookstore_ops.load.profile import Profile
from bookstore_ops.operations.confirmation import Confirmation
from bookstore_ops.operations.loading.result import Ending, LoadTest, failure
from bookstore_ops.operations.loading.running import load
from bookstore_ops.operations.loading.wanted import Wanted, api_of, path_of
from bookstore_ops.operations.overriding import Overrides
from bookstore_ops.operations.releases.notifying import Notifying
from bookstore_ops.operations.releases.session import ReleaseSession
from bookstore_ops.operations.request import Request
from bookstore_ops.releases.model import Place
from bookstore_ops.releases.settings import FILE, load_settings
from bookstore_ops.releases.store import Store
from bookstore_ops.terraform.backends import S3Backend
from tests.unit.load.conftest import patient
from tests.unit.load.server import serving
from tests.unit.operations.flags.conftest import BUCKET, KEY, Bucket, Calm
from tests.unit.releases.world import INTERNAL, PLACE
from tests.unit.support import environment, make_workspace

SETTINGS = """\
[defaults]
minimum_requests = 10
smoke = [{ path = "/catalog/books?page=1", status = [200, 401] }]
[[defaults.criteria]]
name = "errors"
source = "errors"
at_most = 5.0
[[defaults.criteria]]
name = "p95"
source = "p95"
at_most = 1.5
times_stable = 1.5
[[defaults.criteria]]
name = "drift"
source = "errors"
over_stable = 1.0
[services.reviews]
smoke = []
[services.users]
criteria = []
"""
_ALWAYS = {"from": "2020-01-01T00:00:00", "until": "2100-01-01T00:00:00"}
FREEZE = {"freeze": [{**_ALWAYS, "reason": "the sale"}]}
API = "https://api.bookstore.example/prod"


class Busy(Calm):
    """An AWS whose alarms are as a test wants them."""

    raised: tuple[str, ...] = ()

    def alarms(self, place: Place) -> list[str]:  # noqa: ARG002
        return list(self.raised)

    def paths(self, place: Place) -> list[str]:
        return [f"/{place.service}", f"/{place.service}/*"]


class Person:
    """Says yes or no, and remembers what was asked."""

    def __init__(self, agrees: bool = True) -> None:
        self.agrees = agrees
        self.asked: list[Confirmation] = []

    def __call__(self, confirmation: Confirmation) -> bool:
        self.asked.append(confirmation)
        return self.agrees


Open = Callable[..., ReleaseSession]

__all__ = ["patient"]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """Opens a session: in the sandbox, whose AWS is at ``endpoint``, where there is one."""

    def opening(endpoint: str = "", url: str = API, **policy: Any) -> ReleaseSession:
        workspace = make_workspace(tmp_path / "workspace")
        (workspace.tree / FILE).write_text(SETTINGS)
        request = Request(
            workspace,
            environment(**policy),
            "load",
            sandbox=bool(endpoint),
            arguments=["load", "dev", "catalog"],
        )
        bucket = Bucket()
        bucket.objects[KEY] = json.dumps(
            {"version": 4, "serial": 1, "lineage": "l", "outputs": {"api": {"value": {"url": url}}}}
        ).encode()
        backend = S3Backend(BUCKET, KEY, "eu-west-1", None, {})
        backend.adopt({"s3": bucket})
        services = ("catalog", "reviews", "users")
        return ReleaseSession(
            request,
            new_run_id("load", "dev"),
            "111111111111",
            {"AWS_ENDPOINT_URL": endpoint},
            backend,
            Store(bucket, BUCKET, KEY, "again"),
            Busy(),
            Journal(workspace.make_data_directory() / "journal.jsonl"),
            lambda _: None,
            Notifying(request, {}, lambda _: None, lambda _: None),
            _places={
                **{name: replace(PLACE, service=name, rest_api_id="a1") for name in services},
                "inventory": INTERNAL,
            },
        )

    return opening


def wanted(**changes: Any) -> Wanted:
    given: dict[str, Any] = {"service": "catalog", "rate": 20, "hold": "1s"}
    return Wanted(**(given | changes))


def send(session: ReleaseSession, asked: Wanted, person: Person) -> LoadTest:
    return load(session, asked, person, lambda _live: None)


class TestBefore:
    def test_a_protected_environment_asks_for_its_name(self, opened: Open) -> None:
        session, person = opened(name="prod", protected=True), Person(agrees=False)
        with pytest.raises(Refused, match="nothing was sent"):
            send(session, wanted(rate=50, hold="2m"), person)
        (asked,) = person.asked
        assert (asked.words, "50 requests a second for 2m" in asked.question) == ("prod", True)

    def test_a_freeze_holds_it_back_before_anybody_is_asked(self, opened: Open) -> None:
        session, person = opened(**FREEZE), Person(agrees=False)
        with pytest.raises(Refused, match="dev is frozen: the sale") as refused:
            send(session, wanted(), person)
        assert "bsops load dev catalog --during-freeze" in str(refused.value.next_step)
        assert person.asked == []

    def test_a_freeze_can_be_overridden_with_a_reason(self, opened: Open) -> None:
        session = opened(**FREEZE)
        with pytest.raises(Refused, match="nothing was sent"):
            send(session, wanted(overrides=Overrides("why", during_freeze=True)), Person(False))
        assert session.result.overrode == ["the freeze of dev: the sale"]
        assert session.result.reason == "why"

    def test_a_service_that_is_not_well_is_left_alone(
        self, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Busy, "raised", ("catalog-5xx",))
        with pytest.raises(Refused, match="catalog is not well"):
            send(opened(), wanted(), Person())

    @pytest.mark.parametrize(
        ("changes", "error", "says"),
        [
            ({"rate": 201}, Refused, "too many from one machine"),
            ({"hold": "61m"}, Refused, "too long"),
            ({"hold": "30m", "ramp": "31m"}, Refused, "too long"),
            ({"hold": "soon"}, UsageError, "--for soon is no duration"),
            ({"ramp": "-1s"}, UsageError, "--ramp -1s is no duration"),
            ({"rate": 9}, UsageError, "9 requests are too few"),
            ({"service": "users"}, ConfigurationError, "what users must achieve"),
            ({"service": "catalogue"}, UsageError, "no service catalogue"),
            ({"service": "inventory"}, UsageError, "no path of the API leads to inventory"),
            ({"service": "reviews"}, UsageError, "which path of reviews"),
        ],
    )
    def test_what_cannot_be_meant_is_refused(
        self, opened: Open, changes: dict[str, Any], error: type[BsopsError], says: str
    ) -> None:
        person = Person()
        with pytest.raises(error, match=says) as refused:
            send(opened(), wanted(**changes), person)
        assert refused.value.next_step
        assert person.asked == []


class TestWhere:
    def test_the_path_is_that_of_the_smoke_check_unless_one_is_named(self, opened: Open) -> None:
        session = opened()
        settings = load_settings(session.request.workspace.tree, "dev", "catalog")
        place = session.places()["catalog"]
        assert path_of(session, place, settings, None) == "/catalog/books?page=1"
        assert path_of(session, place, settings, "/catalog") == "/catalog"

    @pytest.mark.parametrize(
        "path",
        [
            "/orders",
            "/catalogue",
            "catalog/books",
            "https://example.com/catalog/",
            "//example.com/catalog/",
            "/catalog/../orders",
            "/catalog/a b",
            "/catalog/x\r\nHost: example.com",
            "/catalog/#",
        ],
    )
    def test_a_path_leads_to_the_service_and_nowhere_else(self, opened: Open, path: str) -> None:
        session = opened()
        settings = load_settings(session.request.workspace.tree, "dev", "catalog")
        with pytest.raises(UsageError):
            path_of(session, session.places()["catalog"], settings, path)

    def test_the_address_is_the_environments_own(self, opened: Open) -> None:
        session = opened()
        assert api_of(session, session.places()["catalog"]) == API

    @pytest.mark.parametrize("url", ["http://api.bookstore.example", ""])
    def test_without_encryption_nothing_is_sent(self, opened: Open, url: str) -> None:
        session = opened(url=url)
        with pytest.raises(Refused, match="does not tell where its API answers"):
            api_of(session, session.places()["catalog"])


class TestAfter:
    @pytest.mark.usefixtures("patient")
    def test_a_service_that_does_well_has_held(
        self, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("BSOPS_LOAD_TOKEN", "a-secret-token")
        with serving() as asked:
            session = opened(endpoint=asked.url.partition("/books")[0])
            done = send(session, wanted(), Person())
        assert (done.held, done.ending, session.outcome) == (True, Ending.TIME, None)
        assert asked.lines == ["GET /_bsops/apis/a1/catalog/books?page=1"] * 20
        assert asked.headers[0]["Authorization"] == "Bearer a-secret-token"
        assert "20 sent, 0.00 % errors" in str(session.note)
        assert done.not_judged == ["drift"]
        journal = (session.request.workspace.journal).read_text()
        assert "GET http" in journal
        assert "a-secret-token" not in journal + str(session.note)

    @pytest.mark.usefixtures("patient")
    def test_a_slow_one_has_missed(self, opened: Open) -> None:
        with serving(wait=lambda: time.sleep(1.7)) as asked:
            session = opened(endpoint=asked.url.partition("/books")[0])
            done = send(session, wanted(), Person())
        assert done.held is False
        assert isinstance(session.outcome, OperationFailed)
        assert "p95 is " in str(session.outcome.why)

    @pytest.mark.usefixtures("patient")
    def test_what_turns_requests_away_is_named(self, opened: Open) -> None:
        with serving(status=429) as asked:
            session = opened(endpoint=asked.url.partition("/books")[0])
            done = send(session, wanted(), Person())
        assert done.held is False
        assert "429: turned away by a limit" in str(session.outcome and session.outcome.why)

    @pytest.mark.usefixtures("patient")
    def test_an_alarm_at_the_end_counts(
        self, opened: Open, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with serving(wait=lambda: monkeypatch.setattr(Busy, "raised", ("slow",))) as asked:
            session = opened(endpoint=asked.url.partition("/books")[0])
            done = send(session, wanted(), Person())
        assert (done.ending, done.held, done.alarms) == (Ending.ALARM, False, ["slow"])
        assert "bsops runbook list --for slow" in str(session.outcome)

    def test_an_alarm_counts_whosever_the_figures_are(self) -> None:
        figures = figures_of([], [], 20, 1)
        profile = Profile(rate=20, hold=1)
        done = LoadTest("catalog", API, profile, Ending.ALARM, figures, None, alarms=["slow"])
        error = failure(done, "look")
        assert done.held is False
        assert error is not None
        assert (error.exit_code, error.why) == (1, "slow")

    def test_figures_of_this_machine_are_not_told_as_the_services(self) -> None:
        late = [Done(due=0, sent=1, ended=1.1, answer=Answer(200))] * 20
        figures = figures_of(late, [], 0, 1)
        profile = Profile(rate=20, hold=1)
        done = LoadTest("catalog", API, profile, Ending.GENERATOR, figures, None)
        error = failure(done, "look")
        assert done.held is None
        assert error is not None
        assert error.exit_code == 1
        assert "this machine did not keep the rate" in error.what
        assert "20 of 20 requests were sent late" in str(error.why)
