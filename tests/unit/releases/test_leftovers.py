"""What a destroy takes away of releases."""

from bookstore_ops.releases.leftovers import families_of
from bookstore_ops.releases.model import Ledger, Service
from tests.unit.releases.world import INTERNAL, release


def test_families_are_those_of_services_that_were_released() -> None:
    ledger = Ledger(
        services={
            "catalog": Service(current=release()),
            "inventory": Service(current=release("rolling", place=INTERNAL)),
            "cart": Service(),
        }
    )
    assert families_of(ledger) == ["family"]
    assert families_of(Ledger()) == []
