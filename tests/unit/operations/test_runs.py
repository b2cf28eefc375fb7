"""Commands on an environment, whole: real Terraform, a fake AWS, a root that needs no provider."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.ui.watch import LiveWatch
from tests.unit.operations.conftest import MAIN, Shell
from tests.unit.support import POLICY


@contextmanager
def somebody_holding(state: Path) -> Iterator[None]:
    """Another process that holds a state file as Terraform does."""
    script = (
        "import fcntl, sys, time; file = open(sys.argv[1], 'r+')\n"
        "fcntl.lockf(file, fcntl.LOCK_EX); print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(state)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield
        holder.kill()


class TestPlan:
    def test_is_saved_with_a_record(self, bsops: Shell) -> None:
        assert bsops("plan", "dev") == ExitCode.DONE
        (plan,) = (bsops.workspace.data / "plans/dev").glob("*.tfplan")
        record = json.loads(plan.with_name(f"{plan.name}.record.json").read_text())
        assert record["account_id"] == "123456789012"
        assert [change["action"] for change in record["changes"]] == ["create", "create"]

    def test_says_by_its_status_whether_there_are_changes_when_asked(self, bsops: Shell) -> None:
        assert bsops("plan", "dev", "--detailed-exitcode") == ExitCode.CHANGES
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        assert bsops("plan", "dev", "--detailed-exitcode") == ExitCode.DONE

    def test_without_changes_leaves_no_plan_behind(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        bsops("plan", "dev")
        assert list((bsops.workspace.data / "plans/dev").glob("*.tfplan")) == []

    def test_goes_where_it_is_told(self, bsops: Shell, tmp_path: Path) -> None:
        assert bsops("plan", "dev", "--out", str(tmp_path / "p")) == ExitCode.DONE
        assert bsops("apply", "dev", str(tmp_path / "p"), "--yes") == ExitCode.DONE

    def test_into_a_directory_that_is_not_there_says_so(self, bsops: Shell) -> None:
        assert bsops("plan", "dev", "--out", "no/such/p") == ExitCode.ENVIRONMENT
        assert "mkdir -p" in bsops.err

    @pytest.mark.parametrize(
        ("values", "said"),
        [("size = 0\n", "size must be above 0."), ('size = "x"\n', "a number is required")],
    )
    def test_of_values_that_are_not_valid_quotes_the_rule(
        self, bsops: Shell, values: str, said: str
    ) -> None:
        bsops.values(values)
        assert bsops("plan", "dev") == ExitCode.CONFIGURATION
        assert said in " ".join(bsops.err.split())  # wrapped wherever the paths let it
        assert list((bsops.workspace.data / "plans/dev").iterdir()) == []

    def test_without_values_says_where_to_get_them(self, bsops: Shell) -> None:
        (bsops.root() / "terraform.tfvars").unlink()
        assert bsops("plan", "dev") == ExitCode.CONFIGURATION
        assert "next: bsops tfvars new dev\n" in bsops.err

    def test_of_a_values_file_that_is_missing_names_it(self, bsops: Shell) -> None:
        assert bsops("plan", "dev", "--var-file", "no.tfvars") == ExitCode.CONFIGURATION
        assert "there is no values file no.tfvars" in bsops.err

    def test_of_an_environment_without_a_root_says_so(self, bsops: Shell) -> None:
        bsops.root().rename(bsops.workspace.root / "away")
        assert bsops("plan", "dev") == ExitCode.CONFIGURATION
        assert "dev has no Terraform root module" in bsops.err

    def test_in_another_account_never_starts_terraform(self, bsops: Shell) -> None:
        (bsops.workspace.environments / "dev.toml").write_text(POLICY)
        assert bsops("plan", "dev") == ExitCode.CREDENTIALS
        assert not (bsops.root() / ".terraform").exists()

    def test_that_is_interrupted_leaves_nothing(
        self, bsops: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # At the first tick: nothing of Terraform's own has begun.
        monkeypatch.setattr(LiveWatch, "update", lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        assert bsops("plan", "dev") == ExitCode.TERMINATED
        assert list((bsops.workspace.data / "plans/dev").iterdir()) == []
        assert bsops.history[-1].outcome == "interrupted"


class TestApply:
    def test_takes_the_latest_plan_once(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        (plan,) = (bsops.workspace.data / "plans/dev").glob("*.tfplan")
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        assert bsops("apply", "dev", plan.stem, "--yes") == ExitCode.REFUSED
        assert "was applied already" in bsops.err

    def test_can_be_of_a_plan_by_name(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        (plan,) = (bsops.workspace.data / "plans/dev").glob("*.tfplan")
        assert bsops("apply", "dev", plan.stem, "--yes") == ExitCode.DONE

    def test_of_the_latest_without_one_says_how_to_make_one(self, bsops: Shell) -> None:
        assert bsops("apply", "dev", "latest", "--yes") == ExitCode.CONFIGURATION
        assert "bsops plan dev" in bsops.err

    def test_without_a_yes_and_nobody_to_ask_names_the_flag(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        assert bsops("apply", "dev") != ExitCode.DONE
        assert "--yes" in bsops.err
        assert not (bsops.root() / "terraform.tfstate").exists()

    @pytest.mark.parametrize(
        ("edit", "field"),
        [
            (lambda b: (b.root() / "new.tf").write_text("locals {}\n"), "tree"),
            (lambda b: b.values("size = 2\n"), "values"),
            (
                lambda b: next((b.workspace.data / "plans/dev").glob("*.tfplan")).write_bytes(b"x"),
                "plan file",
            ),
        ],
    )
    def test_of_a_plan_that_does_not_hold_is_refused_by_field(
        self, bsops: Shell, edit: Any, field: str
    ) -> None:
        bsops("plan", "dev")
        edit(bsops)
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert f"why:  {field}: " in bsops.err
        assert bsops.history[-1].outcome == "refused"

    def test_to_a_protected_environment_needs_a_plan_and_its_name(self, bsops: Shell) -> None:
        assert bsops("apply", "prod", "--confirm", "prod") == ExitCode.REFUSED
        assert "only a saved plan can be applied" in bsops.err
        bsops("plan", "prod")
        assert bsops("apply", "prod", "--confirm", "dev") == ExitCode.REFUSED
        assert bsops("apply", "prod", "--confirm", "prod") == ExitCode.DONE

    def test_to_a_protected_environment_with_a_changed_shell_is_refused(
        self, bsops: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TF_CLI_ARGS", "-lock=false")
        assert bsops("plan", "prod") == ExitCode.REFUSED
        assert "unset TF_CLI_ARGS" in bsops.err

    def test_that_fails_gives_an_account(self, bsops: Shell) -> None:
        (bsops.root() / "main.tf").write_text(
            MAIN
            + 'resource "terraform_data" "bad" {\n  provisioner "local-exec" {\n'
            + '    command = "exit 1"\n  }\n}\n'
            + 'resource "terraform_data" "behind" {\n  input = terraform_data.bad.id\n}\n'
        )
        assert bsops("apply", "dev", "--yes") == ExitCode.FAILED
        assert "2 applied, 1 not started" in bsops.err
        assert "local-exec provisioner error" in bsops.err
        ended = bsops.history[-1].ended
        assert ended is not None
        assert (ended.outcome, ended.counts) == ("failed", {"create": 2})

    def test_while_the_state_is_locked_keeps_its_plan(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        bsops.values("size = 2\n")
        bsops("plan", "dev")
        lock = {"ID": "1b1c", "Who": "ann@laptop", "Operation": "OperationTypeApply"}
        lock_file = bsops.root() / ".terraform.tfstate.lock.info"
        lock_file.write_text(json.dumps(lock | {"Created": "2026-01-01T00:00:00Z"}))
        with somebody_holding(bsops.root() / "terraform.tfstate"):
            assert bsops("apply", "dev", "--yes") == ExitCode.LOCKED
        assert "ann@laptop" in bsops.err
        lock_file.unlink()
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE

    def test_that_changes_nothing_says_so(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        assert "nothing" in (bsops.out + bsops.err).lower()


class TestDestroy:
    def test_leaves_nothing(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        assert bsops("destroy", "dev", "--yes") == ExitCode.DONE
        state = json.loads((bsops.root() / "terraform.tfstate").read_text())
        assert state["resources"] == []


class TestReading:
    def test_outputs_are_masked_unless_they_are_asked_for(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        assert bsops("output", "dev") == ExitCode.DONE
        assert "hunter2" not in bsops.out
        assert bsops("output", "dev", "password", "--reveal") == ExitCode.DONE
        assert "hunter2" in bsops.out
        assert bsops("output", "dev", "size") == ExitCode.DONE
        assert bsops.out.strip() == "1"

    def test_an_output_that_is_not_there_is_answered_with_those_that_are(
        self, bsops: Shell
    ) -> None:
        bsops("apply", "dev", "--yes")
        assert bsops("output", "dev", "sise") == ExitCode.USAGE
        assert "it has: password, size" in bsops.err
        assert "did you mean size?" in bsops.err

    def test_before_the_first_apply_there_is_nothing_to_read(self, bsops: Shell) -> None:
        assert bsops("output", "dev") == ExitCode.DONE
        assert bsops("show", "dev") == ExitCode.DONE
        assert bsops("output", "dev", "size") == ExitCode.USAGE
        assert "nothing is applied yet" in bsops.err

    def test_the_state_is_listed_by_address(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        assert bsops("show", "dev") == ExitCode.DONE
        assert bsops.out.index("terraform_data.one") < bsops.out.index("terraform_data.two")

    def test_a_saved_plan_can_be_shown_again(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        assert bsops("show", "dev", "latest") == ExitCode.DONE
        assert "terraform_data.two" in bsops.out

    def test_every_environment_is_validated(self, bsops: Shell) -> None:
        assert bsops("validate") == ExitCode.DONE
        assert bsops.out.splitlines() == [
            "dev: the configuration is valid",
            "prod: the configuration is valid",
        ]

    def test_a_configuration_that_is_not_valid_is_quoted(self, bsops: Shell) -> None:
        (bsops.root() / "main.tf").write_text('output "x" {\n  value = var.missing\n}\n')
        assert bsops("validate", "dev") == ExitCode.CONFIGURATION
        assert "Reference to undeclared input variable" in bsops.err
        assert "main.tf:2" in bsops.err

    def test_the_tree_is_formatted(self, bsops: Shell) -> None:
        (bsops.root() / "main.tf").write_text("locals {\na=1\n}\n")
        assert bsops("fmt", "--check") == ExitCode.FAILED
        assert bsops.out == "infrastructure/aws/environments/dev/main.tf\n"
        assert bsops("fmt") == ExitCode.DONE
        assert bsops("fmt", "--check") == ExitCode.DONE

    def test_a_tree_that_cannot_be_parsed_is_not_formatted(self, bsops: Shell) -> None:
        (bsops.root() / "main.tf").write_text("locals {\n")
        assert bsops("fmt") == ExitCode.FAILED
        assert "Terraform cannot format the tree" in bsops.err

    def test_the_environments_are_listed_with_where_each_stands(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        document = bsops.document("envs")
        found = {each["name"]: each for each in document["environments"]}
        assert list(found) == ["dev", "prod"]
        assert found["dev"]["last_run"]["command"] == "plan"
        assert found["prod"]["last_run"] is None

    def test_a_record_that_cannot_be_read_does_not_hide_the_environments(
        self, bsops: Shell
    ) -> None:
        bsops("plan", "dev")
        next((bsops.workspace.data / "plans/dev").glob("*.record.json")).write_text("{")
        assert bsops("envs") == ExitCode.DONE
        assert "cannot be read" in bsops.err
        assert "prod" in bsops.out

    def test_the_versions_of_all_that_takes_part_are_named(self, bsops: Shell) -> None:
        document = bsops.document("version")
        assert {"bsops", "Terraform", "Python"} <= set(document)

    def test_a_missing_terraform_does_not_hide_the_other_versions(self, bsops: Shell) -> None:
        assert bsops("version", "--terraform-bin", "/no/terraform") == ExitCode.DONE
        assert "missing" in bsops.out

    def test_settings_are_shown_with_their_origin(self, bsops: Shell) -> None:
        assert bsops("config", "show", "dev") == ExitCode.DONE
        assert "environments/dev.toml" in bsops.out


class TestJournal:
    def test_every_run_is_written_down(self, bsops: Shell) -> None:
        bsops("plan", "dev", "--var", "size=3")
        bsops("apply", "dev", "--yes")
        runs = [(entry.started.command, entry.outcome) for entry in bsops.history]
        assert runs == [("plan", "done"), ("apply", "done")]
        applied = bsops.history[-1].ended
        assert applied is not None
        assert applied.account_id == "123456789012"
        assert applied.counts == {"create": 2}
        assert applied.serial
        assert applied.plan_sha256

    def test_a_run_that_failed_says_why(self, bsops: Shell) -> None:
        bsops.values("size = 0\n")
        bsops("plan", "dev")
        ended = bsops.history[-1].ended
        assert ended is not None
        assert (ended.outcome, ended.exit_code) == ("failed", ExitCode.CONFIGURATION)
        assert ended.error == "the values of dev are not valid"

    def test_history_shows_the_last_runs(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        bsops("validate", "prod")
        assert bsops("history", "dev") == ExitCode.DONE
        assert "plan" in bsops.out
        assert "validate" not in bsops.out

    def test_events_of_old_runs_are_thrown_away(self, bsops: Shell) -> None:
        runs = bsops.workspace.make_data_directory("runs")
        for number in range(80):
            (runs / f"20200101T0000{number:02}-plan-dev-0000").mkdir()
        bsops("plan", "dev")
        kept = sorted(path.name for path in runs.iterdir())
        assert len(kept) == 50
        assert not kept[-1].startswith("2020")
