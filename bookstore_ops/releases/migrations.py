"""The tasks of a migration: started once, looked at, and what they wrote."""

from dataclasses import dataclass
from typing import Any

from bookstore_ops.bundle.masking import Masker
from bookstore_ops.releases.calls import asking
from bookstore_ops.releases.driver import TaskFate
from bookstore_ops.releases.model import Release

_LINES = 5
_WIDTH = 300


@dataclass(frozen=True)
class TaskLog:
    """Where a task wrote to, and its last lines, masked."""

    group: str
    stream: str
    lines: tuple[str, ...]


class Migrations:
    """The migration's tasks in ECS, and their logs."""

    def __init__(self, ecs: Any, logs: Any, again: str) -> None:
        self._ecs = ecs
        self._logs = logs
        self._again = again

    def start(self, release: Release, beside: dict[str, Any]) -> str:
        """Start the task of the release's phase, in the network of its service; its ARN.

        The token makes it one task, however often it is asked for: a process may die between the
        call and the note of it. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
        """
        place, part = release.place, str(release.migrates)
        token = f"{release.id}-{part}-{release.attempt}"
        command = getattr(release.migration, part)
        override = {"name": _container(release), "command": command}
        with asking(f"start the {part} task of {place.service}", self._again):
            answer = self._ecs.run_task(
                cluster=place.cluster,
                taskDefinition=release.task_definition,
                # Not on capacity that may be taken back in the middle of it.
                launchType="FARGATE",
                networkConfiguration=beside["networkConfiguration"],
                overrides={"containerOverrides": [override]},
                clientToken=token,
                startedBy=token,
                propagateTags="TASK_DEFINITION",
                enableECSManagedTags=True,
            )
        return str(answer["tasks"][0]["taskArn"])

    def fate(self, release: Release) -> TaskFate:
        """How the task goes."""
        with asking(f"look at the {release.migrates} task of {release.service}", self._again):
            answer = self._ecs.describe_tasks(cluster=release.place.cluster, tasks=[release.task])
        if not answer["tasks"]:
            return TaskFate(False, "is not known to ECS any more, which forgets how tasks ended")
        task = answer["tasks"][0]
        if task["lastStatus"] != "STOPPED":
            return TaskFate(True)
        container = _container(release)
        containers: list[dict[str, Any]] = task.get("containers", [])
        ended = next((each for each in containers if each["name"] == container), {})
        code = ended.get("exitCode")
        if code == 0:
            return TaskFate(False)
        why = ended.get("reason") or task.get("stoppedReason") or "ECS does not say why"
        said = "did not run" if code is None else f"ended with exit code {code}"
        return TaskFate(False, f"{said} ({why})")

    def stop(self, release: Release) -> None:
        """Stop the task."""
        with asking(f"stop the {release.migrates} task of {release.service}", self._again):
            self._ecs.stop_task(
                cluster=release.place.cluster, task=release.task, reason="it ran for too long"
            )

    def log(self, release: Release) -> TaskLog | None:
        """What the task that failed wrote last; None where its container has no log group.

        Streams are named so: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
        """
        container = _container(release)
        with asking(f"read the log of {release.failed_task}", self._again):
            answer = self._ecs.describe_task_definition(taskDefinition=release.task_definition)
            definitions = answer["taskDefinition"]["containerDefinitions"]
            own: dict[str, Any] = next((c for c in definitions if c["name"] == container), {})
            options = own.get("logConfiguration", {}).get("options", {})
            group, prefix = options.get("awslogs-group"), options.get("awslogs-stream-prefix")
            if not group:
                return None
            stream = f"{prefix}/{container}/{release.failed_task.rpartition('/')[2]}"
            return TaskLog(group, stream, self._lines(group, stream))

    def _lines(self, group: str, stream: str) -> tuple[str, ...]:
        try:
            events = self._logs.get_log_events(
                logGroupName=group, logStreamName=stream, limit=_LINES, startFromHead=False
            )["events"]
        except self._logs.exceptions.ResourceNotFoundException:
            return ()
        masked = Masker().text("\n".join(event["message"][:_WIDTH] for event in events))
        return tuple(masked.splitlines())


def _container(release: Release) -> str:
    return release.migration.container or release.service
