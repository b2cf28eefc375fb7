"""Looking at everything side by side, measuring it with few requests, and judging it."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from bookstore_ops.errors import BsopsError, CredentialsError
from bookstore_ops.idle import beside, leftovers, measured
from bookstore_ops.idle.metrics import measure_all
from bookstore_ops.idle.model import Finding, Period, Subject, Verdict, judge
from bookstore_ops.idle.scene import Scene

Look = Callable[[], Sequence[Finding | Subject]]

_LOOKS: Mapping[str, Callable[[Scene], Sequence[Finding | Subject]]] = {
    "NAT gateways": measured.gateways,
    "load balancers": measured.balancers,
    "databases": measured.databases,
    "caches": measured.caches,
    "search domains": measured.domains,
    "databases beside": beside.databases,
    "tables beside": beside.tables,
    "caches beside": beside.caches,
    "elastic IPs": leftovers.addresses,
    "volumes": leftovers.volumes,
    "snapshots": leftovers.snapshots,
    "log groups": leftovers.log_groups,
}
SERVICES = ("cloudwatch", "dynamodb", "ec2", "elasticache", "elbv2", "logs", "rds")
_AT_ONCE = 8
_WORST_FIRST = (Verdict.IDLE, Verdict.UNKNOWN, Verdict.USED)


def look_at_all(scene: Scene, period: Period, more: Mapping[str, Look]) -> list[Finding]:
    """Every resource that can be judged, what is idle first; ``more`` are looks of others.

    A look that AWS does not allow is one finding, which is unknown.

    Raises:
        CredentialsError: AWS does not know us any more.
    """
    scene.cloud.ready((service, scene.region) for service in SERVICES)
    looks: dict[str, Look] = {name: partial(look, scene) for name, look in _LOOKS.items()}
    looks |= more
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        seen = [each for part in pool.map(_looked, looks, looks.values()) for each in part]
    measures = [m for each in seen if isinstance(each, Subject) for m in each.measures]
    found = measure_all(scene.cloud, scene.region, measures, period)
    judged = [judge(each, found, period) if isinstance(each, Subject) else each for each in seen]
    return sorted(judged, key=lambda each: _WORST_FIRST.index(each.verdict))


def _looked(name: str, look: Look) -> Sequence[Finding | Subject]:
    try:
        return look()
    except CredentialsError:
        raise
    except BsopsError as error:
        why = ": ".join(filter(None, (error.what, error.why)))
        return [Finding(kind=name, name="all", verdict=Verdict.UNKNOWN, why=why)]
