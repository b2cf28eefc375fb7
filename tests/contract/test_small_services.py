"""Operations that moto lacks or answers unlike AWS, service by service."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import ACCOUNT, REGION, Client


def test_a_scalable_target_has_tags(client: Client) -> None:
    scaling = client("application-autoscaling")
    target = {
        "ServiceNamespace": "dynamodb",
        "ResourceId": "table/t",
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
    }
    client("dynamodb").create_table(
        TableName="t",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = scaling.register_scalable_target(
        **target, MinCapacity=1, MaxCapacity=2, Tags={"a": "1", "b": "2"}
    )["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"c": "3"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"b": "2", "c": "3"}


@pytest.fixture
def queue(client: Client, name: str) -> str:
    """The URL of a queue."""
    return str(client("sqs").create_queue(QueueName=name)["QueueUrl"])


def test_a_redrive_policy_is_written_without_spaces(client: Client, name: str, queue: str) -> None:
    sqs = client("sqs")
    policy = {
        "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
        "maxReceiveCount": 5,
    }
    source = sqs.create_queue(
        QueueName=f"{name}-source", Attributes={"RedrivePolicy": json.dumps(policy)}
    )["QueueUrl"]
    held = sqs.get_queue_attributes(QueueUrl=source, AttributeNames=["RedrivePolicy"])
    assert held["Attributes"]["RedrivePolicy"] == json.dumps(policy, separators=(",", ":"))


def test_a_queue_may_say_who_redrives_to_it(client: Client, queue: str) -> None:
    sqs = client("sqs")
    allow = '{"redrivePermission":"denyAll"}'
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"RedriveAllowPolicy": allow})
    held = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert held["RedriveAllowPolicy"] == allow


def test_a_queue_says_nothing_of_who_redrives_to_it_by_itself(client: Client, queue: str) -> None:
    held = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])
    assert "RedriveAllowPolicy" not in held["Attributes"]


def test_a_resource_server_can_be_changed_and_deleted(client: Client, name: str) -> None:
    cognito = client("cognito-idp")
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    server = {"UserPoolId": pool, "Identifier": "api"}
    cognito.create_resource_server(**server, Name="one")
    cognito.update_resource_server(**server, Name="two")
    assert cognito.describe_resource_server(**server)["ResourceServer"]["Name"] == "two"
    cognito.delete_resource_server(**server)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        cognito.describe_resource_server(**server)


def test_a_composite_alarm_is_kept(client: Client, name: str) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_composite_alarm(
        AlarmName=name, AlarmRule='ALARM("cpu")', AlarmDescription="d", ActionsEnabled=True
    )
    found = cloudwatch.describe_alarms(AlarmNames=[name], AlarmTypes=["CompositeAlarm"])
    (alarm,) = found["CompositeAlarms"]
    assert (alarm["AlarmRule"], alarm["AlarmDescription"]) == ('ALARM("cpu")', "d")


def test_composite_alarms_are_listed_only_when_asked_for(client: Client, name: str) -> None:
    cloudwatch = client("cloudwatch")
    cloudwatch.put_composite_alarm(AlarmName=name, AlarmRule='ALARM("cpu")')
    assert cloudwatch.describe_alarms(AlarmNames=[name]).get("CompositeAlarms", []) == []


@pytest.fixture
def cache(client: Client) -> Any:
    """ElastiCache in the shared account."""
    return client("elasticache")


def test_a_cache_parameter_group_keeps_what_was_set(cache: Any, name: str) -> None:
    group = {"CacheParameterGroupName": name}
    cache.create_cache_parameter_group(**group, CacheParameterGroupFamily="redis7", Description="d")
    policy = {"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"}
    cache.modify_cache_parameter_group(**group, ParameterNameValues=[policy])
    (found,) = cache.describe_cache_parameters(**group, Source="user")["Parameters"]
    assert (found["ParameterName"], found["ParameterValue"]) == tuple(policy.values())
    cache.reset_cache_parameter_group(**group, ResetAllParameters=True)
    assert cache.describe_cache_parameters(**group, Source="user")["Parameters"] == []


def test_a_deleted_cache_parameter_group_is_not_found(cache: Any, name: str) -> None:
    group = {"CacheParameterGroupName": name}
    cache.create_cache_parameter_group(**group, CacheParameterGroupFamily="redis7", Description="d")
    cache.delete_cache_parameter_group(**group)
    with pytest.raises(ClientError, match="CacheParameterGroupNotFound"):
        cache.describe_cache_parameter_groups(**group)


def test_a_user_group_has_users(cache: Any, name: str) -> None:
    cache.create_user_group(
        UserGroupId=name,
        Engine="redis",
        UserIds=["default"],
        Tags=[{"Key": "a", "Value": "1"}],
    )
    (group,) = cache.describe_user_groups(UserGroupId=name)["UserGroups"]
    assert (group["UserIds"], group["Status"]) == (["default"], "active")
    tags = cache.list_tags_for_resource(ResourceName=group["ARN"])["TagList"]
    assert tags == [{"Key": "a", "Value": "1"}]


def test_a_deleted_user_group_is_not_found(cache: Any, name: str) -> None:
    cache.create_user_group(UserGroupId=name, Engine="redis", UserIds=["default"])
    cache.delete_user_group(UserGroupId=name)
    with pytest.raises(ClientError, match="UserGroupNotFound"):
        cache.describe_user_groups(UserGroupId=name)


def test_a_cache_subnet_group_can_be_deleted(client: Client, cache: Any, name: str) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = {"CacheSubnetGroupName": name}
    cache.create_cache_subnet_group(**group, CacheSubnetGroupDescription="d", SubnetIds=[subnet])
    cache.delete_cache_subnet_group(**group)
    with pytest.raises(ClientError, match="CacheSubnetGroupNotFound"):
        cache.describe_cache_subnet_groups(**group)
