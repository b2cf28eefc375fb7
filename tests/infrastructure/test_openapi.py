"""The API's OpenAPI document: valid, worth publishing, and such that API Gateway takes it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator
from openapi_spec_validator.readers import read_from_filename

TREE = Path(__file__).resolve().parents[2] / "infrastructure" / "aws"
SERVICES = {"cart", "catalog", "orders", "payments", "reviews", "search", "users"}
METHODS = {"delete", "get", "patch", "post", "put"}
# JSON schema draft 4 as API Gateway reads it has none of these, or drops them without a word.
TRAPS = {
    *("allOf", "anyOf", "not", "oneOf", "discriminator", "nullable", "readOnly", "writeOnly"),
    *("deprecated", "exclusiveMaximum", "exclusiveMinimum", "xml"),
}
# What the gateway itself may answer to any operation that is not its own.
ANSWERS_OF_THE_GATEWAY = {"400", "401", "403", "429", "500", "502", "504"}

DOCUMENT: dict[str, Any] = dict(read_from_filename(str(TREE / "api" / "openapi.yaml"))[0])
COMPONENTS: dict[str, Any] = DOCUMENT["components"]
SCHEMAS: dict[str, Any] = COMPONENTS["schemas"]


@dataclass(frozen=True)
class Operation:
    path: str
    method: str
    given: dict[str, Any]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return [resolved(given, "parameters") for given in self.given.get("parameters", [])]

    @property
    def responses(self) -> dict[str, dict[str, Any]]:
        return {
            status: resolved(given, "responses")
            for status, given in self.given["responses"].items()
        }

    @property
    def scopes(self) -> list[str]:
        return [
            scope
            for requirement in self.given["security"]
            for scope in requirement.get("accessToken", [])
        ]


def resolved(given: dict[str, Any], kind: str) -> dict[str, Any]:
    if "$ref" not in given:
        return given
    start, _, name = given["$ref"].rpartition("/")
    assert start == f"#/components/{kind}", given
    found: dict[str, Any] = COMPONENTS[kind][name]
    return found


OPERATIONS = [
    Operation(path, method, given)
    for path, item in DOCUMENT["paths"].items()
    for method, given in item.items()
]
OF_SERVICES = [found for found in OPERATIONS if found.given["x-bookstore-service"] in SERVICES]

each_operation = pytest.mark.parametrize(
    "operation", OPERATIONS, ids=lambda found: found.given["operationId"]
)
each_of_services = pytest.mark.parametrize(
    "operation", OF_SERVICES, ids=lambda found: found.given["operationId"]
)
each_schema = pytest.mark.parametrize("name", SCHEMAS)


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from nodes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from nodes(inner)


def schemas_within(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and those of its properties and items, references not followed."""
    yield schema
    for inner in schema.get("properties", {}).values():
        yield from schemas_within(inner)
    if "items" in schema:
        yield from schemas_within(schema["items"])


def example_of(schema: dict[str, Any]) -> Any:
    """A whole example, made of those of the properties."""
    schema = resolved(schema, "schemas")
    if "example" in schema:
        return schema["example"]
    if schema["type"] == "array":
        return [example_of(schema["items"])]
    return {name: example_of(inner) for name, inner in schema["properties"].items()}


def test_is_openapi() -> None:
    assert DOCUMENT["openapi"] == "3.0.1"
    OpenAPIV30SpecValidator(DOCUMENT).validate()


def test_says_nothing_of_aws() -> None:
    extensions = {key for node in nodes(DOCUMENT) for key in node if str(key).startswith("x-")}
    assert extensions == {"x-bookstore-service"}
    text = (TREE / "api" / "openapi.yaml").read_text(encoding="utf-8")
    assert "amazon" not in text.lower()


def test_every_service_answers_something() -> None:
    named = {found.given["x-bookstore-service"] for found in OPERATIONS}
    assert named == SERVICES | {"gateway"}


def test_the_gateway_answers_the_health_check_alone() -> None:
    own = [found for found in OPERATIONS if found.given["x-bookstore-service"] == "gateway"]
    assert [(found.path, found.method) for found in own] == [("/health", "get")]
    # The mock answers with the example.
    content = own[0].responses["200"]["content"]["application/json"]
    assert content["example"] == example_of(content["schema"])


def test_names_of_operations_are_their_own() -> None:
    names = [found.given["operationId"] for found in OPERATIONS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+([A-Z][a-z]+)+", name) for name in names)


@each_operation
def test_an_operation_is_described(operation: Operation) -> None:
    assert operation.method in METHODS
    assert operation.given["summary"]
    assert operation.given["description"].endswith(".")
    service = operation.given["x-bookstore-service"]
    assert operation.given["tags"] == ["health" if service == "gateway" else service]
    assert operation.path.split("/")[1] == operation.given["tags"][0]


def test_tags_are_described() -> None:
    tags = {tag["name"]: tag["description"] for tag in DOCUMENT["tags"]}
    assert set(tags) == SERVICES | {"health"}
    assert all(tags.values())


@each_of_services
def test_an_operation_asks_for_one_scope(operation: Operation) -> None:
    (requirement,) = operation.given["security"]
    assert set(requirement) <= {"accessToken", "clientKey"}
    assert len(operation.scopes) == 1
    assert operation.scopes[0] in scopes("authorizationCode")


@each_of_services
def test_partners_operations_are_theirs_alone(operation: Operation) -> None:
    keyed = "clientKey" in operation.given["security"][0]
    assert keyed == ("partners" in operation.given["description"])
    if keyed:
        assert set(operation.scopes) <= set(scopes("clientCredentials"))


def scopes(flow: str) -> dict[str, str]:
    flows: dict[str, Any] = COMPONENTS["securitySchemes"]["accessToken"]["flows"]
    found: dict[str, str] = flows[flow]["scopes"]
    return found


def test_every_scope_is_described_and_opens_something() -> None:
    used = {scope for operation in OPERATIONS for scope in operation.scopes}
    declared = scopes("authorizationCode")
    assert used == set(declared)
    assert all(declared.values())
    assert scopes("clientCredentials").items() <= declared.items()


def test_scopes_are_those_of_the_user_pools_resource_server() -> None:
    variables = (TREE / "modules/cognito/variables.tf").read_text(encoding="utf-8")
    found = re.search(r'variable "resource_server" \{.*?default += "([^"]+)"', variables, re.DOTALL)
    assert found
    for scope in scopes("authorizationCode"):
        server, _, name = scope.partition("/")
        assert server == found[1]
        # What the module's validation takes.
        assert re.fullmatch(r"[a-z]+(\.[a-z]+)*", name)


@each_of_services
def test_every_answer_is_documented(operation: Operation) -> None:
    answers = operation.responses
    expected = ANSWERS_OF_THE_GATEWAY | ({"404"} if "{" in operation.path else set())
    assert expected <= set(answers)
    assert len([status for status in answers if status.startswith("2")]) == 1
    for status, answer in answers.items():
        assert re.fullmatch(r"[2-5][0-9]{2}", status)  # API Gateway knows no default and no 4XX
        assert answer["description"].endswith(".")
        content = answer.get("content", {})
        if status.startswith("2"):
            assert ("application/json" in content) == (status not in ("202", "204"))
        else:
            assert set(content) == {"application/problem+json"}
            assert content["application/problem+json"]["schema"] == {
                "$ref": "#/components/schemas/Problem"
            }


@each_operation
def test_bodies_are_models_that_refuse_what_they_do_not_know(operation: Operation) -> None:
    body = operation.given.get("requestBody")
    assert bool(body) <= (operation.method in ("patch", "post", "put"))
    if body is None:
        return
    assert body["required"] is True
    assert body["description"]
    # One type of content: API Gateway does not check the bodies of others.
    assert set(body["content"]) == {"application/json"}
    model = resolved(body["content"]["application/json"]["schema"], "schemas")
    assert model is not body["content"]["application/json"]["schema"]
    assert model["required"]
    for node in schemas_within(model):
        if node.get("type") == "object":
            assert node["additionalProperties"] is False


@each_operation
def test_parameters_are_declared(operation: Operation) -> None:
    declared = [given["name"] for given in operation.parameters if given["in"] == "path"]
    assert declared == re.findall(r"\{(\w+)\}", operation.path)
    for given in operation.parameters:
        assert given["description"].endswith(".")
        assert given["in"] in ("path", "query", "header")
        assert given["in"] != "path" or given["required"] is True
        OAS30Validator(given["schema"]).validate(given["example"])


@each_of_services
def test_what_would_hurt_twice_is_idempotent(operation: Operation) -> None:
    names = {given["name"] for given in operation.parameters}
    hurts = operation.given["operationId"] in {
        "payOrder",
        "placeBulkOrder",
        "placeOrder",
        "refundPayment",
    }
    assert ("Idempotency-Key" in names) == hurts
    assert ("If-Match" in names) == ("412" in operation.responses)


@each_of_services
def test_lists_come_in_pages(operation: Operation) -> None:
    names = {given["name"] for given in operation.parameters}
    success = next(
        answer for status, answer in operation.responses.items() if status.startswith("2")
    )
    if "content" not in success:
        return
    schema = resolved(success["content"]["application/json"]["schema"], "schemas")
    assert ("nextCursor" in schema["properties"]) == ({"cursor", "limit"} <= names)


@each_schema
def test_a_schema_is_described_with_examples(name: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]+", name)
    assert SCHEMAS[name]["description"].rstrip(").").strip()
    for node in schemas_within(SCHEMAS[name]):
        assert not TRAPS & set(node), node
        if "$ref" in node:
            resolved(node, "schemas")
            continue
        if node["type"] == "object":
            assert set(node.get("required", [])) <= set(node["properties"])
        elif node["type"] == "array":
            assert node["maxItems"] >= 1
        else:
            assert "example" in node, node
        for inner in node.get("properties", {}).values():
            assert "$ref" in inner or inner["description"]


@each_schema
def test_examples_fit_their_schema(name: str) -> None:
    # References are resolved against the document.
    whole = {"$ref": f"#/components/schemas/{name}", "components": COMPONENTS}
    OAS30Validator(whole).validate(example_of(SCHEMAS[name]))


def test_every_component_is_used() -> None:
    used = {node["$ref"] for node in nodes(DOCUMENT) if "$ref" in node}
    for kind in ("parameters", "responses", "schemas"):
        assert {f"#/components/{kind}/{name}" for name in COMPONENTS[kind]} <= used


def test_api_gateway_can_tell_the_paths_apart() -> None:
    parts: dict[str, set[str]] = {}
    for path in DOCUMENT["paths"]:
        steps = path.split("/")[1:]
        for depth, step in enumerate(steps):
            if step.startswith("{"):
                parts.setdefault("/".join(steps[:depth]), set()).add(step)
    # Two parameters side by side must have one name.
    assert all(len(names) == 1 for names in parts.values())
    resources = {
        tuple(path.split("/")[1 : depth + 2])
        for path in DOCUMENT["paths"]
        for depth in range(path.count("/"))
    }
    assert len(resources) <= 300  # the quota of an API
