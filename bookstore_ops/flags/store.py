"""The ledger of rollouts, one of each flag at a time."""

from datetime import datetime

from msgspec.structs import replace

from bookstore_ops.flags.model import FlagLedger, Rollout
from bookstore_ops.releases.ledgers import LedgerStore


class FlagStore(LedgerStore[FlagLedger, Rollout]):
    """Reads and writes the ledger; also the :class:`Keeper` of the rollout that is driven."""

    what = "rollouts of flags"
    suffix = "flags"
    kind = FlagLedger

    def current(self, ledger: FlagLedger, kept: Rollout) -> Rollout | None:
        """See :class:`LedgerStore`."""
        return ledger.rollouts.get(kept.flag)

    def including(self, ledger: FlagLedger, kept: Rollout, at: datetime) -> FlagLedger:  # noqa: ARG002
        """See :class:`LedgerStore`."""
        return replace(ledger, rollouts={**ledger.rollouts, kept.flag: kept})
