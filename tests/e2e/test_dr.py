"""The move to the other region by the installed bsops: what is ready, and the steps."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bookstore_ops.bootstrap.backend_file import render, wanted_backend
from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.accounts import access_key
from bookstore_ops.sandbox.record import read_record
from bookstore_ops.states.backups import BackupStore
from bookstore_ops.terraform.state import StateSummary
from tests.e2e.proxy import Faults, bad_day
from tests.e2e.shop import Shop, open_shop
from tests.e2e.workspaces import make_bench

REPLICA = """\
variable "replica_region" {
  type    = string
  default = "eu-central-1"
}
"""
PAGE = """\
---
title: Region lost
summary: Move to the other region.
severity: critical
estimated_time: 1h
owner: platform
---

# Region lost

## Look

```bsops {name=look timeout=1m capture="away json other_region"}
bsops dr status $environment --json
```

## Move

```python {name=move timeout=10s}
from pathlib import Path

Path("moved").write_text(values["region"] + " " + values["away"])
```
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop whose values name another region, and a page that leads there."""
    bench = make_bench(tmp_path_factory.mktemp("dr"))
    (bench.environment_root("dev") / "replica.tf").write_text(REPLICA)
    shop = open_shop(bench)
    bench.workspace.runbooks.mkdir(exist_ok=True)
    (bench.workspace.runbooks / "region-lost.md").write_text(PAGE)
    yield shop
    lifecycle.stop(bench.workspace)


def test_what_is_not_ready_or_not_known_is_named_and_can_fail_a_job(shop: Shop) -> None:
    shown = shop.bench.run("dr", "status", "dev", "--sandbox")
    assert shown.code == 0, shown.err
    assert "dev: eu-west-1 to eu-central-1" in shown.out
    failing = shop.bench.run("dr", "status", "dev", "--sandbox", "--fail-on", "unknown", "--json")
    assert failing.code == 1
    pieces = {piece["name"]: piece["readiness"] for piece in failing.json["pieces"]}
    assert failing.json["ready"] is False
    # moto has no quota for most of it: that is never taken for room.
    expected = {"state": "missing", "account": "ready", "keys": "missing", "quotas": "unknown"}
    assert pieces == expected


def test_without_another_region_there_is_nowhere_to_move(shop: Shop) -> None:
    refused = shop.bench.run("dr", "status", "prod", "--sandbox")
    assert refused.code == 3
    assert "prod has no other region to move to" in refused.said


def test_a_rehearsal_runs_what_looks_and_nothing_else_in_the_other_region(shop: Shop) -> None:
    done = shop.bench.run("dr", "rehearse", "dev", "--sandbox", "--json")
    assert done.code == 1
    assert done.json["proven"] is False
    blocks = {block["block"]: block["verdict"] for block in done.json["blocks"]}
    assert blocks == {"look": "looked", "move": "would-run"}
    assert not (shop.bench.root / "moved").exists()
    assert "could not be relied on today" in done.said


def test_a_failover_needs_its_losses_accepted_and_then_goes_through_the_runbook(shop: Shop) -> None:
    words = ("dr", "failover", "dev", "--sandbox", "--yes")
    refused = shop.bench.run(*words)
    assert refused.code == 3
    assert "state, keys, quotas" in refused.said
    assert not (shop.bench.root / "moved").exists()
    done = shop.bench.run(*words, "--accept-loss")
    assert done.code == 0, done.err
    assert (shop.bench.root / "moved").read_text() == "eu-west-1 eu-central-1"


def test_where_the_state_is_out_of_reach_its_copy_here_tells_what_to_move(shop: Shop) -> None:
    bucket = "bookstore-dev-tfstate-111111111111"
    key = "bookstore/dev/terraform.tfstate"
    kept = shop.aws("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    copies = shop.bench.workspace.make_data_directory("sandbox", "backups", "state", "dev")
    summary = StateSummary("a-lineage", 1)
    BackupStore(copies, "dev").save(kept, summary, command="state backup")
    shop.aws("s3").delete_object(Bucket=bucket, Key=key)
    try:
        shown = shop.bench.run("dr", "status", "dev", "--sandbox", "--json")
    finally:
        shop.aws("s3").put_object(Bucket=bucket, Key=key, Body=kept)
    assert shown.code == 0, shown.err
    assert "on this machine" in shown.json["source"]
    (state_piece,) = (piece for piece in shown.json["pieces"] if piece["name"] == "state")
    assert state_piece["readiness"] == "ready"
    assert state_piece["lost_seconds"] >= 0


@contextmanager
def region_lost(shop: Shop) -> Iterator[tuple[Faults, dict[str, str]]]:
    """The fake AWS taken for a real one, of which one region gives no answer; and a freeze.

    Nothing here knows the state: no Terraform was run, and there is no copy.
    """
    environment = load_environment(shop.bench.workspace, "dev")
    backend = shop.bench.environment_root("dev") / "backend.tf"
    policy = shop.bench.workspace.environments / "dev.toml"
    text, now = policy.read_text(), datetime.now(UTC)
    since, until = (f"{now + timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}" for days in (-1, 1))
    backend.write_text(render(wanted_backend(environment), "dev"))
    policy.write_text(f'{text}\n[[freeze]]\nfrom = {since}\nuntil = {until}\nreason = "the sale"\n')
    try:
        with bad_day(shop.bench) as faults:
            faults.of, faults.region = lambda *_: True, environment.region
            record = read_record(shop.bench.workspace.sandbox)
            assert record is not None
            yield (
                faults,
                {
                    "AWS_ENDPOINT_URL": f"http://127.0.0.1:{record.port}",
                    "AWS_ACCESS_KEY_ID": access_key(environment.account_id),
                    "AWS_SECRET_ACCESS_KEY": "x",
                    "NO_PROXY": "127.0.0.1",
                },
            )
    finally:
        backend.unlink()
        policy.write_text(text)


def test_a_machine_that_knows_nothing_of_a_lost_region_moves_all_the_same(shop: Shop) -> None:
    moved = shop.bench.root / "moved"
    moved.unlink(missing_ok=True)
    with region_lost(shop) as (faults, env):
        faults.seconds = 60
        began = time.monotonic()
        refused = shop.bench.run("dr", "failover", "dev", "--yes", env=env)
        assert time.monotonic() - began < 20
        assert refused.code == 3
        assert "reading the state of dev in eu-west-1" in refused.said
        assert "it is out of reach: Read timeout" in refused.said
        assert "copy .bsops/backups/state/dev here" in refused.said
        assert "the same command with --accept-loss" in refused.said

        faults.seconds, faults.cut = 0, True
        accepted = ("dr", "failover", "dev", "--yes", "--accept-loss")
        frozen = shop.bench.run(*accepted, env=env)
        assert (frozen.code, moved.exists()) == (3, False)
        assert "dev is frozen: the sale" in frozen.said
        done = shop.bench.run(*accepted, "--during-freeze", "--reason", "lost", env=env)
        assert done.code == 0, done.err
        shown = shop.bench.run("dr", "status", "dev", "--json", env=env)
    assert moved.read_text() == "eu-west-1 eu-central-1"
    moved.unlink()
    pieces = {piece["name"]: piece["readiness"] for piece in shown.json["pieces"]}
    assert (pieces["account"], pieces["state"]) == ("ready", "missing")
    assert pieces["all else"] == "unknown"
    # Only the state was asked for where nobody answers.
    assert {each.partition("?")[0].rpartition("/")[2] for each in faults.seen} == {
        "terraform.tfstate"
    }
