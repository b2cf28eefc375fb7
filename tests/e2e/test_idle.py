"""What is idle, by the installed bsops: one table, a document, and an exit code for CI."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bookstore_ops.environments import load_environment
from bookstore_ops.sandbox import lifecycle
from tests.e2e.shop import Shop, open_shop
from tests.e2e.workspaces import Finished, make_bench

TAGS = {"Project": "bookstore", "Environment": "dev"}
GATEWAY = "nat-0123456789abcdef0"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop of which nothing is idle, and whose state tells its tags, its gateway and services."""
    bench = make_bench(tmp_path_factory.mktemp("idle"))
    shop = open_shop(bench)
    place = load_environment(bench.workspace, "dev").state
    s3 = shop.aws("s3")
    content = s3.get_object(Bucket=place.bucket, Key=place.key)["Body"].read()
    state = json.loads(content) | {
        "resources": [
            resource("aws_vpc", {"id": "vpc-1", "tags_all": TAGS}),
            resource("aws_nat_gateway", {"id": GATEWAY}),
            resource("aws_ecs_service", {"name": shop.place["services"]["blue"]}),
        ]
    }
    s3.put_object(Bucket=place.bucket, Key=place.key, Body=json.dumps(state).encode())
    yield shop
    lifecycle.stop(bench.workspace)


def resource(kind: str, attributes: dict[str, Any]) -> dict[str, Any]:
    """A resource of a state."""
    instances = [{"attributes": attributes}]
    return {"mode": "managed", "type": kind, "name": "this", "instances": instances}


def idle(shop: Shop, *words: str, environment: str = "dev") -> Finished:
    """`bsops idle …` in the sandbox."""
    return shop.bench.run("idle", environment, "--sandbox", *words)


def sent(shop: Shop, value: float) -> None:
    """Have CloudWatch know what the gateway sent on each of the last days."""
    points = [
        {
            "MetricName": "BytesOutToDestination",
            "Dimensions": [{"Name": "NatGatewayId", "Value": GATEWAY}],
            "Value": value,
            "Timestamp": datetime.now(UTC) - timedelta(days=number),
        }
        for number in range(15)
    ]
    shop.aws("cloudwatch").put_metric_data(Namespace="AWS/NATGateway", MetricData=points)


def test_what_nobody_can_tell_is_unknown_and_fails_no_job_that_did_not_ask(shop: Shop) -> None:
    passing = idle(shop, "--json", "--fail-on", "found")
    assert passing.code == 0, passing.err
    assert passing.json["idle"] == []
    assert [each["name"] for each in passing.json["unknown"]] == [GATEWAY]
    assert passing.json["used"] >= 1  # the colour that has the traffic
    failing = idle(shop, "--fail-on", "unknown")
    assert failing.code == 1
    assert "dev is not without waste: 0 idle, 1 unknown" in failing.said


def test_what_is_idle_is_named_with_what_would_end_it_and_fails_a_job(shop: Shop) -> None:
    sent(shop, 0)
    tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    made = shop.aws("ec2").allocate_address(
        Domain="vpc", TagSpecifications=[{"ResourceType": "elastic-ip", "Tags": tags}]
    )["AllocationId"]
    theirs = shop.aws("ec2").allocate_address(Domain="vpc")["AllocationId"]
    green = shop.place["services"]["green"]
    shop.aws("ecs").update_service(cluster=shop.place["cluster"], service=green, desiredCount=2)
    failing = idle(shop, "--json", "--fail-on", "found")
    assert failing.code == 1
    assert "dev is not without waste: 3 idle" in failing.said
    found = {each["name"]: each for each in failing.json["idle"]}
    assert found.keys() == {GATEWAY, made, green}
    assert found[GATEWAY]["address"] == "aws_nat_gateway.this"
    assert found[GATEWAY]["amount"] == "0 bytes sent out in 14 d"
    assert found[made]["next"].startswith("aws ec2 release-address")
    assert "--desired-count 0" in found[green]["next"]
    assert theirs not in failing.out
    shown = idle(shop, "--days", "7")
    assert shown.code == 0, shown.err
    for word in ("aws_nat_gateway.this", made, green, "0 bytes sent out in 7 d"):
        assert word in shown.out
    assert "dev: 3 idle, 0 unknown" in shown.out


def test_where_nothing_is_applied_nothing_can_be_idle(shop: Shop) -> None:
    refused = idle(shop, environment="prod")
    assert refused.code == 3
    assert "prod has nothing that could be idle" in refused.said
