"""Tasks that run a command: one for a token, ended with the code that their image says."""

from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import ec2_backends
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.ecs.responses import EC2ContainerServiceResponse as Response

from bookstore_ops.sandbox.extensions import adds, replaces
from bookstore_ops.sandbox.extensions.ecs_images import exit_code_of

_run = Response.run_task

# Read of every task's interface, and given only where the VPC has host names.
adds(NetworkInterface, "private_dns_name")("")


@replaces(Response)
def run_task(self: Any) -> Any:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html"""
    token = self._get_param("clientToken")
    cluster = self._get_param("cluster", "default").rpartition("/")[2]
    known = vars(self.ecs_backend).setdefault("bsops_run_tokens", {})
    if token and (cluster, token) in known:
        return ActionResult({"tasks": known[cluster, token], "failures": []})
    answer = _run(self)
    for task in answer.result["tasks"]:
        for container in task.containers:
            container.exitCode = exit_code_of(task, container.image)
        _take_interface(task)
    if token:
        known[cluster, token] = answer.result["tasks"]
    return answer


def _take_interface(task: Any) -> None:
    """The interface goes with the task, which ends by itself."""
    enis = ec2_backends[task._account_id][task.region_name].enis
    for attachment in task.attachments:
        for detail in attachment["details"]:
            if detail["name"] == "networkInterfaceId":
                enis.pop(detail["value"], None)
