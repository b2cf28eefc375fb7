"""AWS clients and identity, from the very environment that Terraform gets.

Whatever decides Terraform's credentials (profile, role, endpoint) is in that environment, so
what is checked here is what Terraform uses.
"""

import getpass
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from bookstore_ops.environments import Environment
from bookstore_ops.errors import CredentialsError

_CONNECT_SECONDS = 5
_READ_SECONDS = 15
# For who waits at a screen for a look at everything.
_LOOK_SECONDS = 4
_ENVIRONMENT_LOCK = threading.Lock()


class Identity(msgspec.Struct, frozen=True):
    """Who AWS says we are (sts:GetCallerIdentity)."""

    account: str
    arn: str


def client(service: str, region: str, environ: Mapping[str, str]) -> Any:
    """A boto3 client that sees ``environ`` in place of this process's environment.

    So a sandbox client reads no real profile, and a real one reads the one Terraform reads.
    """
    return Clients(region, environ).make(service)


class Clients:
    """Clients of several services, as :func:`client` makes one; what they share is loaded once.

    ``attempts`` is how often a call is made that AWS throttles or fails to answer.
    """

    def __init__(self, region: str, environ: Mapping[str, str], *, attempts: int = 2) -> None:
        self._region = region
        self._environ = environ
        self._attempts = attempts
        self._session: Any = None

    def make(self, service: str, region: str | None = None) -> Any:
        """A client of a service, in another region where one is named."""
        import boto3
        from botocore.config import Config

        with _environment(self._environ):
            if self._session is None:
                self._session = boto3.Session(region_name=self._region)
                self._session.get_credentials()
            return self._session.client(
                service,
                region_name=region,
                config=Config(
                    connect_timeout=_CONNECT_SECONDS,
                    read_timeout=_READ_SECONDS,
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
            os.environ.update(environ)
            yield
        finally:
            os.environ.clear()
            os.environ.update(own)


def credentials_for(
    environment: Environment, environ: Mapping[str, str], command: str
) -> dict[str, str]:
    """The ``AWS_*`` variables that give Terraform this environment's credentials and region.

    A profile is named; a role is assumed under a session name that tells who did what
    (``bsops-USER-COMMAND``), and its temporary keys are handed on.

    Raises:
        CredentialsError: the role cannot be assumed.
    """
    return _credentials(environment, environ, command)[0]


def _credentials(
    environment: Environment, environ: Mapping[str, str], command: str
) -> tuple[dict[str, str], datetime | None]:
    """The variables, and when the keys of an assumed role end."""
    variables = {"AWS_REGION": environment.region}
    if environment.profile:
        variables["AWS_PROFILE"] = environment.profile
    if not environment.role_arn:
        return variables, None
    answer = _ask(
        environment,
        lambda: client("sts", environment.region, {**environ, **variables}).assume_role(
            RoleArn=environment.role_arn, RoleSessionName=_session_name(command)
        ),
    )["Credentials"]
    variables.pop("AWS_PROFILE", None)
    keys = {
        "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["SessionToken"],
    }
    return {**variables, **keys}, answer["Expiration"]


def check_account(environment: Environment, environ: Mapping[str, str]) -> Identity:
    """Ask AWS who we are, and refuse any account but the environment's own.

    Raises:
        CredentialsError: no or expired credentials, or another account.
    """
    answer = _ask(
        environment, lambda: client("sts", environment.region, environ).get_caller_identity()
    )
    identity = Identity(answer["Account"], answer["Arn"])
    if identity.account != environment.account_id:
        raise CredentialsError(
            f"these credentials are of account {identity.account}, "
            f"but {environment.name} is account {environment.account_id}",
            why=f"you are {identity.arn}",
            next_step=f"export AWS_PROFILE=a-profile-of-{environment.account_id}   "
            f"(or set profile in environments/{environment.name}.toml)",
        )
    return identity


def _ask(environment: Environment, call: Callable[[], Any]) -> Any:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return call()
    except (BotoCoreError, ClientError) as error:
        profile = environment.profile or os.environ.get("AWS_PROFILE")
        login = f"aws sso login --profile {profile}" if profile else "aws configure"
        raise CredentialsError(
            f"no usable AWS credentials for {environment.name} (account {environment.account_id})",
            why=str(error),
            next_step=f"{login}   (no AWS account at hand? add --sandbox)",
        ) from error


@dataclass(frozen=True)
class Access:
    """Credentials, where they come from, and clients that use them; nothing was asked yet.

    ``credentials`` is botocore's, None where there are none. ``method`` is botocore's word for
    where they come from; ``role_arn`` is the role that bsops assumed with them, and ``ends`` when
    that ends.
    """

    environ: Mapping[str, str]
    credentials: Any
    method: str
    clients: Mapping[str, Any] = field(default_factory=dict)
    role_arn: str | None = None
    ends: datetime | None = None

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


def open_access(
    environment: Environment,
    environ: Mapping[str, str],
    command: str,
    services: Mapping[str, str],
    *,
    assume: bool = True,
) -> Access:
    """One look for credentials, and a client of each of ``services`` in its region.

    ``assume``: the environment's role or profile is used, as Terraform does.

    Raises:
        CredentialsError: a profile is not there, or the role cannot be assumed.
    """
    import boto3
    from botocore.config import Config
    from botocore.session import Session

    def look(variables: Mapping[str, str], *wanted: str) -> tuple[Any, dict[str, Any]]:
        with _environment(variables):
            core = Session()
            # Looking at an instance's metadata where there is none must not take long.
            core.set_config_variable("metadata_service_timeout", 1)
            session = boto3.Session(botocore_session=core, region_name=environment.region)
            credentials = session.get_credentials()
            config = Config(
                connect_timeout=_LOOK_SECONDS,
                read_timeout=_LOOK_SECONDS,
                retries={"total_max_attempts": 1, "mode": "standard"},
                user_agent_extra="bsops",
            )
            made = {
                name: session.client(name, region_name=services[name], config=config)
                for name in wanted
            }
        return credentials, made

    variables = dict(environ)
    method, ends = "", None
    if assume:
        if environment.role_arn:
            source = {**variables, **_profile(environment)}
            method = getattr(_ask(environment, lambda: look(source))[0], "method", "")
        more, ends = _credentials(environment, variables, command)
        variables.update(more)
    credentials, clients = _ask(environment, lambda: look(variables, *services))
    method = method or getattr(credentials, "method", "")
    role_arn = environment.role_arn if assume else None
    return Access(variables, credentials, method, clients, role_arn, ends)


def _profile(environment: Environment) -> dict[str, str]:
    return {"AWS_PROFILE": environment.profile} if environment.profile else {}


def ask_identity(environment: Environment, access: Access) -> dict[str, Any]:
    """The whole answer of sts:GetCallerIdentity, headers included.

    Raises:
        CredentialsError: AWS does not accept the credentials, or does not answer.
    """
    answer: dict[str, Any] = _ask(environment, access.clients["sts"].get_caller_identity)
    return answer


def _session_name(command: str) -> str:
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: [\w+=,.@-]{2,64}
    user = "".join(c if c.isalnum() or c in "+=,.@-_" else "-" for c in getpass.getuser())
    return f"bsops-{user}-{command}"[:64]
