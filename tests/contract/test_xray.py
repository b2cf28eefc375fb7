"""X-Ray's groups, sampling rules and encryption."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client


@pytest.fixture
def xray(client: Client) -> Any:
    """X-Ray in the shared account."""
    return client("xray")


def test_a_group_is_found_by_name_and_arn_and_can_be_changed(xray: Any, name: str) -> None:
    made = xray.create_group(
        GroupName=name, FilterExpression="error", InsightsConfiguration={"InsightsEnabled": True}
    )["Group"]
    xray.update_group(GroupARN=made["GroupARN"], FilterExpression="fault")
    found = xray.get_group(GroupName=name)["Group"]
    assert found == xray.get_group(GroupARN=made["GroupARN"])["Group"]
    assert (found["FilterExpression"], found["InsightsConfiguration"]) == (
        "fault",
        {"InsightsEnabled": True, "NotificationsEnabled": False},
    )


def test_a_deleted_group_is_not_found(xray: Any, name: str) -> None:
    arn = xray.create_group(GroupName=name)["Group"]["GroupARN"]
    xray.delete_group(GroupARN=arn)
    with pytest.raises(ClientError, match=r"InvalidRequestException.*Group not found"):
        xray.get_group(GroupARN=arn)


def test_a_group_has_tags(xray: Any, name: str) -> None:
    tags = [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]
    arn = xray.create_group(GroupName=name, Tags=tags)["Group"]["GroupARN"]
    xray.untag_resource(ResourceARN=arn, TagKeys=["a"])
    xray.tag_resource(ResourceARN=arn, Tags=[{"Key": "c", "Value": "3"}])
    held = xray.list_tags_for_resource(ResourceARN=arn)["Tags"]
    assert held == [{"Key": "b", "Value": "2"}, {"Key": "c", "Value": "3"}]


def test_a_sampling_rule_is_listed_until_it_is_deleted(xray: Any, name: str) -> None:
    def listed() -> list[Any]:
        records = [
            held["SamplingRule"] for held in xray.get_sampling_rules()["SamplingRuleRecords"]
        ]
        return [rule for rule in records if rule["RuleName"] == rule_name]

    rule_name = name[:32]
    anything = dict.fromkeys(
        ("ServiceName", "ServiceType", "Host", "HTTPMethod", "URLPath", "ResourceARN"), "*"
    )
    numbers: dict[str, Any] = {"Priority": 10, "ReservoirSize": 1, "Version": 1}
    xray.create_sampling_rule(
        SamplingRule={**anything, **numbers, "RuleName": rule_name, "FixedRate": 0.5}
    )
    xray.update_sampling_rule(SamplingRuleUpdate={"RuleName": rule_name, "FixedRate": 0.25})
    (rule,) = listed()
    assert (rule["FixedRate"], rule["Priority"], rule["Attributes"]) == (0.25, 10, {})
    xray.delete_sampling_rule(RuleARN=rule["RuleARN"])
    assert listed() == []


def test_traces_are_encrypted_with_the_key_that_was_put(client: Client) -> None:
    xray = client("xray", account="800000000021")
    assert xray.get_encryption_config()["EncryptionConfig"]["Type"] == "NONE"
    xray.put_encryption_config(Type="KMS", KeyId="alias/traces")
    held = xray.get_encryption_config()["EncryptionConfig"]
    assert held == {"Type": "KMS", "KeyId": "alias/traces", "Status": "ACTIVE"}


def test_moto_still_takes_traces(xray: Any) -> None:
    answer = xray.put_telemetry_records(TelemetryRecords=[])
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
