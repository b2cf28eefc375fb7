"""Without the sandbox: the right account, and confirmations that grow with the damage."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import REPOSITORY, Bench, make_bench

ACCOUNT = "123456789012"


@pytest.fixture
def real(tmp_path: Path, warm_bench: Bench) -> Bench:
    """A workspace whose AWS is a fake one that bsops takes for real: no --sandbox."""
    bench = make_bench(tmp_path)
    url = lifecycle.ensure(warm_bench.workspace).url
    bench.environ = {
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "x",
    }
    # A protected environment refuses AWS_ENDPOINT_URL, so the endpoint stands in the operator's
    # own AWS configuration, which Terraform's provider and boto3 both read.
    home = tmp_path / "home" / ".aws"
    home.mkdir(parents=True)
    (home / "config").write_text(f"[default]\nendpoint_url = {url}\nregion = eu-west-1\n")
    for name in ("dev", "prod"):
        policy = bench.workspace.environments / f"{name}.toml"
        text = policy.read_text().replace("111111111111", ACCOUNT).replace("333333333333", ACCOUNT)
        policy.write_text(text)
        (bench.environment_root(name) / "table.tf").write_text(
            'resource "aws_dynamodb_table" "audit" {\n  name = "audit"\n'
            '  billing_mode = "PAY_PER_REQUEST"\n  hash_key = "id"\n'
            '  attribute {\n    name = "id"\n    type = "S"\n  }\n}\n'
        )
    return bench


def test_another_account_is_refused_before_terraform_starts(real: Bench) -> None:
    policy = real.workspace.environments / "dev.toml"
    policy.write_text(
        policy.read_text().replace(f'account_id = "{ACCOUNT}"', 'account_id = "999999999999"')
    )
    done = real.run("plan", "dev")
    assert done.code == 5
    assert (
        f"these credentials are of account {ACCOUNT}, but dev is account 999999999999" in done.said
    )
    assert real.events("plan") == []


def test_no_credentials_exit_5_with_the_command_to_get_some(bench: Bench) -> None:
    done = bench.run("plan", "dev", env={"AWS_EC2_METADATA_DISABLED": "true"})
    assert done.code == 5
    assert "no AWS credentials for dev" in done.said
    assert "--sandbox" in done.said


def test_a_protected_environment_applies_only_a_saved_plan(real: Bench) -> None:
    done = real.run("apply", "prod", "--yes")
    assert done.code == 3
    assert "next: bsops plan prod" in done.said


def test_a_protected_environment_takes_its_typed_name_and_for_a_destroy_the_number_too(
    real: Bench,
) -> None:
    assert real.run("plan", "prod", "--no-details").code == 0
    refused = real.run("apply", "prod", "--yes")
    assert refused.code == 3
    assert "--confirm 'prod'" in refused.said
    assert real.run("apply", "prod", "--confirm", "dev").code == 3
    assert real.run("apply", "prod", "--confirm", "prod").code == 0

    allowed = ("--allow-destroy", "aws_dynamodb_table.audit")
    assert real.run("destroy", "prod", *allowed, "--confirm", "prod 1").code == 64
    why = ("--reason", "the shop closes")
    assert real.run("destroy", "prod", *allowed, *why, "--confirm", "prod").code == 3
    assert real.run("destroy", "prod", *allowed, *why, "--confirm", "prod 1").code == 0
    assert "because: the shop closes" in " ".join(real.run("history", "prod").out.split())


def test_what_holds_data_is_destroyed_only_by_name(real: Bench) -> None:
    assert real.run("plan", "dev", "--no-details").code == 0
    assert real.run("apply", "dev", "--yes").code == 0
    # State lies beside the root until it is bootstrapped.
    assert (real.environment_root("dev") / "terraform.tfstate").exists()
    refused = real.run("destroy", "dev", "--yes")
    assert refused.code == 3
    assert "bsops destroy dev --allow-destroy 'aws_dynamodb_table.audit'" in refused.said
    done = real.run("destroy", "dev", "--yes", "--allow-destroy", "aws_dynamodb_table.audit")
    assert done.code == 0
    assert real.run("show", "dev", "--json").json["resources"] == []


def test_guards_of_time_and_tree_speak_before_terraform_starts(real: Bench) -> None:
    policy = real.workspace.environments / "dev.toml"
    text = policy.read_text()
    now = datetime.now(UTC).replace(microsecond=0)
    since, until = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    freeze = f'[[freeze]]\nfrom = {since}\nuntil = {until}\nreason = "the sale"\n'
    policy.write_text(f"{text}\n[source]\ncommitted = true\n\n{freeze}")
    frozen = real.run("apply", "dev", "--yes", env={"TZ": "Europe/Berlin"})
    assert frozen.code == 3
    assert "dev is frozen: the sale" in frozen.said
    assert f"until {now + timedelta(days=1):%a %Y-%m-%d %H:%M} UTC" in " ".join(
        real.run("apply", "dev", env={"TZ": "UTC"}).err.split()
    )
    assert "CET your time" in frozen.said or "CEST your time" in frozen.said
    why = ("--during-freeze", "--reason", "the shop is down")
    dirty = real.run("apply", "dev", "--yes", *why)
    assert dirty.code == 3
    assert "the workspace is not in a git repository" in dirty.said
    assert (
        f"bsops apply dev --yes {' '.join(why[:2])} 'the shop is down' --allow-dirty" in dirty.said
    )
    assert real.events("plan") == []
    run = real.run("history", "dev", "--json").json["runs"][-1]
    assert (run["outcome"], run["reason"]) == ("refused", "the shop is down")
    assert run["overrode"] == ["the freeze of dev: the sale"]


def test_the_shipped_policies_keep_what_holds_data(real: Bench) -> None:
    shutil.copytree(REPOSITORY / "environments/policies", real.workspace.environments / "policies")
    assert real.run("policy", "test").code == 0
    refused = real.run("apply", "dev", "--yes")
    assert refused.code == 3
    assert "required_tags: aws_dynamodb_table.audit: it lacks Project" in refused.said
    policy = real.workspace.environments / "dev.toml"
    policy.write_text(
        f"{policy.read_text()}\n[[policies.exempt]]\npolicy = 'required_tags'\n"
        "reason = 'not yet'\nuntil = 2999-01-01\n"
    )
    assert real.run("apply", "dev", "--yes").code == 0
    words = ("destroy", "dev", "--yes", "--allow-destroy", "aws_dynamodb_table.audit")
    kept = real.run(*words)
    assert kept.code == 3
    assert "it holds data and would be destroyed" in kept.said
