"""The features of a GuardDuty detector, each changed by itself; moto keeps the last one only."""

import datetime as dt
from typing import Any

from moto.guardduty.models import Detector

from bookstore_ops.sandbox.extensions import replaces

_update = Detector.update


def _with_times(features: list[dict[str, Any]]) -> list[dict[str, Any]]:
    now = dt.datetime.now(dt.UTC).timestamp()
    return [
        {
            **feature,
            "updatedAt": now,
            "additionalConfiguration": [
                {**extra, "updatedAt": now}
                for extra in feature.get("additionalConfiguration") or []
            ],
        }
        for feature in features
    ]


@replaces(Detector)
def update(
    self: Detector,
    enable: bool | None,
    finding_publishing_frequency: str | None,
    data_sources: dict[str, Any] | None,
    features: list[dict[str, Any]] | None,
) -> None:
    """https://docs.aws.amazon.com/guardduty/latest/APIReference/API_UpdateDetector.html"""
    _update(self, enable, finding_publishing_frequency, data_sources, None)
    named = {feature["name"]: feature for feature in self.features}
    named.update({feature["name"]: feature for feature in _with_times(features or [])})
    self.features = list(named.values())
