"""An operator whose AWS is a fake STS, and a Terraform that only tells that it was started."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.sts import Sts
from tests.e2e.workspaces import Bench, Finished
from tests.unit.support import program

KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}


@dataclass
class Operator:
    """Runs bsops without ``--sandbox``; ``config`` is the AWS configuration beside the endpoint."""

    bench: Bench
    sts: Sts
    config: str = ""

    @property
    def _log(self) -> Path:
        return self.bench.root.parent / "started"

    @property
    def started(self) -> list[str]:
        """The Terraform commands that were started, but for the question of its version."""
        said = self._log.read_text().splitlines() if self._log.exists() else []
        return [line for line in said if line != "version -json"]

    def run(self, *words: str, env: Mapping[str, str] | None = None, keys: bool = True) -> Finished:
        """Run bsops with keys in the environment, or with what ``config`` says."""
        given = {**self.environ(), **(KEYS if keys else {}), **(env or {})}
        return self.bench.run(*words, env=given, timeout=90)

    def environ(self) -> dict[str, str]:
        """The environment of a process whose AWS and whose Terraform these are."""
        home = self.bench.root.parent / "home" / ".aws"
        home.mkdir(parents=True, exist_ok=True)
        # Each profile has its own.
        config = re.sub(
            r"^(\[default\]|\[profile .*\])$",
            rf"\1\nendpoint_url = {self.sts.url}",
            f"[default]\n{self.config}",
            flags=re.M,
        )
        (home / "config").write_text(config)
        terraform = program(
            self.bench.root.parent / "terraform",
            f"""\
            #!/bin/sh
            echo "$*" >> {self._log}
            env | grep ^AWS_ > {self._log}.env
            echo '{{"terraform_version": "1.11.4", "platform": "linux_amd64"}}'
            test "$1" = version
            """,
        )
        return {
            "BSOPS_TERRAFORM_BIN": str(terraform),
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
        }

    def policy(self, line: str, name: str = "dev") -> None:
        """Add a line at the head of an environment's file."""
        path = self.bench.workspace.environments / f"{name}.toml"
        path.write_text(f"{line}\n{path.read_text()}")

    @property
    def terraform_environ(self) -> dict[str, str]:
        """The ``AWS_…`` variables that Terraform was started with last."""
        lines = Path(f"{self._log}.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)
