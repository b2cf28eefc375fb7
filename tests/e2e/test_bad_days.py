"""Bad input and bad days, each driven through the installed bsops: clear, and nothing is lost."""

import os
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import BSOPS, Bench, Finished, make_bench

NO_TERRAFORM = {"PATH": "/nonexistent"}


@pytest.fixture
def bench(warm_bench: Bench) -> Bench:
    """The workspace that tests hand on to each other."""
    return warm_bench


def write(bench: Bench, name: str, text: str) -> None:
    """Put a file into dev's root module."""
    (bench.environment_root("dev") / name).write_text(text)


def test_an_unknown_environment_offers_the_nearest_name(bench: Bench) -> None:
    done = bench.run("plan", "prd", "--sandbox")
    assert done.code == 6
    assert "there is no environment 'prd'" in done.said
    assert "did you mean prod?" in done.said


def test_no_environment_and_nobody_to_ask_lists_them(bench: Bench) -> None:
    done = bench.run("plan", "--sandbox")
    assert done.code == 64
    assert "this workspace has: dev, prod" in done.said


def test_the_environment_may_come_from_a_variable(bench: Bench) -> None:
    done = bench.run("lock", "--sandbox", "--json", env={"BSOPS_ENV": "dev"})
    assert done.json["environment"] == "dev"


def test_a_misspelt_key_names_file_line_and_spelling(bench: Bench) -> None:
    path = bench.workspace.environments / "dev.toml"
    path.write_text(path.read_text().replace("region ", "regoin "))
    done = bench.run("plan", "dev", "--sandbox")
    assert done.code == 6
    assert "dev.toml:2: unknown key regoin" in done.said
    assert "write region instead of regoin" in done.said


def test_missing_values_point_to_the_command_that_writes_them(bench: Bench) -> None:
    values = bench.environment_root("dev") / "terraform.tfvars"
    values.unlink()
    done = bench.run("plan", "dev", "--sandbox")
    assert done.code == 6
    assert "dev has no values" in done.said
    assert "next: bsops tfvars new dev" in done.said
    assert bench.run("tfvars", "new", "dev", "--set", "size=1").code == 0
    assert values.is_file()


def test_an_invalid_value_names_variable_rule_and_value(bench: Bench) -> None:
    write(bench, "terraform.tfvars", "size = 0\n")
    done = bench.run("plan", "dev", "--sandbox")
    assert done.code == 6
    for part in ("Invalid value for variable", "var.size is 0", "write size = 1"):
        assert part in done.said


def test_a_broken_configuration_names_file_and_line(bench: Bench) -> None:
    write(bench, "broken.tf", 'resource "aws_ssm_parameter" "b" {\n  nme = "x"\n}\n')
    done = bench.run("validate", "dev", "--sandbox")
    assert done.code == 6
    assert "broken.tf:2" in done.said


def test_no_terraform_says_how_to_get_one(bench: Bench) -> None:
    done = bench.run("plan", "dev", "--sandbox", "--terraform-bin", "terraform", env=NO_TERRAFORM)
    assert done.code == 7
    assert "there is no program terraform" in done.said


def test_a_terraform_below_the_floor_is_refused(bench: Bench, tmp_path: Path) -> None:
    old = tmp_path / "terraform"
    old.write_text(
        '#!/bin/sh\necho \'{"terraform_version": "1.5.7", "platform": "linux_amd64"}\'\n'
    )
    old.chmod(0o755)
    done = bench.run("plan", "dev", "--sandbox", "--terraform-bin", str(old))
    assert done.code == 7
    assert "Terraform 1.5.7 is too old" in done.said
    assert "1.6.6 or later" in done.said


def test_no_registry_and_no_mirror_says_how_to_make_one(bench: Bench) -> None:
    # A provider version that no mirror holds sends Terraform to a registry that is out of reach.
    root = bench.environment_root("dev")
    (root / ".terraform.lock.hcl").unlink()
    (root / "main.tf").write_text((root / "main.tf").read_text().replace("~> 5.100", "5.1.0"))
    closed = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    done = bench.run("init", "dev", env={**closed, "BSOPS_PROVIDER_MIRROR": empty_mirror(bench)})
    assert done.code == 7
    assert "BSOPS_PROVIDER_MIRROR" in done.said


def empty_mirror(bench: Bench) -> str:
    """A mirror that knows the AWS provider in no version."""
    mirror = bench.root.parent / "mirror"
    (mirror / "registry.terraform.io/hashicorp/aws").mkdir(parents=True)
    return str(mirror)


def test_a_damaged_terraform_directory_names_the_command_that_mends_it(bench: Bench) -> None:
    assert bench.run("init", "dev", "--sandbox").code == 0
    copied = bench.root / ".bsops/sandbox/tree/infrastructure/aws/environments/dev/.terraform"
    for link in copied.glob("providers/*/*/*/*/*"):
        link.unlink()
    done = bench.run("plan", "dev", "--sandbox", "--no-details")
    assert done.code == 7
    assert "bsops init dev" in done.said
    assert bench.run("init", "dev", "--sandbox").code == 0
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0


def test_a_lock_file_of_another_provider_build_is_refused(bench: Bench) -> None:
    write(
        bench,
        ".terraform.lock.hcl",
        'provider "registry.terraform.io/hashicorp/aws" {\n  version = "5.100.0"\n'
        '  hashes = ["h1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]\n}\n',
    )
    done = bench.run("plan", "dev", "--sandbox")
    assert done.code == 6
    assert "does not match the lock file" in done.said
    assert "--upgrade" in done.said


def test_a_saved_plan_is_held_against_the_world_and_applied_once(bench: Bench) -> None:
    kept, other = bench.root / "kept.tfplan", bench.root / "other.tfplan"
    for path in (kept, other):
        words = ("plan", "dev", "--sandbox", "--no-details", "--out", str(path))
        assert bench.run(*words).code == 0

    def apply(path: Path) -> Finished:
        return bench.run("apply", "dev", str(path), "--sandbox", "--yes")

    def refused(path: Path, why: str) -> None:
        done = apply(path)
        assert done.code == 3
        assert why in done.said

    bench.write_chain(3)
    refused(kept, "tree: infrastructure/aws was edited since")
    bench.write_chain(2)
    write(bench, "terraform.tfvars", "size = 2\n")
    refused(kept, "values: terraform.tfvars")
    write(bench, "terraform.tfvars", "size = 1\n")
    whole = kept.read_bytes()
    kept.write_bytes(whole + b"x")
    refused(kept, "its sha256 is not the recorded one")
    assert bench.parameters() == set()
    kept.write_bytes(whole)
    assert apply(kept).code == 0
    refused(kept, "was applied already")
    refused(other, "state serial: planned on 0")


def test_a_plan_older_than_its_time_to_live_is_refused(bench: Bench) -> None:
    policy = bench.workspace.environments / "dev.toml"
    policy.write_text(policy.read_text().replace('"8h"', '"1s"'))
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    time.sleep(1.5)  # the commands alone may take less than its second
    done = bench.run("apply", "dev", "--sandbox", "--yes")
    assert done.code == 3
    assert "time-to-live" in done.said
    assert "next: bsops plan dev --sandbox" in done.said


def test_a_failed_apply_prints_its_ledger(bench: Bench) -> None:
    write(
        bench,
        "bad.tf",
        'resource "aws_ssm_parameter" "bad" {\n  name = "aws-reserved"\n  type = "String"\n'
        '  value = "x"\n  depends_on = [aws_ssm_parameter.p00]\n}\n'
        'resource "aws_ssm_parameter" "later" {\n  name = "/later"\n  type = "String"\n'
        '  value = "x"\n  depends_on = [aws_ssm_parameter.bad]\n}\n',
    )
    done = bench.apply()
    assert done.code == 1
    assert "2 applied, 1 failed, 1 not started" in done.said
    for part in (
        "aws_ssm_parameter.bad",
        "aws_ssm_parameter.later",
        "saved",
        "free",
        "bsops plan dev",
    ):
        assert part in done.said
    bench.assert_nothing_lost()


def test_the_sandbox_killed_during_apply_is_told_and_the_next_starts_empty(bench: Bench) -> None:
    bench.write_chain(14)
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    running = bench.start("apply", "dev", "--sandbox", "--yes")
    running.wait_for_event("apply", "apply_complete", 3)
    psutil.Process(lifecycle.ensure(bench.workspace).pid).kill()
    done = running.finish()
    assert done.code == 1
    assert "the sandbox server is gone" in done.said
    bench.write_chain(2)
    again = bench.apply()
    assert again.code == 0, again.err
    assert len(bench.parameters()) == 2
    bench.assert_nothing_lost()


def test_an_operation_the_sandbox_lacks_is_named_within_seconds(bench: Bench) -> None:
    write(
        bench,
        "x.tf",
        'resource "aws_imagebuilder_image_recipe" "r" {\n  name = "r"\n  version = "1.0.0"\n'
        '  parent_image = "ami-12345678"\n  component {\n    component_arn = '
        '"arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.0/1"\n  }\n}\n',
    )
    assert bench.run("plan", "dev", "--sandbox", "--no-details").code == 0
    done = bench.run("apply", "dev", "--sandbox", "--yes", timeout=60)
    assert done.code == 1
    assert "imagebuilder:CreateImageRecipe" in done.said
    assert "bsops sandbox status" in done.said


def test_a_read_only_workspace_is_told_before_anything_runs(tmp_path: Path) -> None:
    bench = make_bench(tmp_path)  # nothing was written to it before
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c",
         'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" &&'
         ' exec "$2" plan dev --sandbox',
         "sh", str(bench.root), str(BSOPS)],
        env=bench.env(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    assert "Read-only file system" in done.stderr
    assert "--workspace DIR" in done.stderr


def test_a_full_disk_is_told_and_leaves_no_half_written_file(bench: Bench) -> None:
    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c",
         'mkdir -p "$1/.bsops" && mount -t tmpfs -o size=96k,mode=700 tmpfs "$1/.bsops" &&'
         ' cd "$1" &&'
         ' { "$2" plan dev; code=$?; find .bsops -name "*.tfplan*"; exit $code; }',
         "sh", str(bench.root), str(BSOPS)],
        env=bench.env({"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y",
                       "AWS_ENDPOINT_URL": sandbox_endpoint(bench)}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 7, done.stderr
    assert "disk is full" in done.stderr or "No space left" in done.stderr
    assert ".tfplan" not in done.stdout


def sandbox_endpoint(bench: Bench) -> str:
    """A fake AWS outside the workspace, for runs that are not --sandbox."""
    policy = bench.workspace.environments / "dev.toml"
    policy.write_text(policy.read_text().replace("111111111111", "123456789012"))
    (bench.environment_root("dev") / "main.tf").write_text(
        (bench.environment_root("dev") / "main.tf")
        .read_text()
        .replace("region = var.region", "region = var.region\n  s3_use_path_style = true")
    )
    for number in range(400):
        (bench.environment_root("dev") / f"filler{number}.tf").write_text(
            "# " + os.urandom(900).hex()
        )
    return lifecycle.ensure(bench.workspace).url
