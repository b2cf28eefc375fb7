"""Asking IAM beforehand: what is denied, and what nobody can tell."""

from collections.abc import Iterator
from typing import Any

import pytest

from bookstore_ops.aws.session import client
from bookstore_ops.aws.simulation import Place
from bookstore_ops.runbooks.permissions import Permissions, find_permissions
from tests.iam_simulator import ACCOUNT, FakeIam, Statement, serve
from tests.unit.support import environ

PLACE = Place("aws", "eu-west-1", ACCOUNT, "bookstore-dev-example")
ROLE = f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/ann"


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[FakeIam, Any]]:
    keys = {"AWS_ACCESS_KEY_ID": "fake", "AWS_SECRET_ACCESS_KEY": "fake"}
    with serve(FakeIam()) as iam:
        variables = environ(AWS_ENDPOINT_URL=iam.url, NO_PROXY="127.0.0.1", **keys)
        yield iam, client("iam", "eu-west-1", variables)


@pytest.fixture
def fake(served: tuple[FakeIam, Any]) -> FakeIam:
    return served[0].reset()


def asked(served: tuple[FakeIam, Any], *actions: str, arn: str | None = None) -> Permissions:
    return find_permissions(served[1], arn or served[0].arn, actions, PLACE)


def test_what_is_not_allowed_is_denied(fake: FakeIam, served: tuple[FakeIam, Any]) -> None:
    fake.statements = [Statement("s3:GetObject")]
    found = asked(served, "s3:GetObject", "ecs:UpdateService")
    assert found == Permissions(denied=("ecs:UpdateService",))


def test_what_is_allowed_on_the_environments_own_resources_is_not_denied(
    fake: FakeIam, served: tuple[FakeIam, Any]
) -> None:
    fake.statements = [Statement("sqs:*", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:bookstore-dev-*")]
    assert asked(served, "sqs:PurgeQueue") == Permissions()


def test_of_a_session_the_roles_policies_count(fake: FakeIam, served: tuple[FakeIam, Any]) -> None:
    fake.roles = {"deploy": "/ops/"}
    assert asked(served, "s3:GetObject", arn=ROLE).denied == ("s3:GetObject",)
    sources = {g["PolicySourceArn"] for name, g in fake.asked if name.startswith("Simulate")}
    assert sources == {f"arn:aws:iam::{ACCOUNT}:role/ops/deploy"}


def test_nothing_is_asked_for_nothing(fake: FakeIam, served: tuple[FakeIam, Any]) -> None:
    assert asked(served) == Permissions()
    assert fake.count("SimulatePrincipalPolicy") == 0


def test_what_depends_on_the_request_is_unknown(fake: FakeIam, served: tuple[FakeIam, Any]) -> None:
    fake.statements = [Statement("s3:GetObject", key="aws:SourceIp", value="10.0.0.1")]
    found = asked(served, "s3:GetObject")
    assert found.denied == ()
    assert "s3:GetObject on aws:SourceIp" in str(found.unknown)


def test_who_may_not_ask_learns_which_permission_is_missing(
    fake: FakeIam, served: tuple[FakeIam, Any]
) -> None:
    fake.denied = {"SimulatePrincipalPolicy"}
    found = asked(served, "s3:GetObject")
    assert found.denied == ()
    assert "iam:SimulatePrincipalPolicy is denied" in str(found.unknown)


def test_where_iam_does_not_answer_it_is_unknown() -> None:
    variables = environ(
        AWS_ENDPOINT_URL="http://127.0.0.1:9",
        AWS_ACCESS_KEY_ID="fake",
        AWS_SECRET_ACCESS_KEY="fake",
    )
    iam = client("iam", "eu-west-1", variables)
    found = find_permissions(iam, FakeIam().arn, ["s3:GetObject"], PLACE)
    assert found.denied == ()
    assert "127.0.0.1" in str(found.unknown)
