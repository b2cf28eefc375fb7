"""One initialised copy of the Terraform tree, a fake AWS to plan against, and how to run Terraform.

The copy keeps ``.terraform`` out of the checkout. Its environment roots share one installation:
the provider is several hundred megabytes and linked, never copied.
"""

import fcntl
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "infrastructure" / "aws"
ENVIRONMENTS = ("dev", "staging", "prod")
PROVIDER = Path("registry.terraform.io") / "hashicorp" / "aws"
# What would change a run behind its command line.
INHERITED = ("TF_", "AWS_")


@dataclass(frozen=True)
class Terraform:
    """Runs the real Terraform, without what the caller's shell would add to it."""

    binary: str
    environment: dict[str, str]

    def __call__(
        self, directory: Path, *arguments: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [self.binary, *arguments],
            cwd=directory,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check and done.returncode != 0:
            pytest.fail(
                f"terraform {' '.join(arguments)} in {directory}\n{done.stdout}{done.stderr}"
            )
        return done


@dataclass(frozen=True)
class Plan:
    """What ``terraform show -json`` says of a saved plan."""

    document: dict[str, Any]

    @property
    def created(self) -> dict[str, dict[str, Any]]:
        """Values of the resources to create, by address without the environment's module."""
        return {
            change["address"].removeprefix("module.bookstore."): change["change"]["after"]
            for change in self.document["resource_changes"]
            if change["change"]["actions"] == ["create"]
        }

    @property
    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = {}
        for change in self.document["resource_changes"]:
            if change["change"]["actions"] == ["create"]:
                counts[change["type"]] = counts.get(change["type"], 0) + 1
        return counts

    @property
    def settings(self) -> dict[str, Any]:
        settings: dict[str, Any] = self.document["planned_values"]["outputs"]["settings"]["value"]
        return settings


@dataclass
class Planner:
    """Plans an environment with its shipped values, once for all workers of a run."""

    tree: Path
    terraform: Terraform
    account: str
    shared: Path
    _plans: dict[str, Plan] = field(default_factory=dict)

    def __call__(self, environment: str) -> Plan:
        if environment not in self._plans:
            shown = self.shared / f"plan-{environment}.json"
            with shown.with_suffix(".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not shown.exists():
                    shown.write_text(self._show(environment), encoding="utf-8")
            self._plans[environment] = Plan(json.loads(shown.read_text(encoding="utf-8")))
        return self._plans[environment]

    def _show(self, environment: str) -> str:
        root = self.tree / "environments" / environment
        self.terraform(root, "plan", "-input=false", f"-var=account_id={self.account}", "-out=p")
        return self.terraform(root, "show", "-json", "p").stdout


def provider_mirror() -> Path | None:
    """A filesystem mirror that holds the AWS provider, in the places systems keep one."""
    for prefix in ("/opt", "/usr/share", "/usr/local/share", "/var/lib"):
        for found in sorted(Path(prefix).glob(f"*/{PROVIDER}")):
            return found.parents[len(PROVIDER.parts) - 1]
    return None


@pytest.fixture(scope="session")
def cli_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("terraform")
    config = directory / "terraform.rc"
    if mirror := provider_mirror():
        source = f"filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n  }}"
        config.write_text(f"provider_installation {{\n  {source}\n}}\n", encoding="utf-8")
    else:
        cache = directory / "plugins"
        cache.mkdir()
        config.write_text(f"plugin_cache_dir = {json.dumps(str(cache))}\n", encoding="utf-8")
    return config


@pytest.fixture(scope="session")
def terraform_binary() -> str:
    binary = os.environ.get("BSOPS_TERRAFORM_BIN") or shutil.which("terraform")
    if binary is None:
        pytest.skip("Terraform is not installed: put it on PATH or in BSOPS_TERRAFORM_BIN")
    return binary


@pytest.fixture(scope="session")
def offline_environment(cli_config: Path) -> dict[str, str]:
    """The environment of a Terraform that can reach no AWS at all."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(INHERITED)}
    return kept | {
        "TF_CLI_CONFIG_FILE": str(cli_config),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "NO_COLOR": "1",
        "TF_CLI_ARGS": "-no-color",
    }


@pytest.fixture(scope="session")
def offline(terraform_binary: str, offline_environment: dict[str, str]) -> Terraform:
    return Terraform(terraform_binary, offline_environment)


@pytest.fixture(scope="session")
def pristine() -> Path:
    """The tree as it is in the checkout; no test may write to it."""
    return SOURCE


@pytest.fixture
def fresh_tree(tmp_path: Path) -> Path:
    """A copy of the tree of the test's own, not initialised."""
    return copy_tree(tmp_path / "aws")


@pytest.fixture(scope="session")
def tree(tmp_path_factory: pytest.TempPathFactory, offline: Terraform) -> Path:
    """A copy of the tree whose three environment roots are initialised."""
    copy = copy_tree(tmp_path_factory.mktemp("tree") / "aws")
    first, *others = (copy / "environments" / environment for environment in ENVIRONMENTS)
    offline(first, "init", "-input=false", "-lockfile=readonly")
    for other in others:
        shutil.copytree(first / ".terraform", other / ".terraform", symlinks=True)
    return copy


@pytest.fixture(scope="session")
def mocked(tree: Path, offline: Terraform) -> Iterator[Terraform]:
    """Terraform for native tests, whose mocks need the provider for its schema alone.

    Terraform 1.11 starts the provider anew for each step of each run, which takes longer than
    the step itself. Here it is started once, and Terraform attaches to it.
    """
    installed = tree / "environments" / ENVIRONMENTS[0] / ".terraform" / "providers" / PROVIDER
    (provider,) = installed.glob("*/*/terraform-provider-aws_*")
    with subprocess.Popen(
        [provider, "-debug"],
        env=offline.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        try:
            said = re.search(r"TF_REATTACH_PROVIDERS='(.+)'", _read_until(server, "PROVIDERS="))
            assert said, "the provider did not say where to attach"
            attached = {"TF_REATTACH_PROVIDERS": said[1]}
            yield replace(offline, environment=offline.environment | attached)
        finally:
            server.send_signal(signal.SIGINT)


@pytest.fixture(scope="session")
def fake_aws() -> Iterator[str]:
    """Address of a moto server of our own; its account is 123456789012."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def terraform(
    terraform_binary: str, offline_environment: dict[str, str], fake_aws: str
) -> Terraform:
    credentials = {
        "AWS_ENDPOINT_URL": fake_aws,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    return Terraform(terraform_binary, offline_environment | credentials)


@pytest.fixture(scope="session")
def plan(tree: Path, terraform: Terraform, tmp_path_factory: pytest.TempPathFactory) -> Planner:
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    return Planner(tree, terraform, account="123456789012", shared=shared)


def copy_tree(target: Path) -> Path:
    """The tree without what Terraform leaves behind in a checkout."""
    left_behind = shutil.ignore_patterns(".terraform", "*.tfstate*", "*.tfplan", "backend.tf")
    shutil.copytree(SOURCE, target, ignore=left_behind)
    return target


def _read_until(server: subprocess.Popen[str], word: str) -> str:
    """The first line with ``word`` on the process's stdout; nothing if it ends without."""
    assert server.stdout is not None
    return next((line for line in server.stdout if word in line), "")


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            pytest.fail("the moto server ended at once: is moto[server] installed?")
        try:
            with urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail("the moto server did not answer within a minute")
