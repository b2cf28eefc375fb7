"""The state's way from a file into its bucket, in a bare sandbox: nothing lost, nobody stuck."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.aws.session import client
from bookstore_ops.environments import Environment, load_environment
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.tree import backend_file
from tests.e2e.proxy import bad_day, state_writes
from tests.e2e.warm import Warm
from tests.e2e.workspaces import Bench, Finished, wait_until

BUCKET = "bookstore-dev-tfstate-111111111111"
TABLE = "bookstore-terraform-locks"


@pytest.fixture
def bare(warm_bare: Warm) -> Bench:
    """A bare sandbox."""
    return warm_bare.renewed()


@pytest.fixture
def applied(bare: Bench) -> Bench:
    """A bare sandbox in which dev was applied: its state is in a file."""
    assert bare.apply().code == 0
    return bare


@pytest.fixture
def inherited(bare: Bench) -> Bench:
    """A bare sandbox with a state in dev's file that no run here has made: it costs no apply."""
    assert bare.run("init", "dev", "--sandbox").code == 0
    resource = {
        "mode": "managed",
        "type": "aws_ssm_parameter",
        "name": "p00",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [{"schema_version": 0, "attributes": {"name": "/chain/00"}}],
    }
    state = {"version": 4, "terraform_version": "1.6.6", "serial": 41, "lineage": "inherited"}
    (copy_of_root(bare) / "terraform.tfstate").write_text(
        json.dumps({**state, "outputs": {}, "resources": [resource], "check_results": None})
    )
    return bare


def bootstrap(bench: Bench, *arguments: str) -> Finished:
    return bench.run("bootstrap", "dev", "--sandbox", *arguments)


def copy_of_root(bench: Bench) -> Path:
    """Dev's root module in the sandbox's copy of the tree."""
    root = bench.environment_root("dev").relative_to(bench.root)
    return bench.root / ".bsops/sandbox/tree" / root


def state_in_file(bench: Bench) -> dict[str, Any] | None:
    file = copy_of_root(bench) / "terraform.tfstate"
    return json.loads(file.read_text()) if file.exists() and file.stat().st_size else None


def assert_moved(bench: Bench, before: dict[str, Any] | None) -> None:
    """The very state of before is in S3 and in no file, and Terraform can read it there."""
    assert before is not None
    assert bench.state() == before
    assert state_in_file(bench) is None
    shown = bench.run("output", "dev", "--sandbox", "--json")
    assert shown.code == 0, shown.err


def set_policy(bench: Bench, line: str) -> None:
    """Add a line under [state] of dev."""
    policy = bench.workspace.environments / "dev.toml"
    policy.write_text(policy.read_text() + line + "\n")


def holds(bench: Bench) -> dict[str, Any]:
    """What the sandbox says that it holds."""
    status = bench.run("sandbox", "status", "--json").json
    assert status["bare"] is True
    resources: dict[str, Any] = status["resources"]
    return resources


def test_the_state_moves_into_a_bucket_as_it_is_and_a_second_run_changes_nothing(
    applied: Bench,
) -> None:
    before = state_in_file(applied)
    planned = bootstrap(applied, "--plan", "--detailed-exitcode", "--json")
    assert planned.code == 2
    assert planned.json["done"] is False
    assert "move the state: 2 resources" in planned.json["steps"][-1]
    assert applied.aws("s3").list_buckets()["Buckets"] == []
    assert state_in_file(applied) == before
    assert not (applied.root / ".bsops/sandbox/bootstrap").exists()

    unanswered = bootstrap(applied)
    assert unanswered.code == 3
    assert "--yes" in unanswered.said
    assert applied.aws("s3").list_buckets()["Buckets"] == []

    done = bootstrap(applied, "--yes")
    assert done.code == 0, done.err
    assert f"its state is in s3://{BUCKET}/" in done.out
    assert_moved(applied, before)
    assert applied.run("plan", "dev", "--sandbox", "--no-details", "--detailed-exitcode").code == 0
    (kept,) = (applied.root / ".bsops/sandbox/bootstrap/dev").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600
    assert json.loads(kept.read_text()) == before
    assert set(holds(applied)["111111111111"]) == {"ssm.Parameter"}
    assert not (applied.environment_root("dev") / "backend.tf").exists()

    again = bootstrap(applied, "--repair", "--detailed-exitcode")
    assert again.code == 0
    assert "nothing to change" in again.out

    assert applied.run("sandbox", "reset", "--bare").code == 0
    assert "make the state bucket" in bootstrap(applied, "--plan").out


def test_what_drifted_is_shown_and_repaired_only_when_asked(bare: Bench) -> None:
    assert bootstrap(bare, "--yes").code == 0
    s3 = bare.aws("s3")
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_policy(Bucket=BUCKET)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging={"TagSet": [{"Key": "Mine", "Value": "yes"}]})
    shown = bootstrap(bare, "--detailed-exitcode", "--json")
    assert shown.code == 2
    drift = {(d["resource"], d["setting"]): d["found"] for d in shown.json["drift"]}
    assert drift[f"state bucket {BUCKET}", "versioning"] == "Suspended"
    assert {setting for _, setting in drift} == {"versioning", "policy", "tags"}
    assert bootstrap(bare).code == 0
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Suspended"

    repaired = bootstrap(bare, "--repair", "--yes")
    assert repaired.code == 0, repaired.err
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    tags = {t["Key"]: t["Value"] for t in s3.get_bucket_tagging(Bucket=BUCKET)["TagSet"]}
    assert tags["Mine"] == "yes"
    assert tags["ManagedBy"] == "bsops"
    assert bootstrap(bare, "--detailed-exitcode").code == 0


def test_a_bucket_made_by_hand_is_taken_and_an_ordinary_sandboxes_too(warm_bench: Bench) -> None:
    # The ordinary sandbox makes a bucket without any of the settings, as a hand would.
    assert warm_bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    done = bootstrap(warm_bench, "--yes")
    assert done.code == 0, done.err
    assert "making the state bucket" not in done.said
    assert "setting the policy of the state bucket" in done.said
    assert warm_bench.run("plan", "dev", "--sandbox", "--no-details").code == 0


def test_a_run_killed_on_the_way_is_completed(inherited: Bench) -> None:
    before = state_in_file(inherited)
    with bad_day(inherited) as faults:
        faults.of, faults.seconds = state_writes, 3
        running = inherited.start("bootstrap", "dev", "--sandbox", "--yes")
        wait_until(lambda: faults.seen)
        running.signal(signal.SIGKILL)
        running.process.communicate()
    assert state_in_file(inherited) == before
    done = bootstrap(inherited, "--yes")
    assert done.code == 0, done.err
    assert_moved(inherited, before)


def test_a_state_that_had_arrived_unverified_is_taken_and_no_plan_is_made_before(
    inherited: Bench,
) -> None:
    before = state_in_file(inherited)
    file = copy_of_root(inherited) / "terraform.tfstate"
    content = file.read_bytes()
    assert bootstrap(inherited, "--yes").code == 0
    # As a run leaves it that is killed before it removes the file.
    file.write_bytes(content)
    refused = inherited.run("plan", "dev", "--sandbox")
    assert refused.code == 3
    assert "the bootstrap of dev was not finished" in refused.said
    done = bootstrap(inherited, "--yes")
    assert done.code == 0, done.err
    assert_moved(inherited, before)


def test_a_second_state_is_never_overwritten(inherited: Bench) -> None:
    before = state_in_file(inherited)
    assert before is not None
    s3 = inherited.aws("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    other = json.dumps({**before, "lineage": "another"}).encode()
    s3.put_object(Bucket=BUCKET, Key="bookstore/dev/terraform.tfstate", Body=other)
    done = bootstrap(inherited, "--yes")
    assert done.code == 3
    assert "there are two states" in done.said
    assert "lineage another" in done.said
    assert state_in_file(inherited) == before
    assert (inherited.state() or {})["lineage"] == "another"


def test_a_bucket_of_another_account_or_region_is_refused(bare: Bench) -> None:
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"}}
    theirs = bare.aws("s3", "prod")
    theirs.create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    done = bootstrap(bare, "--yes")
    assert done.code == 3
    assert "is not account 111111111111's" in done.said
    theirs.delete_bucket(Bucket=BUCKET)
    ours = client("s3", "eu-central-1", bare.aws_environ())
    ours.create_bucket(Bucket=BUCKET, **elsewhere)
    done = bootstrap(bare, "--yes")
    assert done.code == 3
    assert "is in eu-central-1, not in eu-west-1" in done.said
    assert 'region = "eu-central-1"' in done.said


def test_the_lock_may_move_to_a_table_by_way_of_both(inherited: Bench) -> None:
    before = state_in_file(inherited)
    set_policy(inherited, 'lock = "dynamodb"')
    assert bootstrap(inherited, "--yes").code == 0
    file = backend_file(inherited.workspace, _dev(inherited))
    assert "use_lockfile" not in file.read_text()
    table = inherited.aws("dynamodb").describe_table(TableName=TABLE)["Table"]
    assert table["DeletionProtectionEnabled"] is True
    assert_moved(inherited, before)

    policy = inherited.workspace.environments / "dev.toml"
    policy.write_text(policy.read_text().replace('"dynamodb"', '"s3"'))
    warned = bootstrap(inherited, "--yes")
    assert warned.code == 0
    assert "does not see the new lock" in warned.said
    # The table remembers an older state than the one that others wrote meanwhile.
    item = {"LockID": {"S": f"{BUCKET}/bookstore/dev/terraform.tfstate-md5"}, "Digest": {"S": "0"}}
    inherited.aws("dynamodb").put_item(TableName=TABLE, Item=item)
    policy.write_text(policy.read_text().replace('"s3"', '"both"'))
    assert bootstrap(inherited, "--yes").code == 0
    assert "use_lockfile" in file.read_text()
    assert "dynamodb_table" in file.read_text()
    assert_moved(inherited, before)
    assert not inherited.lock_is_held()


def _dev(bench: Bench) -> Environment:
    return load_environment(bench.workspace, "dev")


class TestRealAws:
    """Not ``--sandbox``: the operator's own tree, and a fake AWS in place of the real one."""

    OVERRIDE = """\
terraform {{
  backend "s3" {{
    bucket         = "{bucket}"
    key            = "bookstore/{name}/terraform.tfstate"
    region         = "eu-west-1"
    use_path_style = true
    use_lockfile   = true
  }}
}}
"""

    def reaching(self, bench: Bench, account: str) -> dict[str, str]:
        """Credentials of an account in a profile that also names the endpoint."""
        url = lifecycle.ensure(bench.workspace, bare=True).url
        file = bench.root.parent / "config"
        file.write_text(
            f"[default]\nendpoint_url = {url}\naws_access_key_id = BSOPS{account}AAA\n"
            "aws_secret_access_key = x\n"
        )
        return {"AWS_CONFIG_FILE": str(file), "AWS_EC2_METADATA_DISABLED": "true"}

    def test_a_protected_environment_asks_for_its_name(self, bare: Bench) -> None:
        env = self.reaching(bare, "333333333333")
        for words in ([], ["--yes"], ["--confirm", "dev"]):
            done = bare.run("bootstrap", "prod", *words, env=env)
            assert done.code == 3, done.err
            assert "--confirm 'prod'" in done.said or "it was not confirmed" in done.said
        assert bare.aws("s3", "prod").list_buckets()["Buckets"] == []
        assert not (bare.environment_root("prod") / "backend.tf").exists()

    def test_the_roots_own_state_moves_and_backend_tf_is_formatted(self, bare: Bench) -> None:
        env = self.reaching(bare, "111111111111")
        root = bare.environment_root("dev")
        assert bare.run("plan", "dev", "--no-details", env=env).code == 0
        assert bare.run("apply", "dev", "--yes", env=env).code == 0
        before = json.loads((root / "terraform.tfstate").read_text())
        (root / "path_override.tf").write_text(self.OVERRIDE.format(bucket=BUCKET, name="dev"))
        (root / "backend.tf").write_text('terraform {\n  backend "local" {}\n}\n')
        refused = bare.run("bootstrap", "dev", "--yes", env=env)
        assert refused.code == 3
        assert "was not written by bsops" in refused.said
        (root / "backend.tf").unlink()

        done = bare.run("bootstrap", "dev", "--yes", env=env)
        assert done.code == 0, done.err
        assert bare.state() == before
        assert not (root / "terraform.tfstate").exists()
        assert "backend.tf" not in bare.run("fmt", "--check").out
        assert bare.run("plan", "dev", "--no-details", "--detailed-exitcode", env=env).code == 0
