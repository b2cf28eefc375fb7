"""Runs of runbooks that lie in the state bucket: which do, and finding them from anywhere."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bookstore_ops.environments import Environment, environment_names
from bookstore_ops.errors import BsopsError, Refused, UsageError
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.operations.ground import Say
from bookstore_ops.operations.holders import state_backend
from bookstore_ops.operations.request import Request
from bookstore_ops.operations.runbooks.starting import needs_aws
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.bucket import has_bucket, reach_bucket
from bookstore_ops.runbooks.page import Page
from bookstore_ops.runbooks.shared import SharedFiles, SharedRuns
from bookstore_ops.runbooks.store import RunFiles, begun, directory_of, find
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.workspace import Workspace

# What a run of the same page may still be led from: older ones are not looked at.
_LOOKED_AT = 5


@dataclass(frozen=True)
class Seeker:
    """Who looks for runs: ``request`` makes the command's request for an environment by name."""

    workspace: Workspace
    request: Callable[[str, bool | None], Request]
    say: Say
    warn: Say

    def bucket(self, environment: str, sandbox: bool | None = None) -> SharedRuns | None:
        """The runs in an environment's bucket, None where its state is not in S3.

        ``sandbox`` None: as the command line says.

        Raises:
            BsopsError: the bucket cannot be reached.
        """
        request = self.request(environment, sandbox)
        if not has_bucket(request):
            return None
        reach = reach_bucket(request, self.say, self.warn)
        return SharedRuns(reach.backend) if reach.backend else None


def bucket_of(session: Session, page: Page, wanted: bool | None) -> SharedRuns | None:
    """Where a run of a page is shared; None where it is not.

    ``wanted`` None: it is where the environment is protected and its state lies in S3, and the
    page needs AWS anyway.

    Raises:
        Refused: it is wanted, and there is no bucket.
    """
    environment = session.environment
    by_itself = environment.protected and needs_aws(page)
    if not (by_itself if wanted is None else wanted):
        return None
    backend = state_backend(session)
    if isinstance(backend, S3Backend):
        return SharedRuns(backend)
    if wanted:
        raise Refused(
            f"the run cannot be shared: the state of {environment.name} is not in S3",
            why="shared runs lie beside the state, where every machine finds them",
            next_step=session.command_line("bootstrap"),
        )
    session.say("this run is kept on this machine only: the state is not in S3")
    return None


def find_run(seeker: Seeker, named: str, *, must_reach: bool) -> RunFiles:
    """The run of that name: on this machine, else in the bucket of the environment it names.

    ``must_reach``: a shared run whose bucket cannot be reached is an error, not a warning.

    Raises:
        UsageError: there is none, or there are several.
        BsopsError: the bucket cannot be reached.
    """
    try:
        here = find(seeker.workspace, named)
    except UsageError:
        return _find_elsewhere(seeker, named)
    beginning = begun(here)
    if not beginning.shared or here.is_led():
        # Who leads it on this machine writes here first.
        return here
    try:
        bucket = seeker.bucket(beginning.environment, beginning.sandbox)
        if bucket is None:
            return here
        shared = SharedFiles(here.directory, bucket)
        shared.bring_up()
    except BsopsError as error:
        if must_reach:
            raise
        seeker.warn(f"this is what is known on this machine: {error.what}")
        return here
    return shared


def _find_elsewhere(seeker: Seeker, named: str) -> RunFiles:
    environment = _environment_in(seeker.workspace, named)
    if environment is None:
        # It says how the runs of this machine are listed.
        return find(seeker.workspace, named)
    bucket = seeker.bucket(environment)
    fits = [name for name in bucket.names() if name.startswith(named)] if bucket else []
    if bucket is None or len(fits) != 1:
        raise UsageError(
            f"there is no run {named!r}" if not fits else f"{named!r} may be several runs",
            why=f"neither on this machine nor in the bucket of {environment}"
            if not fits
            else ", ".join(fits[-5:]),
            next_step=f"bsops runbook history {environment}",
        )
    shared = SharedFiles(directory_of(seeker.workspace, fits[0]), bucket)
    shared.bring_up()
    return shared


def _environment_in(workspace: Workspace, run: str) -> str | None:
    """The environment in the name of a run."""
    for name in environment_names(workspace):
        if re.fullmatch(rf"\w+-.+-{re.escape(name)}-[0-9a-f]+", run):
            return name
    return None


def same_in_bucket(bucket: SharedRuns | None, page: Page, environment: Environment) -> list[str]:
    """Who leads the same page on the same environment, as far as the bucket knows.

    Raises:
        BsopsError: the bucket does not say.
    """
    if bucket is None:
        return []
    same = re.compile(rf"\w+-{page.name}-{environment.name}-[0-9a-f]+")
    found = [name for name in bucket.names() if same.fullmatch(name)]
    looked = [(name, *bucket.life(name)) for name in found[-_LOOKED_AT:]]
    return [f"{name}: {words}" for name, life, words in looked if life is Liveness.ALIVE]
