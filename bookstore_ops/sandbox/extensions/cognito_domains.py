"""Which sign-in pages a user pool's domain shows: classic hosted UI or managed login."""

from typing import Any

from moto.cognitoidp.models import CognitoIdpUserPoolDomain
from moto.cognitoidp.responses import CognitoIdpResponse

from bookstore_ops.sandbox.extensions import replaces

_create = CognitoIdpResponse.create_user_pool_domain
_update = CognitoIdpResponse.update_user_pool_domain
_to_json = CognitoIdpUserPoolDomain.to_json


@replaces(CognitoIdpUserPoolDomain)
def to_json(self: Any, extended: bool = True) -> dict[str, Any]:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DomainDescriptionType.html"""
    described: dict[str, Any] = _to_json(self, extended=extended)
    return {**described, "ManagedLoginVersion": getattr(self, "managed_login_version", 1)}


@replaces(CognitoIdpResponse)
def create_user_pool_domain(self: Any) -> Any:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolDomain.html"""
    return _keep_version(self, _create(self))


@replaces(CognitoIdpResponse)
def update_user_pool_domain(self: Any) -> Any:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolDomain.html"""
    return _keep_version(self, _update(self))


def _keep_version(response: Any, answer: Any) -> Any:
    version = response._get_param("ManagedLoginVersion")  # moto's own way to read a request
    if version is not None:
        domain = response.backend.describe_user_pool_domain(response._get_param("Domain"))
        domain.managed_login_version = version
    return answer
