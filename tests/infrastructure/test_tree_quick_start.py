"""The specification's quick start, typed by hand, with no bsops."""

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.infrastructure.conftest import Terraform

QUICK_START = """\
cp terraform.tfvars.example environments/dev/terraform.tfvars
cd environments/dev
terraform init
terraform plan -var-file="terraform.tfvars"
"""


def test_the_quick_start_ends_in_a_plan(
    fresh_tree: Path, pristine: Path, terraform: "Terraform"
) -> None:
    search = f"{Path(terraform.binary).parent}:{terraform.environment['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", QUICK_START],
        cwd=fresh_tree,
        env=terraform.environment | {"PATH": search},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert re.search(r"Plan: [67]\d\d to add, 0 to change, 0 to destroy\.", done.stdout)
    lock = Path("environments/dev/.terraform.lock.hcl")
    assert (fresh_tree / lock).read_text("utf-8") == (pristine / lock).read_text("utf-8")


def test_the_readme_says_the_same(pristine: Path) -> None:
    readme = (pristine / "README.md").read_text(encoding="utf-8")
    assert QUICK_START in readme
