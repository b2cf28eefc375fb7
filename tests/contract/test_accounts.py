"""Every environment's keys belong to its own account."""

from typing import Any

from tests.contract.conftest import ACCOUNT, OTHER_ACCOUNT, Client


def test_a_sandbox_key_belongs_to_the_account_it_names(client: Client) -> None:
    assert client("sts").get_caller_identity()["Account"] == ACCOUNT
    assert client("sts", account=OTHER_ACCOUNT).get_caller_identity()["Account"] == OTHER_ACCOUNT


def test_accounts_do_not_see_each_other(client: Client) -> None:
    client("ssm").put_parameter(Name="/mine", Value="x", Type="String")
    assert client("ssm", account=OTHER_ACCOUNT).describe_parameters()["Parameters"] == []


def test_an_assumed_role_belongs_to_the_account_of_the_role(client: Client) -> None:
    import boto3

    sts = client("sts")
    assumed: Any = sts.assume_role(
        RoleArn="arn:aws:iam::444444444444:role/deploy", RoleSessionName="test"
    )["Credentials"]
    session = boto3.client(
        "sts",
        endpoint_url=sts.meta.endpoint_url,
        region_name="eu-west-1",
        aws_access_key_id=assumed["AccessKeyId"],
        aws_secret_access_key=assumed["SecretAccessKey"],
        aws_session_token=assumed["SessionToken"],
    )
    assert session.get_caller_identity()["Account"] == "444444444444"
