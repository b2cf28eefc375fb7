"""The index of the runbooks says what the pages say, and every page is in it."""

from bookstore_ops.runbooks.library import listed
from bookstore_ops.workspace import Workspace
from docs.generate_index import ROOT, TARGET, page


def test_the_index_says_what_the_pages_say() -> None:
    assert TARGET.read_text(encoding="utf-8") == page(), "run: python docs/generate.py --write"


def test_every_page_is_found_by_what_one_sees() -> None:
    assert [
        each.name for each in listed(Workspace(ROOT)) if not (each.front and each.front.symptoms)
    ] == []
