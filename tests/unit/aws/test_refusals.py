"""What botocore raises, told as what happened and what to do."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore import exceptions as botocore
from botocore.parsers import ResponseParserError

from bookstore_ops.aws.refusals import (
    CodeWanted,
    Unanswered,
    clock_skew,
    explained,
    log_in,
    pack,
    unpack,
)
from bookstore_ops.errors import CredentialsError
from tests.unit.support import environment

URL = "https://sts.eu-west-1.amazonaws.com"


def refusal(code: str, message: str, operation: str = "GetCallerIdentity") -> Exception:
    answer = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 403, "HTTPHeaders": {}},
    }
    error: Exception = botocore.ClientError(answer, operation)
    return error


def raising(error: Exception) -> Callable[[], Any]:
    def call() -> Any:
        raise error

    return call


def told(error: Exception, **more: Any) -> CredentialsError:
    with pytest.raises(CredentialsError) as raised:
        explained(environment(), {}, raising(error), **more)
    return raised.value


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (botocore.SSLError(endpoint_url=URL, error="self-signed"), "cannot be trusted"),
        (botocore.ConnectTimeoutError(endpoint_url=URL), "gave no answer in time"),
        (botocore.ReadTimeoutError(endpoint_url=URL), "gave no answer in time"),
        (botocore.EndpointConnectionError(endpoint_url=URL), "cannot be reached"),
        (botocore.ProxyConnectionError(proxy_url="http://proxy"), "cannot be reached"),
        (ResponseParserError("invalid XML: <html>"), "something else answered in AWS's place"),
    ],
)
def test_where_aws_said_nothing_it_is_not_the_credentials(error: Exception, said: str) -> None:
    found = told(error)
    assert isinstance(found, Unanswered)
    assert said in found.what
    assert found.next_step


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (refusal("ExpiredToken", "expired"), "have expired"),
        (RuntimeError("still expired"), "have expired"),
        (refusal("InvalidClientTokenId", "invalid"), "does not know the access key"),
        (refusal("SignatureDoesNotMatch", "not match"), "does not fit its access key"),
        (refusal("RequestExpired", "expired"), "clock is wrong"),
        (refusal("AccessDenied", "denied"), "refuses to say who you are"),
        (refusal("AccessDenied", "denied", "AssumeRole"), "may not be assumed"),
        (refusal("ForbiddenException", "No access", "GetRoleCredentials"), "SSO login may not"),
        (botocore.SSOTokenLoadError(error_msg="none"), "login of dev is missing or has expired"),
        (botocore.LoginRefreshRequired(), "login of dev is missing or has expired"),
        (botocore.PartialCredentialsError(provider="env", cred_var="x"), "no usable AWS"),
    ],
)
def test_each_refusal_is_told_apart(error: Exception, said: str) -> None:
    found = told(error)
    assert not isinstance(found, Unanswered)
    assert said in found.what
    assert found.next_step


def test_the_role_is_the_one_that_was_asked_for() -> None:
    found = told(refusal("AccessDenied", "no", "AssumeRole"), role="arn:aws:iam::1:role/deploy")
    assert found.what == "the role arn:aws:iam::1:role/deploy may not be assumed"


def test_a_long_story_is_cut() -> None:
    found = told(refusal("AccessDenied", "word " * 1000))
    assert len(str(found.why)) < 500
    assert "\n" not in str(found.why)


@pytest.mark.parametrize(
    ("profile", "command"),
    [
        ({"sso_start_url": "u"}, "aws sso login --profile shop"),
        ({"sso_session": "company"}, "aws sso login --sso-session company"),
        ({"login_session": "arn"}, "aws login --profile shop"),
        ({"aws_access_key_id": "a"}, "aws configure --profile shop"),
        ({"source_profile": "shop"}, "aws configure --profile shop"),
    ],
)
def test_how_to_log_in_follows_the_profile(profile: dict[str, str], command: str) -> None:
    profiles = {"profiles": {"shop": profile}}
    assert log_in(environment(profile="shop"), {}, profiles) == command


@pytest.mark.parametrize(
    "error",
    [
        CredentialsError("a", why="b", next_step="c"),
        Unanswered("a", why=None, next_step="c"),
        CodeWanted("dev", "arn:aws:iam::1:mfa/ann"),
    ],
)
def test_an_error_is_the_same_in_another_process(error: CredentialsError) -> None:
    again = unpack(pack(error), "dev")
    assert type(again) is type(error)
    assert str(again) == str(error)


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}])
def test_a_time_that_is_not_told_is_not_guessed(headers: dict[str, str]) -> None:
    assert clock_skew({"ResponseMetadata": {"HTTPHeaders": headers}}) is None
