"""What CloudWatch has counted, many metrics with one request.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date
from typing import Any

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.errors import CredentialsError, OperationFailed
from bookstore_ops.idle.model import Measure, Period, Series

# How many metrics one request may name.
_AT_ONCE = 500
_DAY = 86400


def measure_all(
    cloud: Cloud, region: str, measures: Sequence[Measure], period: Period
) -> dict[Measure, Series]:
    """Each measure by day; where CloudWatch does not answer, that is its problem.

    Raises:
        CredentialsError: AWS does not know us any more.
    """
    wanted = list(dict.fromkeys(measures))
    found: dict[Measure, Series] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        try:
            found |= _measured(cloud, region, part, period)
        except CredentialsError:
            raise
        except OperationFailed as error:
            found |= dict.fromkeys(part, Series(problem=f"{error.what}: {error.why}"))
    return found


def _measured(
    cloud: Cloud, region: str, measures: Sequence[Measure], period: Period
) -> dict[Measure, Series]:
    values: list[dict[date, float]] = [{} for _ in measures]
    said: list[str] = ["CloudWatch did not answer" for _ in measures]
    with cloud.asking("read the metrics of what may be idle"):
        pages = cloud.pages(
            "cloudwatch",
            region,
            "get_metric_data",
            MetricDataQueries=[_query(number, each) for number, each in enumerate(measures)],
            StartTime=period.start,
            EndTime=period.end,
        )
        for page in pages:
            for result in page["MetricDataResults"]:
                number = int(result["Id"][1:])
                for moment, value in zip(result["Timestamps"], result["Values"], strict=True):
                    day = moment.astimezone(UTC).date()
                    values[number][day] = values[number].get(day, 0.0) + value
                # The last page that has it says whether that was all of it.
                said[number] = _problem(result)
    return {
        measure: Series(values=values[number], problem=said[number])
        for number, measure in enumerate(measures)
    }


def _query(number: int, measure: Measure) -> dict[str, Any]:
    dimensions = [{"Name": name, "Value": value} for name, value in measure.dimensions]
    metric = {
        "Namespace": measure.namespace,
        "MetricName": measure.metric,
        "Dimensions": dimensions,
    }
    return {
        "Id": f"m{number}",
        "MetricStat": {"Metric": metric, "Period": _DAY, "Stat": measure.stat},
    }


def _problem(result: Mapping[str, Any]) -> str:
    code = result.get("StatusCode", "Complete")
    return "" if code == "Complete" else f"CloudWatch answered {code}"
