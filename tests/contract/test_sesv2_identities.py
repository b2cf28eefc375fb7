"""Senders of e-mails as SES tells of them."""

import datetime as dt
from typing import Any

import pytest

from tests.contract.conftest import ACCOUNT, REGION, Client


@pytest.fixture
def senders(client: Client) -> Any:
    """SES in the shared account."""
    return client("sesv2")


def test_a_domain_has_tokens_and_keys(senders: Any, name: str) -> None:
    domain = f"{name}.example.com"
    made = senders.create_email_identity(
        EmailIdentity=domain, DkimSigningAttributes={"NextSigningKeyLength": "RSA_2048_BIT"}
    )
    signing = senders.get_email_identity(EmailIdentity=domain)["DkimAttributes"]
    assert len(set(signing["Tokens"])) == 3
    assert signing["Tokens"] == made["DkimAttributes"]["Tokens"]
    assert signing["CurrentSigningKeyLength"] == "RSA_2048_BIT"
    assert isinstance(signing["LastKeyGenerationTimestamp"], dt.datetime)


def test_an_address_is_signed_by_its_domain(senders: Any, name: str) -> None:
    address = f"shop@{name}.example.com"
    senders.create_email_identity(EmailIdentity=address)
    assert "Tokens" not in senders.get_email_identity(EmailIdentity=address)["DkimAttributes"]


def test_tags_go_with_the_identity(senders: Any, name: str) -> None:
    domain = f"{name}.example.com"
    arn = f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/{domain}"
    tags = [{"Key": "Service", "Value": "dns"}]
    senders.create_email_identity(EmailIdentity=domain, Tags=tags)
    assert senders.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    senders.delete_email_identity(EmailIdentity=domain)
    senders.create_email_identity(EmailIdentity=domain)
    assert senders.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
