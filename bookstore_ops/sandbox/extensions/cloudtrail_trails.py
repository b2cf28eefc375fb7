"""Trails by name or ARN; moto describes all of them, and deletes none by its ARN."""

from moto.cloudtrail.models import CloudTrailBackend, cloudtrail_backends
from moto.cloudtrail.responses import CloudTrailResponse

from bookstore_ops.sandbox.extensions import replaces
from bookstore_ops.sandbox.services import Answer, Call, Service

_service = Service("cloudtrail", CloudTrailResponse)


@_service.replaces("DescribeTrails")
def describe_trails(call: Call) -> Answer:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html"""
    asked = call.given.get("trailNameList")
    found = cloudtrail_backends[call.account][call.region].describe_trails(
        include_shadow_trails=call.given.get("includeShadowTrails", True)
    )
    return {
        "trailList": [
            trail.description(include_region=True)
            for trail in found
            if not asked or trail.trail_name in asked or trail.arn in asked
        ]
    }


@replaces(CloudTrailBackend)
def delete_trail(self: CloudTrailBackend, name: str) -> None:
    """https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DeleteTrail.html"""
    del self.trails[self.get_trail(name).trail_name]
