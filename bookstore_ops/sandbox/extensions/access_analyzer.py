"""IAM Access Analyzer, which moto does not know."""

import datetime as dt

from bookstore_ops.sandbox.services import Answer, Call, Service

_service = Service("accessanalyzer", signed_as="access-analyzer")
_analyzers = _service.collection("Analyzer")
_tags = _service.collection("Tags", counted=False)


@_service.adds("CreateAnalyzer")
def create_analyzer(call: Call) -> Answer:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html"""
    name = call.given["analyzerName"]
    arn = f"arn:aws:access-analyzer:{call.region}:{call.account}:analyzer/{name}"
    analyzer = {
        "arn": arn,
        "name": name,
        "type": call.given["type"],
        "createdAt": dt.datetime.now(dt.UTC),
        "status": "ACTIVE",
        "configuration": call.given.get("configuration"),
    }
    _analyzers.add(call, name, analyzer)
    _tags.of(call)[arn] = dict(call.given.get("tags", {}))
    return {"arn": arn}


@_service.adds("GetAnalyzer")
def get_analyzer(call: Call) -> Answer:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetAnalyzer.html"""
    analyzer = _analyzers.find(call, call.given["analyzerName"])
    return {"analyzer": {**analyzer, "tags": _tags.find(call, analyzer["arn"])}}


@_service.adds("DeleteAnalyzer")
def delete_analyzer(call: Call) -> Answer:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_DeleteAnalyzer.html"""
    _tags.of(call).pop(_analyzers.remove(call, call.given["analyzerName"])["arn"], None)
    return {}


@_service.adds("ListTagsForResource")
def list_tags_for_resource(call: Call) -> Answer:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListTagsForResource.html"""
    return {"tags": _tags.find(call, call.given["resourceArn"])}


@_service.adds("TagResource")
def tag_resource(call: Call) -> Answer:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_TagResource.html"""
    _tags.find(call, call.given["resourceArn"]).update(call.given["tags"])
    return {}


@_service.adds("UntagResource")
def untag_resource(call: Call) -> Answer:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UntagResource.html"""
    tags = _tags.find(call, call.given["resourceArn"])
    for key in call.given["tagKeys"]:
        tags.pop(key, None)
    return {}
