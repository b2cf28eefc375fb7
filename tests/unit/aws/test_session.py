"""Identity and credentials, asked of a fake AWS from the very environment Terraform gets."""

import getpass
import os
from pathlib import Path

import pytest

from bookstore_ops.aws.session import check_account, client, credentials_for
from bookstore_ops.errors import CredentialsError
from bookstore_ops.exit_codes import ExitCode
from tests.unit.support import environ, environment

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


@pytest.fixture
def variables(aws_server: str) -> dict[str, str]:
    return environ(
        AWS_ENDPOINT_URL=aws_server,
        AWS_ACCESS_KEY_ID="fake",
        AWS_SECRET_ACCESS_KEY="fake",
        NO_PROXY="127.0.0.1",
    )


class TestAccount:
    def test_the_environments_own_is_let_through(self, variables: dict[str, str]) -> None:
        identity = check_account(environment(account_id=ACCOUNT), variables)
        assert identity.account == ACCOUNT
        assert ACCOUNT in identity.arn

    def test_any_other_is_refused_with_both_named(self, variables: dict[str, str]) -> None:
        with pytest.raises(CredentialsError) as raised:
            check_account(environment(), variables)
        assert raised.value.exit_code == ExitCode.CREDENTIALS
        assert raised.value.what == (
            f"these credentials are of account {ACCOUNT}, but dev is account 111111111111"
        )
        assert "environments/dev.toml" in str(raised.value.next_step)

    @pytest.mark.parametrize(
        ("more", "why"),
        [
            pytest.param({}, "Unable to locate credentials", id="none"),
            pytest.param({"AWS_PROFILE": "missing"}, "missing", id="a profile that is not there"),
            pytest.param(
                {
                    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
                    "AWS_ACCESS_KEY_ID": "x",
                    "AWS_SECRET_ACCESS_KEY": "y",
                },
                "Could not connect",
                id="AWS out of reach",
            ),
        ],
    )
    def test_without_usable_credentials_the_next_step_is_to_log_in(
        self, more: dict[str, str], why: str
    ) -> None:
        nobody = environ(
            AWS_EC2_METADATA_DISABLED="true",
            AWS_CONFIG_FILE=os.devnull,
            AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        )
        with pytest.raises(CredentialsError) as raised:
            check_account(environment(), nobody | more)
        assert why in str(raised.value.why)
        assert "--sandbox" in str(raised.value.next_step)

    def test_the_profile_to_log_in_with_is_named(self) -> None:
        with pytest.raises(CredentialsError) as raised:
            check_account(
                environment(profile="shop-dev"),
                environ(AWS_PROFILE="shop-dev", AWS_CONFIG_FILE=os.devnull),
            )
        assert str(raised.value.next_step).startswith("aws sso login --profile shop-dev")


class TestCredentials:
    def test_the_region_is_always_the_environments(self, variables: dict[str, str]) -> None:
        assert credentials_for(environment(), variables, "plan") == {"AWS_REGION": "eu-west-1"}

    def test_a_profile_is_named_to_terraform(self, variables: dict[str, str]) -> None:
        found = credentials_for(environment(profile="shop-dev"), variables, "plan")
        assert found == {"AWS_REGION": "eu-west-1", "AWS_PROFILE": "shop-dev"}

    def test_a_role_is_assumed_and_its_keys_are_handed_on(self, variables: dict[str, str]) -> None:
        found = credentials_for(environment(role_arn=ROLE), variables, "plan")
        assert set(found) == {
            "AWS_REGION",
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
        }
        identity = check_account(environment(account_id=ACCOUNT), variables | found)
        assert identity.arn.endswith(f":assumed-role/deploy/bsops-{getpass.getuser()}-plan")

    def test_a_user_of_any_name_has_a_valid_session_name(
        self, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOGNAME", "CORP\\jürgen müller" + "x" * 80)
        found = credentials_for(environment(role_arn=ROLE), variables, "plan")
        arn = check_account(environment(account_id=ACCOUNT), variables | found).arn
        name = arn.rpartition("/")[2]
        assert len(name) == 64
        assert name.startswith("bsops-CORP-j")

    def test_a_role_that_cannot_be_assumed_is_an_error_of_credentials(self) -> None:
        nowhere = environ(
            AWS_ENDPOINT_URL="http://127.0.0.1:9",
            AWS_ACCESS_KEY_ID="x",
            AWS_SECRET_ACCESS_KEY="y",
        )
        with pytest.raises(CredentialsError, match="no usable AWS credentials for dev"):
            credentials_for(environment(role_arn=ROLE), nowhere, "plan")


class TestClients:
    def test_a_client_sees_the_environment_given_and_not_our_own(
        self, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("AWS_PROFILE", "missing")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ours")
        credentials = tmp_path / "credentials"
        credentials.write_text("[x]\naws_access_key_id = theirs\naws_secret_access_key = y\n")
        theirs = {name: value for name, value in variables.items() if "KEY" not in name}
        theirs |= {"AWS_PROFILE": "x", "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
        assert client("sts", "eu-west-1", theirs).get_caller_identity()["Account"] == ACCOUNT

    def test_our_own_environment_is_untouched(self, variables: dict[str, str]) -> None:
        before = dict(os.environ)
        client("s3", "eu-west-1", variables)
        assert dict(os.environ) == before

    def test_it_is_untouched_by_a_failure_too(self) -> None:
        before = dict(os.environ)
        with pytest.raises(Exception, match="missing"):
            client("s3", "eu-west-1", environ(AWS_PROFILE="missing"))
        assert dict(os.environ) == before
