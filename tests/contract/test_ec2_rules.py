"""Descriptions of security group rules, whatever their source."""

from typing import Any

import pytest

from tests.contract.conftest import Client


@pytest.fixture
def ec2(client: Client) -> Any:
    """EC2 in the shared account."""
    return client("ec2")


@pytest.fixture
def groups(ec2: Any, name: str) -> tuple[str, str]:
    """Two security groups of one VPC."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]

    def make(suffix: str) -> str:
        made = ec2.create_security_group(GroupName=name + suffix, Description="d", VpcId=vpc)
        return str(made["GroupId"])

    return make("-one"), make("-two")


def sources(ec2: Any, other_group: str) -> dict[str, dict[str, Any]]:
    lists = ec2.describe_managed_prefix_lists()["PrefixLists"]
    return {
        "group": {"UserIdGroupPairs": [{"GroupId": other_group, "Description": "why"}]},
        "cidr": {"IpRanges": [{"CidrIp": "10.1.0.0/16", "Description": "why"}]},
        "cidr6": {"Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32", "Description": "why"}]},
        "prefix": {
            "PrefixListIds": [{"PrefixListId": lists[0]["PrefixListId"], "Description": "why"}]
        },
    }


def authorize(ec2: Any, group: str, source: dict[str, Any]) -> str:
    made = ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5433, "ToPort": 5433, **source}],
    )
    return str(made["SecurityGroupRules"][0]["SecurityGroupRuleId"])


def described(ec2: Any, rule: str) -> dict[str, Any]:
    found = ec2.describe_security_group_rules(SecurityGroupRuleIds=[rule])["SecurityGroupRules"]
    assert len(found) == 1
    return dict(found[0])


@pytest.mark.parametrize("kind", ["group", "cidr", "cidr6", "prefix"])
def test_a_rule_keeps_its_description(ec2: Any, groups: tuple[str, str], kind: str) -> None:
    rule = authorize(ec2, groups[0], sources(ec2, groups[1])[kind])
    assert described(ec2, rule)["Description"] == "why"


def test_a_group_pair_keeps_its_description(ec2: Any, groups: tuple[str, str]) -> None:
    authorize(ec2, groups[0], sources(ec2, groups[1])["group"])
    group = ec2.describe_security_groups(GroupIds=[groups[0]])["SecurityGroups"][0]
    assert group["IpPermissions"][0]["UserIdGroupPairs"][0]["Description"] == "why"


def test_modifying_a_rule_changes_its_description(ec2: Any, groups: tuple[str, str]) -> None:
    rule = authorize(ec2, groups[0], sources(ec2, groups[1])["group"])
    new = {
        "IpProtocol": "tcp",
        "FromPort": 5434,
        "ToPort": 5434,
        "ReferencedGroupId": groups[1],
        "Description": "because",
    }
    ec2.modify_security_group_rules(
        GroupId=groups[0],
        SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": new}],
    )
    changed = described(ec2, rule)
    assert (changed["Description"], changed["FromPort"]) == ("because", 5434)


def test_a_rule_for_every_protocol_can_be_modified(ec2: Any, groups: tuple[str, str]) -> None:
    made = ec2.authorize_security_group_egress(
        GroupId=groups[0],
        IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.9.0.0/16"}]}],
    )
    rule = made["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    new = {"IpProtocol": "-1", "CidrIpv4": "10.9.0.0/16", "Description": "because"}
    ec2.modify_security_group_rules(
        GroupId=groups[0],
        SecurityGroupRules=[{"SecurityGroupRuleId": rule, "SecurityGroupRule": new}],
    )
    assert described(ec2, rule)["Description"] == "because"
