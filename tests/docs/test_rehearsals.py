"""The table of rehearsals says what their tests say, and has every page."""

from bookstore_ops.runbooks.library import listed
from bookstore_ops.workspace import Workspace
from docs.generate_rehearsals import ROOT, TARGET, page, rehearsals

# Pages without a rehearsal, each with the reason.
NOT_REHEARSED: dict[str, str] = {}


def test_the_table_says_what_the_tests_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run: python docs/generate.py --write"


def test_every_page_is_rehearsed_and_says_when() -> None:
    pages = {each.name: each.front for each in listed(Workspace(ROOT)) if each.front}
    rehearsed = {each.page for each in rehearsals()}
    assert pages.keys() - rehearsed == NOT_REHEARSED.keys()
    dated = {name for name, front in pages.items() if front.last_rehearsed}
    assert dated == rehearsed


def test_a_rehearsal_says_what_was_broken_and_what_was_mended() -> None:
    for each in rehearsals():
        assert each.broken, each.page
        assert each.mended, each.page
