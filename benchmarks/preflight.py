"""What asking AWS costs a plan, and doctor against the slowest of its checks.

The plan runs without ``--sandbox``: a sandbox plays the real AWS, reached by way of an AWS
configuration file as an operator's own endpoint is. "Without" is the same bsops, in which the look
for who we are is answered at once and by nobody; no option of bsops does that.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from bookstore_ops.workspace import Workspace

BSOPS = str(Path(sys.executable).with_name("bsops"))

WITH = "import sys; from bookstore_ops.cli.main import main; sys.exit(main(sys.argv[1:]))"
WITHOUT = """\
import sys
from datetime import UTC, datetime
from types import SimpleNamespace
from bookstore_ops.aws import asker, look


class Unasked(look.Look):
    def __init__(self, asked):
        self.asked = asked

    def abandon(self):
        return 0

    def answer(self):
        account = self.asked.environment.account_id
        new = {"AWS_REGION": self.asked.environment.region}
        access = look.Access({**self.asked.environ, **new}, SimpleNamespace(token=None), "env")
        now = datetime.now(UTC)
        headers = {"date": f"{now:%a, %d %b %Y %H:%M:%S GMT}"}
        identity = {"Account": account, "Arn": "nobody", "Received": now}
        identity["ResponseMetadata"] = {"HTTPHeaders": headers}
        return look.Answer(access, identity, None)


look.Look = Unasked
asker.begin_early = lambda: None
from bookstore_ops.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def real_environ(workspace: Workspace, name: str, home: Path) -> dict[str, str]:
    """The environment of an operator whose AWS is the workspace's sandbox."""
    account = load_environment(workspace, name).account_id
    url = lifecycle.ensure(workspace).url
    (home / ".aws").mkdir(parents=True, exist_ok=True)
    (home / ".aws" / "config").write_text(
        f"[default]\nendpoint_url = {url}\n"
        f"aws_access_key_id = BSOPS{account}AAA\naws_secret_access_key = x\n"
    )
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    return {**inherited, "HOME": str(home), "AWS_EC2_METADATA_DISABLED": "true"}


def python(code: str, *arguments: str) -> list[str]:
    """A bsops made of ``code``."""
    return [sys.executable, "-c", code, *arguments]


def slowest_check(workspace: Path, name: str, environ: Mapping[str, str]) -> str:
    """The code of the check of doctor that takes longest by itself, each tried alone.

    Side by side a check waits for the processor, too: what it takes there is not its own.
    """

    def alone(code: str) -> float:
        began = time.perf_counter()
        _checks(workspace, name, environ, "--only", code)
        return time.perf_counter() - began

    codes = [str(check["code"]) for check in _checks(workspace, name, environ)]
    return max(codes, key=alone)


def _checks(
    workspace: Path, name: str, environ: Mapping[str, str], *more: str
) -> list[dict[str, Any]]:
    done = subprocess.run(
        [BSOPS, "doctor", name, "--json", *more],
        cwd=workspace,
        env=dict(environ),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)["checks"]
    return found
