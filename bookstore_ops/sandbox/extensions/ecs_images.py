"""What the tasks of an image do: its manifest's annotations in ECR say."""

import json
from typing import Any

from moto.ecr.models import ecr_backends

from bookstore_ops.sandbox.push import ANSWERS, EXITS, HEALTHY


def _annotations(account: str, region: str, reference: str) -> dict[str, str]:
    """Of an image in the account's own registry; nothing for one that is not there.

    Services are made before anything was pushed, and run here all the same.
    """
    _, _, path = reference.partition("/")
    name, _, digest = path.partition("@")
    name, _, tag = name.partition(":")
    repository = ecr_backends[account][region].repositories.get(name)
    for image in repository.images if repository else ():
        if digest == image.image_digest or (tag and tag in image.image_tags):
            annotations: dict[str, str] = json.loads(image.image_manifest).get("annotations", {})
            return annotations
    return {}


def _images(service: Any) -> list[str]:
    backend = service._backend
    definition = backend.describe_task_definition(service.task_definition)
    return [container["image"] for container in definition.container_definitions]


def is_healthy(service: Any) -> bool:
    """Whether the tasks of a service become healthy."""
    return all(
        _annotations(service._account_id, service.region_name, image).get(HEALTHY) != "false"
        for image in _images(service)
    )


def exit_code_of(task: Any, image: str) -> int:
    """The code with which the container of a task ends that has this image."""
    return int(_annotations(task._account_id, task.region_name, image).get(EXITS, 0))


def answer_of(service: Any) -> int:
    """The status with which the tasks of a service answer requests."""
    for image in _images(service):
        annotations = _annotations(service._account_id, service.region_name, image)
        if ANSWERS in annotations:
            return int(annotations[ANSWERS])
    return 200
