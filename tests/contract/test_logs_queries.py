"""Saved queries of Logs Insights."""

import pytest
from botocore.exceptions import ClientError

from tests.contract.conftest import Client


def test_a_query_is_kept_changed_and_deleted(client: Client, name: str) -> None:
    logs = client("logs")
    query = {"name": f"{name}/errors", "logGroupNames": ["/ecs/orders"]}
    identifier = logs.put_query_definition(**query, queryString="fields a")["queryDefinitionId"]
    logs.put_query_definition(**query, queryString="fields b", queryDefinitionId=identifier)
    logs.put_query_definition(name=f"other-{name}", queryString="fields c")
    (found,) = logs.describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    assert (found["queryString"], found["logGroupNames"]) == ("fields b", ["/ecs/orders"])
    assert logs.delete_query_definition(queryDefinitionId=identifier)["success"]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        logs.delete_query_definition(queryDefinitionId=identifier)
