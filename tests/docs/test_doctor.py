"""Doctor's page holds what its checks say of themselves."""

import re

from bookstore_ops.preflight.catalogue import CHECKS
from bookstore_ops.preflight.check import PAGE, Group
from docs.generate_doctor import TARGET, page
from tests.docs.markdown import ROOT


def test_the_page_says_what_the_checks_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run: python docs/generate.py --write"


def test_each_check_leads_to_its_section() -> None:
    assert ROOT / PAGE == TARGET
    sections = re.findall(r"^### (\w+)$", TARGET.read_text(encoding="utf-8"), re.M)
    assert [f"{PAGE}#{section.lower()}" for section in sections] == [c.docs for c in CHECKS]


def test_codes_are_in_order_and_groups_whole() -> None:
    codes = [check.code for check in CHECKS]
    assert codes == sorted(set(codes))
    groups = [check.group for check in CHECKS]
    assert sorted(groups, key=list(Group).index) == groups
    assert set(groups) == set(Group)
    # Each half of a hundred codes is one group's.
    halves = {(int(check.code[2:]) // 50, check.group) for check in CHECKS}
    assert len({half for half, _ in halves}) == len(halves)
