"""States on bad days, through the installed bsops: nobody is stuck, nothing is lost."""

from pathlib import Path
from typing import Any

from tests.e2e.proxy import bad_day, state_writes
from tests.e2e.workspaces import Bench, Finished


def state(bench: Bench, *words: str) -> Finished:
    """A `bsops state` command on dev, in the sandbox."""
    return bench.run("state", words[0], "dev", *words[1:], "--sandbox")


def done(bench: Bench, *words: str) -> dict[str, Any]:
    """The document of one that succeeds."""
    finished = state(bench, *words, "--json")
    assert finished.code == 0, finished.err
    return finished.json


def apply(bench: Bench, *flags: str) -> Finished:
    """An apply to dev."""
    return bench.run("apply", "dev", "--sandbox", "--yes", *flags)


def assert_nothing_to_change(bench: Bench) -> None:
    """The state, the tree and the sandbox agree."""
    plan = bench.run("plan", "dev", "--sandbox", "--detailed-exitcode", "--no-details")
    assert plan.code == 0, plan.out + plan.err
    bench.assert_nothing_lost()


def errored(bench: Bench) -> Path:
    """Where Terraform leaves a state that it cannot store."""
    return bench.root / ".bsops/sandbox/tree/infrastructure/aws/environments/dev/errored.tfstate"


def test_a_state_that_s3_would_not_take_is_recovered_and_nothing_is_lost(bench: Bench) -> None:
    assert apply(bench).code == 0
    bench.write_chain(4)
    with bad_day(bench) as faults:
        faults.of, faults.status = state_writes, 403
        failed = apply(bench)
        assert failed.code == 1
        assert "NOT SAVED" in failed.err
        assert "next: bsops state recover dev --sandbox" in failed.said
        assert errored(bench).exists()
        refused = state(bench, "recover", "--yes")
        assert refused.code == 1
        assert "The state is as it was." in refused.said
        assert errored(bench).exists()
        faults.clear()
        recovered = done(bench, "recover", "--yes")
    assert recovered["added"] == ["aws_ssm_parameter.p02", "aws_ssm_parameter.p03"]
    assert recovered["unknown"] == []
    assert not errored(bench).exists()
    kept = done(bench, "backup", "--list")["backups"]
    assert recovered["kept"] in [backup["name"] for backup in kept]
    assert_nothing_to_change(bench)
    again = state(bench, "recover")
    assert again.code == 0
    assert "Nothing to store" in again.out
    assert "Nothing is lost" in again.out
