"""The adapter: which flags become which words, and what a run of the real Terraform leaves."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.terraform.adapter import FLAG, PlanOptions, Terraform
from bookstore_ops.terraform.binary import Binary, find_binary
from bookstore_ops.terraform.progress import Progress
from tests.unit.support import Onlooker, environ, program

MAIN = """\
variable "n" {
  type    = number
  default = 1
}
resource "terraform_data" "one" {
  input = var.n
}
resource "terraform_data" "two" {
  input = "x"
}
output "n" {
  value = terraform_data.one.output
}
output "secret" {
  value     = "hunter2"
  sensitive = true
}
"""


@pytest.fixture(scope="module")
def binary() -> Binary:
    return find_binary(None, environ(), named="terraform")


@pytest.fixture
def terraform(tmp_path: Path, binary: Binary) -> Terraform:
    """The real Terraform in a root module that needs no provider."""
    root, runs = tmp_path / "root", tmp_path / "runs"
    root.mkdir()
    runs.mkdir()
    (root / "main.tf").write_text(MAIN)
    made = Terraform(binary, root, environ(), runs)
    assert made.init(Onlooker(), upgrade=False, reconfigure=False).succeeded
    return made


def answering(
    tmp_path: Path, script: str, *, version: str = "1.11.4", parallelism: int | None = None
) -> Terraform:
    """A stand-in for Terraform that says what ``script`` says."""
    binary = Binary(
        (str(program(tmp_path / "bin/terraform", script)),), "x", version, "linux_amd64"
    )
    return Terraform(binary, tmp_path, environ(), tmp_path, parallelism=parallelism)


ECHO = '#!/bin/sh\nfor word in "$@"; do echo "$word" >&2; done\n'


def words(tmp_path: Path, options: PlanOptions) -> list[str]:
    return answering(tmp_path, ECHO).plan(tmp_path / "p", options, Onlooker()).strays


class TestCommandLines:
    @pytest.mark.parametrize(
        ("options", "flags"),
        [
            (PlanOptions(), []),
            (PlanOptions(targets=["a.b", 'm.c["x y"]']), ["-target=a.b", '-target=m.c["x y"]']),
            (PlanOptions(replace=["a.b"]), ["-replace=a.b"]),
            (PlanOptions(variables=["n=1", "m=a b='c'"]), ["-var=n=1", "-var=m=a b='c'"]),
            (PlanOptions(var_files=[Path("/x y.tfvars")]), ["-var-file=/x y.tfvars"]),
            (PlanOptions(refresh=False), ["-refresh=false"]),
            (PlanOptions(refresh_only=True), ["-refresh-only"]),
            (PlanOptions(destroy=True), ["-destroy"]),
            (PlanOptions(parallelism=3), ["-parallelism=3"]),
        ],
    )
    def test_each_option_of_a_plan_is_terraforms_flag(
        self, tmp_path: Path, options: PlanOptions, flags: list[str]
    ) -> None:
        always = {"plan", "-json", f"-out={tmp_path}/p", "-detailed-exitcode", "-input=false"}
        found = [word for word in words(tmp_path, options) if word not in always]
        assert sorted(found) == sorted(["-lock-timeout=0s", *flags])

    def test_a_plan_always_says_how_it_is_run(self, tmp_path: Path) -> None:
        found = words(tmp_path, PlanOptions(lock_timeout="5m"))
        assert found[0] == "plan"
        assert {"-json", "-input=false", "-detailed-exitcode", "-lock-timeout=5m"} <= set(found)

    def test_an_apply_names_its_plan_last(self, tmp_path: Path) -> None:
        run = answering(tmp_path, ECHO).apply(
            tmp_path / "p", Onlooker(), lock_timeout="1s", parallelism=2
        )
        assert run.strays[0] == "apply"
        assert run.strays[-1] == str(tmp_path / "p")
        assert {"-parallelism=2", "-lock-timeout=1s", "-input=false"} <= set(run.strays)

    @pytest.mark.parametrize(
        ("asked", "flags"), [(None, ["-parallelism=40"]), (2, ["-parallelism=2"])]
    )
    def test_an_apply_asked_for_no_parallelism_gets_that_of_its_terraform(
        self, tmp_path: Path, asked: int | None, flags: list[str]
    ) -> None:
        terraform = answering(tmp_path, ECHO, parallelism=40)
        run = terraform.apply(tmp_path / "p", Onlooker(), lock_timeout="0s", parallelism=asked)
        assert [word for word in run.strays if "parallelism" in word] == flags

    @pytest.mark.parametrize(
        ("version", "json_init"), [("1.8.5", False), ("1.9.0", True), ("1.11.4", True)]
    )
    def test_init_speaks_json_since_1_9(
        self, tmp_path: Path, version: str, json_init: bool
    ) -> None:
        terraform = answering(tmp_path, ECHO, version=version)
        run = terraform.init(Onlooker(), upgrade=True, reconfigure=True, backend=False)
        assert ("-json" in run.strays) is json_init
        assert {"-upgrade", "-reconfigure", "-backend=false", "-no-color"} <= set(run.strays)

    def test_an_embedded_terraform_takes_its_three_words(self, tmp_path: Path) -> None:
        embedded = Binary(("python", "-m", "x"), "x", "1.11.4", "linux_amd64")
        argv = Terraform(embedded, tmp_path, {}, tmp_path).argv("plan", json=FLAG)
        assert argv == ["python", "-m", "x", "plan", "-json"]

    def test_a_misspelt_command_is_an_error_at_once(self, tmp_path: Path) -> None:
        terraform: Any = answering(tmp_path, ECHO)
        with pytest.raises(AttributeError, match="bsops runs no terraform command 'aply'"):
            terraform.aply()


class TestRuns:
    def test_a_plan_with_changes_succeeds_with_status_2(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        watch = Onlooker()
        run = terraform.plan(tmp_path / "p", PlanOptions(), watch)
        assert (run.exit.code, run.succeeded) == (2, True)
        assert set(run.progress.planned) == {"terraform_data.one", "terraform_data.two"}
        assert watch.progress is run.progress
        assert (tmp_path / "p").exists()

    def test_an_apply_makes_exactly_what_was_planned(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        options = PlanOptions(targets=["terraform_data.one"], variables=["n=5"])
        terraform.plan(tmp_path / "p", options, Onlooker())
        run = terraform.apply(tmp_path / "p", Onlooker(), lock_timeout="0s", parallelism=None)
        assert run.succeeded
        assert list(run.progress.steps) == ["terraform_data.one"]
        again = terraform.plan(tmp_path / "p", options, Onlooker())
        assert again.exit.code == 0

    def test_a_run_that_fails_has_its_diagnostics(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        run = terraform.plan(tmp_path / "p", PlanOptions(variables=["n=x"]), Onlooker())
        assert not run.succeeded
        assert [error.summary for error in run.progress.errors] == [
            "Invalid value for input variable"
        ]

    def test_events_are_kept_with_the_run(self, terraform: Terraform, tmp_path: Path) -> None:
        first = terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        second = terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        assert first.events_file != second.events_file
        for line in first.events_file.read_text().splitlines():
            assert json.loads(line)["@level"]

    def test_a_saved_plan_can_be_read_back(self, terraform: Terraform, tmp_path: Path) -> None:
        terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        run, document = terraform.show(Onlooker(), tmp_path / "p")
        assert run.succeeded
        assert len(json.loads(document)["resource_changes"]) == 2

    def test_the_state_and_its_outputs_can_be_read(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        terraform.apply(tmp_path / "p", Onlooker(), lock_timeout="0s", parallelism=1)
        _, state = terraform.show(Onlooker())
        assert len(json.loads(state)["values"]["root_module"]["resources"]) == 2
        _, outputs = terraform.output(Onlooker())
        assert json.loads(outputs)["n"]["value"] == 1

    def test_what_may_quote_secrets_is_not_kept(self, terraform: Terraform, tmp_path: Path) -> None:
        terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        terraform.show(Onlooker(), tmp_path / "p")
        terraform.apply(tmp_path / "p", Onlooker(), lock_timeout="0s", parallelism=1)
        terraform.output(Onlooker())
        kept = [path.read_text() for path in (tmp_path / "runs").iterdir()]
        assert not [text for text in kept if "hunter2" in text]

    def test_validate_answers_in_json(self, terraform: Terraform) -> None:
        _, answer = terraform.validate(Onlooker())
        assert json.loads(answer)["valid"] is True

    def test_fmt_lists_and_mends_what_is_not_in_format(self, terraform: Terraform) -> None:
        main = terraform.root / "main.tf"
        main.write_text("locals {\na=1\n}\n")
        run, listed = terraform.fmt(Onlooker(), check=True)
        assert (run.exit.code, listed.splitlines()) == (3, [b"main.tf"])
        run, listed = terraform.fmt(Onlooker(), check=False)
        assert (run.exit.code, listed.splitlines()) == (0, [b"main.tf"])
        assert main.read_text() == "locals {\n  a = 1\n}\n"

    def test_a_progress_shown_stays_while_something_is_read_back(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        planned = terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        watch = Onlooker()
        terraform.show(watch, tmp_path / "p")
        assert watch.progress is planned.progress

    def test_what_is_no_event_is_kept_as_last_words(self, tmp_path: Path) -> None:
        script = "#!/bin/sh\necho 'panic: oops'\necho 'exit status 2' >&2\nexit 11\n"
        run = answering(tmp_path, script).plan(tmp_path / "p", PlanOptions(), Onlooker())
        assert run.strays == ["panic: oops", "exit status 2"]

    def test_only_the_last_of_many_last_words_are_kept(self, tmp_path: Path) -> None:
        script = "#!/bin/sh\nseq 1 1000 >&2\n"
        run = answering(tmp_path, script).plan(tmp_path / "p", PlanOptions(), Onlooker())
        assert run.strays == [str(number) for number in range(961, 1001)]

    def test_a_run_that_wrote_no_errors_leaves_no_file_of_errors(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        run = terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        assert not run.events_file.with_suffix(".stderr").exists()

    def test_terraform_gets_the_environment_given(self, tmp_path: Path) -> None:
        script = '#!/bin/sh\necho "TF_VAR_x is $TF_VAR_x, AWS_PROFILE is $AWS_PROFILE" >&2\n'
        terraform = answering(tmp_path, script)
        terraform.environ = environ(TF_VAR_x="1")
        run = terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        assert run.strays == ["TF_VAR_x is 1, AWS_PROFILE is "]

    def test_init_may_get_an_environment_of_its_own(self, tmp_path: Path) -> None:
        script = '#!/bin/sh\necho "HTTPS_PROXY is $HTTPS_PROXY" >&2\n'
        binary = answering(tmp_path, script).binary
        terraform = Terraform(
            binary, tmp_path, environ(HTTPS_PROXY="sandbox"), tmp_path, init_environ=environ()
        )
        init = terraform.init(Onlooker(), upgrade=False, reconfigure=False)
        plan = terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())
        assert (init.strays, plan.strays) == (["HTTPS_PROXY is "], ["HTTPS_PROXY is sandbox"])

    def test_an_interrupted_apply_saves_its_state_and_frees_its_lock(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        (terraform.root / "main.tf").write_text(
            'resource "terraform_data" "slow" {\n'
            '  provisioner "local-exec" {\n    command = "sleep 1"\n  }\n}\n'
            'resource "terraform_data" "behind" {\n  input = terraform_data.slow.id\n}\n'
        )
        terraform.plan(tmp_path / "p", PlanOptions(), Onlooker())

        class Interrupting(Onlooker):
            def update(self, progress: Progress) -> None:
                if progress.steps and not self.notices:
                    os.kill(os.getpid(), signal.SIGTERM)

        watch = Interrupting()
        run = terraform.apply(tmp_path / "p", watch, lock_timeout="0s", parallelism=None)
        assert run.exit.signal_number == signal.SIGTERM
        assert watch.notices[0].startswith("SIGTERM: Terraform was asked to stop")
        assert not (terraform.root / ".terraform.tfstate.lock.info").exists()
        state = json.loads((terraform.root / "terraform.tfstate").read_text())
        assert [resource["name"] for resource in state["resources"]] == ["slow"]
        assert "terraform_data.behind" not in run.progress.steps


def test_the_embedded_terraform_runs_as_any_other(tmp_path: Path) -> None:
    embedded = find_binary(None, environ(), named="embedded")
    (tmp_path / "main.tf").write_text(MAIN)
    terraform = Terraform(embedded, tmp_path, dict(os.environ), tmp_path)
    run, answer = terraform.validate(Onlooker())
    assert run.succeeded
    assert json.loads(answer)["valid"] is True
