"""What is asked of AWS only looks, and docs/idle.md says all of it."""

from pathlib import Path
from typing import Any

from bookstore_ops.idle import looking
from tests.unit.backups.conftest import client
from tests.unit.idle.estate import Estate

PAGE = Path(__file__).resolve().parents[3] / "docs" / "idle.md"
# Where IAM calls a service otherwise than its requests are signed for.
IAM_NAMES = {"monitoring": "cloudwatch"}


def test_the_page_names_every_action_and_all_of_them_only_look(estate: Estate) -> None:
    asked: set[str] = set()

    def note(model: Any, **_: Any) -> None:
        service = model.service_model.signing_name
        asked.add(f"{IAM_NAMES.get(service, service)}:{model.name}")

    arn = "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/a/1"
    estate.warehouse.know("aws_lb", "alb.this", {"arn": arn})
    estate.warehouse.know("aws_nat_gateway", "vpc.this", {"id": "nat-1"})
    for make in (estate.warehouse.table, estate.warehouse.cache):
        make()
    estate.warehouse.resources = [
        each
        for each in estate.warehouse.resources
        if each["type"] not in {"aws_dynamodb_table", "aws_elasticache_replication_group"}
    ]
    for service in looking.SERVICES:
        events = client(service, "eu-west-1").meta.events
        events.register("before-call", note, unique_id="noted")
    try:
        estate.look()
    finally:
        for service in looking.SERVICES:
            client(service, "eu-west-1").meta.events.unregister("before-call", unique_id="noted")
    text = PAGE.read_text()
    assert {action for action in asked if f"`{action}`" not in text} == set()
    assert all(action.partition(":")[2].startswith(("Describe", "List", "Get")) for action in asked)
    assert len(asked) == 12
