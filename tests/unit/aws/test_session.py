"""Identity and credentials, asked of a fake AWS from the very environment Terraform gets."""

import getpass
import json
import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from bookstore_ops.aws.refusals import Unanswered
from bookstore_ops.aws.session import Access, ask_identity, client, open_access
from bookstore_ops.environments import Environment
from bookstore_ops.errors import CredentialsError
from bookstore_ops.exit_codes import ExitCode
from tests.unit.support import environ, environment

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"
STS = {"sts": "eu-west-1"}
KEYS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}


@pytest.fixture
def variables(aws_server: str) -> dict[str, str]:
    return environ(
        AWS_ENDPOINT_URL=aws_server,
        AWS_ACCESS_KEY_ID="fake",
        AWS_SECRET_ACCESS_KEY="fake",
        NO_PROXY="127.0.0.1",
    )


def opened(policy: Environment, variables: dict[str, str], command: str = "plan") -> Access:
    return open_access(policy, variables, command, STS)


def arn(policy: Environment, variables: dict[str, str], command: str = "plan") -> str:
    return str(ask_identity(policy, opened(policy, variables, command))["Arn"])


def nobody(**more: str) -> dict[str, str]:
    """An environment in which there are no credentials."""
    return environ(
        AWS_EC2_METADATA_DISABLED="true",
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        **more,
    )


class TestIdentity:
    def test_aws_says_who_we_are(self, variables: dict[str, str]) -> None:
        assert ACCOUNT in arn(environment(), variables)

    def test_without_credentials_the_next_step_is_to_get_some(self) -> None:
        access = opened(environment(), nobody())
        assert access.credentials is None
        with pytest.raises(CredentialsError, match="no usable AWS credentials for dev") as raised:
            ask_identity(environment(), access)
        assert raised.value.exit_code == ExitCode.CREDENTIALS
        assert "Unable to locate credentials" in str(raised.value.why)
        assert "--sandbox" in str(raised.value.next_step)

    @pytest.mark.parametrize(
        ("policy", "said"),
        [
            (environment(), "AWS_PROFILE names it"),
            (environment(profile="missing"), "environments/dev.toml names it"),
        ],
    )
    def test_a_profile_that_is_not_there_is_named_and_who_names_it(
        self, policy: Environment, said: str
    ) -> None:
        with pytest.raises(CredentialsError, match="there is no AWS profile missing") as raised:
            opened(policy, nobody(AWS_PROFILE="missing"))
        assert said in str(raised.value.why)
        assert raised.value.next_step == "aws configure list-profiles"

    def test_out_of_reach_is_told_apart(self) -> None:
        keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y"}
        nowhere = nobody(AWS_ENDPOINT_URL="http://127.0.0.1:9", **keys)
        with pytest.raises(Unanswered):
            arn(environment(), nowhere)
        with pytest.raises(Unanswered):
            opened(environment(role_arn=ROLE), nowhere)


class TestCredentials:
    def test_region_and_session_name_are_always_the_environments(
        self, variables: dict[str, str]
    ) -> None:
        access = opened(environment(), {**variables, "AWS_REGION": "us-east-1"})
        new = {k: v for k, v in access.environ.items() if variables.get(k) != v}
        user = getpass.getuser()
        assert new == {"AWS_REGION": "eu-west-1", "AWS_ROLE_SESSION_NAME": f"bsops-{user}-plan"}

    def test_a_profile_is_named_to_terraform(self, tmp_path: Path) -> None:
        config = tmp_path / "config"
        config.write_text("[profile shop-dev]\naws_access_key_id = a\naws_secret_access_key = b\n")
        profile = nobody() | {"AWS_CONFIG_FILE": str(config)}
        access = opened(environment(profile="shop-dev"), profile)
        assert access.environ["AWS_PROFILE"] == "shop-dev"
        assert not KEYS & access.environ.keys()

    def test_a_role_is_assumed_and_its_keys_are_handed_on(
        self, variables: dict[str, str], tmp_path: Path
    ) -> None:
        config = tmp_path / "config"
        config.write_text("[profile shop]\n")
        own = {"AWS_PROFILE": "shop", "AWS_CONFIG_FILE": str(config)}
        access = opened(environment(role_arn=ROLE), variables | own)
        assert access.environ.keys() >= KEYS
        assert access.environ["AWS_ACCESS_KEY_ID"] != variables["AWS_ACCESS_KEY_ID"]
        assert "AWS_PROFILE" not in access.environ
        assert access.ends is not None
        assert not access.renewed
        user = getpass.getuser()
        found = ask_identity(environment(role_arn=ROLE), access)["Arn"]
        assert found.endswith(f":assumed-role/deploy/bsops-{user}-plan")

    def test_a_user_of_any_name_has_a_valid_session_name(
        self, variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LOGNAME", "CORP\\jürgen müller" + "x" * 80)
        name = arn(environment(role_arn=ROLE), variables).rpartition("/")[2]
        assert len(name) == 64
        assert name.startswith("bsops-CORP-j-rgen-m-ller")

    def test_keys_show_when_they_end_and_nothing_of_themselves(
        self, variables: dict[str, str]
    ) -> None:
        end = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=10)
        more = {"AWS_SESSION_TOKEN": "t0ken", "AWS_CREDENTIAL_EXPIRATION": end.isoformat()}
        access = opened(environment(), variables | more)
        assert access.expires() == end
        assert access.is_temporary
        assert "t0ken" not in repr(access)

    @pytest.mark.parametrize("profile", ["login", "above"])
    @pytest.mark.parametrize("refreshed", [True, False])
    def test_a_login_ends_unless_it_is_renewed(
        self, tmp_path: Path, profile: str, refreshed: bool
    ) -> None:
        config = tmp_path / ".aws" / "config"
        token = (
            tmp_path
            / ".aws"
            / "sso"
            / "cache"
            / f"{sha1(b'shop', usedforsecurity=False).hexdigest()}.json"
        )
        token.parent.mkdir(parents=True)
        config.write_text(
            "[profile login]\nsso_session = shop\nsso_account_id = 1\nsso_role_name = r\n"
            f"[profile above]\nrole_arn = {ROLE}\nsource_profile = login\n"
            "[sso-session shop]\nsso_start_url = https://x.invalid\nsso_region = eu-west-1\n"
        )
        said = {"accessToken": "x", "expiresAt": "2030-01-31T12:00:00Z"}
        token.write_text(json.dumps(said | ({"refreshToken": "y"} if refreshed else {})))
        own = {**nobody(AWS_PROFILE=profile), "HOME": str(tmp_path)}
        access = opened(environment(), {k: v for k, v in own.items() if k != "AWS_CONFIG_FILE"})
        assert access.renewed is refreshed
        end = None if refreshed else datetime(2030, 1, 31, 12, tzinfo=UTC)
        assert access.ends == end

    def test_a_role_of_a_profile_is_renewed(self, tmp_path: Path) -> None:
        config = tmp_path / "config"
        config.write_text(
            f"[profile role]\nrole_arn = {ROLE}\nsource_profile = keys\n"
            "[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
        )
        access = opened(environment(profile="role"), nobody() | {"AWS_CONFIG_FILE": str(config)})
        assert access.method == "assume-role"
        assert access.renewed


class TestMachines:
    """What a container or an instance is given by a server beside it."""

    @pytest.fixture
    def beside(self) -> Iterator[str]:
        end = (datetime.now(UTC) + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
        keys = {"AccessKeyId": "a", "SecretAccessKey": "b", "Token": "c", "Expiration": end}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                names = self.path.endswith("security-credentials/")
                body = "deploy" if names else json.dumps({"Code": "Success", **keys})
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            do_PUT = do_GET  # noqa: N815  (the token of version 2)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        server.server_close()

    @pytest.mark.parametrize(
        ("variable", "method"),
        [
            ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "container-role"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "iam-role"),
        ],
    )
    def test_are_left_to_terraform_which_renews_them(
        self, beside: str, variable: str, method: str
    ) -> None:
        own = {**nobody(), variable: f"{beside}/", "NO_PROXY": "127.0.0.1"}
        del own["AWS_EC2_METADATA_DISABLED"]
        access = opened(environment(), own)
        assert access.method == method
        assert access.renewed
        assert access.expires() is not None
        assert not KEYS & access.environ.keys()


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

    def test_keys_that_have_ended_are_for_aws_to_refuse(self, variables: dict[str, str]) -> None:
        ended = {"AWS_SESSION_TOKEN": "t", "AWS_CREDENTIAL_EXPIRATION": "2026-01-01T00:00:00Z"}
        made = client("sts", "eu-west-1", variables | ended)
        assert made.get_caller_identity()["Account"] == ACCOUNT
