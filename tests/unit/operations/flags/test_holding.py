"""A service is judged by one change at a time, whoever begins first and however that ends."""

import os
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bookstore_ops.errors import OperationFailed, StateLocked
from bookstore_ops.flags.model import Rollout
from bookstore_ops.operations.confirmation import Confirm, Confirmation
from bookstore_ops.operations.flags import steering as flags
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.operations.releases import steering, turning
from bookstore_ops.operations.releases.holding import hold_service
from bookstore_ops.releases.model import Hold, Phase, Release
from bookstore_ops.releases.store import this_holder
from tests.unit.flags.world import Silent as RolloutSilent
from tests.unit.flags.world import rollout
from tests.unit.releases.world import Silent
from tests.unit.releases.world import release as new_release

Open = Callable[[], FlagSession]
Begin = Callable[..., object]
TOLD_APART = "two changes of catalog at once could not be told apart"


def agree(_: Confirmation) -> bool:
    return True


def roll_out(
    session: FlagSession, flag: str, service: str = "catalog", confirm: Confirm = agree
) -> Rollout:
    """Give a flag to its first customers, and leave."""
    wanted = flags.Wanted(service, flag, wait=False)
    return flags.roll_out(session, wanted, confirm, RolloutSilent())


def release(
    session: FlagSession, tag: str, service: str = "catalog", confirm: Confirm = agree
) -> Release:
    """Release an image to the first share of the traffic, and leave."""
    wanted = steering.Wanted(service, tag, wait=False)
    return steering.start(session.held, wanted, confirm, Silent())


def test_while_a_rollout_is_judged_by_it_no_release_of_a_service_begins(open_session: Open) -> None:
    roll_out(open_session(), "beta")
    with pytest.raises(StateLocked) as refused:
        release(open_session(), "2")
    assert refused.value.what == "a rollout of beta was left half-way in dev"
    assert str(refused.value.why).endswith(TOLD_APART)
    assert refused.value.next_step == (
        "bsops flags resume dev catalog beta   (or: bsops flags abort dev catalog beta)"
    )
    assert release(open_session(), "2", "orders").weight == 100


def test_while_a_release_is_under_way_no_rollout_begins(open_session: Open) -> None:
    release(open_session(), "2")
    with pytest.raises(StateLocked) as refused:
        roll_out(open_session(), "beta")
    assert refused.value.what == "a release of catalog was left half-way in dev"
    assert str(refused.value.why).endswith(TOLD_APART)
    assert refused.value.next_step == (
        "bsops release resume dev catalog   (or: bsops release abort dev catalog)"
    )
    assert roll_out(open_session(), "beta", "orders").weight == 5


def test_one_of_two_flags_is_rolled_out_by_the_same_service(open_session: Open) -> None:
    roll_out(open_session(), "beta")
    with pytest.raises(StateLocked, match="a rollout of beta was left half-way"):
        roll_out(open_session(), "gift")
    roll_out(open_session(), "gift", "orders")


def test_a_driver_that_lives_is_named(open_session: Open) -> None:
    driven = open_session()
    mine = rollout(holder=this_holder(driven.held.run_id))
    hold_service(driven.held, mine)
    with pytest.raises(StateLocked, match="a rollout of beta begins in dev"):
        release(open_session(), "2")
    driven.store.begin(mine)
    with pytest.raises(StateLocked) as refused:
        release(open_session(), "2")
    assert refused.value.what == "a rollout of beta is under way in dev"
    assert f"(pid {os.getpid()}) drives it: giving, on for 5 %" in str(refused.value.why)
    assert str(refused.value.next_step).endswith("(or end it: bsops flags abort dev catalog beta)")


def killed_while_it_began(session: FlagSession) -> None:
    """The hold of a rollout whose process died before it wrote the rollout itself."""
    dead = replace(this_holder("r"), pid=2**22 + 1)
    hold = Hold(flag="beta", rollout="r1", holder=dead)
    session.held.store.hold("catalog", hold, lambda _: None)


def given_up(session: FlagSession) -> Rollout:
    """A rollout that was left half-way, and given up."""
    if "beta" not in session.store.read().rollouts:
        roll_out(session, "beta")
    return flags.abort(session, "catalog", "beta", agree, RolloutSilent())


@pytest.mark.parametrize("before", [killed_while_it_began, given_up])
@pytest.mark.parametrize("begin", [release, roll_out])
def test_what_never_began_or_is_over_holds_nothing(
    open_session: Open, before: Callable[[FlagSession], object], begin: Begin
) -> None:
    before(open_session())
    begin(open_session(), "gift")


class Leaving(Silent):
    """A watcher that goes once traffic has moved."""

    def phase(self, release: Release) -> None:
        if release.phase is Phase.BAKING:
            raise OperationFailed("enough", next_step="go on")


def test_a_rollback_and_an_abort_are_never_held_up(open_session: Open) -> None:
    known = open_session().held.store
    done = known.begin(new_release(task_definition="family:2"))
    known.save(replace(done, phase=Phase.ENDED, outcome="done"))
    roll_out(open_session(), "beta")
    with pytest.raises(OperationFailed, match="enough"):
        turning.rollback(open_session().held, "catalog", agree, Leaving())
    current = open_session().held.store.read().of("catalog").current
    assert current is not None
    assert (current.kind, current.weight) == ("rollback", 100)
    assert turning.abort(open_session().held, "catalog", agree, Silent()).is_over
    # The rollout that they went past is there still.
    with pytest.raises(StateLocked, match="a rollout of beta"):
        release(open_session(), "3")
    assert given_up(open_session()).is_over


@pytest.mark.parametrize(
    ("first", "second"), [(roll_out, release), (release, roll_out), (roll_out, roll_out)]
)
def test_of_two_that_were_confirmed_at_once_one_begins(
    open_session: Open, first: Begin, second: Begin
) -> None:
    def meanwhile(_: Confirmation) -> bool:
        first(open_session(), "gift")
        return True

    session = open_session()
    with pytest.raises(StateLocked, match=r"a (release of catalog|rollout of gift) was left half-"):
        second(session, "beta", confirm=meanwhile)
    assert "beta" not in session.store.read().rollouts
