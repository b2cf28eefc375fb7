"""Rehearsing the move to the other region: is it proven, and may what is lost be lost?"""

from itertools import takewhile
from typing import TYPE_CHECKING

from bookstore_ops.errors import BsopsError, OperationFailed, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bookstore_ops.operations.recovery.readiness import Recovery
    from bookstore_ops.runbooks.dry_run import Foreseen

RUNBOOK = "region-lost"
# What a dry run cannot prove is no proof; but for what the steps before would have made.
_UNPROVEN = frozenset({"failed", "cannot-know"})
_MAKES = frozenset({"by-hand", "would-run"})


def require_acceptable(recovery: "Recovery", *, accept_loss: bool) -> None:
    """See that nothing is lost, or that this is meant.

    Raises:
        Refused: something is not ready in the other region, and nobody said that it may be so.
    """
    gaps = recovery.gaps
    if gaps and not accept_loss:
        raise Refused(
            f"{recovery.away} is not ready for all of {recovery.environment}",
            why=f"{len(gaps)} of {len(recovery.pieces)}: {', '.join(gap.name for gap in gaps)}",
            next_step="the same command with --accept-loss, if that is meant",
        )


def unproven(recovery: "Recovery", foreseen: "Sequence[Foreseen]") -> BsopsError | None:
    """Why a move could not be relied on today; None: nothing speaks against it."""
    gaps = [f"{gap.name}: {gap.readiness}" for gap in recovery.gaps]
    first = takewhile(lambda each: each.verdict not in _MAKES, foreseen)
    steps = [f"{each.block}: {each.why}" for each in first if each.verdict in _UNPROVEN]
    if not gaps and not steps:
        return None
    return OperationFailed(
        f"a move of {recovery.environment} to {recovery.away} could not be relied on today",
        why="; ".join((*gaps, *steps)),
        next_step=f"mend what is not ready; then: bsops dr rehearse {recovery.environment}",
    )
