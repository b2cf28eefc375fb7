"""What AWS does not tell is unknown; many metrics take few requests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.errors import CredentialsError
from bookstore_ops.idle.looking import look_at_all
from bookstore_ops.idle.metrics import measure_all
from bookstore_ops.idle.model import Measure, Period, Series, Subject, Verdict, judge
from tests.unit.backups.warehouse import REGION, Warehouse
from tests.unit.idle.estate import DAYS, Estate
from tests.unit.recovery.support import denied

AT = datetime(2026, 11, 26, 15, 30, tzinfo=UTC)
PERIOD = Period(DAYS, AT)


def measure(number: int = 0, *, steady: bool = True) -> Measure:
    return Measure(
        namespace="AWS/NATGateway",
        metric="BytesOutToDestination",
        stat="Sum",
        dimensions=(("NatGatewayId", f"nat-{number}"),),
        steady=steady,
    )


def test_where_aws_allows_nothing_all_is_unknown(estate: Estate) -> None:
    estate.warehouse.know("aws_nat_gateway", "vpc.this", {"id": "nat-1"})
    estate.warehouse.know(
        "aws_lb",
        "alb.this",
        {"arn": f"arn:aws:elasticloadbalancing:{REGION}:1:loadbalancer/app/a/1"},
    )
    scene = estate.scene(denied())
    found = look_at_all(scene, Period(DAYS, estate.at), {})
    assert {each.verdict for each in found} == {Verdict.UNKNOWN}
    assert {each.kind for each in found} >= {
        "NAT gateway",
        "load balancers",
        "databases beside",
        "tables beside",
        "caches beside",
        "elastic IPs",
        "volumes",
        "snapshots",
        "log groups",
    }
    assert all("AccessDenied" in each.why and not each.mend for each in found)


def test_without_a_project_in_the_state_nobody_can_tell_whose_it_is(warehouse: Warehouse) -> None:
    estate = Estate(warehouse)
    estate.aws("ec2").allocate_address(Domain="vpc", TagSpecifications=estate.tagged("elastic-ip"))
    found = {each.kind: each for each in estate.look()}
    assert found["elastic IPs"].verdict is Verdict.UNKNOWN
    assert "tag Project" in found["elastic IPs"].why
    assert "elastic IP" not in found


class _CloudWatch:
    """Answers pages of results, and remembers how much it was asked at once."""

    def __init__(self, pages: Sequence[Sequence[dict[str, Any]]] = ()) -> None:
        self.pages = pages
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, _: str) -> "_CloudWatch":
        return self

    def paginate(self, **given: Any) -> list[dict[str, Any]]:
        self.asked.append(given)
        return [{"MetricDataResults": list(page)} for page in self.pages]


def ask(client: Any, measures: Sequence[Measure]) -> dict[Measure, Series]:
    cloud = Cloud(lambda _service, _region: client, "bsops idle dev")
    return measure_all(cloud, REGION, measures, PERIOD)


def test_one_request_names_no_more_metrics_than_aws_takes_and_each_once() -> None:
    client = _CloudWatch()
    ask(client, [measure(number % 1100) for number in range(1200)])
    assert [len(each["MetricDataQueries"]) for each in client.asked] == [500, 500, 100]


def test_whole_days_are_asked_for_and_the_one_that_is_not_over() -> None:
    client = _CloudWatch()
    ask(client, [measure()])
    assert client.asked[0]["StartTime"] == datetime(2026, 11, 12, tzinfo=UTC)
    assert client.asked[0]["EndTime"] == datetime(2026, 11, 27, tzinfo=UTC)
    assert len(PERIOD.whole_days(None)) == DAYS
    assert len(PERIOD.whole_days(datetime(2026, 11, 23, 1, tzinfo=UTC))) == 2


def answer(code: str, *values: float) -> dict[str, Any]:
    moments = [datetime(2026, 11, 12 + number, tzinfo=UTC) for number in range(len(values))]
    return {"Id": "m0", "Timestamps": moments, "Values": list(values), "StatusCode": code}


@pytest.mark.parametrize(
    ("pages", "verdict"),
    [
        ([[answer("PartialData", 0.0)], [answer("Complete")]], Verdict.IDLE),
        ([[answer("PartialData", 0.0)]], Verdict.UNKNOWN),
        ([[answer("PartialData", 1.0)]], Verdict.USED),
        ([[answer("Forbidden")]], Verdict.UNKNOWN),
        ([[]], Verdict.UNKNOWN),
    ],
)
def test_half_an_answer_is_none(pages: list[list[dict[str, Any]]], verdict: Verdict) -> None:
    silent = measure(steady=False)
    subject = Subject(kind="k", name="n", counted="requests", measures=(silent,))
    found = judge(subject, ask(_CloudWatch(pages), [silent]), PERIOD)
    assert found.verdict is verdict


class _Expired:
    def get_paginator(self, _: str) -> Any:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": "ExpiredToken", "Message": "no"}}, "Any")


def test_credentials_that_ended_are_no_finding() -> None:
    with pytest.raises(CredentialsError):
        ask(_Expired(), [measure()])
