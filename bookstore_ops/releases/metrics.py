"""What CloudWatch is asked about a colour, and what its answers come to."""

from collections.abc import Mapping
from typing import Any

from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.model import Criterion, Place, Release

_OF_REQUESTS = (
    ("requests", "RequestCount", "Sum"),
    ("errors", "HTTPCode_Target_5XX_Count", "Sum"),
    ("refused", "TargetConnectionErrorCount", "Sum"),
    ("p95", "TargetResponseTime", "p95"),
)


def queries(release: Release, color: str, prefix: str, period: int) -> list[dict[str, Any]]:
    """What to ask CloudWatch of one colour; IDs begin with ``prefix``; ``period`` in seconds."""

    def query(name: str, metric: str, stat: str, namespace: str, at: Mapping[str, str]) -> Any:
        dimensions = [{"Name": key, "Value": value} for key, value in at.items()]
        measured = {"Namespace": namespace, "MetricName": metric, "Dimensions": dimensions}
        stat_of = {"Metric": measured, "Period": period, "Stat": stat}
        return {"Id": f"{prefix}_{name}", "MetricStat": stat_of}

    asked = [
        query(name, metric, stat, "AWS/ApplicationELB", where)
        for where in _balanced(release.place, color)
        for name, metric, stat in _OF_REQUESTS
    ]
    for number, criterion in enumerate(release.criteria):
        if criterion.source == "custom":
            known = {"color": color, "service": release.place.services[color]}
            at = {key: filled(value, known) for key, value in criterion.dimensions.items()}
            name, namespace = f"custom{number}", criterion.namespace
            asked.append(query(name, criterion.metric, criterion.stat, namespace, at))
    return asked


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
