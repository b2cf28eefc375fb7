"""Each check of what the caller may do fails for its own reason, asked of a real IAM client."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from bookstore_ops.aws.actions import known_types
from bookstore_ops.aws.session import Access, client
from bookstore_ops.errors import ConfigurationError, CredentialsError
from bookstore_ops.preflight.check import Outcome, Status
from bookstore_ops.preflight.context import Aws
from bookstore_ops.preflight.needs import Kind, Needs
from bookstore_ops.preflight.service_roles import SERVICES, wanted_services
from tests.iam_simulator import ACCOUNT, FakeIam, Statement, serve
from tests.unit.preflight.support import Ground, once
from tests.unit.support import environ, environment

USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ann"
QUEUE, SHIELD = Kind("aws_sqs_queue"), Kind("aws_shield_subscription")
CLUSTER, SEARCH = Kind("aws_ecs_cluster"), Kind("aws_opensearch_domain")
ALL = frozenset({"read", "create", "update", "delete"})

Look = Callable[..., Outcome]


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeIam, Any]]:
    keys = {"AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"}
    with serve(FakeIam()) as iam:
        variables = environ(AWS_ENDPOINT_URL=iam.url, NO_PROXY="127.0.0.1", **keys)
        yield iam, client("iam", "eu-west-1", variables)


@pytest.fixture
def fake(served: tuple[FakeIam, Any]) -> FakeIam:
    return served[0].reset()


def needs(*kinds: Kind, certain: bool = True, **more: Any) -> Needs:
    """All that may be done to these kinds."""
    more.setdefault("plan", "20261126T120000" if certain else None)
    operations = dict.fromkeys(kinds, ALL)
    return Needs(operations, frozenset(kinds if certain else ()), prefix="bookstore-dev", **more)


@pytest.fixture
def look(well: Ground, served: tuple[FakeIam, Any], fake: FakeIam) -> Look:
    """The check of a code, for what is needed, as the caller that the fake names."""

    def at(
        code: str,
        needed: Any = None,
        *,
        token: str | None = None,
        protected: bool = False,
        **changes: Any,
    ) -> Outcome:
        class Credentials:
            """As botocore has them."""

        credentials: Any = Credentials()
        credentials.token = token
        access = Access({}, credentials, "env", {"iam": served[1]})
        aws = Aws(access, None, once({"Account": ACCOUNT, "Arn": fake.arn}))
        policy = environment(account_id=ACCOUNT, protected=protected)
        return Ground(replace(well.context, environment=policy, aws=aws)).at(
            code, needs=once(needed or needs(QUEUE)), **changes
        )

    return at


class TestPermissions:
    def test_allowed_are_counted_and_their_source_named(self, fake: FakeIam, look: Look) -> None:
        fake.statements = [Statement("sqs:*")]
        found = look("BS551")
        assert found.status is Status.OK
        assert found.what == "the 2 actions that a plan needs are allowed, by plan 20261126T120000"
        assert look("BS552").what.startswith("the 5 actions that an apply needs are allowed")

    def test_denied_are_an_error_that_names_them(self, fake: FakeIam, look: Look) -> None:
        fake.statements = [Statement("sqs:Get* sqs:List* sqs:CreateQueue")]
        assert look("BS551").status is Status.OK
        found = look("BS552")
        assert found.status is Status.ERROR
        assert found.what == (
            "4 of the 5 actions that an apply needs, by plan 20261126T120000, are denied: "
            "aws_sqs_queue (sqs:DeleteQueue, sqs:SetQueueAttributes and 2 more)"
        )
        assert found.why == f"no policy allows it (4), for {USER}"
        assert found.next_step == (
            "bsops doctor dev --only BS552 --json   (its details are what to allow)"
        )
        assert "aws_sqs_queue: sqs:TagQueue" in found.details

    def test_denied_to_read_are_an_error_of_the_plan(self, fake: FakeIam, look: Look) -> None:
        fake.statements = [Statement("*"), Statement("sqs:ListQueueTags", effect="Deny")]
        found = look("BS551")
        assert found.status is Status.ERROR
        assert "sqs:ListQueueTags" in found.what
        assert str(found.why).startswith("a policy denies it (1)")
        assert look("BS552").status is Status.OK

    def test_of_many_types_the_first_are_shown(self, look: Look) -> None:
        kinds = [Kind(kind) for kind in ("aws_eip", "aws_lb", "aws_sns_topic", "aws_vpc")]
        found = look("BS552", needs(*kinds))
        assert "aws_eip (" in found.what
        assert found.what.endswith("and 1 more of the types")
        assert {detail.partition(":")[0] for detail in found.details} == {str(k) for k in kinds}

    def test_denied_of_what_may_not_be_there_is_a_warning(self, fake: FakeIam, look: Look) -> None:
        fake.statements = [Statement("sqs:*")]
        found = look("BS551", needs(QUEUE, SHIELD, certain=False))
        assert found.status is Status.WARNING
        assert "by the tree, are denied: aws_shield_subscription" in found.what
        assert "only a saved plan tells whether dev needs them" in str(found.why)
        assert str(found.next_step).startswith("bsops plan dev")

    def test_denied_to_delete_are_a_warning_until_a_plan_deletes(
        self, fake: FakeIam, look: Look
    ) -> None:
        fake.statements = [Statement("*"), Statement("sqs:Delete*", effect="Deny")]
        found = look("BS552", replace(needs(QUEUE), plan=None))
        assert found.status is Status.WARNING
        assert found.details == ("aws_sqs_queue: sqs:DeleteQueue",)
        assert look("BS552", needs(QUEUE)).status is Status.ERROR

    def test_of_a_role_are_those_of_the_role(self, fake: FakeIam, look: Look) -> None:
        fake.arn, fake.roles = ROLE, {"deploy": "/teams/"}
        found = look("BS551")
        assert found.status is Status.ERROR
        assert str(found.why).endswith(f"for arn:aws:iam::{ACCOUNT}:role/teams/deploy")

    def test_of_the_root_user_are_all(self, fake: FakeIam, look: Look) -> None:
        fake.arn = f"arn:aws:iam::{ACCOUNT}:root"
        assert "root user" in look("BS551").what
        assert look("BS551").status is Status.OK

    def test_of_a_federated_user_are_unknown(self, fake: FakeIam, look: Look) -> None:
        fake.arn = f"arn:aws:sts::{ACCOUNT}:federated-user/ann"
        assert look("BS551").status is Status.UNKNOWN

    def test_that_may_not_be_asked_for_are_unknown(self, fake: FakeIam, look: Look) -> None:
        fake.denied.add("SimulatePrincipalPolicy")
        for code in ("BS551", "BS552"):
            found = look(code)
            assert found.status is Status.UNKNOWN
            assert found.what == "iam:SimulatePrincipalPolicy is denied"
            assert "let your role call iam:SimulatePrincipalPolicy" in str(found.next_step)

    def test_under_conditions_are_unknown(self, fake: FakeIam, look: Look) -> None:
        fake.statements = [Statement("*", key="aws:MultiFactorAuthPresent", value="true")]
        found = look("BS551")
        assert found.status is Status.UNKNOWN
        assert "allowed under conditions, if at all" in found.what
        assert "aws:MultiFactorAuthPresent" in str(found.why)
        assert len(found.details) == 2

    def test_of_a_type_that_nobody_knows_are_unknown(self, fake: FakeIam, look: Look) -> None:
        fake.statements = [Statement("*")]
        found = look("BS552", needs(QUEUE, Kind("aws_nothing")))
        assert found.status is Status.UNKNOWN
        assert found.what == "nothing is known of what aws_nothing needs"

    def test_without_a_tree_or_credentials_are_unknown(self, well: Ground, look: Look) -> None:
        broken = ConfigurationError("the tree cannot be read", why="line 3")
        found = look("BS551", broken)
        assert (found.status, found.why) == (Status.UNKNOWN, "line 3")
        nobody = Aws(None, None, once(CredentialsError("there are no credentials")))
        for code in ("BS405", "BS551", "BS552", "BS553"):
            policy = environment(account_id=ACCOUNT)
            changes: dict[str, Any] = {"environment": policy, "aws": nobody}
            assert well.at(code, needs=once(needs(QUEUE)), **changes).status is Status.UNKNOWN

    def test_of_a_plan_that_changes_nothing_are_skipped(self, fake: FakeIam, look: Look) -> None:
        fake.statements = [Statement("*")]
        unchanged = Needs({QUEUE: frozenset({"read"})}, frozenset({QUEUE}), "20261126T120000")
        assert look("BS551", unchanged).status is Status.OK
        assert look("BS552", unchanged).status is Status.SKIPPED

    def test_in_the_sandbox_are_skipped(self, look: Look) -> None:
        for code in ("BS405", "BS551", "BS552", "BS553"):
            assert look(code, sandbox=True).status is Status.SKIPPED


class TestServiceRoles:
    def test_are_looked_for_where_something_needs_them(self) -> None:
        wanted = wanted_services(needs(QUEUE, CLUSTER, SEARCH))
        assert wanted == ["ecs.amazonaws.com", "opensearchservice.amazonaws.com"]
        assert set(SERVICES) <= known_types()[0]
        assert wanted_services(needs(CLUSTER, certain=False)) == []

    def test_that_are_there_are_well(self, fake: FakeIam, look: Look) -> None:
        fake.roles = {"AWSServiceRoleForECS": "/aws-service-role/ecs.amazonaws.com/"}
        assert look("BS553", needs(CLUSTER)).status is Status.OK

    def test_that_the_tree_makes_are_well(self, look: Look) -> None:
        service = "opensearchservice.amazonaws.com"
        made = needs(SEARCH, roles={service: "x"}, makes=frozenset({service}))
        assert look("BS553", made).status is Status.OK

    def test_that_are_missing_are_a_warning_with_the_command(
        self, fake: FakeIam, look: Look
    ) -> None:
        fake.statements = [Statement("iam:CreateServiceLinkedRole")]
        found = look("BS553", needs(CLUSTER))
        assert found.status is Status.WARNING
        assert found.what == "a service-linked role is missing: ecs.amazonaws.com"
        assert found.next_step == (
            "aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com"
        )
        two = look("BS553", needs(CLUSTER, SEARCH))
        assert str(two.next_step).startswith(
            "for name in ecs.amazonaws.com opensearchservice.amazonaws.com; do aws iam create-"
        )

    def test_that_are_missing_and_may_not_be_made_are_an_error(
        self, fake: FakeIam, look: Look
    ) -> None:
        fake.statements = [
            Statement(
                "iam:CreateServiceLinkedRole", key="iam:AWSServiceName", value="ecs.amazonaws.com"
            )
        ]
        assert look("BS553", needs(CLUSTER)).status is Status.WARNING
        found = look("BS553", needs(CLUSTER, SEARCH))
        assert found.status is Status.ERROR
        assert str(found.why).endswith("for opensearchservice.amazonaws.com: no policy allows it")
        fake.denied.add("SimulatePrincipalPolicy")
        unasked = look("BS553", needs(CLUSTER, SEARCH))
        assert unasked.status is Status.WARNING
        assert "iam:SimulatePrincipalPolicy is denied" in str(unasked.why)

    def test_that_would_be_made_twice_are_an_error(self, fake: FakeIam, look: Look) -> None:
        service = "opensearchservice.amazonaws.com"
        fake.roles = {"AWSServiceRoleForX": f"/aws-service-role/{service}/"}
        address = "module.bookstore.module.opensearch.aws_iam_service_linked_role.this"
        there = needs(SEARCH, roles={service: address})
        assert look("BS553", there).status is Status.OK
        found = look("BS553", replace(there, makes=frozenset({service})))
        assert found.status is Status.ERROR
        assert "makes it once more" in found.what
        assert address in str(found.next_step)

    def test_that_may_not_be_listed_are_unknown(self, fake: FakeIam, look: Look) -> None:
        fake.denied.add("ListRoles")
        found = look("BS553", needs(CLUSTER))
        assert (found.status, found.what) == (Status.UNKNOWN, "iam:ListRoles is denied")


class TestMfa:
    SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/ann"

    @pytest.mark.parametrize(
        ("device", "protected", "status", "said"),
        [
            (True, False, Status.OK, "who has MFA; dev is not protected"),
            (False, False, Status.OK, "who has no MFA; dev is not protected"),
            (False, True, Status.WARNING, "long-lived keys of user ann, who has no MFA"),
            (True, True, Status.WARNING, "which work without MFA"),
        ],
    )
    def test_of_a_users_keys(
        self,
        *,
        fake: FakeIam,
        look: Look,
        device: bool,
        protected: bool,
        status: Status,
        said: str,
    ) -> None:
        fake.devices = [self.SERIAL] if device else []
        found = look("BS405", protected=protected)
        assert found.status is status
        assert said in found.what

    def test_of_a_users_session_is_told_by_whether_iam_answers(
        self, fake: FakeIam, look: Look
    ) -> None:
        found = look("BS405", token="t", protected=True)
        assert (found.status, found.what) == (
            Status.OK,
            "a session of user ann that began with MFA",
        )
        fake.without_mfa = True
        found = look("BS405", token="t", protected=True)
        assert found.status is Status.WARNING
        assert found.what == "a session of user ann that began without MFA"
        assert look("BS405", token="t").status is Status.OK
        for code in ("BS551", "BS552", "BS553"):
            found = look(code, token="t")
            assert found.status is Status.UNKNOWN
            assert "only where that began with MFA" in str(found.why)

    def test_of_long_lived_keys_says_how_to_get_a_session(self, fake: FakeIam, look: Look) -> None:
        fake.devices = [self.SERIAL]
        found = look("BS405", protected=True)
        assert found.next_step == (
            f"aws sts get-session-token --serial-number {self.SERIAL} --token-code CODE"
        )

    def test_of_a_role_is_skipped_with_why(self, fake: FakeIam, look: Look) -> None:
        fake.arn = ROLE
        found = look("BS405", token="t", protected=True)
        assert (found.status, fake.asked) == (Status.SKIPPED, [])
        assert "AWS tells to policies only" in str(found.why)

    def test_of_the_root_user_is_a_warning(self, fake: FakeIam, look: Look) -> None:
        fake.arn = f"arn:aws:iam::{ACCOUNT}:root"
        assert look("BS405").what == "you are the account's root user, without MFA"
        fake.root_mfa = True
        found = look("BS405")
        assert (found.status, found.what[-8:]) == (Status.WARNING, "with MFA")

    def test_that_may_not_be_asked_for_is_unknown(self, fake: FakeIam, look: Look) -> None:
        fake.denied.add("ListMFADevices")
        found = look("BS405", protected=True)
        assert (found.status, found.what) == (Status.UNKNOWN, "iam:ListMFADevices is denied")
        assert "iam:ListMFADevices" in str(found.next_step)
