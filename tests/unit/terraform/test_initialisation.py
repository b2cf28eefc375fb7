"""`terraform init` runs when it is needed, and only then; with the real Terraform."""

import multiprocessing
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bookstore_ops.terraform.adapter import Run, Terraform
from bookstore_ops.terraform.binary import Binary, find_binary
from bookstore_ops.terraform.initialisation import ensure_initialised, fingerprint
from tests.unit.support import Onlooker, environ, mirror

MAIN = """\
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

module "shop" {
  source = "../../modules/shop"
  size   = 1
}

resource "terraform_data" "one" {
  input = 1
}
"""


@pytest.fixture(scope="module")
def binary() -> Binary:
    return find_binary(None, environ(), named="terraform")


@pytest.fixture
def terraform(tmp_path: Path, binary: Binary) -> Terraform:
    """Terraform in a root of a tree with a module, a sibling root and a provider mirror."""
    tree = tmp_path / "tree"
    for name in ("dev", "prod"):
        (tree / "environments" / name).mkdir(parents=True)
        (tree / "environments" / name / "main.tf").write_text(MAIN)
    (tree / "modules/shop").mkdir(parents=True)
    (tree / "modules/shop/main.tf").write_text('variable "size" {}\n')
    held = mirror(tmp_path / "mirror")
    mirror(held, version="5.101.0")
    config = tmp_path / "terraform.tfrc"
    config.write_text(
        f'provider_installation {{\n  filesystem_mirror {{\n    path = "{held}"\n  }}\n}}\n'
    )
    runs = tmp_path / "runs"
    runs.mkdir()
    variables = environ(TF_CLI_CONFIG_FILE=str(config))
    return Terraform(binary, tree / "environments/dev", variables, runs)


def tree_of(terraform: Terraform) -> Path:
    return terraform.root.parents[1]


def ensure(terraform: Terraform, *, force: bool = False, reconfigure: bool = False) -> Run | None:
    return ensure_initialised(
        terraform,
        tree_of(terraform),
        Onlooker(),
        lambda _: None,
        force=force,
        reconfigure=reconfigure,
    )


def edit(terraform: Terraform, old: str, new: str) -> None:
    main = terraform.root / "main.tf"
    assert old in main.read_text()
    main.write_text(main.read_text().replace(old, new))


def with_config(terraform: Terraform, content: str) -> Terraform:
    config = Path(terraform.environ["TF_CLI_CONFIG_FILE"])
    config.write_text(content)
    return terraform


class TestFingerprint:
    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda t: edit(t, "hashicorp/aws", "acme/aws"), id="provider"),
            pytest.param(lambda t: edit(t, ">= 5.0", ">= 5.1"), id="provider version"),
            pytest.param(lambda t: edit(t, "modules/shop", "modules/other"), id="module source"),
            pytest.param(lambda t: edit(t, "size   = 1", 'version = "1.0"'), id="module version"),
            pytest.param(lambda t: edit(t, '"shop"', '"store"'), id="module name"),
            pytest.param(
                lambda t: (t.root / "backend.tf").write_text('terraform {\n  backend "s3" {}\n}\n'),
                id="backend",
            ),
            pytest.param(
                lambda t: (t.root / ".terraform.lock.hcl").write_text("# lock"), id="lock file"
            ),
            pytest.param(
                lambda t: (tree_of(t) / "modules/shop/main.tf").write_text(
                    'terraform {\n  required_version = ">= 1.6"\n}\n'
                ),
                id="provider of a module",
            ),
            pytest.param(lambda t: with_config(t, "# other"), id="CLI configuration"),
        ],
    )
    def test_it_changes_with(
        self, terraform: Terraform, change: Callable[[Terraform], object]
    ) -> None:
        before = fingerprint(terraform, tree_of(terraform))
        change(terraform)
        assert fingerprint(terraform, tree_of(terraform)) != before

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda t: edit(t, "input = 1", "input = 2"), id="a resource"),
            pytest.param(lambda t: edit(t, "size   = 1", "size   = 2"), id="a module's argument"),
            pytest.param(
                lambda t: (t.root / "terraform.tfvars").write_text("x = 1\n"), id="a value"
            ),
            pytest.param(
                lambda t: (t.root.parent / "prod/main.tf").write_text(""), id="another root"
            ),
            pytest.param(
                lambda t: (tree_of(t) / "modules/shop/main.tf").write_text(
                    'variable "size" {\n}\n'
                ),
                id="a module's variable",
            ),
        ],
    )
    def test_it_stays_with(
        self, terraform: Terraform, change: Callable[[Terraform], object]
    ) -> None:
        before = fingerprint(terraform, tree_of(terraform))
        change(terraform)
        assert fingerprint(terraform, tree_of(terraform)) == before

    @pytest.mark.parametrize("version", ["1.10.0", "1.11.4-rc1"])
    def test_it_changes_with_the_binary(self, terraform: Terraform, version: str) -> None:
        other = Binary(terraform.binary.command, "PATH", version, "linux_amd64")
        changed = Terraform(other, terraform.root, terraform.environ, terraform.root)
        tree = tree_of(terraform)
        assert fingerprint(changed, tree) != fingerprint(terraform, tree)

    def test_it_does_without_a_cli_configuration(
        self, terraform: Terraform, tmp_path: Path
    ) -> None:
        plain = Terraform(terraform.binary, terraform.root, {}, tmp_path)
        assert fingerprint(plain, tree_of(terraform)) != fingerprint(terraform, tree_of(terraform))


class TestEnsuring:
    def test_the_first_time_it_runs_and_then_not(self, terraform: Terraform) -> None:
        first = ensure(terraform)
        assert first is not None
        assert first.succeeded, first.strays
        assert ensure(terraform) is None

    def test_it_is_told_only_when_it_runs(self, terraform: Terraform) -> None:
        told: list[str] = []
        for _ in range(2):
            ensure_initialised(terraform, tree_of(terraform), Onlooker(), told.append)
        assert told == ["initialising dev (terraform init)"]

    def test_it_can_be_forced(self, terraform: Terraform) -> None:
        ensure(terraform)
        assert ensure(terraform, force=True) is not None

    def test_it_runs_again_after_a_change(self, terraform: Terraform) -> None:
        ensure(terraform)
        edit(terraform, ">= 5.0", ">= 5.1")
        assert ensure(terraform) is not None
        assert ensure(terraform) is None

    def test_it_does_not_run_again_after_a_change_of_resources(self, terraform: Terraform) -> None:
        ensure(terraform)
        edit(terraform, "input = 1", "input = 2")
        assert ensure(terraform) is None

    def test_it_runs_again_when_the_providers_are_gone(self, terraform: Terraform) -> None:
        ensure(terraform)
        shutil.rmtree(terraform.root / ".terraform" / "providers")
        assert ensure(terraform) is not None

    def test_one_that_failed_is_tried_again(self, terraform: Terraform) -> None:
        edit(terraform, ">= 5.0", ">= 6.0")
        failed = ensure(terraform)
        assert failed is not None
        assert not failed.succeeded
        assert "no available releases match" in failed.progress.errors[0].detail
        edit(terraform, ">= 6.0", ">= 5.0")
        mended = ensure(terraform)
        assert mended is not None
        assert mended.succeeded

    def test_the_lock_file_is_kept_unless_an_upgrade_is_asked_for(
        self, terraform: Terraform
    ) -> None:
        lock = terraform.root / ".terraform.lock.hcl"
        edit(terraform, ">= 5.0", "5.100.0")
        ensure(terraform)
        edit(terraform, "5.100.0", ">= 5.0")
        ensure(terraform)
        assert '"5.100.0"' in lock.read_text()
        upgraded = ensure_initialised(
            terraform, tree_of(terraform), Onlooker(), lambda _: None, force=True, upgrade=True
        )
        assert upgraded is not None
        assert '"5.101.0"' in lock.read_text()

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(
                lambda t: (t / "terraform.tfstate").write_text("{"), id="record of the backend"
            ),
            pytest.param(lambda t: (t / "modules/modules.json").write_text("{"), id="modules"),
            pytest.param(lambda t: shutil.rmtree(t / "providers"), id="no providers"),
            pytest.param(lambda t: (t / "bsops-fingerprint").write_bytes(b"\xff"), id="mark"),
            pytest.param(shutil.rmtree, id="all of it"),
        ],
    )
    def test_a_damaged_directory_is_mended_by_reconfiguring(
        self, terraform: Terraform, damage: Callable[[Path], object]
    ) -> None:
        (terraform.root / "backend.tf").write_text(
            'terraform {\n  backend "local" {\n    path = "x.tfstate"\n  }\n}\n'
        )
        ensure(terraform)
        damage(terraform.root / ".terraform")
        mended = ensure(terraform, force=True, reconfigure=True)
        assert mended is not None
        assert mended.succeeded, (mended.progress.errors, mended.strays)
        assert ensure(terraform) is None
        run, outputs = terraform.output(Onlooker())
        assert (run.succeeded, outputs.strip()) == (True, b"{}")

    def test_two_at_once_initialise_one_after_the_other(self, terraform: Terraform) -> None:
        # The first one's Terraform waits at a gate, so that the second has to wait for it.
        slow = terraform.root / "slow-terraform"
        slow.write_text(f'#!/bin/sh\nsleep 1\nexec {terraform.binary.path} "$@"\n')
        slow.chmod(0o755)
        binary = Binary((str(slow),), "x", terraform.binary.version, "linux_amd64")
        context = multiprocessing.get_context("fork")
        ran: multiprocessing.Queue[bool] = context.Queue()

        def initialise(number: int) -> None:
            runs = terraform.root / f"runs-{number}"
            runs.mkdir()
            mine = Terraform(binary, terraform.root, terraform.environ, runs)
            ran.put(ensure(mine) is not None)

        processes = [context.Process(target=initialise, args=(number,)) for number in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join(30)
        assert sorted([ran.get(timeout=5), ran.get(timeout=5)]) == [False, True]
