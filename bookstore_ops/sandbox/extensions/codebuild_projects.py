"""CodeBuild projects: those of a pipeline, what moto forgets of them, and changing them."""

from typing import Any

from moto.codebuild import responses
from moto.codebuild.exceptions import ResourceNotFoundException
from moto.codebuild.models import CodeBuildBackend
from moto.codebuild.responses import CodeBuildResponse
from moto.core.responses import ActionResult

from bookstore_ops.sandbox.extensions import adds, replaces

_check_source = responses._validate_required_params_source
_check_artifacts = responses._validate_required_params_artifacts
_create = CodeBuildResponse.create_project
_delete = CodeBuildBackend.delete_project

# The pipeline says where source and artifacts are; no source has no place.
_PLACELESS = {"CODEPIPELINE", "NO_SOURCE"}
# Taken by CreateProject, but not kept by moto.
_FORGOTTEN = ("concurrentBuildLimit", "encryptionKey")
_CHANGEABLE = (
    *_FORGOTTEN,
    "artifacts",
    "cache",
    "description",
    "environment",
    "logsConfig",
    "queuedTimeoutInMinutes",
    "serviceRole",
    "source",
    "sourceVersion",
    "tags",
    "timeoutInMinutes",
    "vpcConfig",
)


@replaces(responses, "_validate_required_params_source")
def check_source(source: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectSource.html"""
    placeless = source["type"] in _PLACELESS
    _check_source({**source, "location": "pipeline"} if placeless else source)


@replaces(responses, "_validate_required_params_artifacts")
def check_artifacts(artifacts: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ProjectArtifacts.html"""
    placeless = artifacts["type"] in _PLACELESS
    _check_artifacts({**artifacts, "location": "pipeline"} if placeless else artifacts)


def _name(name_or_arn: str) -> str:
    """A project's name; the operations that take it take its ARN too."""
    return name_or_arn.rpartition(":project/")[2]


def _take(self: Any, project: dict[str, Any], names: tuple[str, ...]) -> None:
    for name in names:
        value = self._get_param(name)
        if value is not None:
            project[name] = value


@replaces(CodeBuildResponse)
def create_project(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html"""
    created: Any = _create(self)
    _take(self, created.result["project"], _FORGOTTEN)
    return ActionResult(created.result)


@adds(CodeBuildResponse)
def update_project(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProject.html"""
    name = _name(self._get_param("name"))
    project = self.codebuild_backend.codebuild_projects.get(name)
    if project is None:
        raise ResourceNotFoundException(f"Project cannot be found: {name}")
    check_source(self._get_param("source") or project.project_metadata["source"])
    check_artifacts(self._get_param("artifacts") or project.project_metadata["artifacts"])
    _take(self, project.project_metadata, _CHANGEABLE)
    return ActionResult({"project": project.project_metadata})


@replaces(CodeBuildBackend)
def delete_project(self: Any, project_name: str) -> None:
    """https://docs.aws.amazon.com/codebuild/latest/APIReference/API_DeleteProject.html"""
    _delete(self, _name(project_name))
