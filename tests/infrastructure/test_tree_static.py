"""What can be said of the tree without planning it."""

import ipaddress
import itertools
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.infrastructure.conftest import SOURCE

if TYPE_CHECKING:
    from tests.infrastructure.conftest import Terraform

ENVIRONMENTS = ("dev", "staging", "prod")
MODULES = tuple(sorted(path.name for path in (SOURCE / "modules").iterdir()))
SPECIFIED = {
    *("alb", "api-gateway", "cloudwatch", "dynamodb", "ecs", "eventbridge", "lambda"),
    *("opensearch", "rds", "redis", "security-groups", "sns", "sqs", "vpc"),
}
MODULE_FILES = {"main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"}


def test_layout_is_laid_out_as_the_specification_draws_it(pristine: Path) -> None:
    assert set(MODULES) >= SPECIFIED
    for module in MODULES:
        files = {path.name for path in (pristine / "modules" / module).iterdir() if path.is_file()}
        assert files - {".terraform.lock.hcl"} == MODULE_FILES, module
        assert list((pristine / "modules" / module / "tests").glob("*.tftest.hcl")), module


def test_formatted(pristine: Path, offline: "Terraform") -> None:
    assert offline(pristine, "fmt", "-check", "-recursive", "-diff").stdout == ""


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_valid(environment: str, tree: Path, offline: "Terraform") -> None:
    offline(tree / "environments" / environment, "validate")


@pytest.mark.parametrize("part", [".", *(f"modules/{module}" for module in MODULES)])
def test_native_tests_pass(part: str, tree: Path, mocked: "Terraform") -> None:
    mocked(tree / part, "init", "-input=false", "-backend=false")
    assert "0 failed" in mocked(tree / part, "test").stdout


def test_readmes_are_true() -> None:
    script = Path(__file__).with_name("readmes.py")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}\nrun: python {script} --write"


def test_every_variable_and_output_is_described_and_every_variable_typed(pristine: Path) -> None:
    block = re.compile(r'^(variable|output) "(\w+)" \{\n(.*?)^\}', re.MULTILINE | re.DOTALL)
    for file in pristine.rglob("*.tf"):
        for kind, name, body in block.findall(file.read_text(encoding="utf-8")):
            assert re.search(r'^  description += "\S', body, re.MULTILINE), f"{file}: {name}"
            if kind == "variable":
                assert re.search(r"^  type +=", body, re.MULTILINE), f"{file}: {name}"
                nullable = re.search(r"^  default += null$", body, re.MULTILINE)
                refused = re.search(r"^  nullable += false$", body, re.MULTILINE)
                assert bool(refused) is not bool(nullable), f"{file}: {name}"


def test_environments_differ_in_one_line_of_code(pristine: Path) -> None:
    roots = [pristine / "environments" / environment for environment in ENVIRONMENTS]
    assert {path.name for path in roots[0].glob("*.tf")} >= {
        "main.tf",
        "variables.tf",
        "outputs.tf",
        "versions.tf",
    }
    for file in ("variables.tf", "outputs.tf", "versions.tf", ".terraform.lock.hcl"):
        assert len({(root / file).read_text(encoding="utf-8") for root in roots}) == 1, file
    mains = [(root / "main.tf").read_text(encoding="utf-8").splitlines() for root in roots]
    differing = [lines for lines in zip(*mains, strict=True) if len(set(lines)) > 1]
    assert differing == [
        ('  environment = "dev"', '  environment = "staging"', '  environment = "prod"')
    ]


def test_no_backend_is_committed(pristine: Path) -> None:
    for file in pristine.rglob("*.tf"):
        if file.name != "backend.tf":
            assert not re.search(r"^\s*backend ", file.read_text(encoding="utf-8"), re.MULTILINE), (
                file
            )


def test_lock_file_serves_every_platform(pristine: Path) -> None:
    lock = (pristine / "environments/dev/.terraform.lock.hcl").read_text(encoding="utf-8")
    # One zip and one unpacked package for each of fourteen platforms, and the release's manifest.
    assert lock.count('"h1:') == 14
    assert lock.count('"zh:') == 15
    for package in (
        "h1:edXOJWE4ORX8Fm+dpVpICzMZJat4AX0VRCAy/xkcOc0=",  # linux_amd64
        "h1:Ijt7pOlB7Tr7maGQIqtsLFbl7pSMIj06TVdkoSBcYOw=",  # darwin_arm64
    ):
        assert package in lock


def test_init_keeps_the_lock_file(pristine: Path, tree: Path) -> None:
    committed = (pristine / "environments/dev/.terraform.lock.hcl").read_text(encoding="utf-8")
    assert (tree / "environments/dev/.terraform.lock.hcl").read_text(encoding="utf-8") == committed


def test_networks_of_the_environments_do_not_overlap_and_know_each_other(pristine: Path) -> None:
    own: dict[str, str] = {}
    peers: dict[str, set[str]] = {}
    for environment in ENVIRONMENTS:
        values = (pristine / "environments" / environment / "terraform.tfvars").read_text("utf-8")
        own[environment] = _matched(r'^  cidr +=\s*"([^"]+)"', values)
        peers[environment] = set(
            re.findall(r'"([^"]+)"', _matched(r"^  peer_cidrs += \[(.*)\]", values))
        )
    networks = [ipaddress.ip_network(block) for block in own.values()]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(networks, 2))
    for environment, block in own.items():
        assert peers[environment] == set(own.values()) - {block}


def _matched(pattern: str, text: str) -> str:
    found = re.search(pattern, text, re.MULTILINE)
    assert found, pattern
    return found[1]
