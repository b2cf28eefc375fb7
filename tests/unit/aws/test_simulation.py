"""What a caller may do is asked of the simulator: who it is, in parts, and once more by name."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bookstore_ops.aws.iam import NotAsked, find_caller
from bookstore_ops.aws.session import client
from bookstore_ops.aws.simulation import Place, find_denied
from tests.iam_simulator import ACCOUNT, FakeIam, Statement, serve
from tests.unit.support import environ

USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
Denied = Callable[..., dict[str, str]]

PLACE = Place("aws", "eu-west-1", ACCOUNT, "bookstore-dev-example")


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeIam, Any]]:
    """The server, and a client of it: to make one takes its time."""
    keys = {"AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"}
    with serve(FakeIam()) as iam:
        variables = environ(AWS_ENDPOINT_URL=iam.url, NO_PROXY="127.0.0.1", **keys)
        yield iam, client("iam", "eu-west-1", variables)


@pytest.fixture
def fake(served: tuple[FakeIam, Any]) -> FakeIam:
    return served[0].reset()


@pytest.fixture
def iam(served: tuple[FakeIam, Any]) -> Any:
    return served[1]


@pytest.fixture
def denied(fake: FakeIam, iam: Any) -> Denied:
    def find(*actions: str) -> dict[str, str]:
        found = find_denied(iam, USER, actions, PLACE)
        return {verdict.action: verdict.reason for verdict in found}

    return find


class TestCaller:
    def test_of_a_session_is_its_role_with_the_path(self, fake: FakeIam, iam: Any) -> None:
        fake.roles["deploy"] = "/teams/shop/"
        found = find_caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ann", iam)
        assert found.arn == f"arn:aws:iam::{ACCOUNT}:role/teams/shop/deploy"

    def test_user_is_itself_and_root_is_not_limited(self, fake: FakeIam, iam: Any) -> None:
        assert find_caller(USER, iam).arn == USER
        assert find_caller(f"arn:aws:iam::{ACCOUNT}:root", iam).arn is None
        assert fake.asked == []

    @pytest.mark.parametrize("kind", ["federated-user/ann", "user/moto"])
    def test_neither_user_nor_role_is_not_asked(self, iam: Any, kind: str) -> None:
        with pytest.raises(NotAsked, match="neither a user nor a role"):
            find_caller(f"arn:aws:sts::{ACCOUNT}:{kind}", iam)

    def test_of_a_role_that_iam_does_not_show_is_not_known(self, fake: FakeIam, iam: Any) -> None:
        fake.denied.add("GetRole")
        with pytest.raises(NotAsked) as raised:
            find_caller(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ann", iam)
        assert raised.value.what == "iam:GetRole is denied"
        assert str(raised.value.next_step).startswith("let your role call iam:GetRole")


class TestDenied:
    def test_is_what_no_statement_allows_and_what_one_denies(
        self, fake: FakeIam, denied: Denied
    ) -> None:
        fake.statements = [Statement("sqs:* sns:*"), Statement("sns:Del*", effect="Deny")]
        assert denied("sqs:CreateQueue", "sns:DeleteTopic", "s3:CreateBucket") == {
            "sns:DeleteTopic": "a policy denies it",
            "s3:CreateBucket": "no policy allows it",
        }

    @pytest.mark.parametrize("combined", [False, True])
    def test_is_not_what_is_allowed_on_one_of_several_kinds(
        self, fake: FakeIam, denied: Denied, *, combined: bool
    ) -> None:
        fake.combined = combined
        fake.statements = [Statement("rds:*", "arn:aws:rds:*:db:bookstore-dev-*")]
        assert denied("rds:CreateDBInstance") == {}
        # One question on everything, one on what is named so.
        assert fake.count("SimulatePrincipalPolicy") == 2

    def test_is_not_what_is_allowed_on_such_names_alone(
        self, fake: FakeIam, denied: Denied
    ) -> None:
        fake.statements = [Statement("s3:*", "arn:aws:s3:::bookstore-dev-*")]
        assert denied("s3:CreateBucket") == {}
        fake.statements = [Statement("s3:*", "arn:aws:s3:::bookstore-prod-*")]
        assert denied("s3:CreateBucket") == {"s3:CreateBucket": "no policy allows it"}

    def test_everything_allowed_is_asked_once(self, fake: FakeIam, denied: Denied) -> None:
        fake.statements = [Statement("*")]
        assert denied(*(f"ec2:Do{n}" for n in range(120))) == {}
        # Two questions of at most a hundred, each with its pages of thirty.
        assert fake.count("SimulatePrincipalPolicy") == 4 + 1

    def test_all_pages_are_read(self, denied: Denied) -> None:
        assert len(denied(*(f"sts:Do{n:02}" for n in range(45)))) == 45

    def test_roles_are_passed_to_one_service_at_a_time(self, fake: FakeIam, denied: Denied) -> None:
        service = "ecs-tasks.amazonaws.com"
        fake.statements = [Statement("iam:PassRole", key="iam:PassedToService", value=service)]
        lambda_ = "iam:PassRole@lambda.amazonaws.com"
        assert set(denied(f"iam:PassRole@{service}", lambda_)) == {lambda_}

    def test_roles_of_services_have_a_path_of_their_own(
        self, fake: FakeIam, denied: Denied
    ) -> None:
        path = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.amazonaws.com/*"
        fake.statements = [Statement("iam:CreateServiceLinkedRole", path)]
        ecs, rds = (f"iam:CreateServiceLinkedRole@{n}.amazonaws.com" for n in ("ecs", "rds"))
        assert set(denied(ecs, rds)) == {rds}

    def test_by_the_region_is_judged(self, fake: FakeIam, denied: Denied) -> None:
        fake.statements = [Statement("*", key="aws:RequestedRegion", value="eu-west-1")]
        assert denied("sqs:CreateQueue") == {}
        fake.statements[0].value = "us-east-1"
        assert set(denied("sqs:CreateQueue")) == {"sqs:CreateQueue"}

    @pytest.mark.parametrize("action", ["s3:CreateBucket", "sts:GetCallerIdentity"])
    def test_under_a_condition_of_a_real_request_says_which(
        self, fake: FakeIam, iam: Any, action: str
    ) -> None:
        fake.statements = [Statement("*", key="aws:SourceIp", value="10.0.0.1")]
        (found,) = find_denied(iam, USER, [action], PLACE)
        assert found.unknown_keys == ("aws:SourceIp",)

    @pytest.mark.parametrize(
        ("beyond", "said"), [("organization", "organization"), ("boundary", "boundary")]
    )
    def test_beyond_the_callers_policies_says_so(
        self, fake: FakeIam, denied: Denied, beyond: str, said: str
    ) -> None:
        fake.beyond = beyond
        assert said in denied("s3:CreateBucket")["s3:CreateBucket"]


def test_a_caller_that_may_not_ask_is_told_what_it_lacks(fake: FakeIam, denied: Denied) -> None:
    fake.denied.add("SimulatePrincipalPolicy")
    with pytest.raises(NotAsked) as raised:
        denied("s3:CreateBucket")
    assert raised.value.what == "iam:SimulatePrincipalPolicy is denied"


def test_what_is_throttled_is_asked_again(fake: FakeIam, denied: Denied) -> None:
    fake.statements, fake.throttled = [Statement("*")], 3
    assert denied(*(f"ec2:Do{n}" for n in range(150))) == {}
    assert fake.throttled == 0


@pytest.mark.parametrize("says_which", [True, False])
def test_what_iam_does_not_take_together_is_asked_apart(
    fake: FakeIam, denied: Denied, *, says_which: bool
) -> None:
    fake.statements, fake.says_which = [Statement("s3:Put*")], says_which
    fake.apart = {"s3:PutBucketReplication", "s3:DeleteBucket"}
    asked = ["s3:PutBucketPolicy", "s3:PutBucketTagging", "s3:CreateBucket", *fake.apart]
    assert set(denied(*asked)) == {"s3:CreateBucket", "s3:DeleteBucket"}
    if says_which:
        # On everything: all, and two groups; by name the same with the two that are left.
        assert fake.count("SimulatePrincipalPolicy") == 3 + 3


@pytest.mark.usefixtures("fake")
def test_iam_that_does_not_answer_is_not_known() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"}
    nobody = environ(AWS_ENDPOINT_URL="http://127.0.0.1:9", NO_PROXY="127.0.0.1", **keys)
    with pytest.raises(NotAsked, match="is not answered"):
        find_denied(client("iam", "eu-west-1", nobody), USER, ["s3:CreateBucket"], PLACE)


def test_questions_are_asked_side_by_side(fake: FakeIam, denied: Denied) -> None:
    fake.statements, fake.delay = [Statement("*")], 0.3
    began = time.monotonic()
    # Eight questions of one page.
    assert denied(*(f"iam:PassRole@s{n}.amazonaws.com" for n in range(8))) == {}
    assert time.monotonic() - began < 8 * 0.3 / 2
