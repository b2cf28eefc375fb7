"""Colours of a service that run tasks and get no traffic, though no release is under way."""

from collections.abc import Sequence

from bookstore_ops.idle.model import Finding, Verdict
from bookstore_ops.idle.scene import Scene
from bookstore_ops.releases.aws import ColorState
from bookstore_ops.releases.model import Place, Release


def judge_colors(
    scene: Scene, place: Place, colors: Sequence[ColorState], release: Release | None
) -> list[Finding]:
    """Each colour that runs tasks. One that a release has woken, or still watches, is used."""
    at_work = release is not None and not release.is_over
    return [
        _judge(scene, place, each, at_work=at_work) for each in colors if each.health.wanted > 0
    ]


def _judge(scene: Scene, place: Place, color: ColorState, *, at_work: bool) -> Finding:
    idle = color.weight == 0 and not at_work
    if idle:
        why = "it gets no traffic, and no release is under way"
    else:
        why = f"it gets {color.weight} % of the traffic" if color.weight else "a release watches it"
    return Finding(
        kind="tasks",
        name=place.services[color.color],
        verdict=Verdict.IDLE if idle else Verdict.USED,
        why=why,
        amount=f"{color.health.wanted} tasks",
        mend=_sleep(scene, place, color) if idle else "",
    )


def _sleep(scene: Scene, place: Place, color: ColorState) -> str:
    """What lays it to sleep, as the end of a release does: autoscaling must not wake it again."""
    service = place.services[color.color]
    paused = ",".join(
        f"{kind}Suspended=true"
        for kind in ("DynamicScalingIn", "DynamicScalingOut", "ScheduledScaling")
    )
    return (
        f"aws application-autoscaling register-scalable-target --region {scene.region} "
        f"--service-namespace ecs --resource-id service/{place.cluster}/{service} "
        f"--scalable-dimension ecs:service:DesiredCount --min-capacity 0 "
        f"--suspended-state {paused} && aws ecs update-service --region {scene.region} "
        f"--cluster {place.cluster} --service {service} --desired-count 0"
    )
