"""The credentials of an environment: those Terraform finds itself, and those it cannot.

Terraform looks for credentials as botocore does, so it gets the same profile and the same
environment, and renews by itself what ends. Three kinds it cannot get: a role that the
environment's file names, since only bsops knows how the session is to be called; a role that asks
for an MFA code, since Terraform cannot ask; a login of `aws login`, which its SDK does not know.
Those are got here, and their temporary keys handed on in the environment: never in arguments,
never in a file.
"""

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bookstore_ops.aws.refusals import CodeWanted, explained

if TYPE_CHECKING:
    from bookstore_ops.environments import Environment

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
EXPIRATION = "AWS_CREDENTIAL_EXPIRATION"
# What decides where credentials come from; keys that are handed on must be alone.
_SOURCES = (*KEYS, EXPIRATION, "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SECURITY_TOKEN")

# What an SDK fetches anew when it ends, for as long as the run goes on. SSO is looked at apart.
_RENEWED = {
    "assume-role",
    "assume-role-with-web-identity",
    "custom-process",
    "container-role",
    "iam-role",
}
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: an hour unless more is
# asked for, twelve at most; one hour is all where a role is assumed with a role's credentials.
_HOUR = 3600
_LONGEST_SECONDS = 12 * _HOUR
_SPARE_SECONDS = 15 * 60


@dataclass(frozen=True)
class Resolved:
    """What was found. ``variables`` are the whole environment for Terraform.

    ``core`` is botocore's session that found it; None where keys were handed on and are to be
    read from ``variables``. ``method`` is botocore's word for where the credentials come from,
    ``profiles`` the AWS configuration. ``ends``: when they end, as far as it is told;
    ``renewed``: Terraform gets new ones by itself.
    """

    variables: dict[str, str] = field(repr=False)
    core: Any
    profiles: Mapping[str, Any] = field(repr=False)
    method: str = ""
    ends: datetime | None = None
    renewed: bool = False
    role_arn: str | None = None


def session_name(command: str) -> str:
    """The name under which a role is assumed: CloudTrail then tells who did what."""
    # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html: [\w+=,.@-]{2,64}
    user = "".join(c if c.isalnum() or c in "+=,.@-_" else "-" for c in _user())
    user = user.encode("ascii", "replace").decode().replace("?", "-")
    return f"bsops-{user}-{command}"[:64]


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return "unknown"


def new_core() -> Any:
    """botocore's session, which reads this process's environment."""
    from botocore.session import Session

    core = Session()
    # Looking at an instance's metadata where there is none must not take long.
    core.set_config_variable("metadata_service_timeout", 1)
    return core


def resolve(
    environment: "Environment",
    variables: Mapping[str, str],
    name: str,
    config: Any,
    *,
    code: str | None = None,
    seconds: float = 0,
) -> Resolved:
    """Find the credentials of ``environment``; this process's own environment is ``variables``.

    ``name`` is how sessions are called, ``config`` that of the clients it takes, ``code`` an MFA
    code, ``seconds`` how long the credentials should last.

    Raises:
        CodeWanted: a role asks for an MFA code, and none was given.
        CredentialsError: a profile is not there, AWS does not answer, or refuses.
    """
    core = new_core()
    profiles: dict[str, Any] = {}

    def find() -> Any:
        profiles.update(core.full_config)
        # botocore itself reads AWS_DEFAULT_REGION alone, Terraform AWS_REGION.
        core.set_config_variable("region", environment.region)
        core.set_default_client_config(config)
        _prepare_roles(environment, core, name, code)
        return core.get_credentials()

    def ask(call: Any, role: str | None = None) -> Any:
        return explained(environment, variables, call, profiles=profiles, role=role)

    found = ask(find)
    method = str(getattr(found, "method", ""))
    if environment.role_arn:
        if found is None:
            ask(_nothing)
        if environment.mfa_serial and code is None:
            raise CodeWanted(environment.name, environment.mfa_serial)
        answer = ask(
            lambda: _assume(
                environment,
                core.create_client("sts", region_name=environment.region, config=config),
                name,
                code,
                seconds,
            ),
            environment.role_arn,
        )
        keys = (answer["AccessKeyId"], answer["SecretAccessKey"], answer["SessionToken"])
        handed = _handed(variables, *keys)
        return Resolved(
            handed, None, profiles, method, answer["Expiration"], role_arn=environment.role_arn
        )
    roles = _roles(profiles, variables) if method == "assume-role" else []
    if method == "login" or any(role.get("mfa_serial") for role in roles):
        frozen = ask(found.get_frozen_credentials, roles[0]["role_arn"] if roles else None)
        handed = _handed(variables, frozen.access_key, frozen.secret_key, frozen.token)
        return Resolved(handed, None, profiles, method, getattr(found, "_expiry_time", None))
    ends, renewed = _lasting(method, found, variables, profiles)
    return Resolved(dict(variables), core, profiles, method, ends, renewed)


def _nothing() -> None:
    from botocore.exceptions import NoCredentialsError

    raise NoCredentialsError


def _handed(variables: Mapping[str, str], *keys: str | None) -> dict[str, str]:
    kept = {name: value for name, value in variables.items() if name not in _SOURCES}
    given = {name: key for name, key in zip(KEYS, keys, strict=True) if key}
    return {**kept, **given}


def _assume(
    environment: "Environment", sts: Any, name: str, code: str | None, seconds: float
) -> dict[str, Any]:
    """The keys of the environment's role, for as long as an apply takes where AWS allows it."""
    from botocore.exceptions import ClientError

    asked = {"RoleArn": environment.role_arn, "RoleSessionName": name}
    if environment.external_id:
        asked["ExternalId"] = environment.external_id
    if environment.mfa_serial and code:
        asked |= {"SerialNumber": environment.mfa_serial, "TokenCode": code}
    wanted = min(_LONGEST_SECONDS, int(seconds) + _SPARE_SECONDS)
    # A code is good for one request.
    if wanted > _HOUR and code is None:
        try:
            answer = sts.assume_role(**asked, DurationSeconds=wanted)
        except ClientError as error:
            # More than the role allows, or than a chain of roles does: the check of what is left
            # of the credentials tells what an hour means here.
            if error.response["Error"]["Code"] != "ValidationError":
                raise
        else:
            return dict(answer["Credentials"])
    return dict(sts.assume_role(**asked)["Credentials"])


def _named(variables: Mapping[str, str]) -> str:
    return variables.get("AWS_PROFILE") or variables.get("AWS_DEFAULT_PROFILE") or "default"


def _roles(profiles: Mapping[str, Any], variables: Mapping[str, str]) -> list[dict[str, Any]]:
    """The profile in use and those it is made from, as far as they are roles."""
    known: dict[str, dict[str, Any]] = profiles.get("profiles", {})
    at = _named(variables)
    chain: list[dict[str, Any]] = []
    while at in known and known[at] not in chain and "role_arn" in known[at]:
        chain.append(known[at])
        at = known[at].get("source_profile", "")
    return chain


def _prepare_roles(environment: "Environment", core: Any, name: str, code: str | None) -> None:
    """Let botocore's roles of profiles ask us for a code, and look where the AWS CLI keeps keys.

    Keys in the CLI's cache spare the operator a code; nothing is written there. Its names do not
    fit a session that is called otherwise, so sessions are named where a code was typed.
    """
    provider = core.get_component("credential_provider").get_provider("assume-role")

    def prompt(question: str) -> str:
        if code is None:
            raise CodeWanted(environment.name, question.rpartition(" for ")[2].rstrip(": "))
        return code

    # No public way: https://github.com/boto/botocore/blob/develop/botocore/credentials.py
    provider._prompter = prompt
    if code is None:
        # https://github.com/aws/aws-cli/blob/develop/awscli/customizations/assumerole.py
        provider.cache = _ReadOnly(Path("~/.aws/cli/cache").expanduser())
        return
    for profile in core.full_config.get("profiles", {}).values():
        if "role_arn" in profile:
            profile.setdefault("role_session_name", name)


class _ReadOnly(dict[str, Any]):
    """Keys that another program keeps in files; what is added stays in memory."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory

    def __contains__(self, key: object) -> bool:
        if not super().__contains__(key):
            try:
                found = json.loads((self._directory / f"{key}.json").read_bytes())
                if found["Credentials"]["Expiration"]:
                    self[str(key)] = found
            except (OSError, ValueError, KeyError, TypeError):
                return False
        return super().__contains__(key)


def _lasting(
    method: str, found: Any, variables: Mapping[str, str], profiles: Mapping[str, Any]
) -> tuple[datetime | None, bool]:
    """When the credentials end, where that is known without asking; whether they are renewed."""
    if method == "env":
        return _moment(variables.get(EXPIRATION)), False
    if method in {"sso", "assume-role"}:
        end = _sso_end(variables, profiles)
        return end, end is None
    end = getattr(found, "_expiry_time", None)
    return end, method in _RENEWED


def _sso_end(variables: Mapping[str, str], profiles: Mapping[str, Any]) -> datetime | None:
    """When the login ends that a profile or its role lives on; None: none, or it is renewed.

    Keys of an SSO role are fetched anew with the login's token, which a session with a refresh
    token gets anew as well: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sso.html
    """
    known: Mapping[str, Any] = profiles.get("profiles", {})
    roles = _roles(profiles, variables)
    profile = known.get(str(roles[-1].get("source_profile")) if roles else _named(variables), {})
    name = str(profile.get("sso_session") or profile.get("sso_start_url") or "")
    digest = sha1(name.encode(), usedforsecurity=False).hexdigest()
    try:
        token = json.loads((Path("~/.aws/sso/cache").expanduser() / f"{digest}.json").read_bytes())
        return None if token.get("refreshToken") else _moment(token["expiresAt"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _moment(text: str | None) -> datetime | None:
    try:
        # Older versions of the AWS CLI write 2026-01-31T12:00:00UTC.
        moment = datetime.fromisoformat((text or "").replace("UTC", "+00:00"))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
