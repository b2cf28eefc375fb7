"""Settings of functions that moto does not keep: dead letters, logging and more."""

from typing import Any

from moto.awslambda.models import LambdaFunction

from bookstore_ops.sandbox.extensions import replaces

_make = LambdaFunction.__init__
_configuration = LambdaFunction.get_configuration
_update = LambdaFunction.update_configuration

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
