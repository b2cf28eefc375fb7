"""All that somebody needs who is asked for help, in one archive: `bsops support bundle`."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bookstore_ops import __version__
from bookstore_ops.bundle.masking import Masker
from bookstore_ops.bundle.parts import Missing, Part, pack
from bookstore_ops.environments import environment_names, load_environment
from bookstore_ops.errors import (
    BsopsError,
    ConfigurationError,
    EnvironmentMissing,
    Interrupted,
    Refused,
)
from bookstore_ops.files import write_atomically
from bookstore_ops.operations.checking import Examination, examine_all, exit_code
from bookstore_ops.operations.confirmation import Confirm, Confirmation
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.support import sources
from bookstore_ops.preflight.catalogue import select
from bookstore_ops.preflight.document import SCHEMA, findings
from bookstore_ops.workspace import Workspace, find_workspace

MANIFEST = "manifest.json"
_COMMAND = "bsops support bundle"


@dataclass(frozen=True)
class Asked:
    """What an operator asked for; ``environment`` and ``run`` are names, None where not given."""

    named: Path | None = None
    environment: str | None = None
    run: str | None = None
    sandbox: bool = False
    terraform_bin: str | None = None
    account_ids: bool = False


@dataclass(frozen=True)
class Bundle:
    """What would be sent; ``name`` is the archive's without its ending."""

    name: str
    parts: list[Part]
    missing: list[Missing]
    secrets: int
    accounts: int


# What makes an environment's parts, once every secret is known.
_Later = tuple[str, Callable[[], list[Part]]]


@dataclass
class _Gathering:
    """Takes what it gets: one source that fails does not keep the others back."""

    parts: list[Part] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)

    def take(self, name: str, find: Callable[[], list[Part]]) -> None:
        """Add what ``find`` gives; else ``name`` is missing, with the reason."""
        self.attempt(name, lambda: self.parts.extend(find()))

    def attempt(self, name: str, act: Callable[[], None]) -> None:
        """The same with what gives no part."""
        try:
            act()
        except Interrupted:
            raise
        except BsopsError as error:
            self.lack(name, "; ".join(filter(None, (error.what, error.why))))
        except Exception as error:  # noqa: BLE001  (help is asked for where something is broken)
            self.lack(name, f"{type(error).__name__}: {error}")

    def lack(self, name: str, why: str) -> None:
        """Something is not there."""
        self.missing.append(Missing(name, why))


def gather(asked: Asked, say: Say, warn: Say) -> Bundle:
    """Find all that a bundle holds, masked; nothing is written.

    Raises:
        ConfigurationError: the workspace has no such environment, or no events of such a run.
    """
    began = datetime.now(UTC)
    say("gathering and masking; doctor's checks have a deadline each")
    masker, found = Masker(account_ids=asked.account_ids), _Gathering()
    workspace = _workspace(asked, found)
    ground = sources.Ground(workspace, dict(os.environ), masker, asked.named, asked.terraform_bin)
    # Before the first text is masked, all that is secret has to be known.
    found.attempt("secrets of this machine", partial(sources.learn_machine, ground))
    values = _learn(ground, workspace, found) if workspace else []
    run = _run(workspace, asked) if workspace else None
    found.take("versions.json", partial(sources.about_versions, ground))
    found.take("variables.json", partial(sources.variables, ground))
    if workspace:
        _of_workspace(ground, workspace, run, values, found)
    found.take("reports", partial(sources.bug_reports, ground))
    if workspace:
        found.take("doctor.json", partial(_doctor, ground, workspace, asked, say, warn))
    missing = [Missing(each.name, masker.text(each.why)) for each in found.missing]
    manifest = {
        "schema": "bsops.support-manifest/1",
        "created": began.isoformat(timespec="seconds"),
        "bsops": __version__,
        "environment": asked.environment,
        "run": run.name if run else None,
        "sandbox": asked.sandbox,
        "files": [_entry(part) for part in found.parts],
        "missing": [{"name": each.name, "why": each.why} for each in missing],
        "masked": {"secrets": masker.secrets, "accounts": len(masker.accounts)},
    }
    content = json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n"
    return Bundle(
        f"bsops-support-{began.strftime('%Y%m%dT%H%M%SZ')}",
        [Part(MANIFEST, content), *found.parts],
        missing,
        masker.secrets,
        len(masker.accounts),
    )


def _entry(part: Part) -> dict[str, object]:
    return {"name": part.name, "bytes": len(part.content), "note": part.note}


def _workspace(asked: Asked, found: _Gathering) -> Workspace | None:
    """The workspace; an environment that it does not have is a slip of the operator's."""
    try:
        workspace = find_workspace(asked.named)
    except ConfigurationError as error:
        found.lack("workspace", error.what)
        return None
    names = environment_names(workspace)
    if asked.environment is not None and names and asked.environment not in names:
        load_environment(workspace, asked.environment)
    return workspace


def _learn(ground: sources.Ground, workspace: Workspace, found: _Gathering) -> list[_Later]:
    """Learn every environment's secrets; what makes their values' parts, for those understood."""
    made: list[_Later] = []

    def learn(name: str) -> None:
        root = workspace.environment_root(name)
        for path in (workspace.environments / f"{name}.toml", *sorted(root.glob("*.tfvars"))):
            if path.is_file():
                ground.masker.learn_named(path.read_text(encoding="utf-8", errors="replace"))
        made.append((f"values/{name}", sources.learn_values(ground, workspace, name)))

    for name in environment_names(workspace):
        found.attempt(f"values/{name}", partial(learn, name))
    return made


def _of_workspace(
    ground: sources.Ground,
    workspace: Workspace,
    run: Path | None,
    values: list[_Later],
    found: _Gathering,
) -> None:
    names = environment_names(workspace)
    for name in names:
        found.take(f"environments/{name}.toml", partial(sources.policy, ground, workspace, name))
    for name in names:
        found.take(f"config/{name}.json", partial(sources.config, ground, workspace, name))
    for place, make in values:
        found.take(place, make)
    found.take("journal.jsonl", partial(sources.journal, ground, workspace))
    if run:
        found.take(f"runs/{run.name}", partial(sources.events, ground, run))
    else:
        found.lack("runs", "no run left events")
    found.take("sandbox/server.log", partial(sources.sandbox_log, ground, workspace))


def _run(workspace: Workspace, asked: Asked) -> Path | None:
    """The run that was named, else the last one; of the environment, if one was named."""
    try:
        there = sources.runs(workspace, None if asked.run else asked.environment)
    except OSError:
        there = []
    if asked.run is None:
        return there[0] if there else None
    for path in there:
        if path.name == asked.run:
            return path
    names = ", ".join(path.name for path in there[:3])
    raise ConfigurationError(
        f"there are no events of a run {asked.run}",
        why=f"the last runs are {names}" if names else "no run left events",
        next_step=f"{_COMMAND} --run {there[0].name}" if there else _COMMAND,
    )


def _doctor(
    ground: sources.Ground, workspace: Workspace, asked: Asked, say: Say, warn: Say
) -> list[Part]:
    examination = Examination(
        workspace,
        asked.environment,
        select((), ()),
        sandbox=asked.sandbox,
        terraform_bin=asked.terraform_bin,
    )
    results = examine_all(examination, say, warn)
    document = findings(asked.environment, results, exit_code(results, "error"))
    common = {"schema": SCHEMA, "sandbox": asked.sandbox}
    return [sources.as_json(ground, "doctor.json", {**common, **document})]


def target_of(bundle: Bundle, output: Path | None) -> Path:
    """Where the archive is to be: named, else here, else where this user can always write."""
    name = f"{bundle.name}.zip"
    if output is not None:
        return output / name if output.is_dir() else output
    here = Path.cwd()
    return (here if os.access(here, os.W_OK) else Path(tempfile.gettempdir())) / name


def write_bundle(bundle: Bundle, target: Path, confirm: Confirm) -> int:
    """Write the archive, readable by its owner only; how many bytes it has.

    Raises:
        Refused: the answer was no, or nobody can be asked.
        EnvironmentMissing: it cannot be written.
    """
    if not confirm(Confirmation(f"Write all this to {target}?", None)):
        raise Refused("nothing was written", why="it was not confirmed", next_step=_COMMAND)
    content = pack(bundle.name, bundle.parts)
    try:
        write_atomically(target, content, mode=0o600)
    except EnvironmentMissing as error:
        elsewhere = Path(tempfile.gettempdir()) / f"{bundle.name}.zip"
        raise EnvironmentMissing(
            error.what, why=error.why, next_step=f"{_COMMAND} --output {elsewhere}"
        ) from error
    return len(content)
