"""What operators deployed and Terraform does not know, which keeps a profile from being deleted."""

from dataclasses import dataclass
from typing import Any

from bookstore_ops.releases.calls import asking
from bookstore_ops.terraform.state import instances

PROFILE = "aws_appconfig_configuration_profile"
_VERSION = "aws_appconfig_hosted_configuration_version"


@dataclass(frozen=True)
class Profile:
    """A profile of the tree, and the versions of it that Terraform made and will delete."""

    address: str
    application_id: str
    profile_id: str
    own: frozenset[int]


def profiles_of(content: bytes) -> list[Profile]:
    """The profiles that a whole state file knows."""
    held = instances(content)
    versions = [each.attributes for each in held if each.type == _VERSION]
    return [
        Profile(
            each.address,
            each.attributes["application_id"],
            each.attributes["configuration_profile_id"],
            frozenset(
                int(version["version_number"])
                for version in versions
                if version["configuration_profile_id"]
                == each.attributes["configuration_profile_id"]
            ),
        )
        for each in held
        if each.type == PROFILE
    ]


def delete_versions(client: Any, profile: Profile, again: str) -> int:
    """Delete the versions that Terraform did not make; how many.

    AWS deletes no profile that has any.
    https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_DeleteHostedConfigurationVersion.html

    Raises:
        OperationFailed: AWS does not do it.
    """
    where = {
        "ApplicationId": profile.application_id,
        "ConfigurationProfileId": profile.profile_id,
    }
    with asking(f"delete the versions of the flags in {profile.address}", again):
        pages = client.get_paginator("list_hosted_configuration_versions").paginate(**where)
        found = {item["VersionNumber"] for page in pages for item in page["Items"]}
        gone = found - profile.own
        for number in sorted(gone):
            client.delete_hosted_configuration_version(**where, VersionNumber=number)
    return len(gone)
