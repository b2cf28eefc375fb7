"""Settings of functions that moto does not keep: dead letters, logging, the alias a source feeds.

Functions never run in the sandbox. moto would start containers for them, where it finds Docker.
"""

from typing import Any

from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction
from moto.dynamodb.models import dynamodb_backends
from moto.sqs.models import sqs_backends

from bookstore_ops.sandbox.extensions import replaces

_make = LambdaFunction.__init__
_configuration = LambdaFunction.get_configuration
_update = LambdaFunction.update_configuration
_map = LambdaBackend.create_event_source_mapping
_update_mapping = LambdaBackend.update_event_source_mapping

_KEPT = ("DeadLetterConfig", "FileSystemConfigs", "LoggingConfig")
# Settings of moto's own that an update forgets.
_FORGOTTEN = {"KMSKeyArn": "kms_key_arn", "TracingConfig": "tracing_config"}


def _keep(function: Any, settings: dict[str, Any]) -> None:
    kept = function.__dict__.setdefault("kept_settings", {})
    kept.update({name: settings[name] for name in _KEPT if name in settings})
    size = settings.get("EphemeralStorage", {}).get("Size")
    if size is not None:
        function.ephemeral_storage = size


@replaces(LambdaFunction, "__init__")
def make(self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""
    _make(self, account_id, spec, *args, **kwargs)
    _keep(self, spec)


@replaces(LambdaFunction)
def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html"""
    described: dict[str, Any] = _configuration(self, on_create)
    kept = self.__dict__.get("kept_settings", {})
    logging = {
        "LogFormat": "Text",
        "LogGroup": f"/aws/lambda/{self.function_name}",
        **kept.get("LoggingConfig", {}),
    }
    if logging["LogFormat"] == "JSON":
        logging = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **logging}
    dead_letters = kept.get("DeadLetterConfig") or {}
    if dead_letters.get("TargetArn"):
        described["DeadLetterConfig"] = dead_letters
    return {
        **described,
        "LoggingConfig": logging,
        "FileSystemConfigs": kept.get("FileSystemConfigs", []),
    }


@replaces(LambdaFunction)
def update_configuration(self: Any, config_updates: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html"""
    _keep(self, config_updates)
    for parameter, attribute in _FORGOTTEN.items():
        if parameter in config_updates:
            setattr(self, attribute, config_updates[parameter])
    updated: dict[str, Any] = _update(self, config_updates)
    return updated


@replaces(LambdaFunction)
def _invoke_lambda(self: Any, **_: Any) -> tuple[str, bool, str]:
    """What a function that cannot run answers: its result, whether that is an error, its logs.

    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    return f"{self.function_name} did not run: the sandbox runs no functions", True, ""


def _feeds(mapping: EventSourceMapping, function: str) -> EventSourceMapping:
    """A mapping names the alias or version it was made for, not what that stands for now."""
    # name, name:qualifier, arn:...:function:name or arn:...:function:name:qualifier
    parts = function.split(":")
    qualifier = parts[7:] if parts[0] == "arn" else parts[1:]
    mapping.function_arn = ":".join([*mapping.function_arn.split(":")[:7], *qualifier])
    return mapping


@replaces(LambdaBackend)
def create_event_source_mapping(self: Any, spec: dict[str, Any]) -> EventSourceMapping:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"""
    mapping = _map(self, spec)
    # Nothing takes messages out of the queue, or loses them by failing to.
    for queue in sqs_backends[self.account_id][self.region_name].queues.values():
        queue.lambda_event_source_mappings.clear()
    for table in dynamodb_backends[self.account_id][self.region_name].tables.values():
        table.lambda_event_source_mappings.clear()
    return _feeds(mapping, spec["FunctionName"])


@replaces(LambdaBackend)
def update_event_source_mapping(
    self: Any, uuid: str, spec: dict[str, Any]
) -> EventSourceMapping | None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html"""
    mapping = _update_mapping(self, uuid, spec)
    if mapping and spec.get("FunctionName"):
        return _feeds(mapping, spec["FunctionName"])
    return mapping
