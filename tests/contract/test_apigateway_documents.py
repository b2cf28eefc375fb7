"""REST APIs: what an OpenAPI document says, documentation, certificates and usage plans."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client

POOL = "arn:aws:cognito-idp:eu-west-1:111111111111:userpool/eu-west-1_pool"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "t", "version": "1", "description": "d"},
    "paths": {
        "/health": {
            "get": {
                "operationId": "getHealth",
                "security": [],
                "responses": {"200": {"description": "ok"}},
                "x-amazon-apigateway-integration": {"type": "mock"},
            }
        },
        "/orders/{orderId}": {
            "put": {
                "operationId": "changeOrder",
                "security": [{"key": []}, {"token": ["api/orders.write"]}],
                "parameters": [
                    {"name": "orderId", "in": "path", "required": True, "schema": {}},
                    {"name": "If-Match", "in": "header", "schema": {}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}
                    }
                },
                "responses": {"200": {"description": "ok"}},
                "x-amazon-apigateway-request-validator": "all",
                "x-amazon-apigateway-integration": {
                    "type": "http_proxy",
                    "httpMethod": "PUT",
                    "uri": "https://origin.example.com/orders/{orderId}",
                },
            }
        },
    },
    "components": {
        "schemas": {"Order": {"type": "object", "description": "An order."}},
        "securitySchemes": {
            "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
            "token": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "x-amazon-apigateway-authtype": "cognito_user_pools",
                "x-amazon-apigateway-authorizer": {
                    "type": "cognito_user_pools",
                    "providerARNs": [POOL],
                },
            },
        },
    },
    "x-amazon-apigateway-request-validators": {
        "all": {"validateRequestBody": True, "validateRequestParameters": True}
    },
    "x-amazon-apigateway-gateway-responses": {
        "THROTTLED": {"statusCode": "429", "responseTemplates": {"application/json": "{}"}}
    },
    "x-amazon-apigateway-documentation": {
        "documentationParts": [{"location": {"type": "API"}, "properties": {"description": "d"}}]
    },
}


@pytest.fixture
def gateway(client: Client) -> Any:
    """API Gateway in the shared account."""
    return client("apigateway")


@pytest.fixture
def api(gateway: Any, name: str) -> str:
    """An API without anything."""
    return str(gateway.create_rest_api(name=name)["id"])


@pytest.fixture
def imported(gateway: Any, api: str) -> str:
    """An API made from the document, twice over."""
    for _ in range(2):
        gateway.put_rest_api(restApiId=api, mode="overwrite", body=json.dumps(DOCUMENT))
    return api


def method(gateway: Any, api: str, path: str, verb: str) -> dict[str, Any]:
    resources = gateway.get_resources(restApiId=api)["items"]
    (resource,) = (found for found in resources if found["path"] == path)
    found: dict[str, Any] = gateway.get_method(
        restApiId=api, resourceId=resource["id"], httpMethod=verb
    )
    return found


def test_importing_again_keeps_the_root(gateway: Any, imported: str) -> None:
    root = gateway.get_rest_api(restApiId=imported)["rootResourceId"]
    resources = gateway.get_resources(restApiId=imported)["items"]
    assert {found["id"]: found["path"] for found in resources}[root] == "/"
    assert len(resources) == 4


def test_an_operation_asks_for_a_token_and_a_key(gateway: Any, imported: str) -> None:
    (authorizer,) = gateway.get_authorizers(restApiId=imported)["items"]
    assert (authorizer["type"], authorizer["providerARNs"]) == ("COGNITO_USER_POOLS", [POOL])
    changed = method(gateway, imported, "/orders/{orderId}", "PUT")
    assert changed["authorizationType"] == "COGNITO_USER_POOLS"
    assert changed["authorizerId"] == authorizer["id"]
    assert changed["authorizationScopes"] == ["api/orders.write"]
    assert changed["apiKeyRequired"] is True
    assert changed["operationName"] == "changeOrder"


def test_an_operation_without_security_asks_for_nothing(gateway: Any, imported: str) -> None:
    health = method(gateway, imported, "/health", "GET")
    assert (health["authorizationType"], health["apiKeyRequired"]) == ("NONE", False)
    assert health["methodIntegration"]["type"] == "MOCK"


def test_requests_are_checked(gateway: Any, imported: str) -> None:
    (validator,) = gateway.get_request_validators(restApiId=imported)["items"]
    assert (validator["validateRequestBody"], validator["validateRequestParameters"]) == (True,) * 2
    changed = method(gateway, imported, "/orders/{orderId}", "PUT")
    assert changed["requestValidatorId"] == validator["id"]
    assert changed["requestModels"] == {"application/json": "Order"}
    assert changed["requestParameters"] == {
        "method.request.path.orderId": True,
        "method.request.header.If-Match": False,
    }
    (model,) = gateway.get_models(restApiId=imported)["items"]
    assert json.loads(model["schema"])["type"] == "object"


def test_gateway_responses_are_imported(gateway: Any, imported: str) -> None:
    answer = gateway.get_gateway_response(restApiId=imported, responseType="THROTTLED")
    assert (answer["statusCode"], answer["responseTemplates"]) == (
        "429",
        {"application/json": "{}"},
    )


def test_documentation_is_imported(gateway: Any, imported: str) -> None:
    (part,) = gateway.get_documentation_parts(restApiId=imported, type="API")["items"]
    assert json.loads(part["properties"]) == {"description": "d"}


def test_a_documentation_part_lives_and_dies(gateway: Any, api: str) -> None:
    location = {"type": "METHOD", "path": "/", "method": "GET"}
    made = gateway.create_documentation_part(restApiId=api, location=location, properties="{}")
    part = {"restApiId": api, "documentationPartId": made["id"]}
    with pytest.raises(ClientError, match="ConflictException"):
        gateway.create_documentation_part(restApiId=api, location=location, properties="{}")
    gateway.update_documentation_part(
        **part, patchOperations=[{"op": "replace", "path": "/properties", "value": '{"a":1}'}]
    )
    assert gateway.get_documentation_part(**part)["properties"] == '{"a":1}'
    gateway.delete_documentation_part(**part)
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_documentation_part(**part)


def test_a_documentation_version_lives_and_dies(gateway: Any, api: str) -> None:
    version = {"restApiId": api, "documentationVersion": "1"}
    gateway.create_documentation_version(**version, description="one")
    with pytest.raises(ClientError, match="ConflictException"):
        gateway.create_documentation_version(**version)
    gateway.update_documentation_version(
        **version, patchOperations=[{"op": "replace", "path": "/description", "value": "two"}]
    )
    assert gateway.get_documentation_version(**version)["description"] == "two"
    assert len(gateway.get_documentation_versions(restApiId=api)["items"]) == 1
    gateway.delete_documentation_version(**version)
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_documentation_version(**version)


def test_documentation_of_no_api_is_not_found(gateway: Any) -> None:
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_documentation_parts(restApiId="none")


def test_a_client_certificate_lives_and_dies(gateway: Any) -> None:
    made = gateway.generate_client_certificate(description="one", tags={"a": "1"})
    certificate = {"clientCertificateId": made["clientCertificateId"]}
    assert "BEGIN CERTIFICATE" in made["pemEncodedCertificate"]
    gateway.update_client_certificate(
        **certificate, patchOperations=[{"op": "replace", "path": "/description", "value": "two"}]
    )
    found = gateway.get_client_certificate(**certificate)
    assert (found["description"], found["tags"]) == ("two", {"a": "1"})
    assert certificate["clientCertificateId"] in {
        held["clientCertificateId"] for held in gateway.get_client_certificates()["items"]
    }
    gateway.delete_client_certificate(**certificate)
    with pytest.raises(ClientError, match="NotFoundException"):
        gateway.get_client_certificate(**certificate)


def test_a_stage_keeps_certificate_and_documentation(gateway: Any, imported: str) -> None:
    stage = {"restApiId": imported, "stageName": "live"}
    deployment = gateway.create_deployment(restApiId=imported)["id"]
    certificate = gateway.generate_client_certificate()["clientCertificateId"]
    gateway.create_stage(**stage, deploymentId=deployment, documentationVersion="1")
    assert gateway.get_stage(**stage)["documentationVersion"] == "1"
    operations = [
        {"op": "replace", "path": "/clientCertificateId", "value": certificate},
        {"op": "replace", "path": "/documentationVersion", "value": "2"},
    ]
    gateway.update_stage(**stage, patchOperations=operations)
    found = gateway.get_stage(**stage)
    assert (found["clientCertificateId"], found["documentationVersion"]) == (certificate, "2")


def test_a_usage_plan_limits_single_methods(gateway: Any, imported: str, name: str) -> None:
    deployment = gateway.create_deployment(restApiId=imported)["id"]
    gateway.create_stage(restApiId=imported, stageName="live", deploymentId=deployment)
    limits = {"/orders/{orderId}/PUT": {"rateLimit": 1.0, "burstLimit": 2}}
    stage = {"apiId": imported, "stage": "live", "throttle": limits}
    plan = gateway.create_usage_plan(name=name, apiStages=[stage])["id"]
    path = f"/apiStages/{imported}:live"
    gateway.update_usage_plan(
        usagePlanId=plan,
        patchOperations=[
            {
                "op": "replace",
                "path": f"{path}/throttle/~1orders~1{{orderId}}~1PUT/rateLimit",
                "value": "0.5",
            },
            {"op": "replace", "path": f"{path}/throttle/~1health~1GET/burstLimit", "value": "3"},
            {"op": "replace", "path": "/throttle/rateLimit", "value": "2.5"},
            {"op": "replace", "path": "/quota/limit", "value": "9"},
            {"op": "replace", "path": "/name", "value": "other"},
        ],
    )
    found = gateway.get_usage_plan(usagePlanId=plan)
    assert found["apiStages"][0]["throttle"] == {
        "/orders/{orderId}/PUT": {"rateLimit": 0.5, "burstLimit": 2},
        "/health/GET": {"burstLimit": 3},
    }
    assert (found["throttle"]["rateLimit"], found["quota"]["limit"]) == (2.5, 9)
    assert found["name"] == "other"
    gateway.update_usage_plan(
        usagePlanId=plan,
        patchOperations=[{"op": "remove", "path": f"{path}/throttle/~1health~1GET"}],
    )
    (held,) = gateway.get_usage_plan(usagePlanId=plan)["apiStages"]
    assert list(held["throttle"]) == ["/orders/{orderId}/PUT"]
    gateway.update_usage_plan(
        usagePlanId=plan,
        patchOperations=[
            {"op": "remove", "path": f"{path}/throttle"},
            {"op": "remove", "path": "/apiStages", "value": f"{imported}:live"},
        ],
    )
    assert gateway.get_usage_plan(usagePlanId=plan)["apiStages"] == []
