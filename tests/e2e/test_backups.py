"""Backups by the installed bsops: what there is, and what each store would lose."""

from collections.abc import Iterator
from typing import Any

import pytest

from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import REPOSITORY, Bench, Finished, make_bench
from tests.unit.backups.warehouse import ELSEWHERE, REGION, Warehouse


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One sandbox for all tests."""
    made = make_bench(tmp_path_factory.mktemp("backups"))
    made.run("lock", "dev", "--sandbox")  # the sandbox makes the bucket with its first use
    objectives = REPOSITORY / "infrastructure/aws/backups.toml"
    (made.workspace.tree / "backups.toml").write_bytes(objectives.read_bytes())
    yield made
    lifecycle.stop(made.workspace)


@pytest.fixture(scope="module")
def warehouse(bench: Bench) -> Warehouse:
    """One store of each kind, and the state that knows them."""
    from bookstore_ops.aws.session import Clients

    made = Warehouse(Clients(REGION, bench.aws_environ()).make)
    made.database(copied=True)
    made.table()
    made.cache()
    made.domain()
    made.vault(ELSEWHERE)
    made.push(made.repository(), "1.4.0")
    write_state(bench, made)
    return made


def write_state(bench: Bench, warehouse: Warehouse) -> None:
    """Put the state where Terraform would have put it."""
    place = load_environment(bench.workspace, "dev").state
    bench.aws("s3").put_object(Bucket=place.bucket, Key=place.key, Body=warehouse.state())


def backup(bench: Bench, *words: str) -> Finished:
    """`bsops backup …` in the sandbox."""
    return bench.run("backup", *words, "--sandbox", timeout=120)


def listed(bench: Bench, *words: str) -> dict[str, Any]:
    """The stores of `backup list` by name, copies apart."""
    done = backup(bench, "list", "dev", "--json", *words)
    assert done.code == 0, done.err
    return {each["store"] + (" copy" if each["copy"] else ""): each for each in done.json["stores"]}


def test_one_table_tells_of_every_store(bench: Bench, warehouse: Warehouse) -> None:
    found = listed(bench)
    assert {name: each["verdict"] for name, each in found.items()} == {
        "rds": "met",
        "rds copy": "met",
        "dynamodb/orders": "met",
        "redis": "missed",
        "opensearch": "unknown",
        "vault": "missed",
        "vault copy": "missed",
        "state": "met",
        "images": "met",
    }
    assert found["vault"]["why"] == "no recovery point yet of rds, dynamodb/orders"
    assert found["rds"]["lost_seconds"] < 60
    assert found["rds"]["objective_seconds"] == 900
    assert found["rds copy"]["region"] == ELSEWHERE
    (image,) = found["images"]["backups"]
    assert (image["id"], image["kind"]) == ("catalog:1.4.0", "newest")
    shown = backup(bench, "list", "dev")
    assert shown.code == 0
    assert "can go back to" in shown.out
    assert "opensearch: nobody tells whether the snapshots of bookstore-dev succeed" in shown.out
    assert "never-shown-1" not in shown.out + shown.err


def test_it_fails_on_what_it_is_told_to_fail_on(bench: Bench, warehouse: Warehouse) -> None:
    well = backup(bench, "list", "dev", "--store", "rds", "--fail-on", "unknown")
    assert (well.code, well.err.count("why:")) == (0, 0)
    missed = backup(bench, "list", "dev", "--fail-on", "missed")
    assert missed.code == 1
    assert "not as backups.toml wants it: redis, vault, vault in eu-central-1" in missed.said
    assert "bsops backup create dev redis --sandbox" in missed.said
    unknown = backup(bench, "list", "dev", "--store", "opensearch", "--fail-on", "unknown")
    assert unknown.code == 1
    assert backup(bench, "list", "dev", "--store", "opensearch", "--fail-on", "missed").code == 0


def test_without_a_state_or_a_store_of_that_name_it_says_so(
    bench: Bench, warehouse: Warehouse
) -> None:
    nothing = backup(bench, "list", "prod")
    assert nothing.code == 3
    assert "prod has nothing to back up" in nothing.said
    assert "bsops apply prod --sandbox" in nothing.said
    unknown = backup(bench, "list", "dev", "--store", "dynamo")
    assert unknown.code == 64
    assert "did you mean dynamodb?" in unknown.said
