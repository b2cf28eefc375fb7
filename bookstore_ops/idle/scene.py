"""What is needed to look for what is idle."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.tasks import Tasks
from bookstore_ops.errors import OperationFailed
from bookstore_ops.states.orphans import wanted_tags
from bookstore_ops.terraform.state import StateInstance

# What tells environments apart; something made by hand may lack the others that the tree gives.
_TELLING = ("Project", "Environment")


@dataclass(frozen=True)
class Scene:
    """How AWS is asked, and what is known of an environment.

    ``instances`` are its state's, ``tasks`` the restores that bsops made; ``line`` is a command of
    bsops for this environment, as the operator would type it; ``at`` the moment that is told of.
    """

    cloud: Cloud
    environment: str
    region: str
    instances: Sequence[StateInstance]
    tasks: Tasks
    line: Callable[..., str]
    at: datetime

    def of(self, kind: str) -> list[StateInstance]:
        """The instances of a type."""
        return [each for each in self.instances if each.type == kind]

    def values(self, kind: str, attribute: str) -> set[str]:
        """What an attribute is in each instance of a type."""
        return {str(each.attributes[attribute]) for each in self.of(kind)}

    @cached_property
    def tags(self) -> dict[str, str]:
        """The tags by which what no state knows is known to be this environment's.

        Raises:
            OperationFailed: the state does not tell them, and others may have the same.
        """
        tags = wanted_tags(self.environment, self.instances)
        if "Project" not in tags:
            raise OperationFailed(
                "cannot tell whose it is",
                why="nothing in the state has the tag Project",
                next_step=self.line("plan"),
            )
        return {name: tags[name] for name in _TELLING}

    def filters(self) -> list[dict[str, Any]]:
        """The same for a listing of EC2."""
        return [{"Name": f"tag:{key}", "Values": [value]} for key, value in self.tags.items()]

    def has_tags(self, tags: Sequence[Mapping[str, str]]) -> bool:
        """Whether something with these tags is this environment's."""
        had = {tag["Key"]: tag["Value"] for tag in tags}
        return self.tags.items() <= had.items()

    def restored(self) -> set[str]:
        """What bsops restored, and did not remove, here."""
        return {t.target for t in self.tasks.tasks if not t.removed and t.region == self.region}

    def busy(self) -> set[str]:
        """What bsops is restoring or trying out now."""
        return {task.target for task in self.tasks.open()}
