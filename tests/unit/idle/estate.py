"""What is looked at when one looks for what is idle: resources, their metrics, and the moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.backups.hands import Source
from bookstore_ops.backups.tasks import Task, Tasks
from bookstore_ops.idle.looking import look_at_all
from bookstore_ops.idle.model import Finding, Period, Verdict
from bookstore_ops.idle.scene import Scene
from bookstore_ops.releases.model import stamp
from bookstore_ops.terraform.state import instances
from tests.unit.backups.warehouse import REGION, Warehouse

TAGS = {"Project": "bookstore", "Environment": "dev"}
DAYS = 14


def line(command: str, *words: str) -> str:
    """A command of bsops for the environment."""
    return " ".join(["bsops", command, "dev", *words])


@dataclass
class Estate:
    """An environment in a fake AWS. ``at`` is when one looks: what is made now is old by then."""

    warehouse: Warehouse
    at: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=100))
    tasks: list[Task] = field(default_factory=list)
    tags: Mapping[str, str] = field(default_factory=lambda: dict(TAGS))

    def aws(self, service: str) -> Any:
        """A client."""
        return self.warehouse.aws(service)

    @property
    def tag_list(self) -> list[dict[str, str]]:
        """The environment's tags as AWS takes them."""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    def tagged(self, kind: str, tags: list[dict[str, str]] | None = None) -> list[dict[str, Any]]:
        """The same for what EC2 makes."""
        return [{"ResourceType": kind, "Tags": self.tag_list if tags is None else tags}]

    def scene(self, cloud: Cloud | None = None) -> Scene:
        """How it is looked at."""
        return Scene(
            cloud or Cloud(self.warehouse.aws, "bsops idle dev"),
            "dev",
            REGION,
            instances(self.warehouse.state()),
            Tasks(tasks=self.tasks),
            line,
            self.at,
        )

    def measured(
        self, namespace: str, metric: str, value: float, *, days: int = DAYS, **at: str
    ) -> None:
        """Have CloudWatch know a metric of each of the last days."""
        dimensions = [{"Name": key, "Value": name} for key, name in at.items()]
        points = [
            {
                "MetricName": metric,
                "Dimensions": dimensions,
                "Value": value,
                "Timestamp": self.at - timedelta(days=number + 1),
            }
            for number in range(days)
        ]
        if points:
            self.aws("cloudwatch").put_metric_data(Namespace=namespace, MetricData=points)

    def restored(self, target: str, **changes: Any) -> None:
        """Have bsops remember a restore."""
        known: dict[str, Any] = {
            "id": f"restore-{target}",
            "kind": "restore",
            "store": "rds",
            "asked": "",
            "made_of": Source(backup="b"),
            "target": target,
            "region": REGION,
            "started": stamp(self.at),
            "by": "ada",
            "phase": "ended",
        }
        self.tasks.append(Task(**(known | changes)))

    def look(self, days: int = DAYS) -> list[Finding]:
        """Everything, judged."""
        return look_at_all(self.scene(), Period(days, self.at), {})

    def verdicts(self, kind: str, days: int = DAYS) -> dict[str, Verdict]:
        """The verdicts of a kind, by name."""
        return {each.name: each.verdict for each in self.look(days) if each.kind == kind}

    def one(self, kind: str, name: str) -> Finding:
        """What was found of one resource."""
        (found,) = (each for each in self.look() if (each.kind, each.name) == (kind, name))
        return found
