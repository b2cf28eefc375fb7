"""Giving an environment's state a home in S3: what is missing, what drifted, doing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bookstore_ops.bootstrap.backend_file import (
    Backend,
    other_backends,
    parse,
    render,
    wanted_backend,
)
from bookstore_ops.bootstrap.bucket import LogBucket, StateBucket
from bookstore_ops.bootstrap.key import StateKey
from bookstore_ops.bootstrap.migration import (
    Found,
    find_state,
    keep_copy,
    latest_copy,
    record_digest,
    state_file,
    upload,
    verify,
)
from bookstore_ops.bootstrap.settings import Finding, Resource, Say, mend, survey
from bookstore_ops.bootstrap.table import LockTable
from bookstore_ops.environments import Environment
from bookstore_ops.errors import ConfigurationError, Refused, StateLocked
from bookstore_ops.files import write_atomically
from bookstore_ops.locks.lock import Lock
from bookstore_ops.operations.confirmation import Confirm, Confirmation
from bookstore_ops.operations.freezing import check_freeze
from bookstore_ops.operations.overriding import Overrides
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.backends import LocalBackend, S3Backend
from bookstore_ops.terraform.process import Watch
from bookstore_ops.terraform.state import StateSummary

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_LONGEST_BUCKET_NAME = 63


@dataclass(frozen=True)
class Survey:
    """Where an environment stands on the way to a state in S3.

    ``findings`` are what AWS lacks or has otherwise; ``written`` is the backend in ``backend.tf``,
    None before the first bootstrap; ``found`` is the state, in either place.
    """

    backend: Backend
    written: Backend | None
    up_to_date: bool
    findings: tuple[Finding, ...]
    found: Found

    @property
    def relocks(self) -> bool:
        """Whether what locks the state changes."""
        return self.written is not None and _locks(self.written) != _locks(self.backend)

    @property
    def drift(self) -> tuple[Finding, ...]:
        """The findings that were not there when the environment was bootstrapped."""
        if self.written is None:
            return ()
        table = f"lock table {self.backend.lock_table}"
        return tuple(f for f in self.findings if not (self.relocks and f.resource == table))

    def steps(self, *, repair: bool) -> list[str]:
        """What is to be done, in words; drift only with ``repair``."""
        drift = () if repair else self.drift
        done = [finding.does for finding in self.findings if finding not in drift]
        if not self.up_to_date:
            done.append(f"write backend.tf: {self.backend.place}, locked by {self.backend.locks}")
        if self.found.local is not None:
            state = self.found.local
            does = "move the state" if self.found.to_upload else "put the file of the state away"
            done.append(
                f"{does}: {state.resources} resources, serial {state.serial}, "
                f"lineage {state.lineage}; a copy is kept"
            )
        return done


@dataclass(frozen=True)
class BootstrapResult:
    """What was done; ``state`` is what lies in S3 now, ``copy`` what was moved, if anything."""

    steps: list[str]
    drift: tuple[Finding, ...]
    state: StateSummary | None
    copy: Path | None


class Bootstrap:
    """The bootstrap of one environment."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.environment = session.environment
        self.backend = wanted_backend(self.environment)
        self._remote = S3Backend(
            self.backend.bucket,
            self.backend.key,
            self.backend.region,
            self.backend.lock_table,
            session.environ,
        )
        self._require_lock_that_terraform_knows()
        self._key, self._bucket, self._resources = self._make_resources()

    def survey(self) -> Survey:
        """Look at everything; writes nothing.

        Raises:
            Refused: something is in the way.
            OperationFailed: something cannot be read.
        """
        written, up_to_date = self._written()
        findings = tuple(survey(self._resources))
        exists = Finding(self._bucket.name, None) not in findings
        if written is not None and not exists:
            raise Refused(
                f"the {self._bucket.name} is gone",
                why=f"{self._session.backend_file} says that the state is in it; an empty bucket "
                "would make Terraform create everything once more",
                next_step=f"restore the state; to start anew: rm {self._session.backend_file}",
            )
        found = find_state(
            self._session.root,
            self._remote,
            self._copies,
            self._session.command_line("bootstrap"),
            bucket_exists=exists,
        )
        if found.local is None:
            self._verify(found.remote)
        return Survey(self.backend, written, up_to_date, findings, found)

    def confirm(self, steps: Sequence[str], confirm: Confirm, overrides: Overrides) -> None:
        """Ask.

        Raises:
            Refused: there is a freeze, or the answer was not yes.
        """
        self._session.result.reason = overrides.reason
        check_freeze(self._session, overrides)
        sandbox = self._session.server is not None
        if not confirm(_confirmation(self.environment, len(steps), sandbox=sandbox)):
            raise Refused(
                "nothing was changed",
                why="it was not confirmed",
                next_step=self._session.command_line("bootstrap"),
            )

    def run(self, survey: Survey, watch: Watch, *, repair: bool) -> BootstrapResult:
        """Do what is missing, one step after the other; each can be done again.

        Raises:
            BsopsError: a step failed; the next run goes on from there.
        """
        say = self._session.say
        steps = survey.steps(repair=repair)
        if survey.written is not None and survey.relocks:
            self._require_unlocked(survey.written)
        self._declare_names()
        if repair or not survey.drift:
            mend(self._resources, self._noting_key(say))
        elif survey.relocks:
            mend([r for r in self._resources if isinstance(r, LockTable)], say)
        if survey.written is not None and survey.written.lock_table is None:
            # The table may remember a state of when it was the lock before.
            record_digest(self._remote.read(), self._remote)
        copy = self._keep_copy(survey.found.local) if survey.found.local else None
        if copy and survey.found.to_upload:
            say(f"moving the state to {self.backend.place}")
            upload(copy, self._remote, replaces=survey.found.remote is not None)
        state = self._remote.read_state()
        self._verify(state)
        if copy:
            say(f"verified: the state in {self.backend.place} is the one in the file")
        if not survey.up_to_date:
            say(f"writing {self._session.backend_file}")
            text = render(self.backend, self.environment.name)
            write_atomically(self._session.backend_file, text)
        if copy:
            # The file goes last: until then the next run finds the state where it was. Beside a
            # backend, Terraform would ask whether to copy it once more.
            (self._session.root / "terraform.tfstate").unlink()
        self._session.use_backend_file()
        if copy or not survey.up_to_date:
            self._session.initialise(watch, force=True, reconfigure=True)
        self._session.result.serial = state.serial if state else None
        return BootstrapResult(steps, () if repair else survey.drift, state, copy)

    @property
    def _copies(self) -> Path:
        home = ("sandbox",) if self._session.server else ()
        data = self._session.request.workspace.data
        return data.joinpath(*home, "bootstrap", self.environment.name)

    def _keep_copy(self, expected: StateSummary) -> Path:
        root, workspace = self._session.root, self._session.request.workspace
        locks = LocalBackend(root / "terraform.tfstate").read_locks()
        if locks:
            raise self._locked(locks[0], f"; if its holder is dead: rm {locks[0].place}")
        workspace.make_data_directory(*self._copies.relative_to(workspace.data).parts)
        source = state_file(root)
        copy = keep_copy(source, self._copies) if source else None
        if copy is None or latest_copy(self._copies) != (copy, expected):
            raise Refused(
                "the state has changed since it was looked at",
                why="another run has written it meanwhile",
                next_step=self._session.command_line("bootstrap"),
            )
        self._session.say(f"kept a copy of the state: {copy}")
        return copy

    def _verify(self, state: StateSummary | None) -> None:
        """Hold the state in S3 against the copy of what was moved there, if anything was."""
        kept = latest_copy(self._copies)
        if kept:
            verify(*kept, state, self.backend.place)

    def _make_resources(self) -> tuple[StateKey, StateBucket, list[Resource]]:
        backend, account = self.backend, self.environment.account_id
        if len(f"{backend.bucket}-logs") > _LONGEST_BUCKET_NAME:
            raise ConfigurationError(
                f"state.bucket of {self.environment.name} is too long",
                why="the bucket of its access logs has -logs behind its name, 63 letters at most",
                next_step=f"shorten it in environments/{self.environment.name}.toml",
            )
        s3, kms = self._remote.client("s3"), self._remote.client("kms")
        shared = {"Project": "bookstore", "ManagedBy": "bsops"}
        tags = {**shared, "Environment": self.environment.name}
        key = StateKey(kms, backend.bucket, account, tags)
        logs = LogBucket(s3, backend.bucket, backend.region, account, tags)
        bucket = StateBucket(s3, backend.bucket, backend.region, account, tags, key=key, logs=logs)
        resources: list[Resource] = [key, logs, bucket]
        if backend.lock_table:
            # The environments of an account may share it, so it names none.
            resources.append(LockTable(self._remote.client("dynamodb"), backend.lock_table, shared))
        return key, bucket, resources

    def _written(self) -> tuple[Backend | None, bool]:
        """The backend in ``backend.tf``, and whether the file is as it should be."""
        path, name = self._session.backend_file, self.environment.name
        others = other_backends(self._session.request.workspace.environment_root(name))
        if others:
            raise Refused(
                f"{others[0].name} of {name} has a backend of its own",
                why="bsops writes it into backend.tf, and Terraform takes one only",
                next_step=f"remove the backend block from {others[0]}",
            )
        if not path.exists():
            return None, False
        text = path.read_text(errors="replace")
        written = parse(text)
        if written is None:
            raise Refused(
                f"{path} was not written by bsops",
                why="it may keep the state elsewhere; it would be overwritten",
                next_step=f"put it away if {self.backend.place} is where the state is to be",
            )
        if not written.is_where(self.backend):
            raise Refused(
                f"environments/{name}.toml names another place for the state than backend.tf",
                why=f"the state is in {written.place} ({written.region}), not in "
                f"{self.backend.place} ({self.backend.region}); bsops does not move it between "
                "buckets",
                next_step=f"put bucket, key and region back in environments/{name}.toml",
            )
        return written, text == render(self.backend, name)

    def _require_lock_that_terraform_knows(self) -> None:
        binary = self._session.terraform.binary
        if self.backend.lock_file and not binary.has_native_s3_locking:
            raise Refused(
                f"Terraform {binary.version} does not know the lock that "
                f"{self.environment.name} wants",
                why=f'state.lock = "{self.environment.state.lock}" needs Terraform 1.10 or later',
                next_step=f'write lock = "dynamodb" under [state] in environments/'
                f"{self.environment.name}.toml, or use a newer Terraform",
            )

    def _require_unlocked(self, written: Backend) -> None:
        locks = replace(self._remote, lock_table=written.lock_table).read_locks()
        if locks:
            raise self._locked(locks[0], "")

    def _locked(self, lock: Lock, more: str) -> StateLocked:
        return StateLocked(
            f"the state of {self.environment.name} is locked",
            why=f"{lock.who or 'somebody'} holds {lock.place}, and would not see the new lock",
            next_step=f"wait for its holder, then run the command again{more}",
        )

    def _declare_names(self) -> None:
        """In the sandbox, what is there for the state is not what the environment holds."""
        if self._session.server is not None:
            from bookstore_ops.sandbox.bootstrap import not_to_be_counted

            tables = [self.backend.lock_table] if self.backend.lock_table else []
            for name in (self.backend.bucket, f"{self.backend.bucket}-logs", *tables):
                not_to_be_counted(self._session.server, name)

    def _noting_key(self, say: Say) -> Say:
        def noting(message: str) -> None:
            if self._session.server is not None and self._key.id:
                from bookstore_ops.sandbox.bootstrap import not_to_be_counted

                not_to_be_counted(self._session.server, self._key.id)
            say(message)

        return noting


def _locks(backend: Backend) -> tuple[bool, str | None]:
    return backend.lock_file, backend.lock_table


def _confirmation(environment: Environment, steps: int, *, sandbox: bool) -> Confirmation:
    does = f"{steps} step{'s' if steps != 1 else ''}"
    if environment.protected and not sandbox:
        return Confirmation(
            f"{environment.name} is protected (account {environment.account_id}; {does}).",
            environment.name,
        )
    place = "the sandbox" if sandbox else f"account {environment.account_id}"
    return Confirmation(f"Bootstrap {environment.name} in {place} ({does})?", None)
