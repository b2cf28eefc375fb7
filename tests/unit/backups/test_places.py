"""Which stores a state tells of, how they are called, and their objectives."""

from pathlib import Path

import pytest

from bookstore_ops.backups.model import Kind
from bookstore_ops.backups.places import choose, is_protected, read_stores
from bookstore_ops.backups.settings import FILE, Objective, load_objectives
from bookstore_ops.errors import ConfigurationError, OperationFailed, Refused, UsageError
from tests.unit.backups.conftest import store_state
from tests.unit.backups.warehouse import ELSEWHERE, Warehouse
from tests.unit.support import environment

REPOSITORY = Path(__file__).resolve().parents[3]


def test_stores_are_called_by_their_keys_in_the_tree(warehouse: Warehouse) -> None:
    warehouse.database(copied=True)
    warehouse.table("orders")
    warehouse.table("carts", protected=False)
    warehouse.cache()
    warehouse.domain()
    warehouse.repository("catalog")
    warehouse.repository("orders")
    stores = store_state(warehouse)
    assert [store.name for store in stores] == [
        "rds",
        "dynamodb/orders",
        "dynamodb/carts",
        "redis",
        "opensearch",
        "state",
        "images",
    ]
    assert stores[0].regions == ("eu-west-1", ELSEWHERE)
    assert stores[0].address == "module.bookstore.module.rds.aws_db_instance.primary"
    assert [is_protected(store) for store in stores[:3]] == [True, True, False]
    assert set(stores[-1].known) == {"bookstore-dev/catalog", "bookstore-dev/orders"}


def test_a_reader_is_no_store(warehouse: Warehouse) -> None:
    warehouse.database()
    arn = "arn:aws:rds:eu-west-1:111111111111:db:bookstore-dev-reader"
    warehouse.know(
        "aws_db_instance",
        "rds.replica",
        {"identifier": "bookstore-dev-reader", "arn": arn, "replicate_source_db": "bookstore-dev"},
        "reader",
    )
    assert [store.id for store in store_state(warehouse) if store.kind is Kind.RDS] == [
        "bookstore-dev"
    ]


def test_a_word_means_a_store_a_kind_or_what_aws_calls_it(warehouse: Warehouse) -> None:
    warehouse.table("orders")
    warehouse.table("carts")
    stores = store_state(warehouse)

    def names(*words: str) -> list[str]:
        return [store.name for store in choose(stores, words, "dev")]

    assert names("dynamodb") == ["dynamodb/orders", "dynamodb/carts"]
    assert names("dynamodb/carts", "dynamodb") == ["dynamodb/carts", "dynamodb/orders"]
    assert names("bookstore-dev-carts") == ["dynamodb/carts"]
    assert len(names()) == 3
    with pytest.raises(UsageError) as unknown:
        names("dynamo")
    assert unknown.value.next_step == "did you mean dynamodb?"


def test_without_a_state_there_is_nothing_to_back_up() -> None:
    with pytest.raises(Refused, match="nothing to back up"):
        read_stores(None, environment(), "s3://b/k", "bsops apply dev")
    with pytest.raises(OperationFailed, match="not a valid Terraform state"):
        read_stores(b"{", environment(), "s3://b/k", "bsops apply dev")


def test_an_environment_may_have_its_own_objective_of_a_store(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(
        '[objectives]\nrds = { point = "5m", time = "1h" }\nredis = { point = "1d" }\n'
        '[environments.dev]\nrds = { point = "2d" }\n'
    )
    dev, prod = (load_objectives(tmp_path, name) for name in ("dev", "prod"))
    assert dev[Kind.RDS] == Objective(point="2d")
    assert prod[Kind.RDS].lost_seconds(is_copy=False) == 300
    assert prod[Kind.RDS].lost_seconds(is_copy=True) is None
    assert prod[Kind.RDS].time_seconds == 3600
    assert dev[Kind.REDIS] == prod[Kind.REDIS] == Objective(point="1d")


def test_the_shipped_file_has_an_objective_for_every_kind_of_store() -> None:
    objectives = load_objectives(REPOSITORY / "infrastructure/aws", "prod")
    without_point = {kind for kind, each in objectives.items() if each.point is None}
    assert without_point == {kind for kind in Kind if not kind.holds_data}


def test_without_the_file_there_are_no_objectives(tmp_path: Path) -> None:
    assert set(load_objectives(tmp_path, "dev").values()) == {Objective()}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[objective]\nrds = { point = "1m" }\n', "backups.toml:1: unknown key objective"),
        ('[objectives]\n\nredys = { point = "1m" }\n', "unknown key objectives.redys"),
        ('[objectives]\nrds = { point = "soon" }\n', "wrong value for objectives.rds.point"),
        ('[environments.dev]\nrds = { loses = "1m" }\n', "backups.toml"),
        ("objectives = [\n", "is not valid TOML"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        load_objectives(tmp_path, "dev")
    assert says in refused.value.what
    assert refused.value.next_step
