"""A look for credentials from a process of its own, in both ways to make one."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from bookstore_ops.aws import asker, look
from bookstore_ops.aws.look import Asked, Look
from bookstore_ops.aws.refusals import CodeWanted, Unanswered
from tests.unit.support import environ, environment, program

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


@pytest.fixture(params=[True, False], ids=["a copy of this process", "a Python of its own"])
def _either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asker, "FORKS", request.param)


@pytest.fixture
def variables(aws_server: str) -> dict[str, str]:
    return environ(
        AWS_ENDPOINT_URL=aws_server,
        AWS_ACCESS_KEY_ID="fake",
        AWS_SECRET_ACCESS_KEY="fake",
        NO_PROXY="127.0.0.1",
    )


@pytest.mark.usefixtures("_either_way")
class TestAnswer:
    def test_says_who_we_are_and_what_terraform_gets(self, variables: dict[str, str]) -> None:
        answer = Look(Asked(environment(role_arn=ROLE), variables, "plan")).answer()
        assert answer.problem is None
        assert answer.identity is not None
        assert answer.access is not None
        assert answer.identity["Account"] == ACCOUNT
        assert (datetime.now(UTC) - answer.identity["Received"]).total_seconds() < 60
        assert answer.access.role_arn == ROLE
        assert answer.access.is_temporary
        assert answer.access.environ["AWS_ACCESS_KEY_ID"].startswith("ASIA")
        assert answer.access.environ["PATH"] == variables["PATH"]

    def test_tells_what_is_wrong_as_what_it_is(self, variables: dict[str, str]) -> None:
        nowhere = variables | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
        assert isinstance(Look(Asked(environment(), nowhere, "plan")).answer().problem, Unanswered)
        device = f"arn:aws:iam::{ACCOUNT}:mfa/ann"
        policy = environment(role_arn=ROLE, mfa_serial=device)
        problem = Look(Asked(policy, variables, "plan")).answer().problem
        assert isinstance(problem, CodeWanted)
        assert problem.serial == device

    def test_what_hangs_is_ended(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(look, "DEADLINE_SECONDS", 2)
        script = program(tmp_path / "hang", f"#!{sys.executable}\nimport time\ntime.sleep(60)\n")
        config = tmp_path / "config"
        config.write_text(f"[default]\ncredential_process = {script}\n")
        problem = Look(Asked(environment(), environ(AWS_CONFIG_FILE=str(config)), "plan")).answer()
        assert "could not be had within 2 s" in str(problem.problem)

    def test_an_unwanted_one_leaves_no_process(self, variables: dict[str, str]) -> None:
        before = psutil.Process().children()
        begun = Look(Asked(environment(), variables, "plan"))
        begun.abandon()
        begun.abandon()
        assert psutil.Process().children() == before

    def test_one_that_was_begun_early_is_taken(self, variables: dict[str, str]) -> None:
        asker.begin_early()
        asker.begin_early()
        answer = Look(Asked(environment(), variables, "plan")).answer()
        assert answer.identity is not None
        assert answer.identity["Account"] == ACCOUNT
        again = Look(Asked(environment(), variables, "plan")).answer()
        assert again.identity is not None
