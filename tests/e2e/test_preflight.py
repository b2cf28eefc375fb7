"""Bad days of credentials, as an operator meets them: clear, in time, and before Terraform."""

import hashlib
import json
import re
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pexpect
import pytest

from bookstore_ops.journal import Ended, Journal
from tests.e2e.operators import KEYS, Operator
from tests.e2e.sts import Sts, serving
from tests.e2e.workspaces import BSOPS, Finished, make_bench
from tests.unit.support import program

ROLE = "arn:aws:iam::111111111111:role/deploy"
DEVICE = "arn:aws:iam::222222222222:mfa/ann"
SSO = """\
[profile legacy]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 111111111111
sso_role_name = deploy
[profile modern]
sso_session = shop
sso_account_id = 111111111111
sso_role_name = deploy
[profile above]
role_arn = arn:aws:iam::111111111111:role/deploy
source_profile = modern
[sso-session shop]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
"""
MFA = f"""\
[profile mfa]
role_arn = {ROLE}
source_profile = keys
mfa_serial = {DEVICE}
external_id = shop
[profile keys]
aws_access_key_id = AKIA
aws_secret_access_key = x
"""


@pytest.fixture
def operator(tmp_path: Path) -> Iterator[Operator]:
    """One whose credentials are of dev's account."""
    with serving(Sts(account="111111111111")) as sts:
        yield Operator(make_bench(tmp_path), sts)


def ending(**left: float) -> dict[str, str]:
    """Temporary keys that end so soon."""
    end = datetime.now(UTC) + timedelta(**left)
    return {
        **KEYS,
        "AWS_SESSION_TOKEN": "t",
        "AWS_CREDENTIAL_EXPIRATION": end.isoformat(timespec="seconds"),
    }


def home(operator: Operator) -> Path:
    return operator.bench.root.parent / "home" / ".aws"


class TestExpiry:
    def test_an_expired_session_is_refused(self, operator: Operator) -> None:
        operator.sts.refuse = ("ExpiredToken", "The security token included is expired")
        done = operator.run("plan", "dev", env=ending(minutes=-5))
        assert done.code == 5
        assert "the AWS credentials for dev have expired" in done.said
        assert "export new AWS_ACCESS_KEY_ID" in done.said
        assert operator.started == []

    def test_keys_known_to_have_ended_are_no_bug(self, operator: Operator) -> None:
        done = operator.run("plan", "dev", env=ending(minutes=-5))
        assert done.code == 5
        assert "the credentials expired at" in done.said

    def test_ten_minutes_warn_on_dev_and_go_on(self, operator: Operator) -> None:
        done = operator.run("apply", "dev", "--yes", env=ending(minutes=10))
        assert "Warning: the credentials may end before an apply does: they end at" in done.said
        assert "no apply of dev so far: 30 min are assumed" in done.said
        # It went on to Terraform, which here does nothing but tell.
        assert operator.started[0].startswith("init")

    @pytest.mark.parametrize("command", ["apply", "destroy"])
    def test_ten_minutes_refuse_where_it_is_protected(
        self, operator: Operator, command: str
    ) -> None:
        operator.sts.account = "333333333333"
        done = operator.run(command, "prod", env=ending(minutes=10))
        assert done.code == 5
        assert "the credentials for prod may end before an apply does" in done.said
        assert operator.started == []

    def test_a_plan_where_it_is_protected_only_warns(self, operator: Operator) -> None:
        operator.sts.account = "333333333333"
        done = operator.run("plan", "prod", env=ending(minutes=10))
        assert "Warning: the credentials may end before an apply does" in done.said
        assert operator.started[0].startswith("init")


class TestSso:
    @pytest.mark.parametrize(
        ("profile", "login"),
        [
            ("legacy", "aws sso login --profile legacy"),
            ("modern", "aws sso login --sso-session shop"),
            ("above", "aws sso login --sso-session shop"),
        ],
    )
    @pytest.mark.parametrize("cache", ["missing", "expired"])
    def test_no_login_says_exactly_how(
        self, operator: Operator, profile: str, login: str, cache: str
    ) -> None:
        operator.config = SSO
        if cache == "expired":
            token = {"accessToken": "x", "expiresAt": "2026-01-01T00:00:00Z"}
            for name in ("shop", "https://example.awsapps.com/start"):
                file = home(operator) / "sso" / "cache" / f"{sha1(name)}.json"
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(json.dumps(token))
        done = operator.run("plan", "dev", env={"AWS_PROFILE": profile}, keys=False)
        assert done.code == 5
        assert f"the login of profile {profile} is missing or has expired" in done.said
        assert done.err.endswith(f"next: {login}\nrunbook: bsops runbook run plan-refused dev\n")
        assert operator.started == []


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class TestRole:
    def test_it_is_assumed_under_a_name_that_tells_who_and_handed_on(
        self, operator: Operator
    ) -> None:
        operator.policy(f'role_arn = "{ROLE}"\nexternal_id = "shop-1"')
        operator.run("plan", "dev", env={"USER": "ann", "LOGNAME": "ann"})
        (asked,) = [a for a in operator.sts.asked if a["Action"] == "AssumeRole"]
        assert asked["RoleSessionName"] == "bsops-ann-plan"
        assert asked["ExternalId"] == "shop-1"
        got = operator.terraform_environ
        assert got["AWS_ACCESS_KEY_ID"] == "ASIAASSUMED"
        assert got["AWS_SESSION_TOKEN"] == "t"
        # In no file and in no argument.
        files = [path for path in operator.bench.root.rglob("*") if path.is_file()]
        assert not [path for path in files if b"ASIAASSUMED" in path.read_bytes()]
        assert "ASIAASSUMED" not in "\n".join(operator.started)

    def test_it_lasts_as_long_as_an_apply_does_if_aws_lets_it(self, operator: Operator) -> None:
        journal(operator, hours=2)
        operator.policy(f'role_arn = "{ROLE}"')
        operator.run("plan", "dev")
        (asked,) = [a for a in operator.sts.asked if a["Action"] == "AssumeRole"]
        assert int(asked["DurationSeconds"]) == 2 * 3600 + 15 * 60
        operator.sts.asked.clear()
        operator.sts.longest = 3600
        done = operator.run("plan", "dev")
        asked_for = [a.get("DurationSeconds") for a in operator.sts.asked][:2]
        assert asked_for == ["8100", None]
        assert "Warning: the credentials may end before an apply does" in done.said

    def test_terraform_calls_one_of_a_web_identity_the_same(self, operator: Operator) -> None:
        token = operator.bench.root.parent / "token"
        token.write_text("token")
        env = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(token), "AWS_ROLE_ARN": ROLE, "LOGNAME": "ann"}
        operator.run("plan", "dev", env=env, keys=False)
        asked = operator.sts.asked[0]
        assert asked["Action"] == "AssumeRoleWithWebIdentity"
        assert asked["RoleSessionName"] == "bsops-ann-plan"
        assert operator.terraform_environ["AWS_ROLE_SESSION_NAME"] == "bsops-ann-plan"
        assert "AWS_ACCESS_KEY_ID" not in operator.terraform_environ
        token.unlink()
        done = operator.run("plan", "dev", env=env, keys=False)
        assert done.code == 5
        assert f"No such file or directory: '{token}'" in done.said

    def test_one_that_may_not_be_assumed_says_who_asked(self, operator: Operator) -> None:
        operator.policy(f'role_arn = "{ROLE}"')
        operator.sts.refuse_action = "AssumeRole"
        operator.sts.refuse = (
            "AccessDenied",
            "User: arn:aws:iam::222222222222:user/ann is not authorized to perform: "
            f"sts:AssumeRole on resource: {ROLE}",
        )
        done = operator.run("plan", "dev")
        assert done.code == 5
        assert f"the role {ROLE} may not be assumed" in done.said
        assert "you are arn:aws:iam::222222222222:user/ann;" in done.said
        assert "environments/dev.toml" in done.said
        assert operator.started == []


class TestMfa:
    @pytest.mark.parametrize("where", ["profile", "environment"])
    def test_without_a_terminal_nobody_is_asked(self, operator: Operator, where: str) -> None:
        env = self._device(operator, where)
        done = operator.run("plan", "dev", env=env, keys=where == "environment")
        assert done.code == 5
        assert "a role for dev asks for an MFA code, and there is nobody to type it" in done.said
        assert DEVICE in done.said
        assert operator.started == []
        assert "AssumeRole" not in operator.sts.actions

    @pytest.mark.parametrize("where", ["profile", "environment"])
    def test_on_a_terminal_the_code_is_asked_for_once(self, operator: Operator, where: str) -> None:
        env = self._device(operator, where)
        own = {**operator.environ(), **(KEYS if where == "environment" else {}), **env}
        child = pexpect.spawn(
            str(BSOPS),
            ["plan", "dev"],
            cwd=str(operator.bench.root),
            env={**operator.bench.env(own), "LOGNAME": "ann", "TERM": "dumb"},
            encoding="utf-8",
            timeout=30,
            dimensions=(24, 200),
        )
        child.expect_exact(f"MFA code of {DEVICE}")
        child.sendline("123456")
        child.expect(pexpect.EOF)
        child.close()
        (asked,) = [a for a in operator.sts.asked if a["Action"] == "AssumeRole"]
        assert asked["TokenCode"] == "123456"
        assert asked["SerialNumber"] == DEVICE
        assert asked["RoleSessionName"] == "bsops-ann-plan"
        assert operator.started[0].startswith("init")
        got = operator.terraform_environ
        assert got["AWS_ACCESS_KEY_ID"] == "ASIAASSUMED"
        assert "AWS_PROFILE" not in got

    def test_keys_that_the_aws_cli_has_are_used(self, operator: Operator) -> None:
        env = self._device(operator, "profile")
        # https://github.com/boto/botocore/blob/develop/botocore/credentials.py: _create_cache_key
        arguments = {"ExternalId": "shop", "RoleArn": ROLE, "SerialNumber": DEVICE}
        file = home(operator) / "cli" / "cache" / f"{sha1(json.dumps(arguments))}.json"
        file.parent.mkdir(parents=True)
        keys = {"AccessKeyId": "ASIACACHED", "SecretAccessKey": "s", "SessionToken": "t"}
        end = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        file.write_text(json.dumps({"Credentials": {**keys, "Expiration": end}}))
        operator.run("plan", "dev", env=env, keys=False)
        assert operator.terraform_environ["AWS_ACCESS_KEY_ID"] == "ASIACACHED"
        assert [path.name for path in file.parent.iterdir()] == [file.name]

    def test_a_wrong_code_is_told_apart(self, operator: Operator) -> None:
        operator.sts.refuse_action = "AssumeRole"
        operator.sts.refuse = (
            "AccessDenied",
            "MultiFactorAuthentication failed with invalid MFA one time pass code.",
        )
        operator.policy(f'role_arn = "{ROLE}"')
        done = operator.run("plan", "dev")
        assert done.code == 5
        assert "AWS does not take the MFA code" in done.said

    def _device(self, operator: Operator, where: str) -> dict[str, str]:
        operator.config = MFA
        if where == "profile":
            return {"AWS_PROFILE": "mfa"}
        operator.policy(f'role_arn = "{ROLE}"\nmfa_serial = "{DEVICE}"')
        return {}


class TestProfile:
    def test_terraform_gets_the_profile_itself(self, operator: Operator) -> None:
        operator.config = "[profile shop]\naws_access_key_id = AKIA\naws_secret_access_key = x\n"
        operator.policy('profile = "shop"')
        operator.run("plan", "dev", keys=False)
        got = operator.terraform_environ
        assert got["AWS_PROFILE"] == "shop"
        assert got["AWS_REGION"] == "eu-west-1"
        assert "AWS_ACCESS_KEY_ID" not in got

    def test_keys_that_come_before_a_profile_are_named(self, operator: Operator) -> None:
        operator.config = "[profile shop]\naws_access_key_id = AKIA\naws_secret_access_key = x\n"
        operator.policy('profile = "shop"')
        operator.sts.account = "999999999999"
        done = operator.run("plan", "dev")
        assert done.code == 5
        assert "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN" in done.said
        assert "these keys come before profile shop" in done.said

    def test_a_program_that_gives_credentials_is_run_once(self, operator: Operator) -> None:
        log = operator.bench.root.parent / "gave"
        script = program(
            operator.bench.root.parent / "give",
            f"""\
            #!{sys.executable}
            open({str(log)!r}, "a").write("x")
            print('{{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"}}')
            """,
        )
        operator.config = f"[profile program]\ncredential_process = {script}\n"
        operator.run("plan", "dev", env={"AWS_PROFILE": "program"}, keys=False)
        assert log.read_text() == "x"
        assert operator.terraform_environ["AWS_PROFILE"] == "program"

    def test_one_that_fails_says_so(self, operator: Operator) -> None:
        process = "sh -c 'echo locked >&2; exit 1'"
        operator.config = f"[profile program]\ncredential_process = {process}\n"
        done = operator.run("plan", "dev", env={"AWS_PROFILE": "program"}, keys=False)
        assert done.code == 5
        assert "the credential_process of profile program failed" in done.said
        assert "locked" in done.said


class TestSts:
    def test_out_of_reach(self, operator: Operator) -> None:
        operator.sts.url = "http://127.0.0.1:9"
        done, seconds = timed(operator)
        assert done.code == 5
        assert "AWS cannot be reached (dev)" in done.said
        assert "bsops doctor dev --only Network" in done.said
        assert seconds < 10

    def test_too_slow(self, operator: Operator) -> None:
        operator.sts.delay = 60
        done, seconds = timed(operator)
        assert done.code == 5
        assert "AWS gave no answer in time (dev)" in done.said
        assert seconds < 30

    def test_slow_but_there(self, operator: Operator) -> None:
        operator.sts.delay = 3
        operator.run("plan", "dev")
        assert operator.started[0].startswith("init")

    @pytest.mark.parametrize(
        ("code", "message", "said"),
        [
            ("AccessDenied", "explicit deny", "AWS refuses to say who you are (dev)"),
            ("InvalidClientTokenId", "invalid", "AWS does not know the access key for dev"),
            ("SignatureDoesNotMatch", "The request signature", "the secret key for dev does not"),
            ("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than", "clock is wrong"),
            ("RequestExpired", "Request has expired", "this machine's clock is wrong"),
        ],
    )
    def test_refusals_are_told_apart(
        self, operator: Operator, code: str, message: str, said: str
    ) -> None:
        operator.sts.refuse = (code, message)
        done = operator.run("plan", "dev")
        assert done.code == 5
        assert said in done.said
        assert operator.started == []

    def test_a_clock_ten_minutes_off(self, operator: Operator) -> None:
        operator.sts.clock = timedelta(minutes=-10)
        operator.sts.refuse = ("SignatureDoesNotMatch", "Signature not yet current")
        done = operator.run("plan", "dev")
        assert done.code == 5
        assert re.search(r"this machine's clock is 60[0-9] s ahead: AWS refuses what", done.said)
        assert "timedatectl status" in done.said
        operator.sts.refuse = None
        assert operator.run("plan", "dev").code == 7
        assert operator.started == []


def timed(operator: Operator) -> tuple[Finished, float]:
    began = time.monotonic()
    done = operator.run("plan", "dev")
    return done, time.monotonic() - began


def journal(operator: Operator, *, hours: float) -> None:
    """An apply of dev that took so long."""
    operator.bench.workspace.make_data_directory()
    book = Journal(operator.bench.workspace.journal)
    book.start("r", "apply", [], "dev", sandbox=False)
    book.end(Ended(run="r", time="t", outcome="done", exit_code=0, elapsed_seconds=hours * 3600))
