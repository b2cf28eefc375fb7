"""Locks of real Terraforms: who holds them, whether they live, and breaking what nobody holds."""

import json
import os
import shlex
import signal
from datetime import UTC, datetime
from typing import Any

import pytest

from bookstore_ops.environments import load_environment
from bookstore_ops.journal import who
from tests.e2e.proxy import bad_day
from tests.e2e.warm import Warm
from tests.e2e.workspaces import Bench, Running, wait_until

CHAIN = 24


@pytest.fixture
def bench(warm_bench: Bench) -> Bench:
    """The workspace that tests hand on to each other."""
    return warm_bench


def start_apply(bench: Bench, *, after: int = 2) -> Running:
    """An apply of a chain that is under way, and holds the lock."""
    bench.write_chain(CHAIN)
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    running = bench.start("apply", "dev", "--sandbox", "--yes")
    running.wait_for_event("apply", "apply_complete", after)
    return running


def kill(bench: Bench, running: Running) -> None:
    """SIGKILL to bsops and to its Terraform at once: nobody is left to clear up."""
    for pid in [*bench.terraform_pids(), running.process.pid]:
        os.kill(pid, signal.SIGKILL)
    running.process.communicate()
    wait_until(lambda: bench.terraform_pids() == [])


def use_lock(bench: Bench, kind: str) -> None:
    """Have dev's state locked that way."""
    path = bench.workspace.environments / "dev.toml"
    path.write_text(path.read_text() + f'lock = "{kind}"\n')


def put_lock(bench: Bench, body: str | None = None, **changes: str) -> None:
    """Lay a lock object beside dev's state, as another machine's Terraform would."""
    state = load_environment(bench.workspace, "dev").state
    bench.run("lock", "dev", "--sandbox")  # the sandbox makes the bucket with its first use
    lock = {
        "ID": "11111111-2222-3333-4444-555555555555",
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": "ann@elsewhere",
        "Version": "1.11.4",
        "Created": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "Path": f"{state.bucket}/{state.key}",
        **changes,
    }
    bench.aws("s3").put_object(
        Bucket=state.bucket,
        Key=f"{state.key}.tflock",
        Body=json.dumps(lock) if body is None else body,
    )


def locks_of(bench: Bench) -> list[dict[str, Any]]:
    """What `bsops lock` says of dev."""
    locks: list[dict[str, Any]] = bench.run("lock", "dev", "--sandbox", "--json").json["locks"]
    return locks


@pytest.mark.parametrize(
    ("kind", "kept"), [("s3", ["s3"]), ("dynamodb", ["dynamodb"]), ("both", ["s3", "dynamodb"])]
)
def test_a_lock_that_a_real_terraform_holds_is_shown_then_broken_once_it_is_dead(
    bench: Bench, kind: str, kept: list[str]
) -> None:
    use_lock(bench, kind)
    running = start_apply(bench)
    with bench.terraform_suspended():
        held = locks_of(bench)
        refused = bench.run("unlock", "dev", "--sandbox", "--yes")
    assert [lock["kind"] for lock in held] == kept
    assert len({lock["id"] for lock in held}) == 1
    for lock in held:
        assert (lock["who"], lock["mine"]) == (who(), True)
        assert (lock["operation"], lock["holder"]) == ("OperationTypeApply", "alive")
        assert lock["pid"] == running.process.pid
        assert lock["age_seconds"] < 300
    assert refused.code == 3
    assert "is alive" in refused.said

    kill(bench, running)
    assert [lock["holder"] for lock in locks_of(bench)] == ["dead"] * len(kept)
    planned = bench.run("plan", "dev", "--sandbox")
    assert planned.code == 4
    assert "its holder is dead" in planned.said
    assert "next: bsops unlock dev --sandbox" in planned.said

    done = bench.run("unlock", "--sandbox", "--yes")
    assert done.code == 0, done.err
    assert "bsops state recover dev --sandbox" in done.err
    assert locks_of(bench) == []
    assert held[0]["id"] in bench.run("history", "dev", "--last", "1").out
    assert bench.run("unlock", "dev", "--sandbox").code == 0


def test_a_lock_on_a_local_state_is_the_kernels_to_free(warm_bare: Warm) -> None:
    bench = warm_bare.renewed()
    running = start_apply(bench)
    with bench.terraform_suspended():
        (held,) = locks_of(bench)
        refused = bench.run(
            "unlock", "dev", "--sandbox", "--yes", "--force", "--reason", "impatience"
        )
    assert (held["kind"], held["holder"], held["mine"]) == ("local", "alive", True)
    assert held["pid"] != running.process.pid  # Terraform's own: it holds the file
    assert refused.code == 3
    assert "the kernel frees the file when that process ends" in refused.said
    kill(bench, running)
    (left,) = locks_of(bench)
    assert left["holder"] == "dead"
    assert bench.run("unlock", "dev", "--sandbox", "--yes").code == 0
    assert locks_of(bench) == []


def test_the_second_of_two_applies_waits_and_says_for_whom_or_gives_up(bench: Bench) -> None:
    running = start_apply(bench)
    with bench.terraform_suspended():
        gave_up = bench.run("plan", "dev", "--sandbox", "--lock-timeout", "5s")
        waiting = bench.start("plan", "dev", "--sandbox", "--no-details", "--lock-timeout", "5m")
        waiting.wait_for_event("plan", "state_lock_acquire")
    assert gave_up.code == 4
    for part in (
        f"waiting for the lock, held by you, {who()} (apply, alive)",
        f"is locked by {who()}",
        "under way, now aws_ssm_parameter.p",
        "bsops plan dev --sandbox --lock-timeout 10m",
    ):
        assert part in gave_up.said
    assert running.finish().code == 0
    done = waiting.finish()
    assert done.code == 0, done.err
    assert len(bench.parameters()) == CHAIN


def test_a_holder_on_another_machine_is_never_broken_by_age_alone(bench: Bench) -> None:
    put_lock(bench)
    young = bench.run("unlock", "dev", "--sandbox", "--yes")
    assert young.code == 3
    assert "younger than 2h" in young.said
    put_lock(bench, Created="2020-01-01T00:00:00Z")
    old = bench.run("unlock", "dev", "--sandbox", "--yes")
    assert old.code == 3
    assert "the age of a lock proves nothing" in old.said
    no_reason = bench.run("unlock", "dev", "--sandbox", "--force")
    assert no_reason.code == 64
    other = bench.run("unlock", "dev", "some-other-id", "--sandbox", "--yes")
    assert other.code == 3
    assert "is not locked by some-other-id" in other.said
    assert locks_of(bench) != []
    unasked = bench.run("unlock", "dev", "--sandbox", "--force", "--reason", "nobody is there")
    assert unasked.code == 3
    assert "there is no terminal to ask on" in unasked.said
    assert "next: the same command with --yes" in unasked.said
    assert locks_of(bench) != []
    forced = bench.run(
        "unlock", "dev", "--sandbox", "--yes", "--force", "--reason", "ann's laptop was stolen"
    )
    assert forced.code == 0, forced.err
    history = bench.run("history", "--last", "1", "--json").json["runs"][0]
    assert "ann's laptop was stolen" in history["note"]
    assert locks_of(bench) == []


@pytest.mark.parametrize("body", ["", '{"ID": '])
def test_a_lock_that_cannot_be_read_is_shown_and_can_be_forced(bench: Bench, body: str) -> None:
    put_lock(bench, body)
    shown = bench.run("lock", "dev", "--sandbox")
    assert shown.code == 0
    assert "the lock cannot be read" in shown.out
    assert bench.run("plan", "dev", "--sandbox").code == 4
    assert bench.run("unlock", "dev", "--sandbox", "--yes").code == 3
    forced = bench.run("unlock", "dev", "--sandbox", "--yes", "--force", "--reason", "torn write")
    assert forced.code == 0, forced.err
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0


def test_a_lock_that_changes_hands_between_look_and_break_is_left_alone(bench: Bench) -> None:
    import pexpect

    from tests.e2e.workspaces import BSOPS

    put_lock(bench, Created="2020-01-01T00:00:00Z")
    child = pexpect.spawn(
        str(BSOPS),
        ["unlock", "dev", "--sandbox"],
        cwd=str(bench.root),
        env={**bench.env(), "TERM": "dumb"},
        encoding="utf-8",
        timeout=60,
    )
    child.expect("Break the lock of ann@elsewhere")
    put_lock(bench, ID="99999999-2222-3333-4444-555555555555", Who="bob@elsewhere")
    child.sendline("y")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 3
    assert "another lock is there now: 99999999" in child.before
    assert [lock["who"] for lock in locks_of(bench)] == ["bob@elsewhere"]


def test_all_environments_are_looked_at_and_the_locked_one_is_meant(bench: Bench) -> None:
    assert bench.run("unlock", "--sandbox").out.strip() == "No environment is locked."
    put_lock(bench)
    listed = bench.run("locks", "--sandbox", "--json").json["environments"]
    assert [(each["environment"], each["locked"]) for each in listed] == [
        ("dev", True),
        ("prod", False),
    ]
    bare = bench.run("unlock", "--sandbox", "--yes")
    assert bare.code == 3
    assert "ann@elsewhere" in bare.err


def test_the_holder_leaves_signs_of_life_for_other_machines(bench: Bench) -> None:
    running = start_apply(bench)
    with bench.terraform_suspended():
        state = load_environment(bench.workspace, "dev").state
        s3 = bench.aws("s3")

        def signed() -> bool:
            listed = s3.list_objects_v2(Bucket=state.bucket).get("Contents", [])
            return f"{state.key}.holder" in {item["Key"] for item in listed}

        wait_until(signed, seconds=60)
        (lock,) = locks_of(bench)
        body = s3.get_object(Bucket=state.bucket, Key=f"{state.key}.holder")["Body"].read()
    assert running.finish().code == 0
    sign = json.loads(body)
    assert sign["lock_ids"] == [lock["id"]]
    assert (sign["who"], sign["total"]) == (who(), CHAIN)
    assert lock["last_sign_of_life"]


def test_credentials_that_expire_before_an_apply_cost_nothing_but_a_login(bench: Bench) -> None:
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    with bad_day(bench) as faults:
        faults.of, faults.status, faults.code = every_request, 403, "ExpiredToken"
        expired = bench.run("apply", "dev", "--sandbox", "--yes")
        assert expired.code == 5, expired.err
        assert "log in again" in expired.said
        faults.clear()
        again = bench.run("apply", "dev", "--sandbox", "--yes")
    assert again.code == 0, again.err
    assert "planning" not in again.err  # the plan that was looked at is still there
    bench.assert_nothing_lost()


def test_credentials_that_expire_in_mid_apply_lose_nothing(bench: Bench) -> None:
    bench.write_chain(CHAIN)
    with bad_day(bench) as faults:
        assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
        running = bench.start("apply", "dev", "--sandbox", "--yes")
        running.wait_for_event("apply", "apply_complete", 3)
        faults.status, faults.code = 403, "ExpiredToken"
        faults.of = every_request
        expired = running.finish()
        assert expired.code == 5, expired.err
        for part in ("log in again", "errored.tfstate", "bsops state recover dev --sandbox"):
            assert part in expired.said
        faults.clear()
        unlocked = bench.run("unlock", "dev", "--sandbox", "--yes")
        assert unlocked.code == 0, unlocked.err
        recovered = bench.run("state", "recover", "dev", "--sandbox", "--yes")
        assert recovered.code == 0, recovered.err
    # A creation that failed half-way may exist: the ledger named it, and the operator clears it up.
    for name in bench.parameters() - bench.state_names():
        assert name in bench.cancelled()
        bench.aws("ssm").delete_parameter(Name=name)
    assert bench.apply().code == 0
    assert len(bench.parameters()) == CHAIN
    bench.assert_nothing_lost()


def every_request(_method: str, path: str) -> bool:
    """All that AWS would answer; the sandbox's own pages are none of it."""
    return not path.startswith("/_bsops")


def test_after_a_kill_unlock_recover_and_apply_end_where_an_apply_would_have(bench: Bench) -> None:
    running = start_apply(bench, after=1)
    kill(bench, running)
    assert bench.run("unlock", "dev", "--sandbox", "--yes").code == 0
    # Terraform stores its state every 20 seconds only: what it made since is in the events alone.
    recovered = bench.run("state", "recover", "dev", "--sandbox", "--json")
    lost = {
        resource["address"].replace("aws_ssm_parameter.p", "/chain/"): resource["next"]
        for resource in recovered.json["unknown"]
    }
    assert recovered.code == (1 if lost else 0)
    assert bench.parameters() <= bench.state_names() | lost.keys()
    for name in bench.parameters() & lost.keys():
        # Of one whose creation was cut off, nobody has told the ID: the operator looks it up.
        words = [name if word == "ID" else word for word in shlex.split(lost[name])[1:]]
        imported = bench.run(*words, "--yes")
        assert imported.code == 0, imported.err
    assert bench.apply().code == 0
    assert len(bench.parameters()) == CHAIN
    bench.assert_nothing_lost()
    assert bench.state_names() == bench.parameters()
