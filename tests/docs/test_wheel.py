"""What the wheel carries: the workspace as it was written, and nothing of its use."""

import shutil
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.docs.markdown import ROOT

TEMPLATE = "bookstore_ops/workspace_template"
# What planning and applying in a checkout leaves behind.
LEFTOVERS = (
    ".bsops/journal.jsonl",
    "infrastructure/aws/.terraform.lock.hcl",
    "infrastructure/aws/environments/dev/.terraform/providers/provider",
    "infrastructure/aws/environments/dev/.terraform.tfstate.lock.info",
    "infrastructure/aws/environments/dev/crash.log",
    "infrastructure/aws/environments/dev/errored.tfstate",
    "infrastructure/aws/environments/dev/plan.tfplan",
    "infrastructure/aws/environments/dev/terraform.tfstate",
    "infrastructure/aws/environments/dev/terraform.tfstate.backup",
    "infrastructure/aws/modules/vpc/.terraform/modules/modules.json",
    "infrastructure/aws/modules/vpc/.terraform.lock.hcl",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel that was built from a checkout in use."""
    checkout = tmp_path_factory.mktemp("wheel") / "checkout"
    used = shutil.ignore_patterns(
        ".git", ".venv*", ".bsops", ".terraform", ".*_cache", "__pycache__"
    )
    shutil.copytree(ROOT, checkout, ignore=used)
    for name in LEFTOVERS:
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text("secret", encoding="utf-8")
    [built] = WheelBuilder(str(checkout)).build(
        directory=str(checkout / "dist"), versions=["standard"]
    )
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_carries_the_tree_and_its_values(wheel: set[str]) -> None:
    for environment in ("dev", "staging", "prod"):
        root = f"{TEMPLATE}/infrastructure/aws/environments/{environment}"
        assert f"{TEMPLATE}/environments/{environment}.toml" in wheel
        assert {
            f"{root}/terraform.tfvars",
            f"{root}/.terraform.lock.hcl",
            f"{root}/main.tf",
            f"{TEMPLATE}/infrastructure/aws/characters/{environment}.tfvars",
        } <= wheel
    assert f"{TEMPLATE}/infrastructure/aws/terraform.tfvars.example" in wheel
    modules = [path.name for path in (ROOT / "infrastructure/aws/modules").iterdir()]
    for module in modules:
        assert f"{TEMPLATE}/infrastructure/aws/modules/{module}/main.tf" in wheel


def test_carries_the_functions_and_the_events(wheel: set[str]) -> None:
    tree = ROOT / "infrastructure/aws"
    packages = sorted(tree.glob("modules/lambda/functions/*.zip"))
    events = sorted((tree / "events").rglob("*.json"))
    assert packages
    assert events
    for path in (*packages, *events):
        assert f"{TEMPLATE}/{path.relative_to(ROOT)}" in wheel


def test_carries_the_policies(wheel: set[str]) -> None:
    policies = [path for path in (ROOT / "environments/policies").rglob("*") if path.is_file()]
    for path in policies:
        if "__pycache__" not in path.parts:
            assert f"{TEMPLATE}/{path.relative_to(ROOT)}" in wheel


def test_carries_the_runbooks(wheel: set[str]) -> None:
    for page in (ROOT / "runbooks").glob("*.md"):
        assert f"{TEMPLATE}/runbooks/{page.name}" in wheel


def test_carries_all_of_the_package(wheel: set[str]) -> None:
    for path in (ROOT / "bookstore_ops").rglob("*.py"):
        assert str(path.relative_to(ROOT)) in wheel
    assert "bookstore_ops/py.typed" in wheel


@pytest.mark.parametrize("name", LEFTOVERS)
def test_leaves_out_what_use_leaves_behind(wheel: set[str], name: str) -> None:
    assert f"{TEMPLATE}/{name}" not in wheel
    assert name not in wheel


def test_leaves_out_tests_and_tools(wheel: set[str]) -> None:
    directories = {part for name in wheel for part in Path(name).parts[:-1]}
    assert directories.isdisjoint({"tests", "benchmarks", "docs", ".ci", ".git", "__pycache__"})
