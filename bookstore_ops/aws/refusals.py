"""What AWS, or the way to it, has against our credentials, told as the operator's next step."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from bookstore_ops.errors import BsopsError, CredentialsError

if TYPE_CHECKING:
    from bookstore_ops.environments import Environment

T = TypeVar("T")

# https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html and those of the services
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
_UNKNOWN_KEY = {
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "InvalidAccessKeyId",
    "AuthFailure",
}
_SIGNATURE = {
    "SignatureDoesNotMatch",
    "InvalidSignatureException",
    "RequestExpired",
    "RequestTimeTooSkewed",
}
# What AWS says where the time in a signature is not its own.
_TIME = re.compile(r"expired|not yet current|earlier than|later than|too large|too skewed", re.I)
_CALLER = re.compile(r"User: (arn:\S+)")
_ROLE = re.compile(r"on resource: (arn:\S+)")
_SKEWED_SECONDS = 60.0
_QUOTED_LETTERS = 300


class Unanswered(CredentialsError):
    """AWS was not reached, so that it said nothing of the credentials."""


class CodeWanted(CredentialsError):
    """A role asks for a code of the MFA device ``serial``."""

    def __init__(self, environment: str, serial: str) -> None:
        super().__init__(
            f"a role for {environment} asks for an MFA code, and there is nobody to type it",
            why=f"the device is {serial}; Terraform cannot ask for a code, and bsops asks on a "
            "terminal only",
            next_step="run the same command on a terminal, or export the temporary AWS_… keys of "
            "that role",
        )
        self.serial = serial


def explained(
    environment: "Environment",
    environ: Mapping[str, str],
    call: Callable[[], T],
    *,
    profiles: Mapping[str, Any] | None = None,
    role: str | None = None,
) -> T:
    """What ``call`` gives; what botocore raises becomes an error for people.

    ``profiles`` are those of the AWS configuration; ``role``: it is being assumed.

    Raises:
        CredentialsError: there are none, or AWS does not take them.
        Unanswered: AWS was not reached.
    """
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        return call()
    except CredentialsError:
        raise
    except ClientError as error:
        raise _refused(environment, environ, profiles or {}, error, role) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise _failed(environment, environ, profiles or {}, error) from error
    except OSError as error:
        raise CredentialsError(
            f"a file that the credentials for {environment.name} need cannot be read",
            why=_first(str(error)),
            next_step="correct AWS_WEB_IDENTITY_TOKEN_FILE, or the AWS configuration file",
        ) from error
    except RuntimeError as error:
        # botocore's word for keys of which it knows that they have ended.
        raise _expired(environment, environ, profiles or {}, str(error)) from error


def log_in(
    environment: "Environment", environ: Mapping[str, str], profiles: Mapping[str, Any]
) -> str:
    """The command that gets new credentials the way the old ones came."""
    name = _profile(environment, environ)
    if "AWS_ACCESS_KEY_ID" in environ:
        return "export new AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN" + (
            f"   (or unset them: then profile {name} is used)" if name else ""
        )
    return _sso(name, profiles) or (f"aws configure --profile {name}" if name else "aws configure")


def _sso(name: str | None, profiles: Mapping[str, Any]) -> str | None:
    """How to log in to the SSO that the profile, or one it is made from, uses."""
    known: Mapping[str, Any] = profiles.get("profiles", {})
    seen: list[str] = []
    at = name or "default"
    while at in known and at not in seen:
        settings = known[at]
        if session := settings.get("sso_session"):
            return f"aws sso login --sso-session {session}"
        if settings.get("sso_start_url"):
            return "aws sso login" + (f" --profile {at}" if at != "default" else "")
        if settings.get("login_session"):
            return "aws login" + (f" --profile {at}" if at != "default" else "")
        seen.append(at)
        at = settings.get("source_profile", "")
    return None


def _profile(environment: "Environment", environ: Mapping[str, str]) -> str | None:
    return environment.profile or environ.get("AWS_PROFILE") or environ.get("AWS_DEFAULT_PROFILE")


def _failed(
    environment: "Environment",
    environ: Mapping[str, str],
    profiles: Mapping[str, Any],
    error: Exception,
) -> CredentialsError:
    """Nothing was asked of AWS, or nothing came back."""
    from botocore import exceptions as botocore

    name, profile = environment.name, _profile(environment, environ)
    why = _first(str(error))
    whose = f"profile {profile}" if profile else name
    what = f"no usable AWS credentials for {name} (account {environment.account_id})"
    next_step = log_in(environment, environ, profiles)
    match error:
        case botocore.SSOError() | botocore.TokenRetrievalError() | botocore.LoginError():
            what = f"the login of {whose} is missing or has expired"
        case botocore.ProfileNotFound():
            named = f"environments/{name}.toml" if environment.profile else "AWS_PROFILE"
            what, why = f"there is no AWS profile {profile}", f"{named} names it: {why}"
            next_step = "aws configure list-profiles"
        case botocore.CredentialRetrievalError() if "custom-process" in why:
            what = f"the credential_process of {whose} failed"
            next_step = "run the program by hand; the AWS configuration file names it"
        case _ if unanswered := _unanswered(name, error, why):
            return unanswered
        case _:
            next_step += "   (no AWS account at hand? add --sandbox)"
    return CredentialsError(what, why=why, next_step=next_step)


def _unanswered(name: str, error: Exception, why: str) -> Unanswered | None:
    """The error where AWS itself said nothing."""
    from botocore import exceptions as botocore
    from botocore.parsers import ResponseParserError

    look = f"bsops doctor {name} --only Network"
    match error:
        case botocore.SSLError():
            return Unanswered(
                f"the connection to AWS cannot be trusted ({name})",
                why=why,
                next_step="export AWS_CA_BUNDLE=FILE   (where a proxy of yours opens the "
                "connection; otherwise do not go on)",
            )
        case botocore.ReadTimeoutError() | botocore.ConnectTimeoutError():
            return Unanswered(f"AWS gave no answer in time ({name})", why=why, next_step=look)
        case botocore.HTTPClientError() | botocore.ConnectionError():
            return Unanswered(f"AWS cannot be reached ({name})", why=why, next_step=look)
        case ResponseParserError():
            return Unanswered(
                f"something else answered in AWS's place ({name})",
                why=f"a proxy or a login page, most likely: {why}",
                next_step=look,
            )
    return None


def _refused(
    environment: "Environment",
    environ: Mapping[str, str],
    profiles: Mapping[str, Any],
    error: Any,
    role: str | None,
) -> CredentialsError:
    """AWS answered, and said no."""
    name = environment.name
    code = str(error.response.get("Error", {}).get("Code", ""))
    why = f"AWS says {_first(error.response.get('Error', {}).get('Message') or str(error))}"
    again = log_in(environment, environ, profiles)
    if code in _EXPIRED:
        return _expired(environment, environ, profiles, why)
    if code in _SIGNATURE:
        return _signature(environment, error, why, again)
    if error.operation_name == "GetRoleCredentials":
        return CredentialsError(
            f"the SSO login may not use the role for {name}",
            why=why,
            next_step="correct sso_account_id and sso_role_name in the AWS configuration file, or "
            "ask for the permission set",
        )
    if str(error.operation_name).startswith("AssumeRole"):
        named = _ROLE.search(why)
        role = role or (named[1] if named else environ.get("AWS_ROLE_ARN"))
        role = role or f"of profile {_profile(environment, environ)}"
        return _no_role(environment, role, why)
    what, next_step = f"no usable AWS credentials for {name} (account {environment.account_id})", ""
    if code in _UNKNOWN_KEY:
        what = f"AWS does not know the access key for {name}"
        why += (
            f"; the key was deleted or is misspelt, or {environment.region} is not enabled in "
            "its account"
        )
    elif error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 403:
        what = f"AWS refuses to say who you are ({name})"
        why += "; a policy of the organisation or of a VPC endpoint may deny it"
        next_step = "ask who manages the account to let you call sts:GetCallerIdentity"
    return CredentialsError(what, why=f"{why} ({code})", next_step=next_step or again)


def _no_role(environment: "Environment", role: str, why: str) -> CredentialsError:
    if "MultiFactorAuthentication failed" in why:
        return CredentialsError(
            f"AWS does not take the MFA code for the role {role}",
            why=f"{why}; a code is good once, for half a minute",
            next_step="run the command again with the next code",
        )
    caller = _CALLER.search(why)
    where = f"environments/{environment.name}.toml" if environment.role_arn else "the AWS profile"
    return CredentialsError(
        f"the role {role} may not be assumed",
        why=f"{f'you are {caller[1]}; ' if caller else ''}{why}",
        next_step="let its trust policy name you (and the external_id, if it asks for one), let "
        f"you call sts:AssumeRole, or correct the role in {where}",
    )


def _expired(
    environment: "Environment", environ: Mapping[str, str], profiles: Mapping[str, Any], why: str
) -> CredentialsError:
    return CredentialsError(
        f"the AWS credentials for {environment.name} have expired",
        why=_first(why),
        next_step=log_in(environment, environ, profiles),
    )


def _signature(environment: "Environment", error: Any, why: str, again: str) -> CredentialsError:
    """A signature is wrong for two reasons: another time, or another secret key."""
    skew = clock_skew(error.response)
    far = skew is not None and abs(skew) >= _SKEWED_SECONDS
    if far or _TIME.search(why):
        off = f" is {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}" if skew and far else ""
        return CredentialsError(
            f"this machine's clock{off or ' is wrong'}: AWS refuses what it signs",
            why=why,
            next_step="timedatectl status   (then let it follow a time server)",
        )
    return CredentialsError(
        f"the secret key for {environment.name} does not fit its access key",
        why=why,
        next_step=again,
    )


def clock_skew(answer: Mapping[str, Any], received: datetime | None = None) -> float | None:
    """By how many seconds this machine's clock is ahead of AWS's; None: AWS does not tell."""
    headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
    try:
        theirs = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    return ((received or datetime.now(UTC)) - theirs).total_seconds()


def _first(text: str) -> str:
    """One line of what a program or AWS said."""
    line = " ".join(text.split())
    return line if len(line) <= _QUOTED_LETTERS else f"{line[:_QUOTED_LETTERS]}…"


def pack(error: BsopsError) -> dict[str, str | None]:
    """An error as it goes from one process to another."""
    kind = {Unanswered: "unanswered", CodeWanted: "code"}.get(type(error), "refused")
    serial = error.serial if isinstance(error, CodeWanted) else None
    return {
        "kind": kind,
        "what": error.what,
        "why": error.why,
        "next": error.next_step,
        "serial": serial,
    }


def unpack(packed: Mapping[str, Any], environment: str) -> CredentialsError:
    """The same error again."""
    if packed["kind"] == "code":
        return CodeWanted(environment, packed["serial"])
    kind = Unanswered if packed["kind"] == "unanswered" else CredentialsError
    return kind(packed["what"], why=packed["why"], next_step=packed["next"])
