"""Doctor as an operator runs it: all well, no credentials, something wrong, something mended."""

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import who
from tests.e2e.workspaces import BSOPS, Bench, Finished
from tests.iam_simulator import FakeIam, Statement, serve
from tests.unit.support import program

# The tree of these workspaces is a small one of their own, as no formatter left it.
SMALL = ("--skip", "BS202", "--skip", "BS203")


def _statuses(done: Finished) -> dict[str, str]:
    return {check["code"]: check["status"] for check in done.json["checks"]}


class TestSandbox:
    def test_a_fresh_workspace_is_well_in_the_sandbox(self, bench: Bench) -> None:
        done = bench.run("doctor", "dev", "--sandbox", "--json", *SMALL)
        assert done.code == ExitCode.DONE
        document = done.json
        assert document["schema"] == "bsops.doctor/1"
        assert document["sandbox"] is True
        assert {"ok", "skipped"} == set(_statuses(done).values()), done.out
        found = {check["code"]: check for check in document["checks"]}
        assert "bsops bootstrap dev --sandbox" in found["BS601"]["why"]
        assert found["BS606"]["status"] == "ok"
        # Once more, now that there is something to be looked at.
        assert bench.run("doctor", "dev", "--sandbox", "--short", *SMALL).out.count("\n") == 1

    def test_after_a_bootstrap_the_state_is_well_too(self, bench: Bench) -> None:
        bench.run("sandbox", "start", "--bare")
        assert bench.run("bootstrap", "dev", "--sandbox", "--yes").code == ExitCode.DONE
        done = bench.run("doctor", "dev", "--sandbox", "--json", *SMALL)
        statuses = _statuses(done)
        assert [statuses[f"BS60{n}"] for n in (1, 2, 3, 4, 6)] == ["ok"] * 5, done.out
        assert not {"warning", "error", "unknown"} & set(statuses.values()), done.out
        bench.aws("s3").put_bucket_versioning(
            Bucket="bookstore-dev-tfstate-111111111111",
            VersioningConfiguration={"Status": "Suspended"},
        )
        done = bench.run("doctor", "dev", "--sandbox", "--only", "BS602")
        assert done.code == ExitCode.FAILED
        assert "next: bsops bootstrap dev --sandbox --repair" in done.out

    def test_what_a_plan_makes_is_held_against_the_quotas(self, bench: Bench) -> None:
        (bench.environment_root("dev") / "network.tf").write_text(
            'resource "aws_vpc" "shop" {\n  count      = 5\n  cidr_block = "10.0.0.0/16"\n}\n'
        )
        only = ("doctor", "dev", "--sandbox", "--only", "BS651")
        before = bench.run(*only)
        assert (before.code, before.out.count("skipped BS651")) == (ExitCode.DONE, 1)
        assert "bsops plan dev --sandbox" in before.out
        assert bench.run("plan", "dev", "--sandbox").code == ExitCode.DONE
        # AWS gives each region a VPC, and moto allows five.
        done = bench.run(*only)
        assert done.code == ExitCode.FAILED
        assert "error   BS651  VPCs: 1 of 5 used, 5 more planned\n" in done.out
        assert "--service-code vpc --quota-code L-F678F1CE --desired-value 8" in done.out


class TestWithoutCredentials:
    def test_it_says_so_and_exits_with_5_in_time(self, bench: Bench) -> None:
        began = time.monotonic()
        done = bench.run("doctor", "prod")
        assert time.monotonic() - began < 10
        assert done.code == ExitCode.CREDENTIALS
        assert "error   BS401  no AWS credentials for prod" in done.out
        assert "next: aws configure" in done.out
        assert "docs: docs/doctor.md#bs401" in done.out
        assert "unknown BS501" in done.out

    def test_a_program_that_hangs_is_not_waited_for(self, bench: Bench) -> None:
        script = program(
            bench.root.parent / "hang", f"#!{sys.executable}\nimport time\ntime.sleep(30)\n"
        )
        config = bench.root.parent / "aws-config"
        config.write_text(f"[profile slow]\ncredential_process = {script}\n")
        began = time.monotonic()
        done = bench.run(
            "doctor",
            "dev",
            "--only",
            "Credentials",
            "--json",
            env={"AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "slow"},
        )
        assert time.monotonic() - began < 10
        assert set(_statuses(done).values()) == {"unknown"}
        assert done.code == ExitCode.DONE

    def test_offline_asks_nobody(self, bench: Bench) -> None:
        done = bench.run("doctor", "prod", "--offline", "--json", *SMALL)
        assert done.code == ExitCode.DONE
        assert _statuses(done)["BS401"] == "skipped"


class TestPermissions:
    """Against an AWS whose policies are judged, as moto's are not."""

    ONLY = ("doctor", "dev", "--json", "--only", "Permissions", "--only", "BS405")

    @pytest.fixture
    def iam(self, bench: Bench) -> Iterator[FakeIam]:
        tree = bench.environment_root("dev") / "chain.tf"
        tree.write_text('resource "aws_sqs_queue" "a" {}\nresource "aws_ecs_cluster" "a" {}\n')
        with serve(FakeIam(arn="arn:aws:iam::111111111111:user/ann")) as fake:
            keys = {"AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"}
            bench.environ.update(AWS_ENDPOINT_URL=fake.url, NO_PROXY="127.0.0.1", **keys)
            yield fake

    def test_what_is_denied_fails_before_terraform_does(self, bench: Bench, iam: FakeIam) -> None:
        iam.statements = [Statement("sqs:* ecs:Describe* iam:*")]
        done = bench.run(*self.ONLY)
        assert done.code == ExitCode.CREDENTIALS
        found = {check["code"]: check for check in done.json["checks"]}
        assert {code: check["status"] for code, check in found.items()} == {
            "BS405": "ok",
            "BS551": "ok",
            "BS552": "error",
            "BS553": "warning",
        }
        assert "aws_ecs_cluster: ecs:CreateCluster" in found["BS552"]["details"]
        shown = bench.run("doctor", "dev", "--only", "BS552")
        assert "error   BS552  6 of the 11 actions that an apply needs, by the tree," in shown.out
        assert "next: bsops doctor dev --only BS552 --json" in shown.out

    def test_what_is_allowed_is_well_and_asked_side_by_side(
        self, bench: Bench, iam: FakeIam
    ) -> None:
        iam.statements, iam.delay = [Statement("*")], 0.5
        iam.roles = {"AWSServiceRoleForECS": "/aws-service-role/ecs.amazonaws.com/"}
        done = bench.run(*self.ONLY)
        assert done.code == ExitCode.DONE
        checks = done.json["checks"]
        assert {check["status"] for check in checks} == {"ok"}, done.out
        assert sum(check["seconds"] for check in checks) > 4 * 0.5
        assert max(check["seconds"] for check in checks) < 3 * 0.5


class TestLocally:
    def test_without_an_environment_every_one_is_looked_at(self, bench: Bench) -> None:
        (bench.environment_root("prod") / "terraform.tfvars").unlink()
        done = bench.run("doctor", "--short", *SMALL)
        assert done.code == ExitCode.CONFIGURATION
        assert "error   BS302  prod: " in done.out
        assert "BS401" not in done.out
        assert "1 error" in done.out.splitlines()[-1]
        assert "AWS was not asked" in done.err

    def test_the_lock_of_a_dead_run_is_a_warning(self, bench: Bench) -> None:
        lock = {"ID": "1-2", "Operation": "OperationTypeApply", "Who": who()}
        path = bench.environment_root("prod") / ".terraform.tfstate.lock.info"
        path.write_text(json.dumps({**lock, "Created": "2026-01-01T00:00:00.000000000Z"}))
        done = bench.run("doctor", "prod", "--only", "BS606")
        assert done.code == ExitCode.DONE
        assert f"warning BS606  the holder of the state's lock is dead\n{' ' * 17}why:" in done.out
        assert "next: bsops unlock prod\n" in done.out
        assert bench.run("doctor", "prod", "--only", "BS606", "--fail-on", "warning").code == (
            ExitCode.LOCKED
        )

    def test_the_shell_and_a_state_without_a_copy_are_told_of(self, bench: Bench) -> None:
        (bench.environment_root("prod") / "terraform.tfstate").write_text("{}")
        shell = {"TF_VAR_secret": "hunter2", "TF_CLI_ARGS_apply": "-auto-approve"}
        done = bench.run("doctor", "--only", "BS108", "--only", "BS607", env=shell)
        assert done.code == ExitCode.CONFIGURATION
        names = "TF_CLI_ARGS_apply, TF_VAR_secret"
        assert f"warning BS108  dev: this shell would change what runs: {names}\n" in done.out
        assert f"error   BS108  prod: this shell would change what runs: {names}\n" in done.out
        assert "next: unset TF_CLI_ARGS_apply TF_VAR_secret\n" in done.out
        assert "hunter2" not in done.out + done.err
        assert "warning BS607  prod: this machine has no copy of the state\n" in done.out
        assert "next: bsops state backup prod\n" in done.out

    def test_warnings_fail_only_when_asked(self, bench: Bench) -> None:
        (bench.environment_root("dev") / "main.tf").write_text("locals {\na=1\n}\n")
        only = ("doctor", "--only", "BS203")
        assert bench.run(*only).code == ExitCode.DONE
        assert bench.run(*only, "--fail-on", "warning").code == ExitCode.FAILED

    def test_fix_mends_and_says_what(self, bench: Bench) -> None:
        path = bench.environment_root("dev") / "locals.tf"
        path.write_text("locals {\na=1\n}\n")
        data = bench.workspace.make_data_directory("plans")
        data.chmod(0o755)
        cache = bench.root.parent / "cache"
        done = bench.run(
            "doctor", "--fix", "--skip", "BS202", env={"TF_PLUGIN_CACHE_DIR": str(cache)}
        )
        assert done.code == ExitCode.DONE, done.out
        assert path.read_text() == "locals {\n  a = 1\n}\n"
        assert data.stat().st_mode & 0o777 == 0o700
        assert cache.is_dir()
        formatted = "infrastructure/aws/environments/dev/locals.tf"
        for said in (f"fixed: formatted {formatted}", "mode 0755 is now 0700", f"made {cache}"):
            assert said in done.out

    def test_fix_installs_completion_for_who_types(self, bench: Bench) -> None:
        typing = {"SHELL": "/bin/bash", "COLUMNS": "200"}
        words = ("doctor", "--only", "BS109", "--fix")
        assert "nobody types here" in bench.run(*words, env=typing).out
        script = Path(bench.env()["HOME"]) / ".bash_completions" / "bsops.sh"
        assert not script.exists()
        child = pexpect.spawn(
            str(BSOPS),
            list(words),
            cwd=str(bench.root),
            env=bench.env(typing),
            encoding="utf-8",
            dimensions=(40, 200),
        )
        child.expect_exact(f"fixed: wrote {script}")
        child.expect(pexpect.EOF)
        assert script.exists()

    def test_what_is_not_there_is_refused(self, bench: Bench) -> None:
        assert bench.run("doctor", "prd").code == ExitCode.CONFIGURATION
        refused = bench.run("doctor", "--only", "Stat")
        assert refused.code == ExitCode.USAGE
        assert "bsops doctor --list" in refused.err

    def test_list_names_every_check(self, bench: Bench) -> None:
        listed = bench.run("doctor", "--list", "--json").json["checks"]
        assert len(listed) == len({check["code"] for check in listed}) > 30
        assert "BS203" in bench.run("doctor", "--list").out
