"""CloudWatch Synthetics: canaries that start and stop, and groups of them; none of them runs."""

import datetime as dt
import uuid
from typing import Any

from moto.ec2.models import ec2_backends
from moto.synthetics.responses import SyntheticsResponse

from bookstore_ops.sandbox.services import Answer, Call, Service, Tags

_service = Service("synthetics", SyntheticsResponse)
_canaries = _service.collection("Canary")
_groups = _service.collection("Group")
# https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_TagResource.html
_tags = Tags(_service, listed=False, missing="NotFoundException", replaced=("ListTagsForResource",))


def _canary_arn(call: Call, name: str) -> str:
    return call.arn(f"canary:{name}")


def _described(call: Call, canary: dict[str, Any]) -> Answer:
    return {**canary, "Tags": _tags.of(call, _canary_arn(call, canary["Name"]))}


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """What creation and change share, as it is described."""
    settings: dict[str, Any] = {
        name: given[name]
        for name in (
            "ExecutionRoleArn",
            "RuntimeVersion",
            "SuccessRetentionPeriodInDays",
            "FailureRetentionPeriodInDays",
            "ProvisionedResourceCleanup",
            "ArtifactConfig",
        )
        if name in given
    }
    if "ArtifactS3Location" in given:
        settings["ArtifactS3Location"] = given["ArtifactS3Location"].removeprefix("s3://")
    if "Schedule" in given:
        settings["Schedule"] = {"DurationInSeconds": 0, **given["Schedule"]}
    if "RunConfig" in given:
        settings["RunConfig"] = {
            name: value
            for name, value in given["RunConfig"].items()
            if name != "EnvironmentVariables"
        }
    return settings


def _code(call: Call, identifier: str) -> dict[str, Any]:
    layer = f"layer:cwsyn-{call.given['Name']}-{identifier}:1"
    return {
        "Handler": call.given["Code"]["Handler"],
        "SourceLocationArn": f"arn:aws:lambda:{call.region}:{call.account}:{layer}",
    }


def _in_vpc(call: Call) -> dict[str, Any]:
    subnets = call.given["VpcConfig"].get("SubnetIds")
    if not subnets:
        return {}
    subnet = ec2_backends[call.account][call.region].get_subnet(subnets[0])
    return {"VpcId": subnet.vpc_id, **call.given["VpcConfig"]}


def _set_state(canary: dict[str, Any], state: str, **times: dt.datetime) -> None:
    canary["Status"] = {"State": state, "StateReason": "", "StateReasonCode": ""}
    canary["Timeline"].update(times)


@_service.replaces("CreateCanary")
def create_canary(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CreateCanary.html"""
    given = call.given
    identifier = str(uuid.uuid4())
    now = dt.datetime.now(dt.UTC)
    function = f"function:cwsyn-{given['Name']}-{identifier}:1"
    canary = {
        "Id": identifier,
        "Name": given["Name"],
        "SuccessRetentionPeriodInDays": 31,
        "FailureRetentionPeriodInDays": 31,
        **_settings(given),
        "RunConfig": {
            "TimeoutInSeconds": 840,
            "MemoryInMB": 1000,
            "ActiveTracing": False,
            **_settings(given).get("RunConfig", {}),
        },
        "Code": _code(call, identifier),
        "EngineArn": f"arn:aws:lambda:{call.region}:{call.account}:{function}",
        "Timeline": {"Created": now, "LastModified": now},
    }
    if given.get("VpcConfig"):
        canary["VpcConfig"] = _in_vpc(call)
    _set_state(canary, "READY")
    _canaries.add(call, given["Name"], canary)
    _tags.put(call, _canary_arn(call, given["Name"]))
    return {"Canary": _described(call, canary)}


@_service.replaces("GetCanary")
def get_canary(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_GetCanary.html"""
    return {"Canary": _described(call, _canaries.find(call, call.given["Name"]))}


@_service.replaces("DescribeCanaries")
def describe_canaries(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_DescribeCanaries.html"""
    wanted = call.given.get("Names")
    held = _canaries.of(call).values()
    found = [canary for canary in held if not wanted or canary["Name"] in wanted]
    return {"Canaries": [_described(call, canary) for canary in found]}


@_service.adds("UpdateCanary")
def update_canary(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_UpdateCanary.html"""
    canary = _canaries.find(call, call.given["Name"])
    settings = _settings(call.given)
    canary["RunConfig"].update(settings.pop("RunConfig", {}))
    canary.update(settings)
    if "Code" in call.given:
        canary["Code"] = _code(call, canary["Id"])
    if "VpcConfig" in call.given:
        canary["VpcConfig"] = _in_vpc(call)
    canary["Timeline"]["LastModified"] = dt.datetime.now(dt.UTC)
    return {}


@_service.adds("StartCanary")
def start_canary(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_StartCanary.html"""
    canary = _canaries.find(call, call.given["Name"])
    _set_state(canary, "RUNNING", LastStarted=dt.datetime.now(dt.UTC))
    return {}


@_service.adds("StopCanary")
def stop_canary(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_StopCanary.html"""
    canary = _canaries.find(call, call.given["Name"])
    _set_state(canary, "STOPPED", LastStopped=dt.datetime.now(dt.UTC))
    return {}


@_service.adds("DeleteCanary")
def delete_canary(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_DeleteCanary.html"""
    arn = _canary_arn(call, _canaries.remove(call, call.given["Name"])["Name"])
    _tags.drop(call, arn)
    for group in _groups.of(call).values():
        group["resources"] = [held for held in group["resources"] if held != arn]
    return {}


def _group(call: Call) -> dict[str, Any]:
    """A group, by its name, id or ARN."""
    wanted = call.given["GroupIdentifier"]
    for held in _groups.of(call).values():
        if wanted in (held["Name"], held["Id"], held["Arn"]):
            return {**held, "Tags": _tags.of(call, held["Arn"])}
    found: dict[str, Any] = _groups.find(call, wanted)
    return found


@_service.adds("CreateGroup")
def create_group(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_CreateGroup.html"""
    name = call.given["Name"]
    identifier = uuid.uuid4().hex[:16]
    now = dt.datetime.now(dt.UTC)
    group = {
        "Id": identifier,
        "Name": name,
        "Arn": call.arn(f"group:{identifier}"),
        "CreatedTime": now,
        "LastModifiedTime": now,
        "resources": [],
    }
    _groups.add(call, name, group)
    _tags.put(call, group["Arn"])
    return {"Group": group}


@_service.adds("GetGroup")
def get_group(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_GetGroup.html"""
    return {"Group": _group(call)}


@_service.adds("DeleteGroup")
def delete_group(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_DeleteGroup.html"""
    group = _group(call)
    _groups.remove(call, group["Name"])
    _tags.drop(call, group["Arn"])
    return {}


@_service.adds("AssociateResource")
def associate_resource(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_AssociateResource.html"""
    resources = _group(call)["resources"]
    if call.given["ResourceArn"] not in resources:
        resources.append(call.given["ResourceArn"])
    return {}


@_service.adds("DisassociateResource")
def disassociate_resource(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_DisassociateResource.html"""
    resources = _group(call)["resources"]
    if call.given["ResourceArn"] in resources:
        resources.remove(call.given["ResourceArn"])
    return {}


@_service.adds("ListGroupResources")
def list_group_resources(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_ListGroupResources.html"""
    return {"Resources": _group(call)["resources"]}


@_service.adds("ListAssociatedGroups")
def list_associated_groups(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonSynthetics/latest/APIReference/API_ListAssociatedGroups.html"""
    held = _groups.of(call).values()
    return {"Groups": [group for group in held if call.given["ResourceArn"] in group["resources"]]}
