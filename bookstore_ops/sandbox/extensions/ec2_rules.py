"""Security group rules keep the description of every kind of source, not of CIDR ranges only.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html: an ``IpRange``, an
``Ipv6Range``, a ``PrefixListId`` and a ``UserIdGroupPair`` each have a description.
"""

from typing import Any

from moto.ec2.models.security_groups import SecurityGroupBackend, SecurityGroupRule

from bookstore_ops.sandbox.extensions import replaces

_make_rule = SecurityGroupRule.__init__
_modify_rules = SecurityGroupBackend.modify_security_group_rules


@replaces(SecurityGroupRule, "__init__")
def make_rule(self: Any, *args: Any, **kwargs: Any) -> None:
    """As moto, and the source's description, whichever kind of source it is.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html
    """
    _make_rule(self, *args, **kwargs)
    prefix_list = kwargs.get("prefix_list_id") or (args[7] if len(args) > 7 else None) or {}
    sources = (self.ip_range, self.source_group, prefix_list)
    described = (source.get("Description") for source in sources)
    self.own_description = next((text for text in described if text is not None), None)


def description(self: Any) -> str | None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html"""
    return self.own_description  # type: ignore[no-any-return]


replaces(SecurityGroupRule, "description")(property(description))


def _describe(rule: Any, text: str | None) -> None:
    rule.own_description = text
    for source in filter(None, (rule.ip_range, rule.source_group)):
        source.pop("Description", None)
        if text is not None:
            source["Description"] = text


@replaces(SecurityGroupBackend)
def modify_security_group_rules(self: Any, group_id: str, rules: dict[str, dict[str, Any]]) -> None:
    """Moto refuses rules of all protocols, for want of ports, and changes CIDR sources only.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html
    """
    group = self.get_security_group_by_name_or_id(group_id)
    for rule_id, new in rules.items():
        every_port = {} if "FromPort" in new else {"FromPort": -1, "ToPort": -1}
        _modify_rules(self, group_id, {rule_id: {**new, **every_port}})
        rule = group.get_rule(rule_id)
        if every_port:
            rule.from_port = rule.to_port = None
        if "ReferencedGroupId" in new:
            rule.source_group = {**rule.source_group, "GroupId": new["ReferencedGroupId"]}
        if "PrefixListId" in new:
            rule.prefix_list_id = new["PrefixListId"]
        if "CidrIpv6" in new:
            rule.ip_range = {**rule.ip_range, "CidrIpv6": new["CidrIpv6"]}
        _describe(rule, new.get("Description"))


@replaces(SecurityGroupBackend, "_sg_update_description")
def update_description(_: Any, new: Any, rule: Any) -> None:
    """The rule found by its source takes the description of the new one.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html
    """
    _describe(rule, new.own_description)
