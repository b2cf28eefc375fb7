"""AWS clients and identity, from the very environment that Terraform gets.

Whatever decides Terraform's credentials (profile, role, endpoint) is in that environment, so
what is checked here is what Terraform uses.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bookstore_ops.aws.credentials import (
    EXPIRATION,
    Resolved,
    new_core,
    resolve,
    session_name,
)
from bookstore_ops.aws.models import read_models_fast
from bookstore_ops.aws.refusals import explained

if TYPE_CHECKING:
    from bookstore_ops.environments import Environment

_CONNECT_SECONDS = 5
_READ_SECONDS = 15
_ENVIRONMENT_LOCK = threading.Lock()


def client(service: str, region: str, environ: Mapping[str, str]) -> Any:
    """A boto3 client that sees ``environ`` in place of this process's environment.

    So a sandbox client reads no real profile, and a real one reads the one Terraform reads.
    """
    return Clients(region, environ).make(service)


class Clients:
    """Clients of several services, as :func:`client` makes one; what they share is loaded once.

    ``attempts`` is how often a call is made that AWS throttles or fails to answer, ``seconds`` how
    long each waits for an answer.
    """

    def __init__(
        self,
        region: str,
        environ: Mapping[str, str],
        *,
        attempts: int = 2,
        seconds: float = _READ_SECONDS,
    ) -> None:
        self._region = region
        self._environ = environ
        self._attempts = attempts
        self._seconds = seconds
        self._session: Any = None

    def make(self, service: str, region: str | None = None) -> Any:
        """A client of a service, in another region where one is named."""
        import boto3
        from botocore.config import Config

        with _environment(self._environ):
            if self._session is None:
                core = new_core()
                self._session = boto3.Session(botocore_session=core, region_name=self._region)
                self._session.get_credentials()
                read_models_fast(core)
            return self._session.client(
                service,
                region_name=region,
                config=Config(
                    connect_timeout=min(_CONNECT_SECONDS, self._seconds),
                    read_timeout=self._seconds,
                    retries={"total_max_attempts": self._attempts, "mode": "standard"},
                    user_agent_extra="bsops",
                ),
            )


@contextmanager
def _environment(environ: Mapping[str, str]) -> Iterator[None]:
    # botocore reads os.environ and nothing else; one client is made at a time.
    with _ENVIRONMENT_LOCK:
        own = dict(os.environ)
        try:
            os.environ.clear()
            # botocore gives keys up by itself, with an error of its own, once this has passed.
            os.environ.update({k: v for k, v in environ.items() if k != EXPIRATION})
            yield
        finally:
            os.environ.clear()
            os.environ.update(own)


class _WhenAsked(Mapping[str, Any]):
    """Clients by service, each made when it is first asked for: some take a tenth of a second."""

    def __init__(self, services: Iterable[str], make: Callable[[str], Any]) -> None:
        self._services = tuple(services)
        self._make = make
        self._made: dict[str, Any] = {}
        self._lock = threading.Lock()

    def __getitem__(self, service: str) -> Any:
        if service not in self._services:
            raise KeyError(service)
        with self._lock:
            if service not in self._made:
                self._made[service] = self._make(service)
            return self._made[service]

    def __iter__(self) -> Iterator[str]:
        return iter(self._services)

    def __len__(self) -> int:
        return len(self._services)

    def __contains__(self, service: object) -> bool:
        return service in self._services


@dataclass(frozen=True)
class Access:
    """Credentials, where they come from, and clients that use them; nobody was asked yet.

    ``environ`` is what Terraform gets. ``credentials`` is botocore's, None where there are none.
    ``method`` is botocore's word for where they come from; ``role_arn`` is the role that bsops
    assumed with them. ``ends``: when they end, as far as it is known; ``renewed``: Terraform gets
    new ones by itself. ``profiles`` is the AWS configuration.
    """

    environ: Mapping[str, str] = field(repr=False)
    credentials: Any = field(repr=False)
    method: str
    clients: Mapping[str, Any] = field(default_factory=dict)
    role_arn: str | None = None
    ends: datetime | None = None
    renewed: bool = False
    profiles: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_temporary(self) -> bool:
        """Whether the keys are of a session that ends."""
        return bool(self.credentials is not None and self.credentials.token)

    def expires(self) -> datetime | None:
        """When the credentials end; None where they do not, or nothing says so."""
        if self.ends is not None:
            return self.ends
        # botocore tells it nowhere else; those that are fetched late have it once they are used.
        found: datetime | None = getattr(self.credentials, "_expiry_time", None)
        return found


@dataclass(frozen=True)
class Patience:
    """How long an answer of AWS is waited for, in seconds, and how often it is asked."""

    connect: float
    read: float
    attempts: int


# For who waits at a screen for a look at everything; and for a run that would end with an error.
LOOKING = Patience(4, 4, 1)
RUNNING = Patience(5, 10, 2)


def open_access(
    environment: "Environment",
    environ: Mapping[str, str],
    command: str,
    services: Mapping[str, str],
    *,
    assume: bool = True,
    code: str | None = None,
    seconds: float = 0,
    patience: Patience = LOOKING,
) -> Access:
    """One look for credentials; a client of each of ``services`` in its region, once it is asked.

    ``assume``: the environment's role or profile is used, as Terraform does. ``code`` is that of
    an MFA device; ``seconds``: how long a role's keys should last.

    Raises:
        CodeWanted: a role asks for an MFA code, and none was given.
        CredentialsError: a profile is not there, or the role cannot be assumed.
    """
    from botocore.config import Config

    config = Config(
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        retries={"total_max_attempts": patience.attempts, "mode": "standard"},
        user_agent_extra="bsops",
    )
    variables = dict(environ)
    if assume:
        name = session_name(command)
        variables.update(_base_variables(environment, environ, name))
        with _environment(variables):
            found = resolve(environment, variables, name, config, code=code, seconds=seconds)
    else:
        found = Resolved(variables, None, {})

    def look() -> tuple[Any, Any]:
        with _environment(found.variables):
            # Where nothing was handed on, a program that gives credentials is not run twice.
            core = found.core or new_core()
            credentials = core.get_credentials()
            read_models_fast(core)
            return core, credentials

    def make(name: str) -> Any:
        with _environment(found.variables):
            return core.create_client(name, region_name=services[name], config=config)

    core, credentials = explained(environment, variables, look, profiles=found.profiles)
    clients = _WhenAsked(
        services,
        lambda name: explained(environment, variables, lambda: make(name), profiles=found.profiles),
    )
    return Access(
        found.variables,
        credentials,
        found.method or str(getattr(credentials, "method", "")),
        clients,
        found.role_arn,
        found.ends,
        found.renewed,
        found.profiles,
    )


def _base_variables(
    environment: "Environment", environ: Mapping[str, str], name: str
) -> dict[str, str]:
    """The ``AWS_*`` variables of every run: the region, the profile, how sessions are called.

    The last is for roles that Terraform itself assumes with a web identity.
    """
    variables = {"AWS_REGION": environment.region}
    if environment.profile:
        variables["AWS_PROFILE"] = environment.profile
    if "AWS_ROLE_SESSION_NAME" not in environ:
        variables["AWS_ROLE_SESSION_NAME"] = name
    return variables


def ask_identity(environment: "Environment", access: Access) -> dict[str, Any]:
    """The whole answer of sts:GetCallerIdentity, headers included.

    Raises:
        CredentialsError: AWS does not accept the credentials, or does not answer.
    """
    answer: dict[str, Any] = explained(
        environment,
        access.environ,
        access.clients["sts"].get_caller_identity,
        profiles=access.profiles,
    )
    return answer
