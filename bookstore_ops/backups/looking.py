"""Looking at what each store has to restore from, all of them side by side."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bookstore_ops.backups import look_aws, look_own
from bookstore_ops.backups.model import Found, Kind, Standing, Store, Verdict, judge
from bookstore_ops.backups.settings import Objective
from bookstore_ops.backups.sight import Sight
from bookstore_ops.errors import BsopsError

Look = Callable[[Sight, Store, str], Found]

LOOKS: Mapping[Kind, Look] = {
    Kind.RDS: look_aws.rds,
    Kind.DYNAMODB: look_aws.dynamodb,
    Kind.REDIS: look_aws.redis,
    Kind.OPENSEARCH: look_aws.opensearch,
    Kind.VAULT: look_aws.vault,
    Kind.STATE: look_own.state,
    Kind.IMAGES: look_own.images,
    Kind.AMIS: look_aws.amis,
}

SERVICES: Mapping[Kind, tuple[str, ...]] = {
    Kind.RDS: ("rds",),
    Kind.DYNAMODB: ("dynamodb",),
    Kind.REDIS: ("elasticache",),
    Kind.OPENSEARCH: ("cloudwatch",),
    Kind.VAULT: ("backup",),
    Kind.STATE: (),  # the backend has its own
    Kind.IMAGES: ("ecr",),
    Kind.AMIS: ("ec2",),
}

# A table is asked for twice; more at a time, and DynamoDB throttles the listing of backups.
_AT_ONCE = 8


@dataclass(frozen=True)
class _Place:
    store: Store
    region: str
    objective: Objective


def look_at_all(
    sight: Sight,
    stores: Sequence[Store],
    objectives: Mapping[Kind, Objective],
    *,
    only: str | None = None,
) -> list[Standing]:
    """Each store in each of its regions, or in one; what cannot be looked at is unknown."""
    places = [
        _Place(store, region, objectives.get(store.kind, Objective()))
        for store in stores
        for region in store.regions
        if only in {None, region}
    ]
    sight.cloud.ready(
        (service, place.region) for place in places for service in SERVICES[place.store.kind]
    )
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda place: _look(sight, place), places))


def look_at(sight: Sight, store: Store) -> Found:
    """What one store has in its own region.

    Raises:
        BsopsError: it cannot be asked.
    """
    sight.cloud.ready((service, store.region) for service in SERVICES[store.kind])
    return LOOKS[store.kind](sight, store, store.region)


def _look(sight: Sight, place: _Place) -> Standing:
    store, region = place.store, place.region
    limit = place.objective.lost_seconds(is_copy=region != store.region)
    problem = ""
    try:
        found = LOOKS[store.kind](sight, store, region)
    except BsopsError as error:
        found, verdict = Found(), Verdict.UNKNOWN
        problem, why = error.what, error.why or ""
    else:
        verdict, why = judge(found, limit, sight.at, holds_data=store.kind.holds_data)
    return Standing(
        store=store,
        region=region,
        found=found,
        verdict=verdict,
        at=sight.at,
        objective_seconds=limit,
        problem=problem,
        why=why,
    )
