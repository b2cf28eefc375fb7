"""environments/*.toml: how operators reach and guard an environment.

Values of the infrastructure itself stay in the environment's ``terraform.tfvars``.
"""

import difflib
import re
import tomllib
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import msgspec

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.freezes import Freeze
from bookstore_ops.workspace import Workspace

_Document = TypeVar("_Document", bound=msgspec.Struct)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

AccountId = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{12}\Z")]
Region = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]\Z")]
Duration = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]*[smhd]\Z")]
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BucketName = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")]
RoleArn = Annotated[str, msgspec.Meta(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+\Z")]
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
ExternalId = Annotated[str, msgspec.Meta(pattern=r"^[\w+=,.@:/-]{2,1224}\Z")]
MfaSerial = Annotated[str, msgspec.Meta(pattern=r"^[\w+=/:,.@-]{9,256}\Z")]
TopicArn = Annotated[
    str, msgspec.Meta(pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[\w.-]+\Z")
]
# Names of where an address is, never the address: that is a secret.
VariableName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\Z")]
SecretName = Annotated[str, msgspec.Meta(pattern=r"^(?!https?:)[A-Za-z0-9/_+=.@:-]{1,2048}\Z")]
NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]

_RULES = {
    "account_id": 'twelve digits in quotes, e.g. "111111111111"',
    "region": 'an AWS region, e.g. "eu-west-1"',
    "state.region": 'an AWS region, e.g. "eu-west-1"',
    "plan_ttl": 'a number and a unit (s, m, h, d), e.g. "8h"',
    "state.bucket": "an S3 bucket name: 3 to 63 lower-case letters, digits, dots, hyphens",
    "role_arn": 'the ARN of an IAM role, e.g. "arn:aws:iam::111111111111:role/deploy"',
    "external_id": "two letters or more that the role's trust policy asks for, in quotes",
    "mfa_serial": 'the ARN of your MFA device, e.g. "arn:aws:iam::111111111111:mfa/ann"',
    "state.lock": '"s3", "dynamodb" or "both"',
    "state.unlock_after": 'a number and a unit (s, m, h, d), e.g. "2h"',
    "drift.ignore.until": "a date without quotes, e.g. 2027-03-31",
    "drift.ignore.reason": "some words in quotes: why this difference is right for now",
    "drift.ignore.address": "the address of a resource or module in quotes",
    "destroy.max": "a whole number: how many resources one plan may destroy or replace",
    "source.branches": 'names of branches in quotes, e.g. ["main"]',
    "notify.sns": 'the ARN of an SNS topic, e.g. "arn:aws:sns:eu-west-1:111111111111:releases"',
    "notify.webhook_env": "the name of an environment variable that holds the address, not the "
    "address itself, which is a secret",
    "notify.webhook_secret": "the name or ARN of a secret in Secrets Manager that holds the "
    "address, not the address itself",
    "policies.exempt.until": "a date without quotes, e.g. 2027-03-31",
    "policies.exempt.reason": "some words in quotes: why this finding is right for now",
    "policies.exempt.address": "the address of a resource or module in quotes",
    "freeze.from": "a date and time without quotes, e.g. 2026-12-18T16:00:00",
    "freeze.until": "a date and time without quotes, e.g. 2027-01-04T08:00:00",
    "freeze.weekly": 'days and times in quotes, e.g. "Fri 16:00 - Mon 08:00"',
    "freeze.reason": "some words in quotes: why nothing is to change then",
}


def seconds(duration: str) -> int:
    """A :data:`Duration` in seconds."""
    return int(duration[:-1]) * _SECONDS[duration[-1]]


class StateSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where Terraform keeps this environment's state once it is bootstrapped.

    ``lock`` is ``s3`` (native lock object, Terraform 1.10 or later), ``dynamodb``, or ``both``
    during a move from one to the other. ``unlock_after`` is how old a lock must be before it may
    be broken while nobody can tell whether its holder lives.
    """

    bucket: BucketName
    key: NonEmpty
    region: Region | None = None
    lock: Literal["s3", "dynamodb", "both"] = "s3"
    lock_table: NonEmpty = "bookstore-terraform-locks"
    unlock_after: Duration = "2h"

    @property
    def unlock_after_seconds(self) -> int:
        """``unlock_after`` in seconds."""
        return seconds(self.unlock_after)


class IgnoredDrift(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A difference that `bsops drift` does not count up to the end of the day ``until``.

    ``address`` is a resource, with or without the key of an instance, or a module; without
    ``attribute`` all of it is meant.
    """

    address: NonEmpty
    reason: NonEmpty
    until: date
    attribute: NonEmpty | None = None


class DriftSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What `bsops drift` leaves out."""

    ignore: list[IgnoredDrift] = []


class DestroySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How much may be destroyed.

    ``allowed``: whether a plan to destroy the environment may be applied at all. ``max``: how many
    resources one plan may destroy or replace without being told so; None is any number.
    """

    allowed: bool = True
    max: Annotated[int, msgspec.Meta(ge=0)] | None = None


class SourceSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """From which tree may be applied: ``committed``, ``pushed``, on one of these ``branches``."""

    committed: bool = False
    pushed: bool = False
    branches: list[NonEmpty] = []

    @property
    def asks_git(self) -> bool:
        """Whether anything of it is asked for."""
        return self.committed or self.pushed or bool(self.branches)


class Exemption(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a policy finds and is passed over, up to the end of the day ``until``.

    ``address`` is a resource, with or without the key of an instance, or a module; without one
    all that the policy finds is meant.
    """

    policy: NonEmpty
    reason: NonEmpty
    until: date
    address: NonEmpty | None = None


class PolicySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How the policies of ``environments/policies`` count here; each denies if not told otherwise.

    ``warn`` names those that only warn, ``off`` those that do not count.
    """

    warn: list[NonEmpty] = []
    off: list[NonEmpty] = []
    exempt: list[Exemption] = []


class NotifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who is told of releases and rollouts: a topic, and a chat by a webhook like Slack's.

    The webhook's address is in the environment variable ``webhook_env`` where that is set, else
    in the secret ``webhook_secret``.
    """

    sns: TopicArn | None = None
    webhook_env: VariableName | None = None
    webhook_secret: SecretName | None = None


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One environment's policy. ``name`` is the file's name without ``.toml``.

    ``plan_ttl`` is how long a saved plan may be applied; ``protected`` asks for the typed name
    and refuses what could change a run unseen. ``default``: it is meant where none is named.
    ``external_id`` and ``mfa_serial`` are for the role: what its trust policy may ask for.
    """

    name: str
    account_id: AccountId
    region: Region
    state: StateSettings
    description: str = ""
    profile: NonEmpty | None = None
    role_arn: RoleArn | None = None
    external_id: ExternalId | None = None
    mfa_serial: MfaSerial | None = None
    protected: bool = False
    default: bool = False
    plan_ttl: Duration = "8h"
    drift: DriftSettings = DriftSettings()
    destroy: DestroySettings = DestroySettings()
    source: SourceSettings = SourceSettings()
    policies: PolicySettings = PolicySettings()
    notify: NotifySettings = NotifySettings()
    freeze: list[Freeze] = []

    @property
    def plan_ttl_seconds(self) -> int:
        """``plan_ttl`` in seconds."""
        return seconds(self.plan_ttl)

    @property
    def state_region(self) -> str:
        """The region of the state bucket."""
        return self.state.region or self.region


def moved_to(environment: Environment, region: str) -> Environment:
    """The same environment where it works in another region; its state stays where it is."""
    state = msgspec.structs.replace(environment.state, region=environment.state_region)
    return msgspec.structs.replace(environment, region=region, state=state)


def environment_names(workspace: Workspace) -> list[str]:
    """The environments of a workspace: dev, staging and prod first, others by name."""
    known = {"dev": 0, "staging": 1, "prod": 2}
    files = workspace.environments.glob("*.toml")
    names = [path.stem for path in files if not path.name.startswith(".")]
    return sorted(names, key=lambda name: (known.get(name, 3), name))


def nearest(word: str, choices: list[str]) -> str | None:
    """The choice an operator most probably meant by ``word``, if any is close."""
    matches = difflib.get_close_matches(word.lower(), choices, n=1, cutoff=0.5)
    return matches[0] if matches else None


def load_environment(workspace: Workspace, name: str) -> Environment:
    """Read and validate ``environments/NAME.toml``.

    Raises:
        ConfigurationError: no such environment, or the file is wrong; it names the file, the
            line or key path, and the nearest valid spelling.
    """
    path = workspace.environments / f"{name}.toml"
    names = environment_names(workspace)
    if name not in names:
        guess = nearest(name, names)
        raise ConfigurationError(
            f"there is no environment {name!r}",
            why=f"this workspace has: {', '.join(names) or 'none'}",
            next_step=f"did you mean {guess}?  bsops envs lists them" if guess else "bsops envs",
        )
    return parse_environment(path)


def parse_environment(path: Path) -> Environment:
    """Read one environment file; see :func:`load_environment` for the errors."""
    text, raw = _read(path)
    _refuse_unknown_keys(path, text, raw, Environment, ())
    if "name" in raw:
        raise _wrong_key(path, text, ("name",), "the file's name is the environment's name", None)
    return _convert(path, text, {**raw, "name": path.stem}, Environment)


def read_document(path: Path, model: type[_Document]) -> _Document:
    """Read another file of settings, as strictly as an environment's.

    Raises:
        ConfigurationError: it cannot be read, or is wrong; it names the line or the key.
    """
    text, raw = _read(path)
    _refuse_unknown_keys(path, text, raw, model, ())
    return _convert(path, text, raw, model)


def _convert(path: Path, text: str, raw: dict[str, Any], model: type[_Document]) -> _Document:
    try:
        return msgspec.convert(raw, model)
    except msgspec.ValidationError as error:
        raise _explain(path, text, error) from error


def read_raw(path: Path) -> dict[str, Any]:
    """What an environment file says itself, defaults apart.

    Raises:
        ConfigurationError: it cannot be read or is no TOML.
    """
    return _read(path)[1]


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigurationError(
            f"cannot read {path}", why=reason, next_step=f"check the file: ls -l {path}"
        ) from error
    try:
        return text, tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # tomllib lets absurd numbers and depths through
        raise ConfigurationError(
            f"{path} is not valid TOML", why=str(error), next_step=f"edit {path}"
        ) from error


def _refuse_unknown_keys(
    path: Path, text: str, raw: dict[str, Any], model: type[msgspec.Struct], above: tuple[str, ...]
) -> None:
    fields = {field.encode_name: field.type for field in msgspec.structs.fields(model)}
    for key, value in raw.items():
        if key not in fields:
            choices = sorted(set(fields) - {"name"})
            raise _wrong_key(
                path,
                text,
                (*above, key),
                f"known keys: {', '.join(choices)}",
                nearest(key, choices),
            )
        inner = fields[key]
        if (
            isinstance(inner, type)
            and issubclass(inner, msgspec.Struct)
            and isinstance(value, dict)
        ):
            _refuse_unknown_keys(path, text, value, inner, (*above, key))
        members = getattr(inner, "__args__", ())
        table = members[0] if members and isinstance(members[0], type) else object
        if isinstance(value, list) and issubclass(table, msgspec.Struct):
            for index, member in enumerate(value):
                if isinstance(member, dict):
                    place = (*above, f"{key}[{index}]")
                    _refuse_unknown_keys(path, text, member, table, place)


def _wrong_key(
    path: Path, text: str, key: tuple[str, ...], why: str, guess: str | None
) -> ConfigurationError:
    dotted = ".".join(key)
    return ConfigurationError(
        f"{_place(path, text, key)}: unknown key {dotted}",
        why=why,
        next_step=f"write {guess} instead of {key[-1]}"
        if guess
        else f"remove {dotted} from {path}",
    )


def _explain(path: Path, text: str, error: msgspec.ValidationError) -> ConfigurationError:
    # msgspec's message: "<what is wrong> - at `$.state.bucket`"; a missing key stands in the what.
    problem, _, at = str(error).partition(" - at `$")
    keys = [key for key in at.rstrip("`").split(".") if key]
    missing = re.fullmatch(r"Object missing required field `(\w+)`", problem)
    if missing:
        keys.append(missing[1])
    dotted = ".".join(keys)
    rule = _RULES.get(re.sub(r"\[\d+\]", "", dotted))
    expected = f"{dotted} must be {rule}" if rule else problem.replace("`", "")
    return ConfigurationError(
        f"{_place(path, text, tuple(keys))}: "
        + (f"missing key {dotted}" if missing else f"wrong value for {dotted}"),
        why=expected,
        next_step=f"{'add' if missing else 'correct'} {dotted} in {path}",
    )


def _place(path: Path, text: str, key: tuple[str, ...]) -> str:
    """``file:line`` of a key where its line can be told, else the file."""
    table: tuple[str, ...] = ()
    members: Counter[str] = Counter()
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"\s*\[(\[?)([^\[\]]+)\]", line)
        if header:
            table = tuple(part.strip(" \"'") for part in header[2].split("."))
            if header[1]:
                name = ".".join(table)
                table = (*table[:-1], f"{table[-1]}[{members[name]}]")
                members[name] += 1
        assignment = re.match(r"""\s*["']?([\w.-]+)["']?\s*=""", line)
        if (*table, *(assignment[1].split(".") if assignment else ())) == key and (
            assignment or header
        ):
            return f"{path}:{number}"
    return str(path)
