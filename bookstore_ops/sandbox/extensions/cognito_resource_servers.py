"""Resource servers of a user pool can be changed and deleted."""

from typing import Any

from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.responses import ActionResult, EmptyResult

from bookstore_ops.sandbox.extensions import adds


@adds(CognitoIdpResponse)
def update_resource_server(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateResourceServer.html"""
    pool, identifier = self._get_param("UserPoolId"), self._get_param("Identifier")
    server = self.backend.describe_resource_server(pool, identifier)
    server.name = self._get_param("Name")
    server.scopes = self._get_param("Scopes") or []
    return ActionResult({"ResourceServer": server.to_json()})


@adds(CognitoIdpResponse)
def delete_resource_server(self: Any) -> ActionResult:
    """https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_DeleteResourceServer.html"""
    pool, identifier = self._get_param("UserPoolId"), self._get_param("Identifier")
    self.backend.describe_resource_server(pool, identifier)
    del self.backend.user_pools[pool].resource_servers[identifier]
    return EmptyResult()
