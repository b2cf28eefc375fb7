"""Times of pipelines, which moto writes as text where AWS gives numbers."""

from typing import Any

from moto.codepipeline.models import CodePipeline

from bookstore_ops.sandbox.extensions import replaces


def metadata(self: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineMetadata.html"""
    return {
        "pipelineArn": self._arn,
        "created": self._created.timestamp(),
        "updated": self._updated.timestamp(),
    }


replaces(CodePipeline, "metadata")(property(metadata))
