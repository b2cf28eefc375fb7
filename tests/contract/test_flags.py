"""Flags deployed through AppConfig: what others deploy meanwhile is kept."""

import json
from typing import Any

import pytest

from bookstore_ops.errors import OperationFailed, Refused
from bookstore_ops.flags.appconfig import AppConfig
from bookstore_ops.flags.leftovers import PROFILE, delete_versions, profiles_of
from bookstore_ops.flags.places import FlagPlace
from tests.contract.conftest import Client

_FLAGS = {
    "version": "1",
    "flags": {"beta": {"name": "beta"}, "other": {"name": "other"}},
    "values": {"beta": {"enabled": False}, "other": {"enabled": False}},
}


@pytest.fixture
def appconfig(client: Client) -> Any:
    """AppConfig in the shared account."""
    return client("appconfig")


@pytest.fixture
def place(appconfig: Any, name: str) -> FlagPlace:
    """An application with a profile of flags, none of them deployed."""
    application = appconfig.create_application(Name=name)["Id"]
    profile = appconfig.create_configuration_profile(
        ApplicationId=application,
        Name="flags",
        LocationUri="hosted",
        Type="AWS.AppConfig.FeatureFlags",
    )["Id"]
    strategy = appconfig.create_deployment_strategy(
        Name=name, DeploymentDurationInMinutes=0, GrowthFactor=100
    )["Id"]
    environment = appconfig.create_environment(ApplicationId=application, Name="dev")["Id"]
    return FlagPlace(
        application_id=application,
        environment_id=environment,
        profile_id=profile,
        strategy_id=strategy,
        apply="bsops apply dev",
    )


def deploy(appconfig: Any, place: FlagPlace) -> None:
    """Deploy the first flags."""
    version = appconfig.create_hosted_configuration_version(
        ApplicationId=place.application_id,
        ConfigurationProfileId=place.profile_id,
        Content=json.dumps(_FLAGS).encode(),
        ContentType="application/json",
    )["VersionNumber"]
    appconfig.start_deployment(
        ApplicationId=place.application_id,
        EnvironmentId=place.environment_id,
        ConfigurationProfileId=place.profile_id,
        DeploymentStrategyId=place.strategy_id,
        ConfigurationVersion=str(version),
    )


def flags(appconfig: Any, place: FlagPlace) -> AppConfig:
    """The flags, as bsops works on them."""
    return AppConfig(appconfig, place, "again", sleep=lambda _: None)


def test_flags_that_were_never_deployed_are_not_there(appconfig: Any, place: FlagPlace) -> None:
    with pytest.raises(Refused) as refused:
        flags(appconfig, place).read()
    assert refused.value.next_step == "bsops apply dev"


def test_a_change_is_deployed_in_a_version_of_its_own(appconfig: Any, place: FlagPlace) -> None:
    deploy(appconfig, place)
    changed = flags(appconfig, place).change("beta", {"enabled": True}, "a test")
    assert (changed.number, changed.version) == (2, 2)
    found = flags(appconfig, place).read()
    assert (found.number, found.flags["beta"].enabled) == (2, True)
    assert found.flags["other"].enabled is False


def test_what_a_flag_is_already_is_not_deployed_again(appconfig: Any, place: FlagPlace) -> None:
    deploy(appconfig, place)
    assert flags(appconfig, place).change("beta", {"enabled": False}, "a test").number == 1


def test_what_another_deploys_at_the_same_moment_is_kept(appconfig: Any, place: FlagPlace) -> None:
    deploy(appconfig, place)

    class Meanwhile:
        """A client whose first deployment comes just after another's."""

        meta = appconfig.meta
        is_first = True

        def start_deployment(self, **given: Any) -> Any:
            if self.is_first:
                self.is_first = False
                flags(appconfig, place).change("other", {"enabled": True}, "the other")
            return appconfig.start_deployment(**given)

        def __getattr__(self, name: str) -> Any:
            return getattr(appconfig, name)

    flags(Meanwhile(), place).change("beta", {"enabled": True}, "this one")
    found = flags(appconfig, place).read().flags
    assert (found["beta"].enabled, found["other"].enabled) == (True, True)


def test_a_deployment_that_was_taken_back_does_not_hold(appconfig: Any, place: FlagPlace) -> None:
    deploy(appconfig, place)

    class TakesBack:
        """A client whose alarms end every new deployment."""

        meta = appconfig.meta

        def get_deployment(self, **given: Any) -> Any:
            found = appconfig.get_deployment(**given)
            if found["DeploymentNumber"] == 1:
                return found
            events = [{"Description": "the alarm platform went off"}]
            return {**found, "State": "ROLLED_BACK", "EventLog": events}

        def __getattr__(self, name: str) -> Any:
            return getattr(appconfig, name)

    with pytest.raises(OperationFailed, match="took the deployment 2 of the flags back") as failed:
        flags(TakesBack(), place).change("beta", {"enabled": True}, "a test")
    assert "the alarm platform went off" in str(failed.value.why)
    assert flags(TakesBack(), place).read().flags["beta"].enabled is False


def test_versions_that_terraform_did_not_make_are_taken_away_before_a_destroy(
    appconfig: Any, place: FlagPlace
) -> None:
    deploy(appconfig, place)
    flags(appconfig, place).change("beta", {"enabled": True}, "a test")
    flags(appconfig, place).change("other", {"enabled": True}, "a test")
    known = {
        "application_id": place.application_id,
        "configuration_profile_id": place.profile_id,
    }
    resources = [
        {"type": PROFILE, **_resource(known)},
        {
            "type": "aws_appconfig_hosted_configuration_version",
            **_resource({**known, "version_number": 1}),
        },
    ]
    (profile,) = profiles_of(json.dumps({"version": 4, "resources": resources}).encode())
    assert delete_versions(appconfig, profile, "again") == 2
    where = {
        "ApplicationId": place.application_id,
        "ConfigurationProfileId": place.profile_id,
    }
    left = appconfig.list_hosted_configuration_versions(**where)["Items"]
    assert [version["VersionNumber"] for version in left] == [1]
    assert delete_versions(appconfig, profile, "again") == 0


def _resource(attributes: dict[str, Any]) -> dict[str, Any]:
    return {"mode": "managed", "name": "this", "instances": [{"attributes": attributes}]}
