"""Backups by the installed bsops: what there is, taking them, restoring them, trying them out."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from tests.e2e.proxy import bad_day
from tests.e2e.workspaces import REPOSITORY, Bench, Finished, make_bench, wait_until
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


def test_stores_that_do_not_answer_are_unknown_and_the_others_are_told(
    bench: Bench, warehouse: Warehouse
) -> None:
    with bad_day(bench) as faults:
        # All that is no S3 and no AWS Backup is asked so.
        faults.of, faults.status = (lambda method, path: (method, path) == ("POST", "/")), 503
        found = listed(bench)
        failed = backup(bench, "list", "dev", "--fail-on", "unknown", "--store", "rds")
    unknown = {name for name, each in found.items() if each["verdict"] == "unknown"}
    assert unknown == {"rds", "rds copy", "dynamodb/orders", "redis", "opensearch", "images"}
    assert found["rds"]["problem"].startswith("cannot list the snapshots of bookstore-dev")
    assert found["state"]["verdict"] == "met"
    assert failed.code == 1


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


def databases(warehouse: Warehouse) -> set[str]:
    """The names of all databases."""
    found = warehouse.aws("rds").describe_db_instances()["DBInstances"]
    return {instance["DBInstanceIdentifier"] for instance in found}


def tasks_written(method: str, path: str) -> bool:
    """A write of what is kept of restores."""
    return method == "PUT" and path.partition("?")[0].endswith(".backups")


def test_a_backup_is_taken_listed_restored_and_tried_out(
    bench: Bench, warehouse: Warehouse
) -> None:
    made = backup(bench, "create", "dev", "redis", "--yes", "--json", "--reason", "a test")
    assert made.code == 0, made.err
    (taken,) = made.json["backups"]
    assert taken["status"] == "ready"
    assert listed(bench, "--store", "redis")["redis"]["verdict"] == "met"
    restored = backup(
        bench, "restore", "dev", "redis", "--from", taken["id"], "--name", "from-hand", "--yes"
    )
    assert restored.code == 0, restored.err
    assert "bsops backup adopt dev redis from-hand --sandbox" in restored.out
    again = backup(bench, "restore", "dev", "redis", "--name", "from-hand", "--yes")
    assert again.code == 3
    assert "there is a from-hand already" in again.said
    proof = backup(bench, "verify", "dev", "redis", "--yes", "--json")
    assert proof.code == 0, proof.err
    assert (proof.json["removed"], proof.json["late"]) == (True, False)
    verified = listed(bench, "--store", "redis")["redis"]["verified"]
    assert verified["seconds"] == proof.json["seconds"] >= 0
    history = bench.run("history", "dev", "--json")
    told = [step["what"] for run in history.json["runs"] for step in run["steps"]]
    assert "verify of redis: done" in told


def test_recovery_points_are_taken_restored_and_copied(bench: Bench, warehouse: Warehouse) -> None:
    assert backup(bench, "create", "dev", "vault", "--yes").code == 0
    vault = listed(bench, "--store", "vault")["vault"]
    assert vault["verdict"] == "met"
    points = {point["of"]: point["id"] for point in vault["backups"]}
    assert set(points) == {"rds", "dynamodb/orders"}
    for of, point in points.items():
        proof = backup(bench, "verify", "dev", "vault", "--from", point, "--yes", "--json")
        assert proof.code == 0, proof.err
        assert proof.json["removed"]
        copied = backup(bench, "copy", "dev", point, "--to-region", ELSEWHERE, "--yes")
        assert copied.code == 0, (of, copied.err)
    restored = backup(
        bench, "restore", "dev", "vault", "--from", points["dynamodb/orders"], "--yes"
    )
    assert "bsops backup adopt dev dynamodb/orders bookstore-dev-orders-re" in restored.out
    assert listed(bench, "--store", "vault")["vault copy"]["verdict"] == "met"
    assert databases(warehouse) == {"bookstore-dev"}


def test_a_snapshot_is_copied_to_a_region_that_can_be_used(
    bench: Bench, warehouse: Warehouse
) -> None:
    assert backup(bench, "create", "dev", "rds", "--name", "by-hand", "--yes").code == 0

    def copy(region: str, what: str = "by-hand") -> Finished:
        return backup(bench, "copy", "dev", what, "--to-region", region, "--yes")

    refused = {
        "ap-east-1": "ap-east-1 is not enabled in this account",
        "eu-nowhere-1": "there is no region eu-nowhere-1",
        REGION: "eu-west-1 is where it lies already",
        "eu-west-2": "by-hand is encrypted, and no key of eu-west-2 is known",
    }
    for region, why in refused.items():
        done = copy(region)
        assert (done.code, why in done.said) == (3, True), done.err
    assert copy(ELSEWHERE).code == 0
    (there,) = listed(bench, "--store", "rds")["rds copy"]["backups"]
    assert (there["id"], there["region"], there["encrypted"]) == ("by-hand", ELSEWHERE, True)
    assert "there is a snapshot by-hand in eu-central-1 already" in copy(ELSEWHERE).said


def test_what_cannot_be_restored_is_refused_with_what_can(
    bench: Bench, warehouse: Warehouse
) -> None:
    outside = backup(bench, "restore", "dev", "rds", "--to-time", "2020-01-01T00:00:00Z", "--yes")
    assert outside.code == 3
    assert "it can be restored to any second from 20" in outside.said
    unasked = backup(bench, "restore", "dev", "rds")
    assert unasked.code != 0
    assert "--yes" in unasked.said
    assert databases(warehouse) == {"bookstore-dev"}


def test_a_restore_that_is_killed_goes_on(bench: Bench, warehouse: Warehouse) -> None:
    words = ("backup", "restore", "dev", "rds", "--name", "bookstore-dev-new", "--sandbox")
    with bad_day(bench) as faults:
        faults.of, faults.seconds = tasks_written, 1
        running = bench.start(*words, "--yes")
        wait_until(lambda: "bookstore-dev-new" in databases(warehouse))
        running.signal(signal.SIGKILL)
        running.finish()
        faults.clear()
        done = bench.run(*words, timeout=120)
    assert done.code == 0, done.err
    assert "going on with what" in done.said
    assert databases(warehouse) == {"bookstore-dev", "bookstore-dev-new"}
    warehouse.aws("rds").modify_db_instance(
        DBInstanceIdentifier="bookstore-dev-new", DeletionProtection=False
    )
    warehouse.aws("rds").delete_db_instance(
        DBInstanceIdentifier="bookstore-dev-new", SkipFinalSnapshot=True
    )


def test_what_a_killed_verification_left_is_removed_by_the_next(
    bench: Bench, warehouse: Warehouse
) -> None:
    with bad_day(bench) as faults:
        faults.of, faults.seconds = tasks_written, 1
        running = bench.start("backup", "verify", "dev", "rds", "--yes", "--sandbox")
        wait_until(lambda: len(databases(warehouse)) == 2)
        running.signal(signal.SIGKILL)
        running.finish()
        faults.clear()
        doctor = bench.run("doctor", "dev", "--only", "Backups", "--sandbox", timeout=120)
        assert "a verify of rds was left half-way" in doctor.out
        assert "bsops backup verify dev rds --sandbox" in doctor.out
        assert "rds" not in doctor.out.partition("would lose")[0]
        done = bench.run("backup", "verify", "dev", "rds", "--yes", "--sandbox", timeout=120)
    assert done.code == 0, done.err
    assert "first, what a verification of" in done.said
    assert databases(warehouse) == {"bookstore-dev"}
