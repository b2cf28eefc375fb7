"""Putting an image into the sandbox's registry, where nothing can be pushed by docker."""

import hashlib
import json
from typing import Any

from bookstore_ops.errors import OperationFailed

# Read by extensions/ecs_images.py.
HEALTHY = "bsops.sandbox/healthy"
ANSWERS = "bsops.sandbox/answers"
EXITS = "bsops.sandbox/exits"
_TYPE = "application/vnd.oci.image.manifest.v1+json"


def push_image(
    ecr: Any, repository: str, tag: str, *, healthy: bool, answers: int, exits: int = 0
) -> str:
    """Put an image there under a tag; its digest.

    What its tasks do, once they run, stands in its annotations: whether they become healthy, with
    which status they answer, and with which code those end that run a command.

    Raises:
        OperationFailed: the registry does not take it.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    manifest = {
        "schemaVersion": 2,
        "mediaType": _TYPE,
        "annotations": {
            HEALTHY: str(healthy).lower(),
            ANSWERS: str(answers),
            EXITS: str(exits),
            "tag": tag,
        },
    }
    text = json.dumps(manifest)
    try:
        answer = ecr.put_image(
            repositoryName=repository.partition("/")[2],
            imageManifest=text,
            # ECR's own digest. moto draws one of a hundred where none is given.
            imageDigest=f"sha256:{hashlib.sha256(text.encode()).hexdigest()}",
            imageManifestMediaType=_TYPE,
            imageTag=tag,
        )
    except (BotoCoreError, ClientError) as error:
        raise OperationFailed(
            f"the sandbox's registry does not take {repository}:{tag}",
            why=str(error),
            next_step="use another tag: a tag that is there cannot be moved",
        ) from error
    return str(answer["image"]["imageId"]["imageDigest"])
