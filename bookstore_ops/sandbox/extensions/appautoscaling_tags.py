"""Tags of scalable targets, which the provider reads after every other call."""

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse as Response

from bookstore_ops.sandbox.extensions import adds, replaces

_register = Response.register_scalable_target


def _tags(backend: Any) -> dict[str, dict[str, str]]:
    held: dict[str, dict[str, str]] = backend.__dict__.setdefault("target_tags", {})
    return held


@replaces(Response)
def register_scalable_target(self: Any) -> str:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html"""
    answer: str = _register(self)
    arn = json.loads(answer)["ScalableTargetARN"]
    _tags(self.applicationautoscaling_backend).setdefault(arn, {}).update(
        self._get_param("Tags") or {}
    )
    return answer


@adds(Response)
def list_tags_for_resource(self: Any) -> str:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html"""
    tags = _tags(self.applicationautoscaling_backend).get(self._get_param("ResourceARN"), {})
    return json.dumps({"Tags": tags})


@adds(Response)
def tag_resource(self: Any) -> str:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html"""
    tags = _tags(self.applicationautoscaling_backend)
    tags.setdefault(self._get_param("ResourceARN"), {}).update(self._get_param("Tags"))
    return "{}"


@adds(Response)
def untag_resource(self: Any) -> str:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_UntagResource.html"""
    tags = _tags(self.applicationautoscaling_backend).get(self._get_param("ResourceARN"), {})
    for key in self._get_param("TagKeys"):
        tags.pop(key, None)
    return "{}"
