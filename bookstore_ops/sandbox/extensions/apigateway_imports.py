"""What an OpenAPI document says beyond resources and integrations: who may call, with what."""

import copy
import json
from typing import Any

from moto.apigateway.models import APIGatewayBackend, GatewayResponse, RequestValidator, RestAPI
from moto.moto_api._internal import mock_random

from bookstore_ops.sandbox.extensions import replaces

_put = APIGatewayBackend.put_rest_api


@replaces(APIGatewayBackend)
def put_rest_api(
    self: Any,
    function_id: str,
    api_doc: dict[str, Any],
    fail_on_warnings: bool,
    mode: str = "merge",
) -> Any:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_PutRestApi.html"""
    api = self.get_rest_api(function_id)
    if mode == "overwrite":
        # moto gives the API another root; AWS keeps it.
        root = api.resources[api.root_resource_id]
        root.resource_methods.clear()
        api.resources, api.default = {root.id: root}, root
        for held in (api.authorizers, api.gateway_responses, api.models, api.request_validators):
            held.clear()
        api.documentation_parts = {}
        mode = "merge"
    document = _with_uris(api_doc)
    _put(self, function_id, document, fail_on_warnings=fail_on_warnings, mode=mode)
    _import_definitions(api, document)
    for path, item in document["paths"].items():
        methods = api.get_resource_for_path(path).resource_methods
        for name, operation in item.items():
            _describe(api, methods[name.upper()], operation, document)
    return api


def _with_uris(api_doc: dict[str, Any]) -> dict[str, Any]:
    """moto wants an address of every integration; a mock has none."""
    document = copy.deepcopy(api_doc)
    for item in document["paths"].values():
        for operation in item.values():
            integration = operation.get("x-amazon-apigateway-integration")
            if integration:
                integration["type"] = integration["type"].upper()
                integration.setdefault("uri", "")
                integration.setdefault("httpMethod", "POST")
    return document


def _import_definitions(api: RestAPI, document: dict[str, Any]) -> None:
    components = document.get("components", {})
    for name, schema in components.get("schemas", {}).items():
        api.add_model(name, schema.get("description", ""), json.dumps(schema), "application/json")
    for name, scheme in components.get("securitySchemes", {}).items():
        authorizer = scheme.get("x-amazon-apigateway-authorizer")
        if authorizer:
            api.create_authorizer(
                mock_random.get_random_hex(6),
                name,
                authorizer["type"].upper(),
                authorizer.get("providerARNs"),
                scheme.get("x-amazon-apigateway-authtype"),
                authorizer.get("authorizerUri"),
                authorizer.get("authorizerCredentials"),
                f"method.request.header.{scheme['name']}",
                authorizer.get("identityValidationExpression"),
                authorizer.get("authorizerResultTtlInSeconds", 300),
            )
    for name, given in document.get("x-amazon-apigateway-request-validators", {}).items():
        validator = RequestValidator(
            mock_random.get_random_hex(6),
            name,
            given.get("validateRequestBody", False),
            given.get("validateRequestParameters", False),
        )
        api.request_validators[validator.id] = validator
    for kind, given in document.get("x-amazon-apigateway-gateway-responses", {}).items():
        api.gateway_responses[kind] = GatewayResponse(
            kind,
            given.get("statusCode"),
            given.get("responseParameters", {}),
            given.get("responseTemplates", {}),
        )
    parts = getattr(api, "documentation_parts", {})
    for given in document.get("x-amazon-apigateway-documentation", {}).get(
        "documentationParts", []
    ):
        key = mock_random.get_random_hex(6)
        properties = json.dumps(given["properties"])
        parts[key] = {"id": key, "location": given["location"], "properties": properties}
    api.documentation_parts = parts


def _describe(
    api: RestAPI, method: Any, operation: dict[str, Any], document: dict[str, Any]
) -> None:
    schemes = document.get("components", {}).get("securitySchemes", {})
    authorizers = {authorizer.name: authorizer for authorizer in api.authorizers.values()}
    method.operation_name = operation.get("operationId")
    method.authorization_type = "NONE"
    for requirement in operation.get("security", []):
        for name, scopes in requirement.items():
            if name in authorizers:
                method.authorization_type = authorizers[name].type
                method.authorizer_id = authorizers[name].id
                method.authorization_scopes = scopes
            elif schemes[name].get("name") == "x-api-key":
                method.api_key_required = True
    wanted = operation.get("x-amazon-apigateway-request-validator")
    for validator in api.request_validators.values():
        if validator.name == wanted:
            method.request_validator_id = validator.id
    content = operation.get("requestBody", {}).get("content", {})
    method.request_models = {
        kind: given["schema"]["$ref"].rpartition("/")[2] for kind, given in content.items()
    }
    places = {"path": "path", "query": "querystring", "header": "header"}
    method.request_parameters = {
        f"method.request.{places[given['in']]}.{given['name']}": given.get("required", False)
        for given in operation.get("parameters", [])
    }
