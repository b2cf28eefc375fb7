"""Attributes of ECS services that moto does not keep; and tasks that are running at once."""

from typing import Any

from moto.ecs.responses import EC2ContainerServiceResponse as Response

from bookstore_ops.sandbox.extensions import replaces

_create = Response.create_service
_update = Response.update_service

# Attribute of the service -> its parameter and its value where nothing was asked for.
_KEPT: dict[str, tuple[str, object]] = {
    "availability_zone_rebalancing": ("availabilityZoneRebalancing", "DISABLED"),
    "capacity_provider_strategy": ("capacityProviderStrategy", []),
    "deployment_configuration": (
        "deploymentConfiguration",
        {"maximumPercent": 200, "minimumHealthyPercent": 100},
    ),
    "enable_ecs_managed_tags": ("enableECSManagedTags", False),
    "enable_execute_command": ("enableExecuteCommand", False),
    "health_check_grace_period_seconds": ("healthCheckGracePeriodSeconds", 0),
    "placement_constraints": ("placementConstraints", []),
    "placement_strategy": ("placementStrategy", []),
}


def _keep(response: Any, service: Any) -> None:
    for name, (parameter, default) in _KEPT.items():
        value = response._get_param(parameter)
        if value is not None:
            setattr(service, name, value)
        elif not hasattr(service, name):
            setattr(service, name, default)
    service.capacity_provider_strategy = [
        {"weight": 0, "base": 0, **entry} for entry in service.capacity_provider_strategy
    ]
    if service.capacity_provider_strategy:
        service.launch_type = None


def settle(service: Any) -> None:
    """Every task asked for runs, and the only deployment is complete."""
    service.running_count, service.pending_count = service.desired_count, 0
    for deployment in service.deployments:
        deployment.update(
            desiredCount=service.desired_count,
            runningCount=service.desired_count,
            pendingCount=0,
            failedTasks=0,
            rolloutState="COMPLETED",
            taskDefinition=service.task_definition,
        )


@replaces(Response)
def create_service(self: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html"""
    answer = _create(self)
    service = answer.result["service"]
    _keep(self, service)
    settle(service)
    return answer


@replaces(Response)
def update_service(self: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""
    answer = _update(self)
    service = answer.result["service"]
    _keep(self, service)
    settle(service)
    return answer
