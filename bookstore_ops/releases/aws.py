"""What a release does to AWS: task definitions, ECS services, weights, alarms; what it measures."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bookstore_ops.errors import Refused
from bookstore_ops.releases.analysis import Sample
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.driver import Health, TaskFate
from bookstore_ops.releases.images import Image, find_image
from bookstore_ops.releases.leftovers import OWNED
from bookstore_ops.releases.metrics import measure
from bookstore_ops.releases.migrations import Migrations
from bookstore_ops.releases.model import Place, Release, Revision, now
from bookstore_ops.releases.smoke import make_checks

_DIMENSION = "ecs:service:DesiredCount"
# What a description has and RegisterTaskDefinition does not take.
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
_DESCRIBED_ONLY = frozenset(
    {
        "taskDefinitionArn",
        "revision",
        "status",
        "requiresAttributes",
        "compatibilities",
        "registeredAt",
        "registeredBy",
        "deregisteredAt",
    }
)


@dataclass(frozen=True)
class ColorState:
    """What one colour is doing; ``image`` is empty where its task definition is gone."""

    color: str
    weight: int
    health: Health
    task_definition: str
    image: str


class Aws:
    """The :class:`World` of a release, and what is looked up before one begins.

    ``make`` makes a client of one service; each is made once, when it is first needed.
    """

    def __init__(self, make: Callable[[str], Any], again: str) -> None:
        self._make = make
        self._again = again
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """The client of a service."""
        if service not in self._clients:
            self._clients[service] = self._make(service)
        return self._clients[service]

    @property
    def migrations(self) -> Migrations:
        """The tasks of migrations."""
        return Migrations(self.client("ecs"), self.client("logs"), self._again)

    def _asking(self, doing: str) -> Any:
        return asking(doing, self._again)

    # --- Before a release -----------------------------------------------------------------

    def image(self, place: Place, named: str) -> Image:
        """See :func:`find_image`."""
        return find_image(self.client("ecr"), place, named, self._again)

    def weights(self, place: Place) -> dict[str, int]:
        """The share of the traffic that each colour is given now; all of it, where one is all."""
        if not place.has_colors:
            return dict.fromkeys(place.services, 100)
        with self._asking(f"read the weights of {place.service}"):
            answer = self.client("elbv2").describe_rules(RuleArns=[place.rule_arn])
        colors = {arn: color for color, arn in place.target_groups.items()}
        given = dict.fromkeys(place.target_groups, 0)
        for action in answer["Rules"][0]["Actions"]:
            for group in action.get("ForwardConfig", {}).get("TargetGroups", []):
                if group["TargetGroupArn"] in colors:
                    given[colors[group["TargetGroupArn"]]] = int(group.get("Weight", 1))
        return given

    def paths(self, place: Place) -> list[str]:
        """The paths that lead to a service, as the load balancer has them: with ``*`` and ``?``."""
        with self._asking(f"read the paths of {place.service}"):
            answer = self.client("elbv2").describe_rules(RuleArns=[place.rule_arn])
        return [
            pattern
            for condition in answer["Rules"][0]["Conditions"]
            for pattern in condition.get("PathPatternConfig", {}).get("Values", [])
        ]

    def running(self, place: Place, color: str) -> Revision:
        """What a colour runs."""
        described = self._services(place)[color]
        arn = described["taskDefinition"]
        return Revision(color=color, task_definition=arn, image=self._image_of(place, arn))

    def colors(self, place: Place) -> list[ColorState]:
        """Both colours, as they are."""
        weights, described = self.weights(place), self._services(place)
        return [
            ColorState(
                color,
                weights[color],
                self._health(place, color, described[color]),
                described[color]["taskDefinition"],
                self._image_of(place, described[color]["taskDefinition"]),
            )
            for color in sorted(described)
        ]

    # --- The World of a release -----------------------------------------------------------

    def register(self, release: Release) -> str:
        """See :class:`World`.

        It begins from the newest revision of the family, so that settings which Terraform changed
        go out with it.
        """
        place = release.place
        with self._asking(f"register a revision of {place.family}"):
            answer = self.client("ecs").describe_task_definition(
                taskDefinition=place.family, include=["TAGS"]
            )
            definition = {
                key: value
                for key, value in answer["taskDefinition"].items()
                if key not in _DESCRIBED_ONLY
            }
            definition["containerDefinitions"] = [
                {**container, "image": release.image}
                if container["name"] == place.service
                else container
                for container in definition["containerDefinitions"]
            ]
            kept = [tag for tag in answer.get("tags", []) if not tag["key"].startswith("aws:")]
            # No state knows it: who looks for what Terraform lost must not find it.
            tags = [*(tag for tag in kept if tag["key"] != OWNED["key"]), OWNED]
            registered = self.client("ecs").register_task_definition(**definition, tags=tags)
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def migrate(self, release: Release) -> str:
        """See :class:`World`."""
        beside = self._services(release.place)[release.previous.color]
        return self.migrations.start(release, beside)

    def migration(self, release: Release) -> TaskFate:
        """See :class:`World`."""
        return self.migrations.fate(release)

    def stop_migration(self, release: Release) -> None:
        """See :class:`World`."""
        self.migrations.stop(release)

    def wake(self, release: Release) -> int:
        """See :class:`World`."""
        place, color = release.place, release.color
        carrying = int(self._services(place)[release.previous.color]["desiredCount"])
        tasks = min(max(place.min_tasks, carrying), max(place.max_tasks, place.min_tasks))
        with self._asking(f"wake {place.services[color]}"):
            self.client("ecs").update_service(
                cluster=place.cluster,
                service=place.services[color],
                taskDefinition=release.task_definition,
                desiredCount=tasks,
            )
            # Not below what carries the traffic, though it has none yet.
            self._scale(place, color, minimum=tasks, asleep=False)
        return tasks

    def health(self, release: Release) -> Health:
        """See :class:`World`."""
        place, color = release.place, release.color
        described = self._services(place)[color]
        health = self._health(place, color, described)
        running = described["taskDefinition"]
        if running != release.wanted_definition:
            gone_back = f"ECS gave up on it and went back to {running.rpartition('/')[2]}"
            return _failed(health, gone_back)
        return health

    def smoke(self, release: Release) -> list[str]:
        """See :func:`make_checks`."""
        if not release.smoke:
            return []
        return make_checks(self.client("apigateway"), release, self._again)

    def shift(self, release: Release) -> None:
        """See :class:`World`."""
        place = release.place
        if release.rolls:
            self._roll(release)
            return
        groups = [
            {"TargetGroupArn": place.target_groups[color], "Weight": weight}
            for color, weight in sorted(release.weights().items())
        ]
        with self._asking(f"shift the traffic of {place.service}"):
            self.client("elbv2").modify_rule(
                RuleArn=place.rule_arn,
                Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
            )

    def _roll(self, release: Release) -> None:
        """Have ECS replace the tasks, a few at a time; its circuit breaker is in the tree.

        Back in one call. Onward it takes one task at the least: that nothing runs proves nothing.
        """
        place, floor = release.place, {}
        if release.weight:
            least = max(1, place.min_tasks)
            if int(self._services(place)[release.color]["desiredCount"]) < least:
                floor = {"desiredCount": least}
        with self._asking(f"replace the tasks of {place.service}"):
            self.client("ecs").update_service(
                cluster=place.cluster,
                service=place.services[release.color],
                taskDefinition=release.wanted_definition,
                **floor,
            )

    def finish(self, release: Release) -> None:
        """See :class:`World`."""
        with self._asking(f"give {release.place.services[release.color]} to autoscaling"):
            self._scale(release.place, release.color, minimum=release.place.min_tasks, asleep=False)
        self._sleep(release.place, release.previous.color)

    def leave(self, release: Release) -> None:
        """See :class:`World`."""
        self._sleep(release.place, release.color)

    def alarms(self, place: Place) -> list[str]:
        """See :class:`World`."""
        if not place.alarms:
            return []
        with self._asking(f"read the alarms of {place.service}"):
            pages = (
                self.client("cloudwatch")
                .get_paginator("describe_alarms")
                .paginate(AlarmNames=place.alarms)
            )
            return sorted(
                alarm["AlarmName"]
                for page in pages
                for alarm in page["MetricAlarms"]
                if alarm["StateValue"] == "ALARM"
            )

    def measure(self, release: Release, since: datetime) -> tuple[Sample, Sample]:
        """See :class:`World`."""
        colors = (release.color,) if release.rolls else (release.color, release.previous.color)
        with self._asking(f"read the metrics of {release.service}"):
            new, *stable = measure(self.client("cloudwatch"), release, colors, since, now())
        return new, stable[0] if stable else Sample()

    # --- Parts ----------------------------------------------------------------------------

    def _services(self, place: Place) -> dict[str, dict[str, Any]]:
        with self._asking(f"look at the tasks of {place.service}"):
            answer = self.client("ecs").describe_services(
                cluster=place.cluster, services=list(place.services.values())
            )
        found = {each["serviceName"]: each for each in answer["services"]}
        missing = [name for name in place.services.values() if name not in found]
        if missing:
            raise Refused(
                f"there is no ECS service {missing[0]} in the cluster {place.cluster}",
                why="it is in the state, and was removed since",
                next_step="bsops plan ENV   (shows what else is gone)",
            )
        return {color: found[name] for color, name in place.services.items()}

    def _health(self, place: Place, color: str, described: dict[str, Any]) -> Health:
        wanted, running = int(described["desiredCount"]), int(described["runningCount"])
        primary: dict[str, Any] = next(
            (d for d in described["deployments"] if d["status"] == "PRIMARY"), {}
        )
        rollout = primary.get("rolloutState", "COMPLETED")
        if place.has_colors:
            healthy = self._healthy_targets(place, color)
        else:
            # ECS ends a deployment only when its tasks have passed the containers' health checks.
            healthy = int(primary.get("runningCount", 0))
        ready = 0 < wanted <= min(running, healthy) and rollout == "COMPLETED"
        health = Health(wanted, running, healthy, ready)
        if rollout == "FAILED":
            return _failed(health, primary.get("rolloutStateReason") or "ECS gave up on them")
        return health

    def _healthy_targets(self, place: Place, color: str) -> int:
        with self._asking(f"look at the targets of {place.services[color]}"):
            targets = self.client("elbv2").describe_target_health(
                TargetGroupArn=place.target_groups[color]
            )["TargetHealthDescriptions"]
        return sum(target["TargetHealth"]["State"] == "healthy" for target in targets)

    def _image_of(self, place: Place, task_definition: str) -> str:
        from botocore.exceptions import ClientError

        with self._asking(f"read the task definition {task_definition}"):
            try:
                answer = self.client("ecs").describe_task_definition(taskDefinition=task_definition)
            except ClientError as error:
                # https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTaskDefinition.html
                if error.response["Error"]["Code"] != "ClientException":
                    raise
                return ""
        containers = answer["taskDefinition"]["containerDefinitions"]
        return next((str(c["image"]) for c in containers if c["name"] == place.service), "")

    def _sleep(self, place: Place, color: str) -> None:
        with self._asking(f"lay {place.services[color]} to sleep"):
            self._scale(place, color, minimum=0, asleep=True)
            self.client("ecs").update_service(
                cluster=place.cluster, service=place.services[color], desiredCount=0
            )

    def _scale(self, place: Place, color: str, *, minimum: int, asleep: bool) -> None:
        kinds = ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")
        self.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId=f"service/{place.cluster}/{place.services[color]}",
            ScalableDimension=_DIMENSION,
            MinCapacity=minimum,
            MaxCapacity=max(place.max_tasks, minimum),
            SuspendedState={f"{kind}Suspended": asleep for kind in kinds},
        )


def _failed(health: Health, why: str) -> Health:
    return Health(health.wanted, health.running, health.healthy, ready=False, failed=why)
