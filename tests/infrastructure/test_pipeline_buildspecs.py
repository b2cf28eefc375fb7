"""The delivery pipeline's buildspecs, run as CodeBuild runs them: same shell, same bsops."""

import hashlib
import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bookstore_ops.environments import load_environment
from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.operations.guards import confirmation
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.terraform.records import read_saved_plan
from tests.e2e.workspaces import BSOPS, Bench, Finished, make_bench

REPOSITORY = Path(__file__).resolve().parents[2]
BUILDSPECS = REPOSITORY / "infrastructure" / "aws" / "modules" / "pipeline" / "buildspecs"
STAGES = ("plan", "apply")


def _buildspec(stage: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((BUILDSPECS / f"{stage}.yml").read_text("utf-8"))
    return loaded


def _commands(stage: str, phase: str, part: str = "commands") -> list[str]:
    commands: list[str] = _buildspec(stage)["phases"][phase][part]
    assert all(isinstance(command, str) for command in commands)
    return commands


def _bsops_lines() -> Iterator[list[str]]:
    for stage in STAGES:
        for phase in ("install", "build"):
            for command in _commands(stage, phase):
                if command.startswith("bsops "):
                    yield shlex.split(command.split(" > ", maxsplit=1)[0])


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """A small workspace whose dev has a backend, as a bootstrapped one has."""
    made = _make_bench(tmp_path)
    yield made
    lifecycle.stop(made.workspace)


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The same, with dev applied; its tests only plan."""
    made = _make_bench(tmp_path_factory.mktemp("applied"))
    assert made.apply().code == 0
    yield made
    lifecycle.stop(made.workspace)


def _make_bench(directory: Path) -> Bench:
    made = make_bench(directory)
    (made.environment_root("dev") / "backend.tf").write_text('terraform {\n  backend "s3" {}\n}\n')
    return made


def _build(bench: Bench, stage: str, **variables: str) -> tuple[Finished, dict[str, str]]:
    """Run a stage's build in one shell that ends with the first failure; what it exports."""
    exported = _buildspec(stage)["env"].get("exported-variables", [])
    told = [f'printf "%s=%s\\n" {name} "$(printenv {name})" >> exported' for name in exported]
    done = subprocess.run(
        ["bash", "-c", "set -e\n" + "\n".join([*_commands(stage, "build"), *told])],
        cwd=bench.root,
        env={
            **bench.env(),
            "PATH": f"{BSOPS.parent}:{bench.env()['PATH']}",
            "BSOPS_SANDBOX": "1",
            "BSOPS_ENV": "dev",
            "LOCK_TIMEOUT": "10m",
            "CODEBUILD_BUILD_URL": "https://example.com/build",
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=300,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    file = bench.root / "exported"
    lines = file.read_text().splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return Finished(done.returncode, done.stdout, done.stderr), dict(
        line.split("=", maxsplit=1) for line in lines
    )


def test_every_bsops_command_is_one_that_bsops_takes(bench: Bench) -> None:
    lines = list(_bsops_lines())
    assert [words[1] for words in lines] == ["version", "plan", "show", "version", "apply"]
    for words in lines:
        arguments = [word.replace("${BSOPS_ENV}", "nowhere") for word in words[1:]]
        arguments = [word.replace("${LOCK_TIMEOUT}", "10m") for word in arguments]
        done = bench.run(*arguments)
        expected = ExitCode.DONE if arguments == ["version"] else ExitCode.CONFIGURATION
        assert done.code == expected, f"{words}: {done.err}"


def test_what_was_approved_is_applied_and_nothing_else(bench: Bench) -> None:
    done, exported = _build(bench, "plan")
    assert done.code == 0, done.err
    plan = bench.root / "delivery" / "plan.tfplan"
    assert exported == {
        "CHANGES": "2",
        "CONFIRM": "dev",
        "LOG_URL": "https://example.com/build",
        "PLAN_SHA256": hashlib.sha256(plan.read_bytes()).hexdigest(),
        "SUMMARY": "dev - 2 changes, 0 of them destroy or replace",
    }
    assert "aws_ssm_parameter.p00" in done.out
    handed_on = _handed_on(bench)
    record = json.loads((handed_on / "plan.tfplan.record.json").read_text())
    assert (record["environment"], record["value_files"]) == ("dev", [])
    other = {**exported, "PLAN_SHA256": "0" * 64}
    done, _ = _build(bench, "apply", CODEBUILD_SRC_DIR_plan=str(handed_on), **other)
    assert done.code != 0
    assert "did NOT match" in done.err
    assert bench.parameters() == set()
    done, _ = _build(bench, "apply", CODEBUILD_SRC_DIR_plan=str(handed_on), **exported)
    assert done.code == 0, done.err
    assert bench.parameters() == {"/chain/00", "/chain/01"}
    # A plan is applied once.
    done, _ = _build(bench, "apply", CODEBUILD_SRC_DIR_plan=str(handed_on), **exported)
    assert done.code == ExitCode.REFUSED


def test_the_words_are_those_a_protected_environment_asks_for(applied: Bench) -> None:
    chain = applied.environment_root("dev") / "chain.tf"
    chain.unlink()
    try:
        _, exported = _build(applied, "plan")
    finally:
        applied.write_chain(2)
    saved = read_saved_plan(applied.root / "delivery" / "plan.tfplan")
    protected = load_environment(applied.workspace, "prod")
    asked = confirmation(protected, saved, sandbox=False).words
    assert asked is not None
    assert exported["CONFIRM"] == asked.replace("prod", "dev") == "dev 2"
    assert exported["SUMMARY"] == "dev - 2 changes, 2 of them destroy or replace"


def test_nothing_to_change_is_handed_on_as_no_changes(applied: Bench) -> None:
    done, exported = _build(applied, "plan")
    assert done.code == 0, done.err
    assert exported["CHANGES"] == "0"
    # CodePipeline has no artifact to store if a file of it is missing.
    assert {path.name for path in _handed_on(applied).iterdir()} == set(_files())


def test_without_a_backend_nothing_is_planned(bench: Bench) -> None:
    (bench.environment_root("dev") / "backend.tf").unlink()
    done, _ = _build(bench, "plan")
    assert done.code == 1
    assert "bsops bootstrap" in done.err


@pytest.mark.parametrize("stage", STAGES)
def test_terraform_is_pinned_and_its_archive_checked_before_it_is_unpacked(stage: str) -> None:
    commands = _commands(stage, "install")
    download, check, unpack = commands[:3]
    assert "releases.hashicorp.com/terraform/${TERRAFORM_VERSION}/" in download
    assert "--fail" in download
    assert "sha256sum --check --strict" in check
    assert unpack.startswith("unzip ")
    assert any("pip install" in command and '"${BSOPS_PACKAGE}"' in command for command in commands)


@pytest.mark.parametrize("stage", STAGES)
def test_variables_are_those_the_projects_set(stage: str) -> None:
    text = (BUILDSPECS / f"{stage}.yml").read_text("utf-8")
    module = (BUILDSPECS.parent / "main.tf").read_text("utf-8")
    known = set(re.findall(r"^    ([A-Z_0-9]+) += ", module, re.MULTILINE))
    known |= set(re.findall(r'name = "([A-Z_0-9]+)", +value = "#', module))
    own = set(re.findall(r"\b([A-Z_0-9]+)=", text)) | {"PATH"}
    used = {name for name in re.findall(r"\$\{([A-Za-z_0-9]+)\}", text) if name.isupper()}
    codebuild = {name for name in used if name.startswith("CODEBUILD_")}
    assert used - own - codebuild <= known
    for taken in re.findall(r"#\{Plan\.([A-Z_0-9]+)\}", module):
        assert taken in _buildspec("plan")["env"]["exported-variables"]


def _files() -> list[str]:
    files: list[str] = _buildspec("plan")["artifacts"]["files"]
    return files


def _handed_on(bench: Bench) -> Path:
    """The plan stage's artifact, unpacked elsewhere, as CodeBuild does."""
    target = bench.root.parent / "artifact"
    target.mkdir()
    for name in _files():
        (bench.root / "delivery" / name).rename(target / name)
    return target
