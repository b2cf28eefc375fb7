"""AppConfig's environments, strategies, versions and deployments."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookstore_ops.sandbox.lifecycle import Server
from tests.contract.conftest import Client
from tests.contract.test_inventory import held

_FLAGS = {
    "version": "1",
    "flags": {"beta": {"name": "beta"}},
    "values": {"beta": {"enabled": True}},
}


@pytest.fixture
def appconfig(client: Client) -> Any:
    """AppConfig in the shared account."""
    return client("appconfig")


@pytest.fixture
def application(appconfig: Any, name: str) -> dict[str, str]:
    """What names an application."""
    return {"ApplicationId": appconfig.create_application(Name=name)["Id"]}


@pytest.fixture
def profile(appconfig: Any, application: dict[str, str]) -> dict[str, str]:
    """What names a profile of feature flags."""
    made = appconfig.create_configuration_profile(
        **application,
        Name="flags",
        LocationUri="hosted",
        Type="AWS.AppConfig.FeatureFlags",
        KmsKeyIdentifier="alias/flags",
    )
    return {**application, "ConfigurationProfileId": made["Id"]}


@pytest.fixture
def environment(appconfig: Any, application: dict[str, str]) -> dict[str, str]:
    """What names an environment."""
    made = appconfig.create_environment(
        **application, Name="dev", Monitors=[{"AlarmArn": "arn:alarm"}], Tags={"a": "1"}
    )
    return {**application, "EnvironmentId": made["Id"]}


@pytest.fixture
def strategy(appconfig: Any, name: str) -> str:
    """The id of a gradual strategy."""
    made = appconfig.create_deployment_strategy(
        Name=name, DeploymentDurationInMinutes=20, GrowthFactor=20, Tags={"a": "1"}
    )
    return str(made["Id"])


def write(appconfig: Any, profile: dict[str, str], flags: Any, **options: Any) -> Any:
    return appconfig.create_hosted_configuration_version(
        **profile, Content=json.dumps(flags).encode(), ContentType="application/json", **options
    )


def test_a_profile_keeps_its_key(appconfig: Any, profile: dict[str, str]) -> None:
    found = appconfig.get_configuration_profile(**profile)
    assert (found["KmsKeyIdentifier"], found["Type"]) == (
        "alias/flags",
        "AWS.AppConfig.FeatureFlags",
    )


def test_a_version_without_description_has_none(appconfig: Any, profile: dict[str, str]) -> None:
    assert write(appconfig, profile, _FLAGS)["VersionNumber"] == 1
    found = appconfig.get_hosted_configuration_version(**profile, VersionNumber=1)
    assert "Description" not in found
    assert found["ContentType"] == "application/json"


def test_a_profile_that_has_versions_is_not_deleted(
    appconfig: Any, profile: dict[str, str]
) -> None:
    write(appconfig, profile, _FLAGS)
    with pytest.raises(ClientError, match="BadRequestException"):
        appconfig.delete_configuration_profile(**profile)
    appconfig.delete_hosted_configuration_version(**profile, VersionNumber=1)
    appconfig.delete_configuration_profile(**profile)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        appconfig.get_configuration_profile(**profile)


def test_flags_are_stamped_with_times(appconfig: Any, profile: dict[str, str]) -> None:
    write(appconfig, profile, _FLAGS)
    found = appconfig.get_hosted_configuration_version(**profile, VersionNumber=1)
    flags = json.loads(found["Content"].read())
    assert flags["flags"]["beta"].keys() == {"name", "_createdAt", "_updatedAt"}
    assert flags["values"]["beta"].keys() == {"enabled", "_createdAt", "_updatedAt"}


@pytest.mark.parametrize(
    "flags", [[], {"flags": {}}, {"version": "1", "values": {"beta": {"enabled": True}}}], ids=str
)
def test_flags_of_another_shape_are_refused(
    appconfig: Any, profile: dict[str, str], flags: object
) -> None:
    with pytest.raises(ClientError, match="BadRequestException"):
        write(appconfig, profile, flags)


def test_a_version_after_one_that_is_not_the_latest_is_refused(
    appconfig: Any, profile: dict[str, str]
) -> None:
    write(appconfig, profile, _FLAGS)
    write(appconfig, profile, _FLAGS, LatestVersionNumber=1, Description="second")
    with pytest.raises(ClientError, match="ConflictException"):
        write(appconfig, profile, _FLAGS, LatestVersionNumber=1)
    listed = appconfig.list_hosted_configuration_versions(**profile)["Items"]
    assert [version["VersionNumber"] for version in listed] == [2, 1]


def test_an_environment_can_be_changed(appconfig: Any, environment: dict[str, str]) -> None:
    appconfig.update_environment(**environment, Description="d", Monitors=[])
    found = appconfig.get_environment(**environment)
    assert (found["Description"], found["Monitors"]) == ("d", [])
    assert found["State"] == "READY_FOR_DEPLOYMENT"
    listed = appconfig.list_environments(ApplicationId=environment["ApplicationId"])["Items"]
    assert [item["Id"] for item in listed] == [environment["EnvironmentId"]]


def test_an_environment_has_tags(appconfig: Any, environment: dict[str, str]) -> None:
    where = f"application/{environment['ApplicationId']}"
    arn = f"arn:aws:appconfig:eu-west-1:111111111111:{where}"
    arn = f"{arn}/environment/{environment['EnvironmentId']}"
    assert appconfig.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"a": "1"}


def test_a_deleted_environment_is_not_found(appconfig: Any, environment: dict[str, str]) -> None:
    appconfig.delete_environment(**environment)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        appconfig.get_environment(**environment)


def test_a_strategy_can_be_changed_and_deleted(appconfig: Any, strategy: str) -> None:
    appconfig.update_deployment_strategy(DeploymentStrategyId=strategy, FinalBakeTimeInMinutes=30)
    found = appconfig.get_deployment_strategy(DeploymentStrategyId=strategy)
    assert (found["FinalBakeTimeInMinutes"], found["GrowthType"]) == (30, "LINEAR")
    appconfig.delete_deployment_strategy(DeploymentStrategyId=strategy)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        appconfig.get_deployment_strategy(DeploymentStrategyId=strategy)


def test_a_deployment_is_complete_at_once(
    appconfig: Any, profile: dict[str, str], environment: dict[str, str], strategy: str
) -> None:
    write(appconfig, profile, _FLAGS)
    what = {**profile, **environment, "DeploymentStrategyId": strategy}
    started = appconfig.start_deployment(**what, ConfigurationVersion="1")
    found = appconfig.get_deployment(**environment, DeploymentNumber=started["DeploymentNumber"])
    assert (found["State"], found["GrowthFactor"], found["DeploymentNumber"]) == ("COMPLETE", 20, 1)
    assert appconfig.start_deployment(**what, ConfigurationVersion="1")["DeploymentNumber"] == 2
    listed = appconfig.list_deployments(**environment)["Items"]
    assert [item["DeploymentNumber"] for item in listed] == [2, 1]


def test_a_version_that_does_not_exist_is_not_deployed(
    appconfig: Any, profile: dict[str, str], environment: dict[str, str], strategy: str
) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        appconfig.start_deployment(
            **profile,
            EnvironmentId=environment["EnvironmentId"],
            DeploymentStrategyId=strategy,
            ConfigurationVersion="7",
        )


def test_environments_and_strategies_are_counted(client: Client, server: Server) -> None:
    appconfig = client("appconfig", account="800000000022")
    application = appconfig.create_application(Name="a")["Id"]
    appconfig.create_environment(ApplicationId=application, Name="dev")
    appconfig.create_deployment_strategy(Name="s", DeploymentDurationInMinutes=0, GrowthFactor=100)
    assert held(server, "800000000022") == {
        "appconfig.Application": 1,
        "appconfig.DeploymentStrategy": 1,
        "appconfig.Environment": 1,
    }
