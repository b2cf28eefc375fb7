"""What making a whole state anew asks of an account's quotas."""

import json
from typing import Any

from bookstore_ops.terraform import demand
from bookstore_ops.terraform.demand import read_whole


def resource(kind: str, *instances: dict[str, Any], module: str = "", mode: str = "managed") -> Any:
    return {
        "mode": mode,
        "type": kind,
        "name": "this",
        "module": module,
        "instances": [
            {"index_key": each.pop("index", None), "attributes": each} for each in instances
        ],
    }


def test_all_that_the_state_holds_is_counted_as_new() -> None:
    state = {
        "resources": [
            resource("aws_vpc", {"id": "v"}),
            resource("aws_vpc", {"id": "d"}, mode="data"),
            resource("aws_eip", {"id": "1"}, {"id": "2"}),
            resource("aws_nat_gateway", {"index": "eu-west-1a"}, {"index": "eu-west-1b"}),
            resource("aws_db_instance", {"identifier": "d", "allocated_storage": 20}),
            resource("aws_ecs_task_definition", {"cpu": "512"}, module="module.a"),
            resource(
                "aws_ecs_service",
                {"desired_count": 3, "launch_type": "FARGATE"},
                module="module.a",
            ),
        ]
    }
    found = read_whole(json.dumps(state).encode())
    assert found[demand.VPCS] == 1
    assert found[demand.ELASTIC_IPS] == 2
    assert found[demand.in_zone(demand.NAT_GATEWAYS, "eu-west-1a")] == 1
    assert (found[demand.DB_INSTANCES], found[demand.DB_STORAGE_GIB]) == (1, 20)
    assert found[demand.FARGATE_VCPU] == 1.5


def test_an_empty_state_asks_for_nothing() -> None:
    assert not any(read_whole(b"{}").values())
