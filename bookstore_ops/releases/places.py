"""Where the services of an environment run: the outputs of its state, without Terraform."""

from typing import Any

import msgspec

from bookstore_ops.environments import nearest
from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.releases.model import Place
from bookstore_ops.terraform.state import parse_state


class _Scaling(msgspec.Struct):
    min_tasks: int
    max_tasks: int


class _Alarms(msgspec.Struct):
    names: dict[str, str] = {}


class _Services(msgspec.Struct):
    """The output ``services``; see ``outputs.tf``."""

    cluster_name: str
    names: dict[str, dict[str, str]]
    task_families: dict[str, str]
    target_groups: dict[str, dict[str, str]]
    rule_arns: dict[str, str]
    repositories: dict[str, str]
    scaling: dict[str, _Scaling]
    release_alarms: dict[str, _Alarms] = {}


class _Api(msgspec.Struct):
    rest_api_id: str = ""


class _Output(msgspec.Struct):
    value: Any = None


class _State(msgspec.Struct):
    outputs: dict[str, _Output] = {}


def read_outputs(
    content: bytes | None, environment: str, apply: str, missing: str
) -> dict[str, Any]:
    """The outputs of a state file; ``apply`` is the command that makes them.

    ``missing`` says what an environment without them does not have.

    Raises:
        Refused: there is no state.
        OperationFailed: it is no state.
    """
    if content is None:
        raise Refused(
            f"{environment} has no {missing}",
            why="nothing is applied yet: there is no state",
            next_step=apply,
        )
    parse_state(content, environment)
    found = msgspec.json.decode(content, type=_State).outputs
    return {name: output.value for name, output in found.items()}


def read_places(content: bytes | None, environment: str, apply: str) -> dict[str, Place]:
    """The services by name, from a state file; ``apply`` is the command that makes them.

    Raises:
        Refused: there is no state, or nothing in it tells where services are.
        OperationFailed: it is no state.
    """
    outputs = read_outputs(content, environment, apply, "services to release")
    if "services" not in outputs:
        raise Refused(
            f"{environment} has no services to release",
            why="its state has no output services",
            next_step=apply,
        )
    try:
        services = msgspec.convert(outputs["services"], _Services)
        api = msgspec.convert(outputs.get("api", {}), _Api)
    except msgspec.ValidationError as error:
        raise Refused(
            f"the state of {environment} does not tell all that a release needs",
            why=f"output services: {error}; it was applied by an older tree",
            next_step=apply,
        ) from error
    return {
        name: Place(
            service=name,
            cluster=services.cluster_name,
            services=services.names[name],
            target_groups=services.target_groups.get(name, {}),
            rule_arn=services.rule_arns.get(name, ""),
            family=services.task_families[name],
            repository=services.repositories[name],
            min_tasks=services.scaling[name].min_tasks,
            max_tasks=services.scaling[name].max_tasks,
            alarms=sorted(services.release_alarms.get(name, _Alarms()).names.values()),
            rest_api_id=api.rest_api_id,
        )
        for name in sorted(services.task_families)
    }


def find_place(places: dict[str, Place], environment: str, service: str) -> Place:
    """The place of one service.

    Raises:
        UsageError: there is no such service.
    """
    if service in places:
        return places[service]
    guess = nearest(service, list(places))
    raise UsageError(
        f"{environment} has no service {service}",
        why=f"it has: {', '.join(places) or 'none'}",
        next_step=f"did you mean {guess}?" if guess else f"bsops release status {environment}",
    )
