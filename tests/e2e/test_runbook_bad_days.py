"""Runbooks on bad days: freezes, disks, machines and pages that are not as one would wish."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.operators import Operator
from tests.e2e.sts import Sts, serving
from tests.e2e.test_runbook_runs import (
    answer,
    at_a_terminal,
    begin,
    is_gone,
    kill,
    outcomes,
    run_of,
    start,
    write_page,
)
from tests.e2e.workspaces import Bench, make_bench, wait_until
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
        # Two runs of one second have no order: this one says its name.
        run = done.out.partition(":")[0]
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


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A workspace whose sandbox runs already; each test writes a page of its own."""
    made = make_bench(tmp_path_factory.mktemp("days"))
    assert made.run("sandbox", "start").code == 0
    yield made
    lifecycle.stop(made.workspace)


class TestABrokenStart:
    BODY = step("bash {name=look reads}", 'echo "keys: ${AWS_ACCESS_KEY_ID:-none}"; touch looked\n')

    def test_another_account_or_none_at_all(self, frozen: Operator) -> None:
        write_page(frozen.bench, "needs", self.BODY)
        write_page(frozen.bench, "mends", self.BODY, FRONT)
        looked = frozen.bench.root / "looked"
        frozen.sts.account = "999999999999"
        try:
            assert frozen.run("runbook", "run", "needs", "dev", "--yes").code == 5
            assert not looked.exists()
            assert frozen.run("runbook", "run", "mends", "dev", "--yes").code == 0
        finally:
            frozen.sts.account = "111111111111"
        looked.unlink()
        done = frozen.run("runbook", "run", "mends", "dev", "--yes", keys=False)
        assert (done.code, looked.exists()) == (0, True)
        assert frozen.run("runbook", "run", "needs", "dev", "--yes", keys=False).code == 5

    def test_a_sandbox_that_does_not_start(self, bench: Bench) -> None:
        write_page(bench, "needs", self.BODY)
        write_page(bench, "mends", self.BODY, FRONT)
        (bench.root / ".bsops").mkdir()
        (bench.root / ".bsops/sandbox").write_text("in the way")
        words = ("dev", "--sandbox", "--yes")
        assert bench.run("runbook", "run", "needs", *words).code == 7
        assert not (bench.root / "looked").exists()
        real = {"AWS_ACCESS_KEY_ID": "AKIAREALREALREALREAL"}
        done = bench.run("runbook", "run", "mends", *words, env=real)
        assert done.code == 0, done.err
        # Nothing real is within reach there.
        assert "keys: BSOPS1" in done.err
        assert "AKIAREAL" not in done.err


FRONT = "aws: false\n"


class TestTwoPeople:
    def test_of_two_that_resume_at_once_one_leads_and_the_other_is_told(
        self, shared: Bench
    ) -> None:
        body = step("bash {name=slow reads}", "echo x >> two; [ ! -e go ] || sleep 3\n[ -e go ]\n")
        write_page(shared, "both", body)
        assert start(shared, "both").code == 1
        run = run_of(shared, "both")
        (shared.root / "go").touch()
        both = [shared.start("runbook", "resume", run, "--yes") for _ in range(2)]
        ended = sorted((each.finish() for each in both), key=lambda done: done.code)
        assert [done.code for done in ended] == [0, 4]
        assert f"the run {run} is led by" in ended[1].said
        assert (shared.root / "two").read_text() == "x\nx\n"


class TestDisks:
    @pytest.mark.parametrize("file", ["journal.jsonl", "runbooks"])
    def test_where_nothing_can_be_recorded_nothing_is_run(self, bench: Bench, file: str) -> None:
        write_page(bench, "record", step("bash {name=a reads}", "touch ran\n"), FRONT)
        (bench.root / ".bsops").mkdir()
        in_the_way = bench.root / ".bsops" / file
        in_the_way.mkdir() if file.endswith("jsonl") else in_the_way.write_text("")
        done = start(bench, "record")
        assert (done.code, f"cannot write {bench.root / '.bsops'}" in done.said) == (7, True)
        assert not (bench.root / "ran").exists()


class TestHanging:
    def test_a_step_that_hangs_is_stopped_and_then_asked_about(self, shared: Bench) -> None:
        body = step("bash {name=hang reads timeout=1s}", "[ -e h1 ] || { touch h1; sleep 300; }\n")
        write_page(shared, "hanging", body)
        child = at_a_terminal(shared, "runbook", "run", "hanging", "dev", "--sandbox", "--yes")
        answer(child, (r"stopped after 1s \(timeout\). What now\?[\s\S]*?1-4: ", "retry"))
        child.expect(": done")
        assert outcomes(shared, run_of(shared, "hanging")) == [("hang", "failed"), ("hang", "done")]


@dataclass(frozen=True)
class Killed:
    """When bsops is killed, and what a resume makes of it where nobody can be asked."""

    blocks: str
    code: int
    ran: list[str] = field(default_factory=list)
    more: tuple[str, ...] = ()


SLOW = "echo $$ > MARK; echo x >> times; [ -e MARK-go ] || sleep 300\n"
FIRST = step("bash {name=first reads capture=kept}", "echo first >> times; echo value\n")
LAST = step("bash {name=last reads}", 'echo "<$kept>"\n')
MATRIX = {
    "killed in a step that looks -> it runs again": Killed(
        FIRST + step("bash {name=slow reads}", SLOW) + LAST, 0, ["slow", "last"]
    ),
    "killed in a step that changes -> a person decides": Killed(
        FIRST + step("bash {name=slow undo=none confirm}", SLOW) + LAST, 3
    ),
    "killed in a step that changes, --from it -> it runs again": Killed(
        FIRST + step("bash {name=slow undo=none confirm}", SLOW) + LAST,
        0,
        ["slow", "last"],
        ("--from", "slow"),
    ),
    "killed in a step that changes, --from the next -> it is left as it is": Killed(
        FIRST + step("bash {name=slow undo=none confirm}", SLOW) + LAST,
        0,
        ["last"],
        ("--from", "last"),
    ),
    "killed in a step that may be tried again -> it runs again": Killed(
        FIRST + step("bash {name=slow undo=none confirm retry=1}", SLOW) + LAST, 0, ["slow", "last"]
    ),
    "killed between two attempts -> it runs again": Killed(
        FIRST
        + step(
            "bash {name=slow undo=none confirm retry=9 every=5m}",
            "echo $$ > MARK; echo x >> times; [ -e MARK-go ]\n",
        )
        + LAST,
        0,
        ["slow", "last"],
    ),
}


class TestKillAndResume:
    @pytest.mark.parametrize("killed", MATRIX.values(), ids=MATRIX.keys())
    def test_matrix(self, shared: Bench, killed: Killed) -> None:
        name = f"matrix-{list(MATRIX.values()).index(killed)}"
        write_page(shared, name, killed.blocks.replace("MARK", name))
        (shared.root / "times").write_text("")
        running = begin(shared, name, name)
        kill(running)
        child = int((shared.root / name).read_text())
        wait_until(lambda: is_gone(child), 20)
        (shared.root / f"{name}-go").touch()
        run = run_of(shared, name)
        before = len(outcomes(shared, run))
        done = shared.run("runbook", "resume", run, "--yes", *killed.more)
        assert done.code == killed.code, done.err
        ran = [block for block, outcome in outcomes(shared, run)[before:] if outcome == "done"]
        assert ran == killed.ran
        # What was done is not done again, and its value is still known.
        assert (shared.root / "times").read_text().count("first") == 1
        assert ("<value>" in done.err) == (killed.code == 0)

    def test_killed_in_an_undo_it_is_undone_from_there(self, shared: Bench) -> None:
        body = (
            step("bash {name=one undo=not-one}", "touch u-one\n")
            + step("bash {name=not-one}", "rm u-one\n")
            + step("bash {name=two undo=not-two}", "touch u-two\n")
            + step("bash {name=not-two}", "echo $$ > u1; [ -e u2 ] || sleep 300; rm u-two\n")
        )
        write_page(shared, "undoing", body)
        assert start(shared, "undoing").code == 0
        run = run_of(shared, "undoing")
        undoing = shared.start("runbook", "undo", run, "--yes")
        wait_until((shared.root / "u1").exists)
        kill(undoing)
        wait_until(lambda: is_gone(int((shared.root / "u1").read_text())), 20)
        (shared.root / "u2").touch()
        assert shared.run("runbook", "undo", run, "--yes").code == 0
        assert not (shared.root / "u-one").exists()
        assert not (shared.root / "u-two").exists()
        assert outcomes(shared, run)[-3:] == [
            ("not-two", "undo-failed"),
            ("not-two", "undone"),
            ("not-one", "undone"),
        ]

    def test_killed_at_a_question_it_asks_again(self, shared: Bench) -> None:
        body = FIRST + step("bash {name=sure undo=none confirm='Really?'}", "touch q1\n")
        write_page(shared, "question", body)
        child = at_a_terminal(shared, "runbook", "run", "question", "dev", "--sandbox")
        answer(child, (r"Begin\? \[y/N\] ", "y"))
        child.expect(r"Really\? \[y/N\] ")
        child.kill(signal.SIGKILL)
        child.close()
        run = run_of(shared, "question")
        child = at_a_terminal(shared, "runbook", "resume", run)
        answer(child, (r"Go on\? \[y/N\] ", "y"), (r"Really\? \[y/N\] ", "y"))
        child.expect(": done")
        assert outcomes(shared, run) == [("first", "done"), ("sure", "done")]
