"""Running policies in a process of their own.

They are code of the workspace and trusted as the tree is; but one that fails, hangs or dies must
not take bsops with it, nor be taken for one that had nothing to say. The process gets no
credentials and no terminal; the plan reaches it through a pipe, never by way of a file.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.policies.catalogue import Catalogue, Policy
from bookstore_ops.policies.findings import Failure, Finding, Verdict

_SECONDS = 20.0
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "LD_LIBRARY_PATH")


class _Found(msgspec.Struct):
    address: str
    message: str
    warns: bool


class _Answer(msgspec.Struct):
    policy: str
    findings: list[_Found] = []
    failed: str = ""


@dataclass
class _Said:
    findings: list[Finding] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


def run_policies(
    catalogue: Catalogue, plan: dict[str, Any], *, seconds: float = _SECONDS
) -> Verdict:
    """What every policy says of ``plan``; none may take longer than ``seconds``.

    ``plan`` has the shape of ``terraform show -json``. A policy that came to no answer is among
    the failures of the verdict.
    """
    said = _Said()
    left = [policy for policy in catalogue.policies.values() if _can_run(policy, said)]
    while left:
        output, how = _process(catalogue.folder, left, plan, seconds)
        left = _understand(output, how, left, said)
    return Verdict(
        sha256=catalogue.sha256,
        policies=list(catalogue.policies),
        findings=said.findings,
        failures=said.failures,
    )


def _can_run(policy: Policy, said: _Said) -> bool:
    from importlib.util import find_spec

    if policy.language == "python" or find_spec("regopy"):
        return True
    why = "policies in Rego need the package regopy: pip install 'bookstore-ops[rego]'"
    said.failures.append(Failure(policy=policy.name, why=why))
    return False


def _understand(output: bytes, how: str, asked: Sequence[Policy], said: _Said) -> list[Policy]:
    """Add what the answers say to ``said``; the policies that are still to be asked."""
    done: set[str] = set()
    for line in output.splitlines():
        with suppress(msgspec.MsgspecError):  # broken off in mid-line
            answer = msgspec.json.decode(line, type=_Answer)
            done.add(answer.policy)
            if answer.failed:
                said.failures.append(Failure(policy=answer.policy, why=answer.failed))
            said.findings += [
                Finding(policy=answer.policy, message=f.message, address=f.address, warns=f.warns)
                for f in answer.findings
            ]
    left = [policy for policy in asked if policy.name not in done]
    if left:
        # They run in order: the first without an answer is the one that ended the process.
        said.failures.append(Failure(policy=left[0].name, why=how))
    return left[1:]


def _process(
    folder: Path, policies: Sequence[Policy], plan: dict[str, Any], seconds: float
) -> tuple[bytes, str]:
    """What the process wrote, and how it ended."""
    job = {
        "folder": str(folder),
        "policies": [{"name": each.name, "path": str(each.path)} for each in policies],
        "plan": plan,
        "seconds": seconds,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "bookstore_ops.policies.worker"],
            input=msgspec.json.encode(job),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=seconds,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as late:
        return late.stdout or b"", f"it did not end within {seconds:g} seconds"
    if done.returncode < 0:
        return done.stdout, f"it ended the process by {signal.Signals(-done.returncode).name}"
    return done.stdout, f"it ended the process with code {done.returncode}"
