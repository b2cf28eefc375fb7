"""Each check that asks AWS fails for its own reason."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bookstore_ops.aws.session import Access, ask_identity, open_access
from bookstore_ops.bootstrap.backend_file import Backend
from bookstore_ops.errors import CredentialsError, OperationFailed
from bookstore_ops.journal import Ended, Journal
from bookstore_ops.locks.liveness import Liveness
from bookstore_ops.preflight.check import Once, Status
from bookstore_ops.preflight.context import Aws, StateLock
from bookstore_ops.preflight.credentials import usual_apply_seconds
from tests.unit.preflight.support import NOW, Ground, answers, once, refuses
from tests.unit.support import environ, environment, program

ACCOUNT = "123456789012"
SERVICES = dict.fromkeys(("sts", "iam", "ec2", "s3", "kms", "dynamodb"), "eu-west-1")
ROLE = f"arn:aws:iam::{ACCOUNT}:role/deploy"


@dataclass
class Credentials:
    """Credentials as botocore has them."""

    token: str | None = None
    _expiry_time: datetime | None = None


class Client:
    """A client that gives one answer to everything, or raises it."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __getattr__(self, _: str) -> Callable[..., Any]:
        def call(**_: Any) -> Any:
            if isinstance(self._answer, Exception):
                raise self._answer
            return self._answer

        return call


def denied(code: str = "AccessDenied") -> Exception:
    from botocore.exceptions import ClientError

    status = 404 if code.startswith("NoSuch") else 403
    metadata: Any = {"HTTPStatusCode": status}
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": metadata}
    error: Exception = ClientError(answer, "Anything")
    return error


def identity(**more: Any) -> dict[str, Any]:
    """An answer of STS, given at noon."""
    headers = {"date": "Thu, 26 Nov 2026 12:00:00 GMT"}
    arn = f"arn:aws:iam::{ACCOUNT}:user/ann"
    answer = {"Account": ACCOUNT, "Arn": arn, "Received": NOW}
    return {**answer, "ResponseMetadata": {"HTTPHeaders": headers}, **more}


def in_aws(
    well: Ground,
    *,
    credentials: Any = None,
    method: str = "env",
    clients: dict[str, Any] | None = None,
    answer: Any = None,
    variables: dict[str, str] | None = None,
    **more: Any,
) -> Ground:
    """A ground whose AWS answers as told."""
    access = Access(variables or {}, credentials or Credentials(), method, clients or {})
    aws = Aws(access, None, once(answer or identity()), **more)
    policy = environment(account_id=ACCOUNT)
    return Ground(replace(well.context, environment=policy, aws=aws), well.environ)


@pytest.fixture
def variables(aws_server: str) -> dict[str, str]:
    return environ(
        AWS_ENDPOINT_URL=aws_server,
        AWS_ACCESS_KEY_ID="fake",
        AWS_SECRET_ACCESS_KEY="fake",
        NO_PROXY="127.0.0.1",
    )


class TestCredentials:
    @pytest.mark.parametrize(
        ("method", "said"),
        [
            ("env", "environment variables"),
            ("sso", "an SSO login"),
            ("assume-role", "a role"),
            ("container-role", "the container's role"),
            ("iam-role", "the instance's role"),
            ("custom-process", "a credential_process"),
            ("something-new", "something-new"),
        ],
    )
    def test_are_found_and_from_where(self, well: Ground, method: str, said: str) -> None:
        found = in_aws(well, method=method).at("BS401")
        assert found.status is Status.OK
        assert f"from {said}" in found.what

    def test_of_a_profile_and_of_a_process_are_told_apart(
        self, well: Ground, tmp_path: Path
    ) -> None:
        script = program(
            tmp_path / "process",
            f"""\
            #!{sys.executable}
            print('{{"Version": 1, "AccessKeyId": "a", "SecretAccessKey": "b"}}')
            """,
        )
        config = tmp_path / "config"
        config.write_text(
            f"[profile process]\ncredential_process = {script}\n"
            "[profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n"
        )
        for profile, said in (
            ("process", "from a credential_process, profile process"),
            ("keys", "from the AWS configuration file, profile keys"),
        ):
            policy = environment(profile=profile)
            access = open_access(policy, environ(AWS_CONFIG_FILE=str(config)), "doctor", {})
            aws = Aws(access, None, once(identity()))
            found = well.at("BS401", environment=policy, aws=aws)
            assert (found.status, found.what) == (Status.OK, said)

    def test_that_are_missing_are_an_error_with_how_to_log_in(self, well: Ground) -> None:
        nobody = environ(AWS_EC2_METADATA_DISABLED="true")
        access = open_access(environment(), nobody, "doctor", SERVICES)
        assert access.credentials is None
        aws = Aws(access, None, once(CredentialsError("there are no credentials")))
        found = well.at("BS401", aws=aws)
        assert found.status is Status.ERROR
        assert str(found.next_step).startswith("aws configure")
        with_profile = well.at("BS401", aws=aws, environment=environment(profile="shop"))
        assert str(with_profile.next_step).startswith("aws configure --profile shop")
        for code in ("BS402", "BS403", "BS404", "BS501", "BS502", "BS503"):
            assert well.at(code, aws=aws).status is Status.UNKNOWN

    def test_of_a_profile_that_is_not_there_are_an_error(self, well: Ground) -> None:
        with pytest.raises(CredentialsError) as raised:
            open_access(environment(profile="missing"), environ(), "doctor", {})
        aws = Aws(None, raised.value, once(raised.value))
        found = well.at("BS401", aws=aws)
        assert found.status is Status.ERROR
        assert "missing" in str(found.why)

    def test_that_take_too_long_are_unknown(self, well: Ground) -> None:
        late = OperationFailed("looking for credentials: no answer within 6 s")
        found = well.at("BS401", aws=Aws(None, late, once(late)))
        assert found.status is Status.UNKNOWN

    def test_of_a_role_say_which_and_when_it_ends(
        self, well: Ground, variables: dict[str, str]
    ) -> None:
        policy = environment(account_id=ACCOUNT, role_arn=ROLE)
        access = open_access(policy, variables, "doctor", SERVICES)
        aws = Aws(access, None, once(identity()))
        found = well.at("BS401", environment=policy, aws=aws)
        assert found.what == f"from environment variables, assuming {ROLE}"
        assert access.expires() is not None
        assert "assumed-role/deploy/bsops-" in ask_identity(policy, access)["Arn"]

    def test_that_aws_does_not_take_are_an_error(self, well: Ground) -> None:
        expired = CredentialsError("no usable AWS credentials", why="ExpiredToken")
        found = in_aws(well, answer=expired).at("BS402")
        assert (found.status, found.why) == (Status.ERROR, "ExpiredToken")
        assert in_aws(well).at("BS402").what.endswith("user/ann")

    @pytest.mark.parametrize("role", [None, ROLE])
    def test_where_aws_is_out_of_reach_are_unknown(
        self, well: Ground, variables: dict[str, str], role: str | None
    ) -> None:
        variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
        policy = environment(role_arn=role)
        if role:
            with pytest.raises(CredentialsError) as raised:
                open_access(policy, variables, "doctor", SERVICES)
            aws = Aws(None, raised.value, once(raised.value))
            assert well.at("BS401", aws=aws).status is Status.UNKNOWN
            return
        access = open_access(policy, variables, "doctor", SERVICES)
        aws = Aws(access, None, Once(lambda: ask_identity(policy, access)))
        found = well.at("BS402", aws=aws)
        assert (found.status, found.what) == (Status.UNKNOWN, "AWS cannot be reached (dev)")
        assert found.next_step == "bsops doctor dev --only Network"


class TestExpiry:
    @pytest.fixture
    def applied(self, well: Ground) -> Ground:
        """Applies of dev in the journal: twenty of ten minutes, one of them of an hour."""
        journal = Journal(well.context.workspace.journal)
        well.context.workspace.make_data_directory()
        for number in range(20):
            seconds = 3600.0 if number == 7 else 600.0
            self._journal(journal, f"r{number}", seconds)
        return well

    def _journal(self, journal: Journal, run: str, seconds: float) -> None:
        journal.start(run, "apply", [], "dev", sandbox=False)
        journal.end(Ended(run=run, time="t", outcome="done", exit_code=0, elapsed_seconds=seconds))

    def _ending(self, well: Ground, **left: float) -> Ground:
        return in_aws(well, credentials=Credentials("t", NOW + timedelta(**left)), method="sso")

    def test_the_usual_time_leaves_out_the_slowest_twentieth(self, applied: Ground) -> None:
        workspace = applied.context.workspace
        assert usual_apply_seconds(workspace, "dev", sandbox=False) == 600
        assert usual_apply_seconds(workspace, "dev", sandbox=True) is None

    def test_too_soon_for_an_apply_is_a_warning(self, applied: Ground) -> None:
        found = self._ending(applied, minutes=9).at("BS403")
        assert found.status is Status.WARNING
        assert found.what == "they end at 12:09 UTC, in 9 min"
        assert "an apply of dev takes up to 10 min" in str(found.why)

    def test_late_enough_is_well(self, applied: Ground) -> None:
        assert self._ending(applied, minutes=11).at("BS403").status is Status.OK

    def test_before_the_first_apply_half_an_hour_is_assumed(self, well: Ground) -> None:
        assert self._ending(well, minutes=29).at("BS403").status is Status.WARNING
        assert self._ending(well, minutes=31).at("BS403").status is Status.OK

    def test_passed_is_an_error(self, well: Ground) -> None:
        found = self._ending(well, minutes=-1).at("BS403")
        assert (found.status, found.what) == (
            Status.ERROR,
            "the credentials expired at 11:59 UTC",
        )

    def test_of_what_terraform_renews_does_not_matter(self, well: Ground) -> None:
        soon = Credentials("t", NOW + timedelta(minutes=5))
        access = Access({}, soon, "iam-role", renewed=True)
        found = replace(in_aws(well).context, aws=Aws(access, None, once(identity())))
        assert Ground(found).at("BS403").what.startswith("Terraform renews them by itself")

    def test_not_said_of_temporary_keys_is_unknown(self, well: Ground) -> None:
        assert in_aws(well, credentials=Credentials("token")).at("BS403").status is Status.UNKNOWN
        assert in_aws(well).at("BS403").status is Status.OK


@pytest.mark.parametrize(
    ("seconds", "status", "said"),
    [
        (0, Status.OK, "agrees"),
        (59, Status.OK, "agrees"),
        (90, Status.WARNING, "90 s ahead"),
        (-90, Status.WARNING, "90 s behind"),
        (600, Status.ERROR, "600 s ahead"),
    ],
)
def test_clock(well: Ground, seconds: int, status: Status, said: str) -> None:
    answer = identity(Received=NOW + timedelta(seconds=seconds))
    found = in_aws(well, answer=answer).at("BS404")
    assert found.status is status
    assert said in found.what


def test_a_clock_that_aws_does_not_tell_is_unknown(well: Ground) -> None:
    assert in_aws(well, answer=identity(ResponseMetadata={})).at("BS404").status is Status.UNKNOWN


class TestAccount:
    def test_another_than_the_one_allowed_is_an_error(self, well: Ground) -> None:
        assert in_aws(well).at("BS501").status is Status.OK
        found = in_aws(well, answer=identity(Account="999999999999")).at("BS501")
        assert found.status is Status.ERROR
        assert "of account 999999999999, but dev is account 123456789012" in found.what

    def test_another_names_what_hides_the_profile(self, well: Ground) -> None:
        ground = in_aws(well, answer=identity(Account="999999999999"))
        policy = environment(account_id=ACCOUNT, profile="shop")
        found = ground.at("BS501", environment=policy)
        assert "these keys come before profile shop" in str(found.next_step)
        assert "SESSION_TOKEN; export AWS_PROFILE=" in str(ground.at("BS501").next_step)
        profile = in_aws(well, answer=identity(Account="999999999999"), method="config-file")
        assert str(profile.at("BS501").next_step).startswith("export AWS_PROFILE=")

    def test_alias(self, well: Ground) -> None:
        named = in_aws(well, clients={"iam": Client({"AccountAliases": ["shop"]})})
        assert named.at("BS502").what == "its alias is shop"
        none = in_aws(well, clients={"iam": Client({"AccountAliases": []})})
        assert none.at("BS502").status is Status.OK

    def test_an_alias_that_is_denied_is_unknown(self, well: Ground) -> None:
        found = in_aws(well, clients={"iam": Client(denied())}).at("BS502")
        assert found.status is Status.UNKNOWN
        assert "iam:ListAccountAliases" in str(found.next_step)

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            ({"Regions": [{"OptInStatus": "opt-in-not-required"}]}, Status.OK),
            ({"Regions": [{"OptInStatus": "not-opted-in"}]}, Status.ERROR),
            ({"Regions": []}, Status.ERROR),
            (denied("InvalidParameterValue"), Status.ERROR),
            (denied(), Status.UNKNOWN),
        ],
    )
    def test_region(self, well: Ground, answer: Any, status: Status) -> None:
        assert in_aws(well, clients={"ec2": Client(answer)}).at("BS503").status is status


class TestState:
    BUCKET = "doctor-state"

    @pytest.fixture
    def access(self, variables: dict[str, str]) -> Access:
        return open_access(environment(account_id=ACCOUNT), variables, "doctor", SERVICES)

    @pytest.fixture
    def bucket(self, access: Access) -> Any:
        """An S3 client; there is a bucket as S3 makes one."""
        s3 = access.clients["s3"]
        place = {"LocationConstraint": "eu-west-1"}
        s3.create_bucket(Bucket=self.BUCKET, CreateBucketConfiguration=place)
        yield s3
        s3.delete_bucket(Bucket=self.BUCKET)

    def _at(self, well: Ground, access: Access, *, table: str | None = None, **more: Any) -> Ground:
        backend = Backend(
            self.BUCKET, "dev/terraform.tfstate", "eu-west-1", ACCOUNT, table is None, table
        )
        aws = Aws(access, None, once(identity()), more.pop("backend", backend), **more)
        policy = environment(account_id=ACCOUNT)
        return Ground(replace(well.context, environment=policy, aws=aws))

    @pytest.mark.parametrize("code", ["BS601", "BS602", "BS603", "BS604", "BS605"])
    def test_before_the_bootstrap_is_skipped(self, well: Ground, access: Access, code: str) -> None:
        found = self._at(well, access, backend=None).at(code)
        assert found.status is Status.SKIPPED
        assert str(found.why) == ("until: bsops bootstrap dev" if code == "BS601" else "see BS601")

    def test_bucket_that_is_gone_is_an_error(self, well: Ground, access: Access) -> None:
        there = self._at(well, access)
        assert there.at("BS601").status is Status.ERROR
        assert there.at("BS602").status is Status.UNKNOWN

    @pytest.mark.usefixtures("bucket")
    def test_bucket_of_another_region_is_an_error(self, well: Ground, access: Access) -> None:
        there = self._at(well, access)
        assert there.at("BS601").status is Status.OK
        backend = Backend(self.BUCKET, "k", "us-west-2", ACCOUNT, True, None)
        assert "is in eu-west-1" in self._at(well, access, backend=backend).at("BS601").what

    def test_versions_encryption_and_privacy(
        self, well: Ground, access: Access, bucket: Any
    ) -> None:
        there = self._at(well, access)
        for code in ("BS602", "BS604"):
            found = there.at(code)
            assert (found.status, found.next_step) == (
                Status.ERROR,
                "bsops bootstrap dev --repair",
            )
        assert there.at("BS603").status in {Status.ERROR, Status.WARNING}
        bucket.put_bucket_versioning(
            Bucket=self.BUCKET, VersioningConfiguration={"Status": "Enabled"}
        )
        four = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
        bucket.put_public_access_block(
            Bucket=self.BUCKET, PublicAccessBlockConfiguration=dict.fromkeys(four, True)
        )
        for algorithm, status in (("AES256", Status.WARNING), ("aws:kms", Status.OK)):
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": algorithm}}
            bucket.put_bucket_encryption(
                Bucket=self.BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]}
            )
            assert there.at("BS603").status is status
        assert there.at("BS602").status is Status.OK
        assert there.at("BS604").status is Status.OK

    def test_lock_table(self, well: Ground, access: Access) -> None:
        assert self._at(well, access).at("BS605").status is Status.SKIPPED
        there = self._at(well, access, table="doctor-locks")
        assert there.at("BS605").status is Status.ERROR
        access.clients["dynamodb"].create_table(
            TableName="doctor-locks",
            AttributeDefinitions=[{"AttributeName": "LockID", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "LockID", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
        )
        assert there.at("BS605").status is Status.OK
        access.clients["dynamodb"].delete_table(TableName="doctor-locks")

    @pytest.mark.parametrize(
        ("liveness", "status", "next_step"),
        [
            (Liveness.DEAD, Status.WARNING, "bsops unlock dev"),
            (Liveness.UNKNOWN, Status.WARNING, "bsops lock dev"),
            (Liveness.ALIVE, Status.OK, None),
        ],
    )
    def test_lock(
        self, well: Ground, liveness: Liveness, status: Status, next_step: str | None
    ) -> None:
        there = in_aws(well, locks=lambda: [StateLock(liveness, "ann@laptop (apply)")])
        found = there.at("BS606")
        assert (found.status, found.next_step) == (status, next_step)
        assert in_aws(well).at("BS606").what == "the state is not locked"

    def test_lock_that_cannot_be_read_is_unknown(self, well: Ground) -> None:
        def fail() -> list[StateLock]:
            raise OperationFailed("cannot read it")

        assert in_aws(well, locks=fail).at("BS606").status is Status.UNKNOWN


class TestNetwork:
    @pytest.mark.parametrize("code", ["BS701", "BS702"])
    def test_an_endpoint_that_does_not_answer_is_an_error(self, well: Ground, code: str) -> None:
        there = in_aws(well)
        assert there.at(code, probes=there.probing(connect=answers)).status is Status.OK
        found = there.at(code, probes=there.probing(connect=refuses))
        assert found.status is Status.ERROR
        assert "eu-west-1.amazonaws.com:443 does not answer" in found.what

    def test_an_endpoint_of_ones_own_is_the_one_that_is_tried(
        self, well: Ground, variables: dict[str, str]
    ) -> None:
        variables["AWS_ENDPOINT_URL"] = "http://127.0.0.1:9"
        access = open_access(environment(), variables, "doctor", SERVICES)
        aws = Aws(access, None, once(identity()))
        asked: list[tuple[str, int]] = []
        probes = well.probing(connect=lambda host, port, _: asked.append((host, port)))
        assert well.at("BS701", aws=aws, probes=probes).status is Status.OK
        assert asked == [("127.0.0.1", 9)]

    def test_behind_a_proxy_it_is_unknown(self, well: Ground) -> None:
        proxied = in_aws(well, variables={"HTTPS_PROXY": "http://proxy:3128"})
        probes = proxied.probing(connect=refuses)
        assert proxied.at("BS701", probes=probes).status is Status.UNKNOWN
        past = in_aws(well, variables={"HTTPS_PROXY": "http://proxy", "NO_PROXY": ".amazonaws.com"})
        assert past.at("BS701", probes=probes).status is Status.ERROR
