"""What is looked at before the first step of a runbook."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from bookstore_ops.environments import Environment
from bookstore_ops.errors import EnvironmentMissing, Refused
from bookstore_ops.operations.confirmation import Confirm, Confirmation
from bookstore_ops.workspace import Workspace

if TYPE_CHECKING:
    from bookstore_ops.operations.session import Session
    from bookstore_ops.runbooks.page import Page
    from bookstore_ops.runbooks.permissions import Permissions
    from bookstore_ops.runbooks.standing import Standing


def start_confirmation(page: "Page", environment: Environment, *, sandbox: bool) -> Confirmation:
    """What to ask before anything is run; a protected environment asks for its name."""
    place = "the sandbox" if sandbox else f"account {environment.account_id}"
    steps = len({step.slug for step, _ in page.sequence})
    title = page.front.title if page.front else page.name
    question = f"{title}: {steps} steps on {environment.name}, in {place}."
    words = environment.name if environment.protected and not sandbox else None
    return Confirmation(question if words else f"{question} Begin?", words)


def again_confirmation(
    verb: str, standing: "Standing", environment: Environment, last: str
) -> Confirmation:
    """What to ask before a run is gone on with, or undone; ``last`` says who led it."""
    beginning = standing.begun
    place = "the sandbox" if beginning.sandbox else f"account {environment.account_id}"
    done = sum(ended.outcome == "done" for ended in standing.ended.values())
    question = f"{beginning.title}, begun {beginning.time}, {done} done, in {place}{last}."
    words = environment.name if environment.protected and not beginning.sandbox else None
    asked = "Undo it?" if verb == "undo" else "Go on?"
    return Confirmation(question if words else f"{question} {asked}", words)


def require_confirmed(confirm: Confirm, asked: Confirmation, name: str) -> None:
    """Ask.

    Raises:
        Refused: the answer was no.
    """
    if not confirm(asked):
        raise Refused(
            "the runbook was not begun",
            why="it was not confirmed",
            next_step=f"bsops runbook show {name}   (what it would do: --dry-run)",
        )


def same_elsewhere(workspace: Workspace, page: "Page", environment: Environment) -> list[str]:
    """Who leads the same runbook on the same environment now."""
    import re

    from bookstore_ops.runbooks.store import runs

    # The name of a run says what it runs: there may be very many.
    same = re.compile(rf"\w+-{page.name}-{environment.name}-[0-9a-f]+")
    led = (files for files in runs(workspace) if same.fullmatch(files.run) and files.is_led())
    return [f"{files.run}, led by {files.leader()}" for files in led]


def check_tools(page: "Page", environ: Mapping[str, str]) -> None:
    """Look for the programs that the page needs.

    Raises:
        EnvironmentMissing: some are not installed.
    """
    import shutil

    tools = page.front.tools if page.front else []
    missing = [tool for tool in tools if not shutil.which(tool, path=environ.get("PATH"))]
    if missing:
        raise EnvironmentMissing(
            f"{page.name} needs {', '.join(missing)}, and this machine lacks it",
            why="nothing was run",
            next_step=f"install {' '.join(missing)}",
        )


def needs_aws(page: "Page") -> bool:
    """Whether AWS, or the sandbox's server, has to answer before the first step."""
    return page.front is None or page.front.aws


def check_permissions(session: "Session", page: "Page") -> "Permissions":
    """What of the page's permissions AWS would refuse."""
    from bookstore_ops.runbooks.permissions import Permissions, find_permissions

    actions = page.front.permissions if page.front else []
    if session.request.sandbox or not actions or not needs_aws(page):
        return Permissions()
    from bookstore_ops.aws.session import client
    from bookstore_ops.aws.simulation import Place
    from bookstore_ops.preflight.needs import name_prefix

    environment = session.environment
    sts, iam = (client(name, environment.region, session.environ) for name in ("sts", "iam"))
    arn = str(sts.get_caller_identity()["Arn"])
    name = f"{name_prefix(session.root)}-example"
    place = Place(arn.split(":")[1], environment.region, environment.account_id, name)
    return find_permissions(iam, arn, actions, place)


def require_permitted(
    found: "Permissions", page: "Page", confirm: Confirm, warn: Callable[[str], None]
) -> None:
    """Say what is denied, and go on only if that is meant.

    Raises:
        Refused: it is not.
    """
    if found.unknown:
        warn(f"whether you may do what this needs is not known: {found.unknown}")
    if not found.denied:
        return
    denied = ", ".join(found.denied)
    warn(f"IAM would refuse you {denied}")
    if not confirm(Confirmation("Go on all the same?", None)):
        raise Refused(
            f"{page.name} needs permissions that you do not have",
            why=denied,
            next_step="use a role that has them, or let the owner of the account add them",
        )
