"""Canaries and groups of them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client


@pytest.fixture
def synthetics(client: Client) -> Any:
    """Synthetics in the shared account."""
    return client("synthetics")


@pytest.fixture
def canary(synthetics: Any, name: str) -> str:
    """The name of a canary that was not started."""
    synthetics.create_canary(
        Name=name,
        Code={"S3Bucket": "b", "S3Key": "k", "Handler": "canary.handler"},
        ArtifactS3Location="s3://results/api",
        ExecutionRoleArn="arn:aws:iam::111111111111:role/canary",
        Schedule={"Expression": "rate(5 minutes)"},
        RunConfig={"TimeoutInSeconds": 60, "EnvironmentVariables": {"A": "1"}},
        RuntimeVersion="syn-python-selenium-5.1",
        Tags={"a": "1"},
    )
    return name


def arn_of(canary: str) -> str:
    return f"arn:aws:synthetics:eu-west-1:111111111111:canary:{canary}"


def test_a_canary_is_described_with_what_it_left_out(synthetics: Any, canary: str) -> None:
    found = synthetics.get_canary(Name=canary)["Canary"]
    assert (found["ArtifactS3Location"], found["Code"]["Handler"]) == (
        "results/api",
        "canary.handler",
    )
    assert found["RunConfig"] == {
        "TimeoutInSeconds": 60,
        "MemoryInMB": 1000,
        "ActiveTracing": False,
    }
    assert (found["Status"]["State"], found["SuccessRetentionPeriodInDays"]) == ("READY", 31)
    assert synthetics.describe_canaries(Names=[canary])["Canaries"][0]["Name"] == canary


def test_a_canary_starts_and_stops(synthetics: Any, canary: str) -> None:
    synthetics.start_canary(Name=canary)
    assert synthetics.get_canary(Name=canary)["Canary"]["Status"]["State"] == "RUNNING"
    synthetics.stop_canary(Name=canary)
    found = synthetics.get_canary(Name=canary)["Canary"]
    assert found["Status"]["State"] == "STOPPED"
    assert found["Timeline"]["LastStopped"] >= found["Timeline"]["LastStarted"]


def test_a_canary_can_be_changed(synthetics: Any, canary: str) -> None:
    synthetics.update_canary(
        Name=canary,
        Schedule={"Expression": "rate(1 minute)"},
        RunConfig={"ActiveTracing": True},
        Code={"S3Bucket": "b", "S3Key": "k2", "Handler": "other.handler"},
    )
    found = synthetics.get_canary(Name=canary)["Canary"]
    assert found["Schedule"] == {"Expression": "rate(1 minute)", "DurationInSeconds": 0}
    assert (found["RunConfig"]["ActiveTracing"], found["RunConfig"]["TimeoutInSeconds"]) == (
        True,
        60,
    )
    assert found["Code"]["Handler"] == "other.handler"


def test_a_canary_in_a_vpc_says_in_which(client: Client, synthetics: Any, canary: str) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    synthetics.update_canary(Name=canary, VpcConfig={"SubnetIds": [subnet]})
    found = synthetics.get_canary(Name=canary)["Canary"]["VpcConfig"]
    assert found == {"VpcId": vpc, "SubnetIds": [subnet]}


def test_a_canary_has_tags_until_it_is_deleted(synthetics: Any, canary: str) -> None:
    synthetics.tag_resource(ResourceArn=arn_of(canary), Tags={"b": "2"})
    synthetics.untag_resource(ResourceArn=arn_of(canary), TagKeys=["a"])
    assert synthetics.list_tags_for_resource(ResourceArn=arn_of(canary))["Tags"] == {"b": "2"}
    synthetics.delete_canary(Name=canary, DeleteLambda=True)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        synthetics.get_canary(Name=canary)


def test_a_group_holds_canaries(synthetics: Any, canary: str) -> None:
    group = synthetics.create_group(Name=canary, Tags={"a": "1"})["Group"]
    resource = {"GroupIdentifier": canary, "ResourceArn": arn_of(canary)}
    synthetics.associate_resource(**resource)
    assert synthetics.list_group_resources(GroupIdentifier=group["Id"])["Resources"] == [
        arn_of(canary)
    ]
    (listed,) = synthetics.list_associated_groups(ResourceArn=arn_of(canary))["Groups"]
    assert listed["Arn"] == group["Arn"]
    synthetics.disassociate_resource(**resource)
    assert synthetics.list_group_resources(GroupIdentifier=group["Arn"])["Resources"] == []
    assert synthetics.get_group(GroupIdentifier=canary)["Group"]["Tags"] == {"a": "1"}
    synthetics.delete_group(GroupIdentifier=canary)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        synthetics.get_group(GroupIdentifier=canary)
