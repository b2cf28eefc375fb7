"""Percentiles of metrics, which moto answers with nothing."""

import math
import re
from typing import Any

from moto.cloudwatch.models import Statistics

from bookstore_ops.sandbox.extensions import replaces

_get = Statistics.get_statistics_for_type
_PERCENTILE = re.compile(r"p(\d{1,2}(\.\d+)?|100)")


@replaces(Statistics)
def get_statistics_for_type(self: Any, stat: str) -> Any:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html

    The smallest value that so many per cent of all values do not exceed.
    """
    found = _PERCENTILE.fullmatch(stat)
    if found is None:
        return _get(self, stat)
    values = sorted(self.metric_single_values_list)
    if not values:
        return None
    return values[max(0, math.ceil(float(found[1]) / 100 * len(values)) - 1)]
