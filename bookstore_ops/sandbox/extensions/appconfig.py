"""AppConfig's environments, strategies and deployments, and versions as AWS keeps them."""

import datetime as dt
import json
import secrets
from typing import Any

from moto.appconfig.models import (
    AppConfigBackend,
    ConfigurationProfile,
    HostedConfigurationVersion,
    appconfig_backends,
)
from moto.appconfig.responses import AppConfigResponse

from bookstore_ops.sandbox.extensions import replaces
from bookstore_ops.sandbox.services import Answer, ApiError, Call, Service

_FLAGS = "AWS.AppConfig.FeatureFlags"

_service = Service("appconfig", AppConfigResponse)
_environments = _service.collection("Environment")
_strategies = _service.collection("DeploymentStrategy")
# AWS has no operation that deletes one: it goes with its environment.
_deployments = _service.collection("Deployment", counted=False)

_profile_json = ConfigurationProfile.to_json


def _backend(call: Call) -> AppConfigBackend:
    return appconfig_backends[call.account][call.region]


def _id() -> str:
    return secrets.token_hex(4)[:7]


def _profile(call: Call) -> Any:
    given = call.given
    return _backend(call).get_configuration_profile(
        given["ApplicationId"], given["ConfigurationProfileId"]
    )


@replaces(ConfigurationProfile)
def to_json(self: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_GetConfigurationProfile.html"""
    key = vars(self).get("kms_key_identifier")
    return {**_profile_json(self), **({"KmsKeyIdentifier": key, "KmsKeyArn": key} if key else {})}


@_service.replaces("CreateConfigurationProfile")
def create_configuration_profile(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateConfigurationProfile.html"""
    given = call.given
    profile = _backend(call).create_configuration_profile(
        application_id=given["ApplicationId"],
        name=given["Name"],
        description=given.get("Description"),
        location_uri=given["LocationUri"],
        retrieval_role_arn=given.get("RetrievalRoleArn"),
        validators=given.get("Validators", []),
        _type=given.get("Type", "AWS.Freeform"),
        tags=given.get("Tags", {}),
    )
    profile.kms_key_identifier = given.get("KmsKeyIdentifier")
    answer: Answer = profile.to_json()
    return answer


@_service.replaces("DeleteConfigurationProfile")
def delete_configuration_profile(call: Call) -> Answer:
    """One that still has versions is not deleted.

    https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_DeleteConfigurationProfile.html
    """
    given, profile = call.given, _profile(call)
    if profile.config_versions:
        raise ApiError("BadRequestException", f"The profile {profile.id} still has versions.")
    _backend(call).delete_configuration_profile(
        given["ApplicationId"], given["ConfigurationProfileId"]
    )
    return {}


def _stamped(content: bytes) -> bytes:
    """The flags with the times that AWS writes into them.

    https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-type-reference-feature-flags.html
    """
    try:
        flags = json.loads(content)
        sections = [flags.get("flags", {}), flags.get("values", {})]
        entries = [entry for section in sections for entry in section.values()]
        undefined = flags.get("values", {}).keys() - flags.get("flags", {}).keys()
    except (ValueError, AttributeError) as error:
        raise ApiError("BadRequestException", f"The flags are not JSON objects: {error}") from error
    if flags.get("version") != "1" or undefined:
        raise ApiError("BadRequestException", "The flags do not keep to their JSON schema.")
    now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    for entry in entries:
        entry.setdefault("_createdAt", now)
        entry["_updatedAt"] = now
    return json.dumps(flags, separators=(",", ":")).encode()


def _version(version: HostedConfigurationVersion) -> dict[str, Any]:
    return {
        "ApplicationId": version.app_id,
        "ConfigurationProfileId": version.config_id,
        "VersionNumber": version.version,
        "Description": version.description,
        "Content": version.content,
        "ContentType": version.content_type,
        "VersionLabel": version.version_label,
    }


@_service.replaces("CreateHostedConfigurationVersion")
def create_hosted_configuration_version(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateHostedConfigurationVersion.html"""
    profile = _profile(call)
    latest = max(profile.config_versions, default=0)
    if call.given.get("LatestVersionNumber", latest) != latest:
        raise ApiError("ConflictException", f"The latest version is {latest}.")
    content = call.given["Content"]
    return _version(
        profile.create_version(
            app_id=call.given["ApplicationId"],
            config_id=profile.id,
            description=call.given.get("Description"),
            content=_stamped(content) if profile._type == _FLAGS else content,
            content_type=call.given["ContentType"],
            version_label=call.given.get("VersionLabel"),
        )
    )


@_service.replaces("GetHostedConfigurationVersion")
def get_hosted_configuration_version(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_GetHostedConfigurationVersion.html"""
    return _version(_profile(call).get_version(call.given["VersionNumber"]))


@_service.adds("ListHostedConfigurationVersions")
def list_hosted_configuration_versions(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_ListHostedConfigurationVersions.html"""
    versions = _profile(call).config_versions
    return {"Items": [_version(versions[number]) for number in sorted(versions, reverse=True)]}


@_service.adds("CreateEnvironment")
def create_environment(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateEnvironment.html"""
    application = call.given["ApplicationId"]
    _backend(call).get_application(application)
    environment = {
        "ApplicationId": application,
        "Id": _id(),
        "Name": call.given["Name"],
        "Description": call.given.get("Description"),
        "State": "READY_FOR_DEPLOYMENT",
        "Monitors": call.given.get("Monitors", []),
    }
    _environments.add(call, environment["Id"], environment)
    arn = call.arn(f"application/{application}/environment/{environment['Id']}")
    _backend(call).tag_resource(arn, call.given.get("Tags", {}))
    return environment


@_service.adds("GetEnvironment")
def get_environment(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_GetEnvironment.html"""
    found: Answer = _environments.find(call, call.given["EnvironmentId"])
    return found


@_service.adds("ListEnvironments")
def list_environments(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_ListEnvironments.html"""
    application = call.given["ApplicationId"]
    held = _environments.of(call).values()
    return {"Items": [found for found in held if found["ApplicationId"] == application]}


@_service.adds("UpdateEnvironment")
def update_environment(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_UpdateEnvironment.html"""
    environment: dict[str, Any] = _environments.find(call, call.given["EnvironmentId"])
    for name in ("Name", "Description", "Monitors"):
        if name in call.given:
            environment[name] = call.given[name]
    return environment


@_service.adds("DeleteEnvironment")
def delete_environment(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_DeleteEnvironment.html"""
    identifier = call.given["EnvironmentId"]
    _environments.remove(call, identifier)
    _deployments.of(call).pop(identifier, None)
    return {}


@_service.adds("CreateDeploymentStrategy")
def create_deployment_strategy(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateDeploymentStrategy.html"""
    given = {key: value for key, value in call.given.items() if key != "Tags"}
    strategy = {
        "GrowthType": "LINEAR",
        "FinalBakeTimeInMinutes": 0,
        "ReplicateTo": "NONE",
        **given,
        "Id": _id(),
    }
    _strategies.add(call, strategy["Id"], strategy)
    arn = call.arn(f"deploymentstrategy/{strategy['Id']}")
    _backend(call).tag_resource(arn, call.given.get("Tags", {}))
    return strategy


@_service.adds("GetDeploymentStrategy")
def get_deployment_strategy(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_GetDeploymentStrategy.html"""
    found: Answer = _strategies.find(call, call.given["DeploymentStrategyId"])
    return found


@_service.adds("UpdateDeploymentStrategy")
def update_deployment_strategy(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_UpdateDeploymentStrategy.html"""
    strategy: dict[str, Any] = _strategies.find(call, call.given["DeploymentStrategyId"])
    changes = {key: value for key, value in call.given.items() if key != "DeploymentStrategyId"}
    strategy.update(changes)
    return strategy


@_service.adds("DeleteDeploymentStrategy")
def delete_deployment_strategy(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_DeleteDeploymentStrategy.html"""
    _strategies.remove(call, call.given["DeploymentStrategyId"])
    return {}


@_service.adds("StartDeployment")
def start_deployment(call: Call) -> Answer:
    """Complete at once: nobody waits for a bake in the sandbox.

    https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_StartDeployment.html
    """
    given = call.given
    _environments.find(call, given["EnvironmentId"])
    strategy = _strategies.find(call, given["DeploymentStrategyId"])
    profile = _profile(call)
    if profile.location_uri == "hosted":
        profile.get_version(int(given["ConfigurationVersion"]))
    started = _deployments.of(call).setdefault(given["EnvironmentId"], [])
    if given.get("LatestDeploymentNumber", len(started)) != len(started):
        raise ApiError("ConflictException", f"The latest deployment is {len(started)}.")
    now = dt.datetime.now(dt.UTC)
    deployment = {
        **{key: value for key, value in given.items() if key != "Tags"},
        "DeploymentNumber": len(started) + 1,
        "ConfigurationName": profile.name,
        "ConfigurationLocationUri": profile.location_uri,
        "DeploymentDurationInMinutes": strategy["DeploymentDurationInMinutes"],
        "GrowthType": strategy["GrowthType"],
        "GrowthFactor": strategy["GrowthFactor"],
        "FinalBakeTimeInMinutes": strategy["FinalBakeTimeInMinutes"],
        "State": "COMPLETE",
        "PercentageComplete": 100.0,
        "StartedAt": now,
        "CompletedAt": now,
        "KmsKeyArn": given.get("KmsKeyIdentifier"),
    }
    started.append(deployment)
    where = f"application/{given['ApplicationId']}/environment/{given['EnvironmentId']}"
    arn = call.arn(f"{where}/deployment/{len(started)}")
    _backend(call).tag_resource(arn, given.get("Tags", {}))
    return deployment


@_service.adds("GetDeployment")
def get_deployment(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_GetDeployment.html"""
    _environments.find(call, call.given["EnvironmentId"])
    number = call.given["DeploymentNumber"]
    for deployment in _deployments.of(call).get(call.given["EnvironmentId"], []):
        if deployment["DeploymentNumber"] == number:
            found: Answer = deployment
            return found
    raise ApiError("ResourceNotFoundException", f"Deployment {number} does not exist.")


@_service.adds("ListDeployments")
def list_deployments(call: Call) -> Answer:
    """https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_ListDeployments.html"""
    _environments.find(call, call.given["EnvironmentId"])
    return {"Items": _deployments.of(call).get(call.given["EnvironmentId"], [])[::-1]}
