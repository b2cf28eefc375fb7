"""The times of a Shield Advanced subscription, which moto writes as no SDK reads them."""

from typing import Any

from moto.shield.models import Subscription

from bookstore_ops.sandbox.extensions import replaces

_to_dict = Subscription.to_dict


@replaces(Subscription)
def to_dict(self: Subscription) -> dict[str, Any]:
    """https://docs.aws.amazon.com/waf/latest/DDOSAPIReference/API_DescribeSubscription.html"""
    times = {"StartTime": self.start_time.timestamp(), "EndTime": self.end_time.timestamp()}
    return {**_to_dict(self), **times}
