"""What the other region alone tells of stores: by their names, where no state does."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bookstore_ops.backups.cloud import Cloud
from bookstore_ops.recovery.looks import look_without_state
from bookstore_ops.recovery.model import Piece, Readiness
from bookstore_ops.recovery.named import look_for_stores
from tests.unit.backups.conftest import sight
from tests.unit.backups.warehouse import ELSEWHERE, REGION, Warehouse
from tests.unit.recovery.support import denied
from tests.unit.recovery.test_stores import OBJECTIVES, copy_state, replicate
from tests.unit.support import environment


def look(
    warehouse: Warehouse,
    copies: Path,
    *,
    cloud: Cloud | None = None,
    later: timedelta = timedelta(),
) -> dict[str, Piece]:
    """Every store by name, where the one region alone can be asked."""
    seen = sight(warehouse, [], copies, cloud=cloud)
    asked = Cloud(lambda service, region: _there(warehouse, service, region), "again")
    seen = replace(seen, at=seen.at + later, cloud=cloud or asked)
    home, named = environment(), warehouse.name
    pieces = look_for_stores(seen, home, named, OBJECTIVES, ELSEWHERE, mend="copy it")
    return {piece.name: piece for piece in pieces}


def _there(warehouse: Warehouse, service: str, region: str) -> object:
    assert region == ELSEWHERE, f"{service} was asked in the lost region"
    return warehouse.aws(service, region)


def test_copies_are_found_by_their_names(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.database(copied=True)
    replicate(warehouse)
    warehouse.aws("dynamodb", ELSEWHERE).create_table(
        TableName="another-dev-orders",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    copy_state(tmp_path)
    found = look(warehouse, tmp_path)
    assert set(found) == {"rds", "dynamodb/orders", "vault", "state"}
    for name in ("rds", "dynamodb/orders", "state"):
        assert found[name].readiness is Readiness.READY, found[name]
    assert found["rds"].lost_seconds is not None
    assert look(warehouse, tmp_path, later=timedelta(days=2))["rds"].readiness is Readiness.LATE


class Vault:
    """The client of a vault that holds one recovery point, or none: moto has no vaults here."""

    def __init__(self, *points: datetime) -> None:
        self._points = points

    def get_paginator(self, _: str) -> "Vault":
        return self

    def paginate(self, **_: str) -> list[dict[str, list[dict[str, object]]]]:
        arn = f"arn:aws:dynamodb:{REGION}:1:table/bookstore-dev-orders"
        about = {"RecoveryPointArn": "arn", "Status": "COMPLETED", "ResourceArn": arn}
        return [{"RecoveryPoints": [{**about, "CreationDate": at} for at in self._points]}]


def test_a_vault_may_lack_what_only_a_state_tells_of(warehouse: Warehouse, tmp_path: Path) -> None:
    def vault(*points: datetime) -> Piece:
        def make(service: str, region: str) -> object:
            return Vault(*points) if service == "backup" else warehouse.aws(service, region)

        return look(warehouse, tmp_path, cloud=Cloud(make, "again"))["vault"]

    assert vault().readiness is Readiness.MISSING
    piece = vault(datetime.now(UTC) - timedelta(hours=1))
    assert piece.readiness is Readiness.UNKNOWN
    assert 3600 <= (piece.lost_seconds or 0) < 3700


def test_where_nothing_is_there_everything_says_so(warehouse: Warehouse, tmp_path: Path) -> None:
    found = look(warehouse, tmp_path)
    assert found["dynamodb"].words == "no table bookstore-dev-… is there"
    assert found["rds"].readiness is Readiness.MISSING
    assert found["state"].mend == "copy it"
    assert not any(piece.is_ready for piece in found.values())


def test_what_cannot_be_asked_is_unknown(warehouse: Warehouse, tmp_path: Path) -> None:
    found = look(warehouse, tmp_path, cloud=denied())
    for name in ("dynamodb", "rds", "vault"):
        assert found[name].readiness is Readiness.UNKNOWN, found[name]


def test_without_a_state_all_else_is_unknown(warehouse: Warehouse) -> None:
    cloud = Cloud(warehouse.aws, "again")
    account, rest = look_without_state(cloud, ELSEWHERE, "123456789012", "copy it")
    assert account.is_ready
    assert (rest.readiness, rest.mend) == (Readiness.UNKNOWN, "copy it")
