"""From the tree's alarms to the shipped pages, and back."""

from pathlib import Path

from bookstore_ops.runbooks.alarms import known, read_alarms
from bookstore_ops.runbooks.library import listed
from bookstore_ops.workspace import Workspace

REPOSITORY = Workspace(Path(__file__).resolve().parents[3])

# What alarms name and nobody has written yet. A new page leaves this list.
WITHOUT_A_PAGE = {
    "backup-restore",
}


def test_every_runbook_that_an_alarm_names_is_there_or_known_to_be_missing() -> None:
    named = {alarm.runbook for alarm in read_alarms(REPOSITORY.tree) if alarm.runbook}
    assert named - {page.name for page in listed(REPOSITORY)} == WITHOUT_A_PAGE


def test_a_page_and_its_alarms_name_each_other() -> None:
    alarms = read_alarms(REPOSITORY.tree)
    for page in listed(REPOSITORY):
        assert page.front
        own = [alarm for alarm in alarms if alarm.runbook == page.name]
        for written in page.front.alarms:
            assert known(written, own), f"{written} does not lead to {page.name}"
        for alarm in own:
            claimed = any(known(written, [alarm]) for written in page.front.alarms)
            assert claimed, f"{page.name} does not name {alarm.pattern}"


def test_the_index_names_every_page() -> None:
    index = (REPOSITORY.runbooks / "README.md").read_text(encoding="utf-8")
    for page in listed(REPOSITORY):
        assert page.front
        assert f"[{page.front.title}]({page.name}.md)" in index
