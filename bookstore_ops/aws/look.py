"""Asking AWS who we are in a process of its own, while the command gets ready.

The process ends by itself, whatever hangs in it; what it finds, keys among it, comes back through
a pipe.
"""

import json
import os
import select
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from bookstore_ops.aws import asker
from bookstore_ops.aws.refusals import Unanswered, pack, unpack
from bookstore_ops.aws.session import RUNNING, Access, ask_identity, open_access
from bookstore_ops.errors import BsopsError

if TYPE_CHECKING:
    from bookstore_ops.environments import Environment

# Above all that AWS is given, with a role on the way: what takes longer is a program of the
# operator's that waits for somebody.
DEADLINE_SECONDS = 45
_POLICY = ("name", "account_id", "region", "profile", "role_arn", "external_id", "mfa_serial")


@dataclass(frozen=True)
class Answer:
    """What came of a look. ``identity`` is that of sts:GetCallerIdentity, ``problem`` why not."""

    access: Access | None
    identity: dict[str, Any] | None
    problem: BsopsError | None


@dataclass(frozen=True)
class Asked:
    """What is looked for; see :func:`~bookstore_ops.aws.session.open_access`."""

    environment: "Environment"
    environ: Mapping[str, str] = field(repr=False)
    command: str
    code: str | None = field(default=None, repr=False)
    seconds: float = 0


class Look:
    """A look under way."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self._began = time.monotonic()
        self._asker = asker.take()
        self._asker.ask(
            {
                "policy": {name: getattr(asked.environment, name) for name in _POLICY},
                "environ": dict(asked.environ),
                "command": asked.command,
                "code": asked.code,
                "seconds": asked.seconds,
                "deadline": DEADLINE_SECONDS,
            }
        )

    def answer(self) -> Answer:
        """Wait for its end, which comes within the deadline."""
        said = b""
        pipe = self._asker.answer
        while select.select([pipe], [], [], max(0.0, self._left()))[0]:
            part = os.read(pipe, 65536)
            if not part:
                break
            said += part
        status = self.abandon()
        try:
            return _read(json.loads(said), self.asked)
        except ValueError:
            return Answer(None, None, _broken(self.asked, status))

    def abandon(self) -> int:
        """End it, if it has not ended: its answer is not wanted any more. How it ended."""
        return self._asker.end()

    def _left(self) -> float:
        return self._began + DEADLINE_SECONDS - time.monotonic()


def _read(said: dict[str, Any], asked: Asked) -> Answer:
    access, problem = None, None
    if "problem" in said:
        problem = unpack(said["problem"], asked.environment.name)
    if found := said.get("access"):
        environ = {k: v for k, v in asked.environ.items() if k not in found["gone"]}
        credentials = SimpleNamespace(token=found["temporary"]) if found["found"] else None
        access = Access(
            {**environ, **found["new"]},
            credentials,
            found["method"],
            {},
            found["role_arn"],
            datetime.fromisoformat(found["ends"]) if found["ends"] else None,
            found["renewed"],
            found["profiles"],
        )
    identity = said.get("identity")
    if identity:
        identity["Received"] = datetime.fromisoformat(identity["Received"])
    return Answer(access, identity, problem)


def _broken(asked: Asked, status: int) -> BsopsError:
    name = asked.environment.name
    if status in {-signal.SIGALRM, -signal.SIGKILL}:
        return Unanswered(
            f"the credentials for {name} could not be had within {DEADLINE_SECONDS} s",
            why="a credential_process waits for somebody, or the network hangs",
            next_step=f"bsops doctor {name} --only Credentials --only Network",
        )
    return Unanswered(
        f"the look for the credentials of {name} broke off",
        why=f"its process ended with {status}",
        next_step=f"bsops doctor {name} --only Credentials",
    )


def find(question: dict[str, Any]) -> dict[str, Any]:
    """The answer to a question; this process's environment becomes the one Terraform gets."""
    # It ends what hangs here when bsops itself is gone.
    signal.alarm(question["deadline"])
    environment: Any = SimpleNamespace(**question["policy"])
    environ: dict[str, str] = question["environ"]
    os.environ.clear()
    os.environ.update(environ)
    answer: dict[str, Any] = {}
    try:
        access = open_access(
            environment,
            environ,
            question["command"],
            {"sts": environment.region},
            code=question["code"],
            seconds=question["seconds"],
            patience=RUNNING,
        )
        if access.credentials is not None:
            answer["identity"] = _told(ask_identity(environment, access))
        # Not before: what is fetched late says when it ends once it was used.
        answer["access"] = _found(access, environ)
    except BsopsError as problem:
        answer["problem"] = pack(problem)
    except Exception as error:  # noqa: BLE001  (the process that asked is to know)
        fault = Unanswered(
            f"the look for the credentials of {environment.name} failed itself",
            why=f"{type(error).__name__}: {error}",
            next_step="open an issue with these lines",
        )
        answer["problem"] = pack(fault)
    return answer


def _found(access: Access, environ: Mapping[str, str]) -> dict[str, Any]:
    ends = access.expires()
    # Of the AWS configuration, only what tells how to log in: the rest may hold keys.
    wanted = ("sso_session", "sso_start_url", "login_session", "source_profile")
    profiles = {
        name: {key: profile[key] for key in wanted if key in profile}
        for name, profile in access.profiles.get("profiles", {}).items()
    }
    return {
        "found": access.credentials is not None,
        "temporary": "yes" if access.credentials is not None and access.is_temporary else None,
        "method": access.method,
        "role_arn": access.role_arn,
        "ends": ends.isoformat() if ends else None,
        "renewed": access.renewed,
        "new": {k: v for k, v in access.environ.items() if environ.get(k) != v},
        "gone": [name for name in environ if name not in access.environ],
        "profiles": {"profiles": profiles},
    }


def _told(identity: Mapping[str, Any]) -> dict[str, Any]:
    headers = identity.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    date = {"date": headers["date"]} if "date" in headers else {}
    return {
        "Account": identity["Account"],
        "Arn": identity["Arn"],
        "Received": datetime.now(UTC).isoformat(),
        "ResponseMetadata": {"HTTPHeaders": date},
    }
