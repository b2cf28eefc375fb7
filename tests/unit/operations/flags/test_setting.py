"""Setting a flag: to how many it goes is agreed to, and said; on for nobody is not meant."""

import json

import pytest

from bookstore_ops.errors import Refused, UsageError
from bookstore_ops.operations.flags.session import FlagSession
from bookstore_ops.operations.flags.setting import set_flag
from bookstore_ops.ui.flag_view import show_flag
from tests.unit.operations.flags.conftest import Person
from tests.unit.ui.support import screens


def deployed(session: FlagSession, name: str) -> object:
    return session.appconfig.read().document["values"][name]


def test_on_for_nobody_is_refused_with_both_ways_to_mean_it(
    session: FlagSession, person: Person
) -> None:
    with pytest.raises(Refused) as refused:
        set_flag(session, "catalog", "beta", ["on"], person)
    assert refused.value.what == "beta would be on for nobody"
    assert refused.value.next_step == (
        "bsops flags rollout dev catalog beta   (to more and more customers, watched; "
        "or for all at once: bsops flags set dev catalog beta on percent=100)"
    )
    assert person.asked == []
    assert deployed(session, "beta") == {"enabled": False, "percent": 0}


@pytest.mark.parametrize(
    ("flag", "said", "goes", "has"),
    [
        ("beta", "on percent=100", "goes from nobody (off) to ", "all customers"),
        ("beta", "on percent=0", "goes from nobody (off) to ", "nobody (on at 0 %)"),
        ("beta", "25", "stays with ", "nobody (off)"),
        ("gift", "on", "goes from nobody (off) to ", "30 % of the customers"),
        ("banner", "on", "goes from nobody (off) to ", "all customers"),
    ],
)
def test_to_how_many_it_goes_is_agreed_to_and_said(
    session: FlagSession, flag: str, said: str, goes: str, has: str
) -> None:
    person = Person()
    changed = set_flag(session, "catalog", flag, said.split(), person)
    (question,) = person.asked
    assert f": it {goes}{has}, in account" in question
    assert session.held.note is not None
    assert f", for {has} (version 2)" in session.held.note
    shown = screens()
    show_flag(shown.terminal, changed)
    assert shown.out.splitlines()[-1] == f"who has it: {has}"


def test_the_document_tells_the_share_as_it_is(session: FlagSession, person: Person) -> None:
    for said, share in (("on", 30), ("off", 0)):
        shown = screens(json=True)
        show_flag(shown.terminal, set_flag(session, "catalog", "gift", [said], person))
        flag = json.loads(shown.out)["flag"]
        assert (flag["percent"], flag["share"]) == (30, share)


def test_several_values_are_deployed_together_and_none_twice(
    session: FlagSession, person: Person
) -> None:
    set_flag(session, "catalog", "beta", ["on", "percent=10"], person)
    assert deployed(session, "beta") == {"enabled": True, "percent": 10}
    assert session.appconfig.read().version == 2
    with pytest.raises(UsageError, match="two values are said of beta: on off"):
        set_flag(session, "catalog", "beta", ["on", "off"], person)
