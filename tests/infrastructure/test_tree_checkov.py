"""Checkov, over the modules as written and over the plan of each environment.

Checkov pins the versions of half its dependencies, so it lives in an environment of its own:
``pipx install checkov``, or name the program in BSOPS_CHECKOV.
"""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.infrastructure.conftest import Planner

# The first version that can be told that a value known after apply is a value, and that knows
# Container Insights' and OpenSearch's newer settings.
SINCE = (3, 2)


@dataclass(frozen=True)
class Checkov:
    program: str

    def scan(self, *arguments: str) -> dict[str, Any]:
        options = ("--quiet", "--compact", "--output=json", "--soft-fail")
        report: dict[str, Any] = json.loads(self._run(*arguments, *options))
        return report

    @property
    def version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self._run("--version").strip().split(".")[:2])

    def _run(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.program, *arguments],
            env=os.environ | {"EVAL_TF_PLAN_AFTER_UNKNOWN": "true", "LOG_LEVEL": "CRITICAL"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def checkov() -> Checkov:
    program = os.environ.get("BSOPS_CHECKOV") or shutil.which("checkov")
    if program is None:
        pytest.skip("checkov is not installed: pipx install checkov, or set BSOPS_CHECKOV")
    found = Checkov(program)
    if found.version < SINCE:
        pytest.skip("this checkov is too old for the tree: 3.2 or later, or set BSOPS_CHECKOV")
    return found


def test_modules(checkov: Checkov, pristine: Path) -> None:
    report = checkov.scan(
        f"--directory={pristine / 'modules'}",
        "--framework=terraform",
        "--skip-path=tests",
        "--download-external-modules=false",
    )
    assert _failed(report) == []
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 350


def test_plans(checkov: Checkov, plan: "Planner", pristine: Path, tmp_path: Path) -> None:
    files = []
    for environment in ("dev", "staging", "prod"):
        files.append(tmp_path / f"{environment}.json")
        files[-1].write_text(json.dumps(plan(environment).document), encoding="utf-8")
    # One run for all: what the scanner loads takes longer than what it scans.
    report = checkov.scan(
        *(f"--file={file}" for file in files),
        "--framework=terraform_plan",
        f"--repo-root-for-plan-enrichment={pristine}",
    )
    assert _failed(report) == []
    scanned = sum(sum(plan(name).counts.values()) for name in ("dev", "staging", "prod"))
    assert report["summary"]["resource_count"] >= scanned
    assert report["summary"]["passed"] > 3000


def test_every_waiver_gives_its_reason(pristine: Path) -> None:
    for file in pristine.rglob("*.tf"):
        for waiver in re.findall(r"checkov:skip=(.*)", file.read_text(encoding="utf-8")):
            assert re.fullmatch(r"CKV2?_AWS_\d+:\S.{20,}", waiver), f"{file}: {waiver}"


def _failed(report: dict[str, Any]) -> list[str]:
    checks = report["results"]["failed_checks"]
    return [f"{check['check_id']} {check['resource']}: {check['check_name']}" for check in checks]
