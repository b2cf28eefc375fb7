"""Operations that extensions add are answered as the service's model says, and held per account."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bookstore_ops.sandbox.extensions import ExtensionMisfitError
from bookstore_ops.sandbox.lifecycle import Server
from tests.contract.conftest import OTHER_ACCOUNT, OTHER_REGION, Client
from tests.contract.test_inventory import held


@pytest.fixture
def schemas(client: Client) -> Any:
    """A service that moto does not know."""
    return client("schemas")


def test_what_is_made_is_described(schemas: Any, name: str) -> None:
    schemas.create_registry(RegistryName=name, Description="d", Tags={"a": "1"})
    found = schemas.describe_registry(RegistryName=name)
    assert found["RegistryArn"] == f"arn:aws:schemas:eu-west-1:111111111111:registry/{name}"
    assert (found["Description"], found["Tags"]) == ("d", {"a": "1"})


def test_an_error_is_one_of_the_services_own(schemas: Any) -> None:
    with pytest.raises(schemas.exceptions.NotFoundException) as caught:
        schemas.describe_registry(RegistryName="there-is-none")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
    assert "Registry there-is-none does not exist." in str(caught.value)


def test_a_second_of_the_same_name_is_refused(schemas: Any, name: str) -> None:
    schemas.create_registry(RegistryName=name)
    with pytest.raises(schemas.exceptions.ConflictException):
        schemas.create_registry(RegistryName=name)


@pytest.mark.parametrize(
    "elsewhere", [{"account": OTHER_ACCOUNT}, {"region": OTHER_REGION}], ids=str
)
def test_accounts_and_regions_do_not_see_each_other(
    client: Client, schemas: Any, name: str, elsewhere: dict[str, str]
) -> None:
    schemas.create_registry(RegistryName=name)
    with pytest.raises(ClientError, match="NotFoundException"):
        client("schemas", **elsewhere).describe_registry(RegistryName=name)


def test_an_operation_that_no_extension_adds_is_refused(schemas: Any) -> None:
    with pytest.raises(ClientError, match=r"SandboxNotImplemented.* schemas:ListRegistries"):
        schemas.list_registries()


def test_what_is_held_is_counted_until_it_is_deleted(client: Client, server: Server) -> None:
    schemas = client("schemas", account="800000000011")
    schemas.create_registry(RegistryName="r", Tags={"a": "1"})
    assert held(server, "800000000011") == {"schemas.Registry": 1}
    schemas.delete_registry(RegistryName="r")
    assert held(server, "800000000011") == {}


@pytest.fixture
def services() -> Iterator[Any]:
    """The module, which only the sandbox's server and this test import."""
    from bookstore_ops.sandbox import services

    yield services
    services._services.pop("never-signed-for", None)


def test_a_moto_that_an_extension_misfits_is_refused(services: Any) -> None:
    from moto.budgets.responses import BudgetsResponse

    service = services.Service("budgets", BudgetsResponse, signed_as="never-signed-for")
    with pytest.raises(ExtensionMisfitError, match="has budgets:CreateBudget"):
        service.adds("CreateBudget")
    with pytest.raises(ExtensionMisfitError, match="lacks budgets:UpdateBudget"):
        service.replaces("UpdateBudget")


def test_a_schema_has_versions_and_tags(schemas: Any, name: str) -> None:
    schemas.create_registry(RegistryName=name)
    schema = {"RegistryName": name, "SchemaName": "OrderPlaced"}
    arn = schemas.create_schema(**schema, Type="OpenApi3", Content="{}")["SchemaArn"]
    schemas.update_schema(**schema, Content='{"a":1}', Description="d")
    schemas.tag_resource(ResourceArn=arn, Tags={"a": "1", "b": "2"})
    schemas.untag_resource(ResourceArn=arn, TagKeys=["a"])
    found = schemas.describe_schema(**schema)
    assert (found["SchemaVersion"], found["Content"]) == ("2", '{"a":1}')
    assert (found["Description"], found["Type"]) == ("d", "OpenApi3")
    assert schemas.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"b": "2"} == found["Tags"]
    schemas.delete_schema(**schema)
    with pytest.raises(ClientError, match="NotFoundException"):
        schemas.describe_schema(**schema)
