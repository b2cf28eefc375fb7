"""Runbooks through the installed bsops: finding, checking and beginning pages."""

import json
import shutil

from tests.e2e.workspaces import REPOSITORY, Bench
from tests.unit.runbooks.support import step, text_of


def write_page(bench: Bench, name: str, text: str) -> None:
    """Lay a page into the workspace."""
    pages = bench.root / "runbooks"
    pages.mkdir(exist_ok=True)
    (pages / f"{name}.md").write_text(text)


def test_a_page_is_begun_listed_shown_and_found_well(bench: Bench) -> None:
    begun = bench.run("runbook", "new", "queue-grows")
    assert begun.code == 0, begun.err
    assert bench.run("runbook", "lint").code == 0
    listed = bench.run("runbook", "list", "--json").json
    assert [page["name"] for page in listed["runbooks"]] == ["queue-grows"]
    shown = bench.run("runbook", "show", "queue-grows")
    assert "bsops lock $environment" in shown.out
    again = bench.run("runbook", "new", "queue-grows")
    assert again.code == 3
    assert "next: bsops runbook show queue-grows" in again.said
    assert bench.run("runbook", "new", "../x").code == 64


def test_an_alarm_leads_to_the_pages_that_name_it_and_to_the_one_it_names(bench: Bench) -> None:
    module = "infrastructure/aws/modules/cloudwatch"
    shutil.copytree(REPOSITORY / module, bench.root / module)
    body = step("bash {name=a reads}")
    write_page(bench, "claims", text_of(body, "alarms: ['*-tasks']\n"))
    write_page(bench, "service-unhealthy", text_of(body))
    write_page(bench, "other", text_of(body))
    found = bench.run("runbook", "list", "--for", "bookstore-dev-catalog-tasks", "--json").json
    assert [page["name"] for page in found["runbooks"]] == ["claims", "service-unhealthy"]
    nothing = bench.run("runbook", "list", "--for", "bookstore-dev-catalog-sky")
    assert "No runbook for bookstore-dev-catalog-sky" in nothing.out


def test_lint_says_file_line_what_and_fix_and_exits_with_6(bench: Bench) -> None:
    write_page(bench, "good", text_of(step("bash {name=a reads}")))
    write_page(bench, "broken", "---\ntitle: [\n---\n\n# Broken\n")
    write_page(bench, "bad", text_of(step("bsops {name=a}", "bsops frob\n")))
    done = bench.run("runbook", "lint")
    assert done.code == 6
    assert "runbooks/broken.md:3: error: the front matter is no valid YAML" in done.out
    assert "runbooks/bad.md:14: error: there is no command bsops frob" in done.out
    assert "3 runbooks: 3 errors, 0 warnings" in done.out
    document = bench.run("runbook", "lint", "bad", "--json").json
    assert document["schema"] == "bsops.runbook.lint/1"
    assert [finding["line"] for finding in document["findings"]] == [13, 14]
    assert bench.run("runbook", "lint", "good").code == 0


def test_an_unknown_runbook_is_told_with_the_nearest(bench: Bench) -> None:
    write_page(bench, "state-locked", text_of(step("bash {name=a reads}")))
    for name in ("state-lokced", "../environments/dev", "README"):
        assert bench.run("runbook", "show", name).code == 64
    assert "did you mean state-locked?" in bench.run("runbook", "show", "state-lokced").said


def test_the_pages_that_are_shipped_are_well() -> None:
    done = Bench(REPOSITORY).run("runbook", "lint", "--json")
    assert (done.code, done.json["findings"]) == (0, [])


def test_a_page_is_exported_and_what_aws_cannot_do_is_named(bench: Bench) -> None:
    body = step("bsops {name=look}", "bsops lock dev\n") + step("bash {name=see reads}")
    write_page(bench, "mend", text_of(body))
    shown = bench.run("runbook", "export", "mend")
    assert (shown.code, shown.out.startswith("schemaVersion: '0.3'\n")) == (0, True)
    assert "not as on the page: look: AWS has no bsops" in shown.said
    path = bench.root / "mend.json"
    done = bench.run("runbook", "export", "mend", "--format", "ssm", "--out", str(path), "--json")
    assert [each["name"] for each in done.json["left_out"]] == ["look"]
    assert json.loads(path.read_text()) == done.json["document"]
    write_page(bench, "mend", text_of(step("bash {name=see}")))
    assert bench.run("runbook", "export", "mend").code == 6
