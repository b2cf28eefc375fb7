"""Runbooks on bad days: freezes, disks, machines and pages that are not as one would wish."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from tests.e2e.operators import Operator
from tests.e2e.sts import Sts, serving
from tests.e2e.test_runbook_runs import run_of, write_page
from tests.e2e.workspaces import make_bench
from tests.unit.runbooks.support import step


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """An operator of a real dev that is frozen."""
    bench = make_bench(tmp_path_factory.mktemp("frozen"))
    policy = bench.workspace.environments / "dev.toml"
    now = datetime.now(UTC).replace(microsecond=0)
    since, until = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    freeze = f'[[freeze]]\nfrom = {since}\nuntil = {until}\nreason = "the sale"\n'
    policy.write_text(f"{policy.read_text()}\n{freeze}")
    with serving(Sts(account="111111111111")) as sts:
        yield Operator(bench, sts)


class TestFreezes:
    BODY = step("bash {name=look reads capture=found}", "echo it\n") + step(
        "bash {name=make undo=back}", "touch made\n"
    )
    BACK = step("bash {name=back}", "rm made\n")

    def test_nothing_is_begun_that_changes_something_unless_overridden_with_a_reason(
        self, frozen: Operator
    ) -> None:
        write_page(frozen.bench, "changes", self.BODY + self.BACK)
        made = frozen.bench.root / "made"
        words = ("runbook", "run", "changes", "dev", "--yes")
        refused = frozen.run(*words)
        assert (refused.code, "dev is frozen: the sale" in refused.said) == (3, True)
        assert "bsops runbook run changes dev --yes --during-freeze --reason 'WHY'" in refused.said
        assert "found" not in refused.err
        assert frozen.run(*words, "--dry-run").code == 0
        assert frozen.run(*words, "--only", "look").code == 0
        assert not made.exists()
        why = ("--during-freeze", "--reason", "the shop is down")
        done = frozen.run(*words, *why)
        assert done.code == 0, done.err
        assert made.exists()
        entry = frozen.bench.run("history", "dev", "--json").json["runs"][-1]
        assert (entry["overrode"], entry["reason"]) == (
            ["the freeze of dev: the sale"],
            "the shop is down",
        )
        run = run_of(frozen.bench, "changes")
        kept = frozen.run("runbook", "undo", run, "--yes")
        assert (kept.code, "dev is frozen" in kept.said, made.exists()) == (1, True, True)
        assert frozen.run("runbook", "undo", run, "--yes", *why).code == 0
        assert not made.exists()

    def test_a_step_that_depends_is_refused_at_its_turn(self, frozen: Operator) -> None:
        body = self.BODY.replace("name=make", "name=make when='found == it'")
        write_page(frozen.bench, "depends", body + self.BACK)
        stopped = frozen.run("runbook", "run", "depends", "dev", "--yes")
        assert (stopped.code, "make: dev is frozen: the sale" in stopped.said) == (1, True)
        assert not (frozen.bench.root / "made").exists()
