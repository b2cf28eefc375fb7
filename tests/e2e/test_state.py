"""States on bad days, through the installed bsops: nobody is stuck, nothing is lost."""

import json
import shlex
import time
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.environments import load_environment
from tests.e2e.proxy import bad_day, state_writes
from tests.e2e.workspaces import Bench, Finished


@pytest.fixture
def bench(warm_bench: Bench) -> Bench:
    """The workspace that tests hand on to each other."""
    return warm_bench


def state(bench: Bench, *words: str) -> Finished:
    """A `bsops state` command on dev, in the sandbox."""
    return bench.run("state", words[0], "dev", *words[1:], "--sandbox")


def done(bench: Bench, *words: str) -> dict[str, Any]:
    """The document of one that succeeds."""
    finished = state(bench, *words, "--json")
    assert finished.code == 0, finished.err
    return finished.json


def assert_nothing_to_change(bench: Bench) -> None:
    """The state, the tree and the sandbox agree."""
    plan = bench.run("plan", "dev", "--sandbox", "--detailed-exitcode", "--no-details")
    assert plan.code == 0, plan.out + plan.err
    bench.assert_nothing_lost()


def errored(bench: Bench) -> Path:
    """Where Terraform leaves a state that it cannot store."""
    return bench.root / ".bsops/sandbox/tree/infrastructure/aws/environments/dev/errored.tfstate"


def test_a_state_that_s3_would_not_take_is_recovered_and_nothing_is_lost(bench: Bench) -> None:
    assert bench.apply().code == 0
    bench.write_chain(4)
    with bad_day(bench) as faults:
        faults.of, faults.status = state_writes, 403
        failed = bench.apply()
        assert failed.code == 1
        assert "NOT SAVED" in failed.err
        assert "next: bsops state recover dev --sandbox" in failed.said
        assert errored(bench).exists()
        refused = state(bench, "recover", "--yes")
        assert refused.code == 1
        assert "The state is as it was." in refused.said
        assert errored(bench).exists()
        faults.clear()
        recovered = done(bench, "recover", "--yes")
    assert recovered["added"] == ["aws_ssm_parameter.p02", "aws_ssm_parameter.p03"]
    assert recovered["unknown"] == []
    assert not errored(bench).exists()
    kept = done(bench, "backup", "--list")["backups"]
    assert recovered["kept"] in [backup["name"] for backup in kept]
    assert_nothing_to_change(bench)
    again = state(bench, "recover")
    assert again.code == 0
    assert "Nothing to store" in again.out
    assert "Nothing is lost" in again.out


def put_state(bench: Bench, content: bytes | None) -> None:
    """Write the state object, or delete it, behind everybody's back."""
    policy = load_environment(bench.workspace, "dev")
    where = {"Bucket": policy.state.bucket, "Key": policy.state.key}
    if content is None:
        bench.aws("s3").delete_object(**where)
    else:
        bench.aws("s3").put_object(**where, Body=content)


def use_lock_table(bench: Bench) -> None:
    """Lock dev's state in DynamoDB, which keeps a digest as well."""
    policy = bench.workspace.environments / "dev.toml"
    policy.write_text(policy.read_text() + 'lock = "dynamodb"\n')


def set_digest(bench: Bench, digest: str) -> None:
    """Write the lock table's digest behind everybody's back."""
    state = load_environment(bench.workspace, "dev").state
    bench.aws("dynamodb").update_item(
        TableName=state.lock_table,
        Key={"LockID": {"S": f"{state.bucket}/{state.key}-md5"}},
        UpdateExpression="SET Digest = :d",
        ExpressionAttributeValues={":d": {"S": digest}},
    )


def test_every_change_says_how_to_undo_it_and_the_undoing_works(
    bench: Bench, tmp_path: Path
) -> None:
    assert bench.apply().code == 0
    pulled = tmp_path / "dev.tfstate"
    assert done(bench, "pull", "-o", str(pulled))["serial"] == 1
    assert pulled.stat().st_mode & 0o777 == 0o600
    shown = state(bench, "show", "aws_ssm_parameter.p00")
    assert "/chain/00" in shown.out
    assert "(sensitive)" in shown.out

    moved = done(bench, "mv", "aws_ssm_parameter.p01", "aws_ssm_parameter.q", "--yes")
    assert done(bench, "list", "aws_ssm_parameter.q")["resources"]
    undo = shlex.split(moved["undo"])[1:]
    assert bench.run(*undo, "--yes").code == 0
    assert "aws_ssm_parameter.p01" in state(bench, "list").out

    removed = done(bench, "rm", "aws_ssm_parameter.p01", "--yes")
    assert removed["forgotten"] == ["aws_ssm_parameter.p01"]
    assert bench.parameters() == {"/chain/00", "/chain/01"}
    imported = bench.run(
        "import", "dev", "aws_ssm_parameter.p01", "/chain/01", "--sandbox", "--yes"
    )
    assert imported.code == 0, imported.err
    assert "1 to import" in imported.err
    assert not list(bench.root.rglob("bsops_import_*"))

    for name, change in (("lineage", {"lineage": "another", "serial": 99}), ("serial", {})):
        other = tmp_path / f"{name}.tfstate"
        other.write_text(json.dumps({**json.loads(pulled.read_text()), **change}))
        refused = state(bench, "push", str(other), "--yes")
        assert refused.code == 3
        assert f"{name}: stored" in refused.said
        assert "--force" in refused.said
    unasked = state(bench, "rm", "aws_ssm_parameter.p01")
    assert unasked.code == 3
    assert "--yes" in unasked.said
    # Serial 1 again, over everything written since: only by force, and it can be undone as well.
    first = done(bench, "versions")["versions"][-1]["id"]
    assert state(bench, "restore", first, "--yes").code == 3
    assert done(bench, "restore", first, "--yes", "--force")["serial"]["after"] > 1
    assert_nothing_to_change(bench)


def test_a_state_deleted_or_damaged_in_s3_comes_back(bench: Bench) -> None:
    assert bench.apply().code == 0
    version = done(bench, "versions")["versions"][0]["id"]
    put_state(bench, None)
    assert "has no state yet" in state(bench, "list").said
    deleted = done(bench, "versions")["versions"]
    assert [each["deleted"] for each in deleted] == [True, False]
    back = state(bench, "restore", version, "--yes")
    assert back.code == 0, back.err
    assert "The stored state is gone" in back.said
    bench.assert_nothing_lost()

    kept = done(bench, "backup")["name"]
    put_state(bench, b'{"version": 4, "ser')
    damaged = bench.run("plan", "dev", "--sandbox")
    assert damaged.code == 1
    assert "bsops state versions dev --sandbox" in damaged.said
    assert "DAMAGED" in state(bench, "versions").out
    assert state(bench, "list").code == 1
    restored = done(bench, "restore", kept, "--yes")
    assert restored["backup"]  # the damaged one is kept, too
    assert_nothing_to_change(bench)

    bucket = load_environment(bench.workspace, "dev").state.bucket
    bench.aws("s3").put_bucket_versioning(
        Bucket=bucket, VersioningConfiguration={"Status": "Suspended"}
    )
    suspended = state(bench, "versions")
    assert suspended.code == 0
    assert "keeps no versions" in suspended.said
    assert "bsops bootstrap dev --repair" in suspended.said


def test_a_digest_is_mended_only_where_the_object_is_proven_right(bench: Bench) -> None:
    use_lock_table(bench)
    assert bench.apply().code == 0
    bench.write_chain(3)
    assert bench.apply().code == 0
    assert "Nothing to mend" in state(bench, "repair-digest").out
    set_digest(bench, "0" * 32)
    stuck = bench.run("plan", "dev", "--sandbox")
    assert stuck.code == 1
    assert "next: bsops state repair-digest dev --sandbox" in stuck.said
    assert done(bench, "repair-digest", "--yes")["proof"] == "object"
    assert_nothing_to_change(bench)

    # Somebody copies an old state over the new one: now the digest is right.
    newest, oldest = done(bench, "versions")["versions"][:2]
    policy = load_environment(bench.workspace, "dev").state
    old = bench.aws("s3").get_object(Bucket=policy.bucket, Key=policy.key, VersionId=oldest["id"])
    put_state(bench, old["Body"].read())
    refused = state(bench, "repair-digest", "--yes")
    assert refused.code == 3
    assert f"bsops state restore dev {newest['id']} --sandbox" in refused.said
    assert "--accept-object" in refused.said
    assert state(bench, "restore", newest["id"], "--yes").code == 0
    assert_nothing_to_change(bench)


def test_s3_that_fails_or_dawdles_in_mid_write_loses_nothing(bench: Bench) -> None:
    with bad_day(bench) as faults:
        faults.of, faults.status = state_writes, 503
        failed = bench.apply()
        assert failed.code == 1
        assert "next: bsops state recover dev --sandbox" in failed.said
        assert len(faults.seen) > 1  # Terraform asked more than once
        faults.clear()
        assert len(done(bench, "recover", "--yes")["added"]) == 2
        # An error of S3's own that passes: Terraform asks again.
        bench.write_chain(3)
        faults.of, faults.status, faults.left = state_writes, 500, 1
        assert bench.apply().code == 0
        faults.clear()
        # Slow, and once no answer at all although it was written: Terraform asks again.
        bench.write_chain(4)
        faults.of, faults.seconds, faults.cut, faults.left = state_writes, 1, True, 1
        assert bench.apply().code == 0
        faults.clear()
        # A state that cannot be read is no empty state.
        faults.of, faults.status = reads_of_state, 503
        unread = state(bench, "list")
        assert unread.code == 1
        assert "cannot read" in unread.said
        faults.clear()
    assert len(bench.parameters()) == 4
    assert_nothing_to_change(bench)


def reads_of_state(method: str, path: str) -> bool:
    """A read of the state object."""
    return method == "GET" and path.partition("?")[0].endswith("terraform.tfstate")


def test_what_a_killed_apply_made_is_named_and_taken_in(bench: Bench) -> None:
    assert bench.apply().code == 0
    before = done(bench, "versions")["versions"][0]["id"]
    (bench.environment_root("dev") / "module.tf").write_text(
        'module "m" {\n  source = "../../m"\n}\n'
    )
    module = bench.workspace.tree / "m"
    module.mkdir()
    (module / "main.tf").write_text(
        'resource "aws_ssm_parameter" "p" {\n  for_each = toset(["k"])\n'
        '  name  = "/m/${each.key}"\n  type  = "String"\n  value = "v"\n'
        '  tags = {\n    Environment = "dev"\n    ManagedBy = "terraform"\n  }\n}\n'
    )
    assert bench.apply().code == 0
    # As if Terraform had been killed before it stored the state.
    old = load_environment(bench.workspace, "dev").state
    answer = bench.aws("s3").get_object(Bucket=old.bucket, Key=old.key, VersionId=before)
    put_state(bench, answer["Body"].read())
    found = state(bench, "recover", "--json")
    assert found.code == 1
    (unknown,) = found.json["unknown"]
    assert unknown["address"] == 'module.m.aws_ssm_parameter.p["k"]'
    (orphan,) = done(bench, "orphans")["orphans"]
    assert (orphan["type"], orphan["identifier"]) == ("aws_ssm_parameter", "/m/k")
    assert bench.run(*shlex.split(unknown["next"])[1:], "--yes").code == 0
    assert done(bench, "recover")["unknown"] == []
    assert done(bench, "orphans")["orphans"] == []
    assert_nothing_to_change(bench)


def test_a_state_of_5000_resources_is_worked_on_in_seconds(bench: Bench, tmp_path: Path) -> None:
    resource = {
        "mode": "managed",
        "type": "aws_ssm_parameter",
        "name": "big",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [
            {
                "index_key": f"{number:05}",
                "schema_version": 0,
                "attributes": {"id": f"/big/{number:05}", "value": "x" * 4000},
            }
            for number in range(5000)
        ],
    }
    head = {"version": 4, "terraform_version": "1.6.6", "serial": 1, "lineage": "abc"}
    big = tmp_path / "big.tfstate"
    big.write_text(json.dumps({**head, "outputs": {}, "resources": [resource]}))
    assert big.stat().st_size > 20_000_000
    done(bench, "list")
    for words in (
        ("push", str(big), "--yes"),
        ("list",),
        ("pull", "-o", str(tmp_path / "pulled")),
        ("backup",),
        ("rm", 'aws_ssm_parameter.big["00000"]', "--yes"),
        ("restore", "--yes"),
        ("versions",),
    ):
        began = time.monotonic()
        done(bench, *words)
        took = time.monotonic() - began
        print(f"{words[0]:9} {took:5.1f} s")  # noqa: T201
        assert took < 60
    assert len(done(bench, "list")["resources"]) == 5000
