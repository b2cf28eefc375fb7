"""Quotas as doctor and the runbooks read and raise them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client

SPOT = {"ServiceCode": "fargate", "QuotaCode": "L-36FBB829"}


@pytest.fixture
def quotas(client: Client) -> Any:
    """Service Quotas in the shared account."""
    return client("service-quotas")


def test_a_quota_is_asked_for_and_granted(quotas: Any) -> None:
    assert quotas.get_aws_default_service_quota(**SPOT)["Quota"]["Value"] == 6
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.get_service_quota(**SPOT)
    with pytest.raises(ClientError, match="IllegalArgumentException"):
        quotas.request_service_quota_increase(**SPOT, DesiredValue=2)
    asked = quotas.request_service_quota_increase(**SPOT, DesiredValue=20)["RequestedQuota"]
    assert asked["Status"] == "PENDING"
    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        quotas.request_service_quota_increase(**SPOT, DesiredValue=30)
    history = "list_requested_service_quota_change_history_by_quota"
    statuses = [getattr(quotas, history)(**SPOT)["RequestedQuotas"][0]["Status"] for _ in range(2)]
    assert statuses == ["PENDING", "APPROVED"]
    assert quotas.get_service_quota(**SPOT)["Quota"]["Value"] == 20


def test_quotas_of_vpcs_are_those_of_moto(quotas: Any) -> None:
    of_vpcs = {"ServiceCode": "vpc", "QuotaCode": "L-F678F1CE"}
    assert quotas.get_service_quota(**of_vpcs)["Quota"]["Value"] == 5
    with pytest.raises(ClientError, match="NoSuchResourceException"):
        quotas.get_service_quota(ServiceCode="rds", QuotaCode="L-7B6409FD")
