"""What there is to restore from, and how an environment's stores stand against their objectives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bookstore_ops.backups.looking import look_at_all
from bookstore_ops.backups.model import Standing, Verdict
from bookstore_ops.backups.tasks import Task
from bookstore_ops.errors import BsopsError, OperationFailed
from bookstore_ops.operations.backups.session import BackupSession

FailOn = Literal["missed", "unknown"]


@dataclass(frozen=True)
class Inventory:
    """Every store in each of its regions, and what may be done where one is not as it should be.

    ``proofs`` are, by store, the last verifications that succeeded: how long a restore takes.
    """

    environment: str
    standings: Sequence[Standing]
    proofs: Mapping[str, Task]
    failure: BsopsError | None = None


def read_inventory(
    session: BackupSession, words: Sequence[str], fail_on: FailOn | None = None
) -> Inventory:
    """Look at the stores that ``words`` mean; at all of them without any.

    Raises:
        UsageError: a word means no store.
        BsopsError: the state or the objectives cannot be read.
    """
    stores = session.choose(words)
    standings = look_at_all(session.sight(), stores, session.objectives())
    tasks = session.tasks.read()
    known = {store.name: tasks.proof(store.name) for store in stores}
    proofs = {name: proof for name, proof in known.items() if proof}
    failure = _failure(session, standings, fail_on)
    session.held.outcome = failure
    return Inventory(session.environment.name, standings, proofs, failure)


def _failure(
    session: BackupSession, standings: Sequence[Standing], fail_on: FailOn | None
) -> BsopsError | None:
    if fail_on is None:
        return None
    grades = {Verdict.MISSED} if fail_on == "missed" else {Verdict.MISSED, Verdict.UNKNOWN}
    bad = [each for each in standings if each.verdict in grades]
    if not bad:
        return None
    worst = bad[0]
    return OperationFailed(
        f"not as backups.toml wants it: {', '.join(dict.fromkeys(_name(each) for each in bad))}",
        why=f"{_name(worst)}: {worst.problem or worst.why}",
        next_step=f"{session.command_line('backup create', worst.store.name)}   (one now; then see "
        "why the schedule took none)",
    )


def _name(standing: Standing) -> str:
    store = standing.store.name
    return f"{store} in {standing.region}" if standing.is_copy else store
