"""What the sandbox adds for the services that watch an account."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import ACCOUNT, REGION, Client

STANDARD = (
    f"arn:aws:securityhub:{REGION}::standards/aws-foundational-security-best-practices/v/1.0.0"
)


@pytest.fixture
def hub(client: Client) -> Iterator[Any]:
    """Security Hub, switched on."""
    hub = client("securityhub")
    hub.enable_security_hub(EnableDefaultStandards=False)
    yield hub
    hub.disable_security_hub()


def test_security_hub_keeps_its_settings(hub: Any) -> None:
    hub.update_security_hub_configuration(AutoEnableControls=False)
    arn = f"arn:aws:securityhub:{REGION}:{ACCOUNT}:hub/default"
    assert hub.describe_hub(HubArn=arn)["AutoEnableControls"] is False
    hub.update_security_hub_configuration(ControlFindingGenerator="STANDARD_CONTROL")
    found = hub.describe_hub()
    assert (found["AutoEnableControls"], found["ControlFindingGenerator"]) == (
        False,
        "STANDARD_CONTROL",
    )
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        hub.describe_hub(HubArn=f"{arn}-2")


def test_security_hub_has_standards(hub: Any) -> None:
    request = [{"StandardsArn": STANDARD}]
    (made,) = hub.batch_enable_standards(StandardsSubscriptionRequests=request)[
        "StandardsSubscriptions"
    ]
    arn = made["StandardsSubscriptionArn"]
    assert arn == (
        f"arn:aws:securityhub:{REGION}:{ACCOUNT}:"
        "subscription/aws-foundational-security-best-practices/v/1.0.0"
    )
    assert made["StandardsStatus"] == "READY"
    assert hub.get_enabled_standards(StandardsSubscriptionArns=[arn])["StandardsSubscriptions"] == [
        made
    ]
    hub.batch_disable_standards(StandardsSubscriptionArns=[arn])
    assert hub.get_enabled_standards()["StandardsSubscriptions"] == []
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        hub.batch_disable_standards(StandardsSubscriptionArns=[arn])


def test_security_hub_that_is_off_has_no_standards(client: Client) -> None:
    with pytest.raises(ClientError, match="InvalidAccessException"):
        client("securityhub", account="444444444444").get_enabled_standards()


def test_features_of_guardduty_change_one_by_one(client: Client) -> None:
    guardduty = client("guardduty")
    detector = guardduty.create_detector(Enable=True)["DetectorId"]
    guardduty.update_detector(
        DetectorId=detector, Features=[{"Name": "S3_DATA_EVENTS", "Status": "ENABLED"}]
    )
    fargate = {"Name": "ECS_FARGATE_AGENT_MANAGEMENT", "Status": "ENABLED"}
    guardduty.update_detector(
        DetectorId=detector,
        Features=[
            {
                "Name": "RUNTIME_MONITORING",
                "Status": "ENABLED",
                "AdditionalConfiguration": [fargate],
            }
        ],
    )
    guardduty.update_detector(
        DetectorId=detector, Features=[{"Name": "S3_DATA_EVENTS", "Status": "DISABLED"}]
    )
    s3, runtime = guardduty.get_detector(DetectorId=detector)["Features"]
    assert (s3["Name"], s3["Status"]) == ("S3_DATA_EVENTS", "DISABLED")
    assert (runtime["Name"], runtime["Status"]) == ("RUNTIME_MONITORING", "ENABLED")
    assert runtime["AdditionalConfiguration"][0].items() >= fargate.items()
    guardduty.delete_detector(DetectorId=detector)


def test_an_analyzer_has_tags(client: Client, name: str) -> None:
    analyzers = client("accessanalyzer")
    arn = analyzers.create_analyzer(analyzerName=name, type="ACCOUNT", tags={"a": "1", "b": "2"})[
        "arn"
    ]
    assert arn == f"arn:aws:access-analyzer:{REGION}:{ACCOUNT}:analyzer/{name}"
    analyzers.tag_resource(resourceArn=arn, tags={"c": "3"})
    analyzers.untag_resource(resourceArn=arn, tagKeys=["a"])
    found = analyzers.get_analyzer(analyzerName=name)["analyzer"]
    assert (found["arn"], found["type"], found["status"]) == (arn, "ACCOUNT", "ACTIVE")
    assert analyzers.list_tags_for_resource(resourceArn=arn)["tags"] == {"b": "2", "c": "3"}
    assert found["tags"] == {"b": "2", "c": "3"}
    with pytest.raises(ClientError, match="ConflictException"):
        analyzers.create_analyzer(analyzerName=name, type="ACCOUNT")
    analyzers.delete_analyzer(analyzerName=name)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        analyzers.get_analyzer(analyzerName=name)


def test_a_shield_subscription_has_times(client: Client) -> None:
    shield = client("shield", account="444444444444")
    shield.create_subscription()
    found = shield.describe_subscription()["Subscription"]
    assert (found["EndTime"] - found["StartTime"]).days in (364, 365)
    assert found["AutoRenew"] == "ENABLED"


def test_trails_are_found_by_name_and_deleted_by_arn(client: Client, name: str) -> None:
    trails = client("cloudtrail")
    region = {"LocationConstraint": REGION}
    client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=region)
    arns = [
        trails.create_trail(Name=f"{name}-{number}", S3BucketName=name)["TrailARN"]
        for number in (1, 2)
    ]
    found = trails.describe_trails(trailNameList=[f"{name}-2"])["trailList"]
    assert [trail["TrailARN"] for trail in found] == arns[1:]
    assert trails.describe_trails(trailNameList=arns[:1])["trailList"][0]["Name"] == f"{name}-1"
    for arn in arns:
        trails.delete_trail(Name=arn)
    assert trails.describe_trails()["trailList"] == []
    with pytest.raises(ClientError, match="TrailNotFoundException"):
        trails.delete_trail(Name=arns[0])


def test_a_zone_brings_no_reusable_delegation_set(client: Client) -> None:
    route53 = client("route53")
    zone = route53.create_hosted_zone(Name="example.com.", CallerReference="zone")
    assert len(zone["DelegationSet"]["NameServers"]) == 4
    assert route53.list_reusable_delegation_sets()["DelegationSets"] == []
    reusable = route53.create_reusable_delegation_set(CallerReference="set")["DelegationSet"]["Id"]
    other = route53.create_hosted_zone(
        Name="example.org.", CallerReference="other", DelegationSetId=reusable
    )
    assert len(route53.list_reusable_delegation_sets()["DelegationSets"]) == 1
    for made in (zone, other):
        route53.delete_hosted_zone(Id=made["HostedZone"]["Id"])
    route53.delete_reusable_delegation_set(Id=reusable)
