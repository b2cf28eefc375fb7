"""Small workspaces for tests: the real provider and backend, a tree that applies in seconds."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from bookstore_ops.aws.session import client
from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.sandbox.process import process_environment
from bookstore_ops.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[2]
BSOPS = Path(sys.executable).with_name("bsops")

ROOT = """\
terraform {
  required_version = ">= 1.6.6"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region = var.region
}

variable "region" {
  type     = string
  default  = "eu-west-1"
  nullable = false
}

variable "size" {
  type     = number
  nullable = false

  validation {
    condition     = var.size > 0
    error_message = "size must be at least 1: write size = 1."
  }
}

variable "secret" {
  type      = string
  sensitive = true
  default   = "hunter2-hunter2"
}

output "size" {
  value = var.size
}

output "secret" {
  value     = var.secret
  sensitive = true
}
"""

POLICY = """\
account_id = "{account}"
region     = "eu-west-1"
protected  = {protected}
plan_ttl   = "{ttl}"

[state]
bucket = "bookstore-{name}-tfstate-{account}"
key    = "bookstore/{name}/terraform.tfstate"
"""


@dataclass
class Finished:
    """A finished bsops: its exit status and all it wrote."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Standard error with every line break and run of blanks as one blank."""
        return " ".join(self.err.split())

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as the one JSON document it must be."""
        document: dict[str, Any] = json.loads(self.out)
        return document


@dataclass
class Bench:
    """A workspace under test and the bsops that runs in it."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    _clients: dict[tuple[str, ...], Any] = field(default_factory=dict)

    @property
    def workspace(self) -> Workspace:
        """The workspace, as bsops sees it."""
        return Workspace(self.root)

    def env(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """The environment bsops gets: nothing of AWS or Terraform, a home of its own."""
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "TF_", "BSOPS_"))
            and name not in {"NO_COLOR", "COLUMNS"}
        }
        home = self.root.parent / "home"
        home.mkdir(exist_ok=True)
        return {**inherited, "HOME": str(home), **self.environ, **(extra or {})}

    def run(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        timeout: float = 300,
        stdin: int | None = subprocess.DEVNULL,
    ) -> Finished:
        """Run bsops to its end."""
        done = subprocess.run(
            [str(BSOPS), *arguments],
            cwd=self.root,
            env=self.env(env),
            capture_output=True,
            text=True,
            timeout=timeout,
            stdin=stdin,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Finished(done.returncode, done.stdout, done.stderr)

    def apply(self, environment: str = "dev", *, env: Mapping[str, str] | None = None) -> Finished:
        """Make a plan in the sandbox and apply it, without reading its details: much faster."""
        planned = self.run("plan", environment, "--sandbox", "--no-details", env=env)
        assert planned.code == 0, planned.err
        return self.run("apply", environment, "--sandbox", "--yes", env=env)

    def start(self, *arguments: str, env: Mapping[str, str] | None = None) -> "Running":
        """Start bsops in a process group of its own."""
        process = subprocess.Popen(
            [str(BSOPS), *arguments],
            cwd=self.root,
            env=self.env(env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return Running(process, self)

    def write_chain(self, length: int) -> None:
        """Give dev ``length`` parameters, each made after the one before."""
        blocks = []
        for number in range(length):
            before = f"\n\n  depends_on = [aws_ssm_parameter.p{number - 1:02}]" if number else ""
            blocks.append(
                f'resource "aws_ssm_parameter" "p{number:02}" {{\n'
                f'  name  = "/chain/{number:02}"\n  type  = "String"\n'
                f'  value = "${{var.size}}"{before}\n}}\n'
            )
        (self.environment_root("dev") / "chain.tf").write_text("\n".join(blocks))

    def environment_root(self, name: str) -> Path:
        """An environment's own root module."""
        return self.workspace.environment_root(name)

    def events(self, command: str) -> list[dict[str, Any]]:
        """The events of the newest Terraform run of that command."""
        files = sorted(
            (self.root / ".bsops" / "runs").glob(f"*/*-{command}.jsonl"),
            key=lambda path: path.stat().st_mtime_ns,
        )
        if not files:
            return []
        lines = files[-1].read_text().splitlines()
        found = []
        for line in lines:
            try:
                found.append(json.loads(line))
            except json.JSONDecodeError:
                continue
        return found

    def terraform_pids(self) -> list[int]:
        """The Terraform processes that work in this workspace."""
        found = []
        for process in psutil.process_iter(["name"]):
            try:
                if process.info["name"] == "terraform" and self.root in Path(process.cwd()).parents:
                    found.append(process.pid)
            except psutil.Error:
                continue
        return found

    @contextmanager
    def terraform_suspended(self) -> Iterator[None]:
        """Hold Terraform where it is: what it locked stays locked."""
        processes = [psutil.Process(pid) for pid in self.terraform_pids()]
        for process in processes:
            process.suspend()
        try:
            yield
        finally:
            for process in processes:
                process.resume()

    def aws(self, service: str, environment: str = "dev", region: str | None = None) -> Any:
        """A client for the sandbox's AWS, in the environment's region or another one."""
        environ = self.aws_environ(environment)
        where = region or environ["AWS_REGION"]
        key = (service, where, environ["AWS_ENDPOINT_URL"], environ["AWS_ACCESS_KEY_ID"])
        if key not in self._clients:
            self._clients[key] = client(service, where, environ)
        return self._clients[key]

    def aws_environ(self, environment: str = "dev") -> dict[str, str]:
        """The environment of a process that reaches the sandbox's AWS."""
        server = lifecycle.ensure(self.workspace)
        policy = load_environment(self.workspace, environment)
        return {**self.env(), **process_environment(server, policy)}

    def parameters(self) -> set[str]:
        """The names of the parameters that exist in the sandbox."""
        pages = self.aws("ssm").get_paginator("describe_parameters").paginate()
        return {parameter["Name"] for page in pages for parameter in page["Parameters"]}

    def state(self, environment: str = "dev") -> dict[str, Any] | None:
        """The state in the sandbox's bucket; None where there is none."""
        policy = load_environment(self.workspace, environment)
        s3 = self.aws("s3", environment)
        listed = s3.list_objects_v2(Bucket=policy.state.bucket, Prefix=policy.state.key)
        if policy.state.key not in {item["Key"] for item in listed.get("Contents", [])}:
            return None
        body = s3.get_object(Bucket=policy.state.bucket, Key=policy.state.key)["Body"].read()
        state: dict[str, Any] = json.loads(body)
        return state

    def state_names(self) -> set[str]:
        """The names of the parameters that the state knows."""
        state = self.state() or {"resources": []}
        return {
            instance["attributes"]["name"]
            for resource in state["resources"]
            if resource["type"] == "aws_ssm_parameter"
            for instance in resource["instances"]
        }

    def lock_is_held(self) -> bool:
        """Whether a lock object lies beside dev's state."""
        policy = load_environment(self.workspace, "dev")
        listed = self.aws("s3").list_objects_v2(Bucket=policy.state.bucket)
        return any(item["Key"].endswith(".tflock") for item in listed.get("Contents", []))

    def assert_nothing_lost(self) -> None:
        """State is whole, no lock is left, and it knows everything that exists.

        But for a creation whose request Terraform cancelled when it was interrupted: the events
        name it, and there is at most one here, since one follows the other.
        """
        unknown = self.parameters() - self.state_names()
        assert unknown <= self.cancelled()
        assert self.state_names() <= self.parameters()
        assert not self.lock_is_held()

    def cancelled(self) -> set[str]:
        """The parameters whose creation ended with an error."""
        addresses = [
            event["hook"]["resource"]["addr"]
            for event in self.events("apply")
            if event.get("type") == "apply_errored"
        ]
        return {address.replace("aws_ssm_parameter.p", "/chain/") for address in addresses}


@dataclass
class Running:
    """A bsops under way."""

    process: "subprocess.Popen[str]"
    bench: Bench

    def wait_for_event(self, command: str, kind: str, count: int = 1) -> None:
        """Wait until Terraform has written ``count`` events of a kind."""
        wait_until(
            lambda: (
                sum(event.get("type") == kind for event in self.bench.events(command)) >= count
                or self.process.poll() is not None
            )
        )
        assert self.process.poll() is None, self.process.communicate()

    def signal(self, number: signal.Signals, *, group: bool = False) -> None:
        """Send a signal to bsops alone, or to its whole process group."""
        if group:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)

    def finish(self, timeout: float = 120) -> Finished:
        """Wait for the end."""
        out, err = self.process.communicate(timeout=timeout)
        assert "Traceback" not in err, err
        return Finished(self.process.returncode, out, err)


def wait_until(condition: Callable[[], object], seconds: float = 90) -> None:
    """Poll until ``condition`` holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)


def make_bench(directory: Path) -> Bench:
    """A workspace with dev (open), prod (protected) and a root of a few parameters."""
    root = directory / "workspace"
    names: Sequence[tuple[str, str, str, str]] = (
        ("dev", "111111111111", "false", "8h"),
        ("prod", "333333333333", "true", "2h"),
    )
    (root / "environments").mkdir(parents=True)
    for name, account, protected, ttl in names:
        (root / "environments" / f"{name}.toml").write_text(
            POLICY.format(name=name, account=account, protected=protected, ttl=ttl)
        )
        module = root / "infrastructure" / "aws" / "environments" / name
        module.mkdir(parents=True)
        (module / "main.tf").write_text(ROOT)
        (module / "terraform.tfvars").write_text("size = 1\n")
        lock_file = REPOSITORY / "infrastructure/aws/environments" / name / ".terraform.lock.hcl"
        shutil.copy(lock_file, module / ".terraform.lock.hcl")
    bench = Bench(root)
    bench.write_chain(2)
    return bench
