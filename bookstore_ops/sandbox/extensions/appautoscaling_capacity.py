"""The number of tasks follows the limits of its scalable target, as AWS sees to at once."""

from typing import Any

from moto.applicationautoscaling.models import ApplicationAutoscalingBackend as Backend

from bookstore_ops.sandbox.extensions import replaces
from bookstore_ops.sandbox.extensions.ecs_services import settle

_register = Backend.register_scalable_target


@replaces(Backend)
def register_scalable_target(self: Any, *arguments: Any, **limits: Any) -> Any:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html

    "Otherwise, it changes the resource's current capacity to a value that is inside of this
    range", says the command line's reference; a suspension stops policies and schedules only.
    """
    target = _register(self, *arguments, **limits)
    if target.scalable_dimension == "ecs:service:DesiredCount":
        _, cluster, name = target.resource_id.split("/")
        (service,), _ = self.ecs_backend.describe_services(cluster, [name])
        wanted = max(target.min_capacity, min(service.desired_count, target.max_capacity))
        if wanted != service.desired_count:
            properties = {"cluster": cluster, "service": name, "desired_count": wanted}
            settle(self.ecs_backend.update_service(properties))
    return target
