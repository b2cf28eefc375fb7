"""Rehearsals of the pages about Terraform: a small tree, broken and mended in one sandbox.

Each leaves the tree applied as it is written, so that their order does not matter.
"""

import shutil
from collections.abc import Iterator

import psutil
import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.proxy import bad_day, state_writes
from tests.e2e.rehearsing import go_on, newest_run, run, said
from tests.e2e.test_state import done, put_state
from tests.e2e.workspaces import REPOSITORY, Bench, make_bench


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A workspace with all pages, its two parameters applied."""
    bench = make_bench(tmp_path_factory.mktemp("tree"))
    shutil.copytree(REPOSITORY / "runbooks", bench.root / "runbooks")
    assert bench.apply().code == 0
    yield bench
    lifecycle.stop(bench.workspace)


def values(bench: Bench) -> dict[str, str]:
    """The parameters in the sandbox, and what they hold."""
    ssm = bench.aws("ssm")
    found = ssm.get_parameters_by_path(Path="/chain", Recursive=True)["Parameters"]
    return {each["Name"]: each["Value"] for each in found}


def change(bench: Bench, text: str) -> str:
    """Edit the tree's values; what stood there before."""
    path = bench.environment_root("dev") / "terraform.tfvars"
    before = path.read_text()
    path.write_text(text)
    return before


@pytest.mark.rehearses(
    "drift-found",
    broken="A parameter that holds something else than the tree says",
    mended="It holds what the tree says again, and no plan finds anything",
    not_here="Who did it: the trail is empty there",
)
def test_what_was_changed_by_hand_is_taken_back(tree: Bench) -> None:
    before = values(tree)
    tree.aws("ssm").put_parameter(Name="/chain/01", Value="by hand", Overwrite=True)
    waits = run(tree, "drift-found", way="take-back")
    assert (waits.code, "--allow apply" in waits.said) == (1, True), waits.err
    assert "aws_ssm_parameter.p01" in said(waits)
    assert values(tree)["/chain/01"] == "by hand"

    mended = go_on(tree, "apply", "--allow=apply")
    assert mended.code == 0, mended.err
    assert values(tree) == before
    assert newest_run(tree)["outcomes"]["accept"] == "skipped"


@pytest.mark.rehearses(
    "wrong-change",
    broken="A value that should not have been, applied",
    mended="With the tree as it was, everything has the value from before",
    not_here="What was in something destroyed: that is for the pages about backups",
)
def test_a_wrong_change_is_rolled_back(tree: Bench) -> None:
    before, right = values(tree), change(tree, "size = 9\n")
    assert tree.apply().code == 0
    assert set(values(tree).values()) == {"9"}
    waits = run(tree, "wrong-change")
    assert (waits.code, "revert is done by hand" in waits.said) == (1, True), waits.err
    change(tree, right)
    mended = go_on(tree, "plan", "--allow=apply")
    assert mended.code == 0, mended.err
    assert values(tree) == before


@pytest.mark.rehearses(
    "state-trouble",
    broken="The state's object overwritten with what is no state",
    mended="The version before is the newest again, nothing is forgotten, a plan changes nothing",
    not_here="",
)
def test_a_state_that_is_damaged_is_restored(tree: Bench) -> None:
    before = tree.state_names()
    put_state(tree, b"{ no state")
    waits = run(tree, "state-trouble")
    assert (waits.code, "restore is done by hand" in waits.said) == (1, True), waits.err
    readable = [each for each in done(tree, "versions")["versions"] if each.get("serial")]
    done(tree, "restore", readable[0]["id"], "--yes")
    mended = go_on(tree, "orphans")
    assert mended.code == 0, mended.err
    assert tree.state_names() == before
    assert "dev is as its configuration says" in said(mended)


@pytest.mark.rehearses(
    "interrupted-or-failed-apply",
    broken="An apply whose state S3 did not take",
    mended="The state knows what was made, the lock is free, a plan changes nothing",
    not_here="",
)
def test_an_apply_that_could_not_save_is_finished(tree: Bench) -> None:
    change(tree, "size = 2\n")
    with bad_day(tree) as faults:
        faults.of, faults.status = state_writes, 403
        assert "NOT SAVED" in tree.apply().err
        faults.clear()
        waits = run(tree, "interrupted-or-failed-apply")
        assert (waits.code, "import is done by hand" in waits.said) == (1, True), waits.err
        mended = go_on(tree, "over")
    assert mended.code == 0, mended.err
    tree.assert_nothing_lost()


@pytest.mark.rehearses(
    "plan-refused",
    broken="A value that the tree forbids",
    mended="With a value that it allows, the plan ends well",
    not_here="Credentials of a wrong account: none are needed there",
)
def test_a_plan_that_was_refused_goes_through(tree: Bench) -> None:
    right = change(tree, "size = 0\n")
    waits = run(tree, "plan-refused")
    assert (waits.code, "guard is done by hand" in waits.said) == (1, True), waits.err
    still = go_on(tree, "validate")
    assert (still.code, "size must be at least 1" in said(still)) == (1, True), still.err
    change(tree, right)
    mended = go_on(tree, "over")
    assert mended.code == 0, mended.err


@pytest.mark.rehearses(
    "sandbox-trouble",
    broken="The server killed",
    mended="Another one runs, empty, and answers",
    not_here="",
)
def test_a_sandbox_that_is_gone_is_started_again(bench: Bench) -> None:
    shutil.copytree(REPOSITORY / "runbooks", bench.root / "runbooks")
    server = lifecycle.ensure(bench.workspace)
    bench.aws("ssm").put_parameter(Name="/chain/00", Value="1", Type="String")
    process = psutil.Process(server.pid)
    process.kill()
    process.wait(timeout=10)
    mended = run(bench, "sandbox-trouble")
    assert mended.code == 0, mended.err
    assert bench.run("sandbox", "status", "--json").json["running"] is True
    assert bench.parameters() == set()
