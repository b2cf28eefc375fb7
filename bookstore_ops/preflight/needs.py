"""What an environment asks of AWS: the types of resources in use, and what is done to each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from bookstore_ops.aws.actions import Actions, actions_of
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.terraform.addresses import without_keys
from bookstore_ops.terraform.records import SavedPlan, latest_saved_plan, planned_state
from bookstore_ops.tfvars.blocks import NotUnderstood, parse
from bookstore_ops.tfvars.resources import Declared, find_resources
from bookstore_ops.tfvars.types import constant

CREATE_ROLE = "iam:CreateServiceLinkedRole"

_CHANGES = ("create", "update", "delete")
# A plan's words for what is done; whatever else it says (move, forget, noop) only reads.
_OPERATIONS = {
    "create": ("create",),
    "update": ("update",),
    "delete": ("delete",),
    "replace": ("create", "delete"),
}


@dataclass(frozen=True)
class Kind:
    """A type of resource, or of data source."""

    type: str
    is_data: bool = False

    def __str__(self) -> str:
        return f"data.{self.type}" if self.is_data else self.type


@dataclass(frozen=True)
class Needs:
    """``operations`` by kind, each at least read.

    ``certain`` are the kinds that are there for sure: all that a plan names, and of a tree what
    no ``count`` and no ``for_each`` can leave out. ``plan`` is the plan that said it, None where
    it was the tree. ``roles`` are the services of which the tree makes the service-linked role,
    by its address; ``makes`` those of them that the plan makes. ``prefix`` is what the names of
    the environment's resources begin with.
    """

    operations: Mapping[Kind, frozenset[str]]
    certain: frozenset[Kind]
    plan: str | None
    roles: Mapping[str, str] = field(default_factory=dict)
    makes: frozenset[str] = frozenset()
    prefix: str = ""

    @property
    def source(self) -> str:
        """Where it was read."""
        return f"plan {self.plan}" if self.plan else "the tree"

    def reading(self) -> dict[str, set[Kind]]:
        """The actions that a plan needs, and for what."""
        return self._actions(("read",))

    def changing(self) -> dict[str, set[Kind]]:
        """The actions that an apply needs besides."""
        read = self.reading()
        return {a: kinds for a, kinds in self._actions(_CHANGES).items() if a not in read}

    def is_certain(self, action: str, kind: Kind) -> bool:
        """Whether the action will be needed for ``kind``, as far as this can be told.

        What a tree says of nothing is that it will be deleted.
        """
        if self.plan or kind not in self.certain:
            return kind in self.certain
        actions = actions_of(kind.type, data=kind.is_data) or Actions()
        needed = self._named((*actions.read, *actions.create, *actions.update))
        return action in needed

    def not_known(self) -> list[Kind]:
        """The kinds of which nobody wrote down what they need."""
        return sorted(
            (k for k in self.operations if actions_of(k.type, data=k.is_data) is None), key=str
        )

    def _actions(self, operations: Iterable[str]) -> dict[str, set[Kind]]:
        found: dict[str, set[Kind]] = defaultdict(set)
        for kind, done in self.operations.items():
            actions = actions_of(kind.type, data=kind.is_data)
            for operation in operations:
                if actions and operation in done:
                    for action in self._named(actions.of(operation)):
                        found[action].add(kind)
        return dict(found)

    def _named(self, actions: Iterable[str]) -> Iterator[str]:
        """Actions with the services whose roles the tree makes: policies speak of them."""
        for action in actions:
            services = (self.makes if self.plan else self.roles) if action == CREATE_ROLE else ()
            yield from (f"{action}@{service}" for service in services)
            if not services:
                yield action


def find_needs(root: Path, plans: Path) -> Needs:
    """What the newest saved plan in ``plans`` needs, or all that ``root`` may need without one.

    Raises:
        ConfigurationError: the tree, or the plan's record, cannot be read.
    """
    try:
        declared = [d for d in find_resources(root) if d.type.startswith("aws_")]
    except NotUnderstood as error:
        raise ConfigurationError(
            "the tree cannot be read", why=str(error), next_step="bsops validate"
        ) from error
    roles = _roles(declared)
    saved = latest_saved_plan(plans)
    found = _planned(saved, declared, roles) if saved else _declared(declared, roles)
    return replace(found, prefix=name_prefix(root))


def name_prefix(root: Path) -> str:
    """``PROJECT-ENVIRONMENT``, as the tree names things."""
    project = None
    with suppress(NotUnderstood, OSError):
        for variable in parse((root / "variables.tf").read_text(errors="replace")).blocks:
            if variable.labels == ("project",):
                project = variable.body.arguments.get("default")
        values = parse((root / "terraform.tfvars").read_text(errors="replace"))
        project = values.arguments.get("project", project)
    name = constant(project.text) if project else None
    return f"{name}-{root.name}" if isinstance(name, str) else root.name


def _declared(declared: Iterable[Declared], roles: Mapping[str, str]) -> Needs:
    operations: dict[Kind, frozenset[str]] = {}
    certain: set[Kind] = set()
    for each in declared:
        kind = Kind(each.type, each.is_data)
        operations[kind] = frozenset(("read",) if each.is_data else ("read", *_CHANGES))
        if each.always:
            certain.add(kind)
    return Needs(operations, frozenset(certain), None, roles)


def _planned(saved: SavedPlan, declared: Iterable[Declared], roles: Mapping[str, str]) -> Needs:
    operations: dict[Kind, set[str]] = defaultdict(set)
    for each in declared:
        if each.is_data:
            operations[Kind(each.type, is_data=True)].add("read")
    for address in planned_state(saved.path).addresses:
        operations[Kind(without_keys(address).split(".")[-2])].add("read")
    made = set()
    for change in saved.record.changes:
        address = without_keys(change.resource.addr)
        kind = Kind(change.resource.resource_type, ".data." in f".{address}")
        operations[kind] |= {"read", *_OPERATIONS.get(change.action, ())}
        if change.action in {"create", "replace"}:
            made.add(address)
    # Terraform's own types, such as terraform_data, need nothing of AWS.
    in_aws = {k: frozenset(v) for k, v in operations.items() if k.type.startswith("aws_")}
    makes = frozenset(service for service, address in roles.items() if address in made)
    return Needs(in_aws, frozenset(in_aws), saved.name, roles, makes)


def _roles(declared: Iterable[Declared]) -> dict[str, str]:
    found = {}
    for each in declared:
        service = each.body.arguments.get("aws_service_name")
        if each.type == "aws_iam_service_linked_role" and service:
            name = constant(service.text)
            if isinstance(name, str):
                found[name] = each.address
    return found
