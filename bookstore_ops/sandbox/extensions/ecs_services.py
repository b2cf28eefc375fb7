"""Attributes of ECS services that moto does not keep; and tasks that are running at once.

They are targets of the service's load balancers, as those of ECS are.
"""

from typing import Any

from moto.ecs.models import EC2ContainerServiceBackend as Backend
from moto.ecs.responses import EC2ContainerServiceResponse as Response
from moto.elbv2.models import elbv2_backends

from bookstore_ops.sandbox.extensions import replaces
from bookstore_ops.sandbox.extensions.ecs_images import is_healthy

_create = Response.create_service
_update = Response.update_service
_delete = Backend.delete_service

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
    """Every task asked for runs and the only deployment is complete, if its image is well."""
    running = service.desired_count if is_healthy(service) else 0
    service.running_count, service.pending_count = running, service.desired_count - running
    for deployment in service.deployments:
        deployment.update(
            desiredCount=service.desired_count,
            runningCount=running,
            pendingCount=service.desired_count - running,
            failedTasks=0,
            rolloutState="COMPLETED" if running == service.desired_count else "IN_PROGRESS",
            taskDefinition=service.task_definition,
        )
    register_tasks(service, running)


def register_tasks(service: Any, running: int) -> None:
    """Make the running tasks the targets of the service's groups; an address stands for each."""
    groups = elbv2_backends[service._account_id][service.region_name].target_groups
    for balancer in service.load_balancers:
        group = groups.get(balancer.get("targetGroupArn"))
        if group is None:
            continue
        if group.targets:
            group.deregister(list(group.targets.values()))
        port = balancer["containerPort"]
        group.register([{"Id": f"10.0.0.{n + 1}", "Port": port} for n in range(running)])


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


@replaces(Backend)
def delete_service(self: Any, cluster_name: str, service_name: str, force: bool) -> Any:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html"""
    service = _delete(self, cluster_name, service_name, force)
    register_tasks(service, 0)
    return service
