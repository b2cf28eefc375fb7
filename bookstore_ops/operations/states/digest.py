"""Mending the lock table's digest of a state, once it is proven that the state is right."""

from dataclasses import dataclass

from bookstore_ops.errors import OperationFailed, Refused, StateLocked
from bookstore_ops.operations.confirmation import Confirm
from bookstore_ops.operations.guards import state_confirmation
from bookstore_ops.operations.session import Session
from bookstore_ops.operations.states.store import Present, read_present
from bookstore_ops.states.digest import Proof, Verdict, judge
from bookstore_ops.states.rescue import digest_of
from bookstore_ops.states.versions import read_versions
from bookstore_ops.terraform.backends import S3Backend
from bookstore_ops.terraform.process import Watch

# Older ones have been replaced long since.
_LOOKED_BACK = 25


@dataclass(frozen=True)
class DigestCase:
    """A digest and the object beside it; ``backend`` is None where no table keeps one."""

    backend: S3Backend | None
    present: Present
    digest: str | None
    verdict: Verdict


def examine_digest(session: Session, watch: Watch, *, accept_object: bool) -> DigestCase:
    """Find out whether object and digest fit, and if not, which is right.

    Raises:
        Refused: nothing proves which is right (without ``accept_object``).
        OperationFailed: there is no whole state to make a digest of, or AWS does not answer.
        StateLocked: somebody works on the state: it may be about to fit.
    """
    present = read_present(session, watch)
    backend = present.backend
    if not isinstance(backend, S3Backend) or not backend.lock_table:
        verdict = Verdict(Proof.FITS, "no lock table is configured, and so no digest is kept")
        return DigestCase(None, present, None, verdict)
    digest = backend.read_digest()
    verdict = judge(present.content, present.summary, digest, [], versioned=False)
    if verdict.proof is Proof.FITS:
        return DigestCase(backend, present, digest, verdict)
    _require_no_lock(session, backend)
    kept = read_versions(backend, _LOOKED_BACK)
    verdict = judge(
        present.content, present.summary, digest, kept.versions, versioned=kept.versioned
    )
    case = DigestCase(backend, present, digest, verdict)
    if verdict.proof is Proof.NO_STATE:
        raise OperationFailed(
            f"the digest of {session.environment.name} cannot be mended: {verdict.why}",
            why=present.problem or f"there is nothing at {backend.describe()}",
            next_step=_restore_expected(session, case),
        )
    if verdict.proof is Proof.UNPROVEN and not accept_object:
        raise Refused(
            f"nothing proves whether the object or the digest of {session.environment.name} "
            "is right",
            why=verdict.why,
            next_step=f"{_restore_expected(session, case)}   (what the digest expects)\n"
            f"or: {session.command_line('state repair-digest', '--accept-object')}   (what is "
            "stored; look at it first: "
            f"{session.command_line('state list')})",
        )
    return case


def mend_digest(session: Session, case: DigestCase, confirm: Confirm) -> None:
    """Write the digest of the object that is stored.

    Raises:
        Refused: it was not confirmed.
        OperationFailed: the digest was changed meanwhile, or AWS does not answer.
    """
    if case.backend is None or case.present.content is None:
        return
    right = digest_of(case.present.content)
    question = state_confirmation(
        session.environment,
        f"Write the digest of what is stored ({right})",
        sandbox=session.server is not None,
    )
    if not confirm(question):
        raise Refused(
            "the digest was not changed",
            why="it was not confirmed",
            next_step=session.command_line("state repair-digest"),
        )
    case.backend.write_digest(right, instead_of=case.digest or "")


def _require_no_lock(session: Session, backend: S3Backend) -> None:
    for lock in backend.read_locks():
        raise StateLocked(
            f"the state of {session.environment.name} is locked",
            why=f"by {lock.who or 'nobody named'} ({lock.command}) since {lock.created}, "
            f"ID {lock.id}: the digest may be about to be written",
            next_step=f"wait for its holder, then: {session.command_line('state repair-digest')}",
        )


def _restore_expected(session: Session, case: DigestCase) -> str:
    expected = case.verdict.expected
    if expected is not None and expected.summary is not None:
        return session.command_line("state restore", expected.id)
    return session.command_line("state versions")
