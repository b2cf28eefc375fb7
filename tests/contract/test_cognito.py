"""User pools: what threat protection does, and which sign-in pages are shown."""

from typing import Any

import pytest

from tests.contract.conftest import Client


@pytest.fixture
def cognito(client: Client) -> Any:
    """Cognito in the shared account."""
    return client("cognito-idp")


def test_a_pool_keeps_its_risk_configuration(cognito: Any, name: str) -> None:
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    found = cognito.describe_risk_configuration(UserPoolId=pool)["RiskConfiguration"]
    assert "CompromisedCredentialsRiskConfiguration" not in found
    block = {"EventFilter": ["SIGN_IN"], "Actions": {"EventAction": "BLOCK"}}
    cognito.set_risk_configuration(UserPoolId=pool, CompromisedCredentialsRiskConfiguration=block)
    found = cognito.describe_risk_configuration(UserPoolId=pool)["RiskConfiguration"]
    assert found["CompromisedCredentialsRiskConfiguration"] == block


def test_a_client_has_a_configuration_of_its_own(cognito: Any, name: str) -> None:
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    cognito.set_risk_configuration(
        UserPoolId=pool,
        ClientId="one",
        RiskExceptionConfiguration={"SkippedIPRangeList": ["192.0.2.0/24"]},
    )
    own = cognito.describe_risk_configuration(UserPoolId=pool)["RiskConfiguration"]
    assert "RiskExceptionConfiguration" not in own
    found = cognito.describe_risk_configuration(UserPoolId=pool, ClientId="one")
    exceptions = found["RiskConfiguration"]["RiskExceptionConfiguration"]
    assert exceptions["SkippedIPRangeList"] == ["192.0.2.0/24"]


def test_a_domain_says_which_pages_it_shows(cognito: Any, name: str) -> None:
    pool = cognito.create_user_pool(PoolName=name)["UserPool"]["Id"]
    domain = {"Domain": "signin-pages", "UserPoolId": pool}
    cognito.create_user_pool_domain(**domain)
    found = cognito.describe_user_pool_domain(Domain="signin-pages")["DomainDescription"]
    assert found["ManagedLoginVersion"] == 1
    cognito.update_user_pool_domain(**domain, ManagedLoginVersion=2)
    found = cognito.describe_user_pool_domain(Domain="signin-pages")["DomainDescription"]
    assert found["ManagedLoginVersion"] == 2
    cognito.delete_user_pool_domain(**domain)
