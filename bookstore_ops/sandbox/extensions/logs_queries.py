"""Saved queries of CloudWatch Logs Insights."""

import time
import uuid

from moto.logs.responses import LogsResponse

from bookstore_ops.sandbox.services import Answer, Call, Service

_service = Service("logs", LogsResponse)
_queries = _service.collection("QueryDefinition")


@_service.adds("PutQueryDefinition")
def put_query_definition(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html"""
    given = {key: value for key, value in call.given.items() if key != "clientToken"}
    if "queryDefinitionId" in given:
        _queries.find(call, given["queryDefinitionId"])
    identifier = given.setdefault("queryDefinitionId", str(uuid.uuid4()))
    query = {"logGroupNames": [], **given, "lastModified": int(time.time() * 1000)}
    _queries.of(call)[identifier] = query
    return {"queryDefinitionId": identifier}


@_service.adds("DescribeQueryDefinitions")
def describe_query_definitions(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeQueryDefinitions.html"""
    prefix = call.given.get("queryDefinitionNamePrefix", "")
    found = (query for query in _queries.of(call).values() if query["name"].startswith(prefix))
    return {"queryDefinitions": sorted(found, key=lambda query: str(query["name"]))}


@_service.adds("DeleteQueryDefinition")
def delete_query_definition(call: Call) -> Answer:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteQueryDefinition.html"""
    _queries.remove(call, call.given["queryDefinitionId"])
    return {"success": True}
