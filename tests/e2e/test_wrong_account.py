"""Two accounts, the wrong one active: every command that touches AWS, refused before Terraform."""

import subprocess
from collections.abc import Iterator

import pytest

from bookstore_ops.bootstrap.backend_file import render, wanted_backend
from bookstore_ops.environments import load_environment
from docs.generate_commands import command_line, walk
from tests.e2e.operators import KEYS, Operator
from tests.e2e.sts import Sts, serving
from tests.e2e.test_runbook_runs import run_of, write_page
from tests.e2e.workspaces import BSOPS, make_bench
from tests.unit.runbooks.support import step

# A shared run that is not on this machine.
ELSEWHERE = "20261126T120000-waits-dev-ab12"

# Every command is in one of these two tables; a new one fails a test until it is.
TOUCHES_AWS = {
    "plan": "plan dev",
    "apply": "apply dev --yes",
    "destroy": "destroy dev --yes",
    "show": "show dev",
    "drift": "drift dev",
    "graph": "graph dev",
    "output": "output dev",
    "import": "import dev aws_ssm_parameter.p00 /chain/00 --yes",
    "init": "init dev",
    "bootstrap": "bootstrap dev --yes",
    "validate": "validate dev",
    "lock": "lock dev",
    "locks": "locks",
    "unlock": "unlock dev --yes",
    "doctor": "doctor dev --only Credentials --only Account",
    "state list": "state list dev",
    "state show": "state show dev aws_ssm_parameter.p00",
    "state mv": "state mv dev aws_ssm_parameter.p00 aws_ssm_parameter.p01 --yes",
    "state rm": "state rm dev aws_ssm_parameter.p00 --yes",
    "state import": "state import dev aws_ssm_parameter.p00 /chain/00 --yes",
    "state pull": "state pull dev",
    "state push": "state push dev environments/dev.toml --yes",
    "state backup": "state backup dev",
    "state restore": "state restore dev --yes",
    "state versions": "state versions dev",
    "state recover": "state recover dev --yes",
    "state repair-digest": "state repair-digest dev --yes",
    "state orphans": "state orphans dev",
    "policy check": "policy check dev",
    "runbook run": "runbook run waits dev --yes",
    "runbook resume": "runbook resume RUN --yes",
    "runbook undo": "runbook undo RUN --yes",
    "backup list": "backup list dev",
    "runbook watch": f"runbook watch {ELSEWHERE}",
    "runbook report": f"runbook report {ELSEWHERE}",
    "backup create": "backup create dev rds --yes",
    "backup restore": "backup restore dev rds --yes",
    "backup adopt": "backup adopt dev rds one --yes",
    "backup copy": "backup copy dev one --to-region eu-central-1 --yes",
    "backup verify": "backup verify dev rds --yes",
    "release status": "release status dev",
    "release start": "release start dev catalog --image 1.0.0 --yes",
    "release resume": "release resume dev catalog",
    "release promote": "release promote dev catalog",
    "release pause": "release pause dev catalog",
    "release abort": "release abort dev catalog --yes",
    "release rollback": "release rollback dev catalog --yes",
    "release history": "release history dev",
    "release diff": "release diff dev catalog --image 1.0.0",
    "load": "load dev catalog --rate 10 --for 10s --yes",
    "dr status": "dr status dev",
    "dr rehearse": "dr rehearse dev",
    "dr failover": "dr failover dev --yes",
    "idle": "idle dev",
    "flags list": "flags list dev",
    "flags set": "flags set dev catalog beta on --yes",
    "flags rollout": "flags rollout dev catalog beta --yes",
    "flags resume": "flags resume dev catalog beta",
    "flags promote": "flags promote dev catalog beta --yes",
    "flags abort": "flags abort dev catalog beta --yes",
}
NEVER_TOUCHES_AWS = {
    "new": "writes files",
    "envs": "says what is on this machine",
    "timeouts": "reads and writes files of the tree",
    "fmt": "formats files",
    "history": "reads the journal",
    "version": "asks programs for their versions",
    "config show": "explains settings",
    "tfvars new": "writes values",
    "tfvars check": "reads values; Terraform validates without the backend",
    "tfvars diff": "reads values",
    "tfvars set": "writes values",
    "tfvars sync": "reads values and variables",
    "tfvars explain": "reads values and variables",
    "policy list": "reads policies",
    "runbook list": "reads pages",
    "runbook show": "reads pages",
    "runbook lint": "reads pages",
    "runbook new": "writes a page",
    "runbook export": "writes a document",
    "runbook history": "reads records; a bucket that it may not ask is a warning",
    "policy test": "reads policies and their fixtures",
    "support bundle": "tells what doctor finds, in any account",
    "sandbox start": "is about the fake AWS",
    "sandbox status": "is about the fake AWS",
    "sandbox reset": "is about the fake AWS",
    "sandbox push": "is about the fake AWS",
    "sandbox stop": "is about the fake AWS",
}

REPLICA = """\
variable "replica_region" {
  type    = string
  default = "eu-central-1"
}
"""


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """One whose credentials are of account 999999999999, in a workspace that is bootstrapped."""
    bench = make_bench(tmp_path_factory.mktemp("wrong"))
    backend = render(wanted_backend(load_environment(bench.workspace, "dev")), "dev")
    (bench.environment_root("dev") / "backend.tf").write_text(backend)
    (bench.environment_root("dev") / "replica.tf").write_text(REPLICA)
    write_page(bench, "region-lost", step("text {name=hand manual}", "Ask somebody.\n"))
    write_page(bench, "waits", step("text {name=hand manual}", "Ask somebody.\n"))
    with serving(Sts(account="111111111111")) as sts:
        operator = Operator(bench, sts)
        begun = operator.run("runbook", "run", "waits", "dev", "--yes")
        assert "waits for a person" in begun.said
        sts.account = "999999999999"
        yield operator


def test_no_command_is_forgotten() -> None:
    commands = {" ".join(path[1:]) for path, command in walk(command_line()) if is_leaf(command)}
    assert commands - {""} == TOUCHES_AWS.keys() | NEVER_TOUCHES_AWS.keys()
    assert not TOUCHES_AWS.keys() & NEVER_TOUCHES_AWS.keys()


def is_leaf(command: object) -> bool:
    return not hasattr(command, "commands")


@pytest.mark.parametrize("name", TOUCHES_AWS)
def test_it_is_refused_before_terraform_starts(operator: Operator, name: str) -> None:
    run = run_of(operator.bench, "waits")
    operator.sts.asked.clear()
    done = operator.run(*TOUCHES_AWS[name].replace("RUN", run).split())
    assert done.code == 5, done.err
    assert "of account 999999999999, but dev is account 111111111111" in " ".join(
        (done.out + done.err).split()
    )
    assert operator.started == []
    # Nothing of the other account was read; but doctor says its alias, too.
    assert name == "doctor" or operator.sts.actions == {"GetCallerIdentity"}


def test_without_standard_input_it_is_refused_too(operator: Operator) -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f"{BSOPS} plan dev <&-"],
        cwd=operator.bench.root,
        env=operator.bench.env({**operator.environ(), **KEYS}),
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 5
    assert "but dev is account 111111111111" in " ".join(done.stderr.split())


def test_the_history_of_runbooks_says_that_it_is_of_this_machine_only(operator: Operator) -> None:
    operator.sts.asked.clear()
    done = operator.run("runbook", "history", "dev")
    assert (done.code, "these are the runs of this machine" in done.said) == (0, True)
    assert operator.sts.actions == {"GetCallerIdentity"}


def test_what_never_touches_aws_asks_nobody(operator: Operator) -> None:
    operator.sts.asked.clear()
    for words in ("envs", "history", "config show dev", "version", "tfvars explain size"):
        operator.run(*words.split())
    assert operator.sts.asked == []
