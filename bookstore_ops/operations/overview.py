"""Where every environment stands, from what is on this machine; nothing is asked of AWS."""

from dataclasses import dataclass

from bookstore_ops.environments import Environment, environment_names, load_environment
from bookstore_ops.errors import BsopsError
from bookstore_ops.journal import Entry, Journal
from bookstore_ops.terraform.records import SavedPlan, latest_saved_plan
from bookstore_ops.workspace import Workspace


@dataclass(frozen=True)
class Standing:
    """One environment; ``problem`` is set where its file cannot be used."""

    name: str
    environment: Environment | None
    problem: str | None
    has_values: bool
    initialised: bool
    plan: SavedPlan | None
    last_run: Entry | None


def overview(workspace: Workspace, *, sandbox: bool) -> list[Standing]:
    """Every environment of the workspace; with ``sandbox``, as it stands in the sandbox."""
    entries = [
        entry
        for entry in Journal(workspace.journal).entries()
        if entry.started.sandbox == sandbox
        and entry.started.command in {"plan", "apply", "destroy"}
    ]
    return [
        _standing(workspace, name, entries, sandbox=sandbox)
        for name in environment_names(workspace)
    ]


def _standing(workspace: Workspace, name: str, entries: list[Entry], *, sandbox: bool) -> Standing:
    environment, problem, plan = None, None, None
    home = workspace.sandbox if sandbox else workspace.data
    root = workspace.environment_root(name)
    used = workspace.sandbox / "tree" / root.relative_to(workspace.root) if sandbox else root
    try:
        environment = load_environment(workspace, name)
        plan = latest_saved_plan(home / "plans" / name)
    except BsopsError as error:
        problem = error.what
    runs = [entry for entry in entries if entry.started.environment == name]
    return Standing(
        name=name,
        environment=environment,
        problem=problem,
        has_values=(root / "terraform.tfvars").exists(),
        initialised=(used / ".terraform" / "providers").is_dir(),
        plan=plan,
        last_run=runs[-1] if runs else None,
    )
