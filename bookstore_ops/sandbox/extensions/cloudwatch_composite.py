"""Composite alarms, which moto can hold but not be asked for."""

from typing import Any

from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult, EmptyResult

from bookstore_ops.sandbox.extensions import adds, replaces

_describe = CloudWatchResponse.describe_alarms
_NOTHING = dict.fromkeys(
    (
        "namespace",
        "metric_name",
        "comparison_operator",
        "evaluation_periods",
        "period",
        "threshold",
        "statistic",
    )
)


@adds(CloudWatchResponse)
def put_composite_alarm(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""
    enabled = self._get_bool_param("ActionsEnabled")
    backend = self.cloudwatch_backend
    alarm = backend.put_metric_alarm(
        **_NOTHING,
        name=self._get_param("AlarmName"),
        rule=self._get_param("AlarmRule"),
        description=self._get_param("AlarmDescription"),
        dimensions=[],
        metric_data_queries=[],
        alarm_actions=self._get_param("AlarmActions", []),
        ok_actions=self._get_param("OKActions", []),
        insufficient_data_actions=self._get_param("InsufficientDataActions", []),
        actions_enabled=True if enabled is None else enabled,
        tags=self._get_param("Tags", []),
    )
    alarm.actions_suppressor = self._get_param("ActionsSuppressor")
    alarm.actions_suppressor_wait_period = self._get_param("ActionsSuppressorWaitPeriod")
    alarm.actions_suppressor_extension_period = self._get_param("ActionsSuppressorExtensionPeriod")
    return EmptyResult()


@replaces(CloudWatchResponse)
def describe_alarms(self: Any) -> ActionResult:
    """Only metric alarms, unless composite ones are asked for.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    described: Any = _describe(self).result
    types = self._get_param("AlarmTypes") or ["MetricAlarm"]
    for kind in ("MetricAlarm", "CompositeAlarm"):
        if kind not in types:
            described[f"{kind}s"] = []
    return ActionResult(described)
