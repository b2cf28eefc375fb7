"""What CloudWatch is asked about a colour, and what its answers come to."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.model import Criterion, Place

_MINUTE = 60
_OF_REQUESTS = (
    ("requests", "RequestCount", "Sum"),
    ("errors", "HTTPCode_Target_5XX_Count", "Sum"),
    ("refused", "TargetConnectionErrorCount", "Sum"),
    ("p95", "TargetResponseTime", "p95"),
)


class Measured(Protocol):
    """What is measured: where, and by which criteria."""

    @property
    def place(self) -> Place:
        """Where the service runs."""

    @property
    def criteria(self) -> list[Criterion]:
        """What it must achieve."""


def measure(
    cloudwatch: Any, measured: Measured, colors: Sequence[str], since: datetime, until: datetime
) -> list[Sample]:
    """What was measured of each colour; all in one call, each metric as one value of the window."""
    start = since.replace(microsecond=0)
    # Metrics of load balancers are of minutes.
    minutes = math.ceil((until - start).total_seconds() / _MINUTE) + 1
    asked = [
        query
        for number, color in enumerate(colors)
        for query in queries(measured, color, f"c{number}", minutes * _MINUTE)
    ]
    if not asked:
        return [Sample() for _ in colors]
    stats = {query["Id"]: query["MetricStat"]["Stat"] for query in asked}
    found: dict[str, float] = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=asked, StartTime=start, EndTime=start + timedelta(minutes=minutes)
    )
    for page in pages:
        for result in page["MetricDataResults"]:
            if result["Values"]:
                found[result["Id"]] = one_value(stats[result["Id"]], result["Values"])
    return [sample_of(measured.criteria, found, f"c{n}") for n in range(len(colors))]


def queries(measured: Measured, color: str, prefix: str, period: int) -> list[dict[str, Any]]:
    """What to ask CloudWatch of one colour; IDs begin with ``prefix``; ``period`` in seconds."""

    def query(name: str, metric: str, stat: str, namespace: str, at: Mapping[str, str]) -> Any:
        dimensions = [{"Name": key, "Value": value} for key, value in at.items()]
        asked = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
        stat_of = {"Metric": asked, "Period": period, "Stat": stat}
        return {"Id": f"{prefix}_{name}", "MetricStat": stat_of}

    wanted = [
        query(name, metric, stat, "AWS/ApplicationELB", where)
        for where in _balanced(measured.place, color)
        for name, metric, stat in _OF_REQUESTS
    ]
    for number, criterion in enumerate(measured.criteria):
        if criterion.source == "custom":
            known = {"color": color, "service": measured.place.services[color]}
            at = {key: filled(value, known) for key, value in criterion.dimensions.items()}
            name, namespace = f"custom{number}", criterion.namespace
            wanted.append(query(name, criterion.metric, criterion.stat, namespace, at))
    return wanted


def _balanced(place: Place, color: str) -> list[dict[str, str]]:
    """Where a load balancer counts the requests of a colour; nowhere, where none sends it any."""
    if not place.has_colors:
        return []
    group = place.target_groups[color].rpartition(":")[2]
    # …:listener-rule/app/NAME/ID/LISTENER/RULE
    balancer = "/".join(place.rule_arn.partition("listener-rule/")[2].split("/")[:3])
    return [{"LoadBalancer": balancer, "TargetGroup": group}]


def filled(value: str, known: Mapping[str, str]) -> str:
    """A text with ``{name}`` of what is known put in."""
    for name, text in known.items():
        value = value.replace(f"{{{name}}}", text)
    return value


def one_value(stat: str, values: list[float]) -> float:
    """One value of a window that CloudWatch may have cut in two."""
    match stat:
        case "Sum" | "SampleCount":
            return sum(values)
        case "Average":
            return sum(values) / len(values)
        case "Minimum":
            return min(values)
    return max(values)


def sample_of(criteria: list[Criterion], found: Mapping[str, float], prefix: str) -> Sample:
    """What was found of one colour, by criterion."""
    requests = found.get(f"{prefix}_requests", 0.0)
    values: dict[str, float | None] = {}
    for number, criterion in enumerate(criteria):
        match criterion.source:
            case "errors":
                # What is not counted did not happen, as long as there were requests.
                failed = found.get(f"{prefix}_errors", 0.0) + found.get(f"{prefix}_refused", 0.0)
                values[criterion.name] = 100 * failed / requests if requests else None
            case "p95":
                values[criterion.name] = found.get(f"{prefix}_p95")
            case "custom":
                values[criterion.name] = found.get(f"{prefix}_custom{number}")
    return Sample(requests, values)
