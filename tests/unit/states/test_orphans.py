"""What AWS has and the state has not."""

from typing import Any

import pytest

from bookstore_ops.states.arns import Importable, importable
from bookstore_ops.states.orphans import Orphan, regions_in, unknown_in, unlisted_in, wanted_tags
from bookstore_ops.terraform.state import StateInstance

TAGS = {"Project": "bookstore", "Environment": "dev", "ManagedBy": "terraform"}
QUEUE = "arn:aws:sqs:eu-west-1:111111111111:orders"


def instance(address: str, **attributes: Any) -> StateInstance:
    return StateInstance(address, address.split(".")[-2], {"tags_all": TAGS, **attributes})


@pytest.mark.parametrize(
    ("rest", "kind", "identifier"),
    [
        ("s3:::logs", "aws_s3_bucket", "logs"),
        ("dynamodb:eu-west-1:1:table/books", "aws_dynamodb_table", "books"),
        ("dynamodb:eu-west-1:1:table/books/stream/2020", None, None),
        ("ssm:eu-west-1:1:parameter/chain/00", "aws_ssm_parameter", "/chain/00"),
        ("ssm:eu-west-1:1:parameter/one", "aws_ssm_parameter", "one"),
        (
            "sqs:eu-west-1:1:orders",
            "aws_sqs_queue",
            "https://sqs.eu-west-1.amazonaws.com/1/orders",
        ),
        ("sns:eu-west-1:1:alarms", "aws_sns_topic", "arn:aws:sns:eu-west-1:1:alarms"),
        ("sns:eu-west-1:1:alarms:5-5", None, None),
        ("kms:eu-west-1:1:key/5-5", "aws_kms_key", "5-5"),
        ("ec2:eu-west-1:1:vpc/vpc-0a", "aws_vpc", "vpc-0a"),
        ("ec2:eu-west-1:1:spaceship/x", None, None),
        ("logs:eu-west-1:1:log-group:/ecs/a:*", "aws_cloudwatch_log_group", "/ecs/a"),
        ("rds:eu-west-1:1:db:main", "aws_db_instance", "main"),
        ("ecs:eu-west-1:1:service/c/s", "aws_ecs_service", "c/s"),
        ("iam::1:role/ecs/task", "aws_iam_role", "task"),
        ("wafv2:eu-west-1:1:regional/webacl/n/i", "aws_wafv2_web_acl", "i/n/REGIONAL"),
        ("starship:eu-west-1:1:x", None, None),
    ],
)
def test_what_an_arn_tells(rest: str, kind: str | None, identifier: str | None) -> None:
    found = importable(f"arn:aws:{rest}")
    assert found == (Importable(kind, identifier) if kind and identifier else None)


def test_no_arn_tells_nothing() -> None:
    assert importable("orders") is None


def test_what_is_in_the_state_by_arn_or_by_unique_id_is_no_orphan() -> None:
    known = [
        instance("aws_sqs_queue.q", arn=QUEUE, id="https://…/orders"),
        instance("aws_nat_gateway.n", id="nat-0123456789abcdef0"),
        instance("aws_cloudwatch_log_group.l", arn="arn:aws:logs:eu-west-1:1:log-group:/a"),
    ]
    arns = [
        QUEUE,
        "arn:aws:ec2:eu-west-1:1:natgateway/nat-0123456789abcdef0",
        "arn:aws:logs:eu-west-1:1:log-group:/a:*",
    ]
    assert unknown_in(arns, known, {}) == []


def test_what_aws_makes_for_something_known_is_no_orphan() -> None:
    group = instance(
        "aws_elasticache_replication_group.this",
        arn="arn:aws:elasticache:eu-west-1:1:replicationgroup:books",
    )
    node = "arn:aws:elasticache:eu-west-1:1:cluster:books-001"
    snapshot = "arn:aws:rds:eu-west-1:1:snapshot:rds:books-2026-11-26-13-33"
    assert unknown_in([node, snapshot], [group], {}) == []
    assert [orphan.arn for orphan in unknown_in([node], [], {})] == [node]


def test_what_the_state_only_refers_to_is_an_orphan_all_the_same() -> None:
    alarm = instance("aws_cloudwatch_metric_alarm.a", arn="arn:x", dead_letter_arn=QUEUE)
    (orphan,) = unknown_in([QUEUE], [alarm], {})
    assert (orphan.type, orphan.address) == ("aws_sqs_queue", None)


def test_an_earlier_state_knows_the_address() -> None:
    (orphan,) = unknown_in(["arn:aws:s3:::logs"], [], {"arn:aws:s3:::logs": "aws_s3_bucket.l"})
    assert orphan == Orphan("arn:aws:s3:::logs", "aws_s3_bucket", "logs", "aws_s3_bucket.l")


def test_what_aws_does_not_list_is_named_only_where_it_lists_such_things() -> None:
    known = [
        instance("aws_sqs_queue.q", arn=QUEUE),
        instance("aws_s3_bucket.b", arn="arn:aws:s3:::b"),
        instance("aws_sqs_queue.other", arn=f"{QUEUE}2", tags_all={"Environment": "prod"}),
    ]
    other = "arn:aws:sqs:eu-west-1:111111111111:others"
    assert unlisted_in([other], known, TAGS) == ["aws_sqs_queue.q"]
    assert unlisted_in([QUEUE], known, TAGS) == []


def test_the_project_is_the_one_most_resources_have() -> None:
    known = [instance("a.a"), instance("a.b"), instance("a.c", tags_all={"Project": "x"})]
    assert wanted_tags("dev", known) == TAGS
    assert wanted_tags("dev", []) == {"Environment": "dev", "ManagedBy": "terraform"}


def test_regions_are_those_of_the_arns() -> None:
    known = [instance("a.a", arn=QUEUE), instance("a.b", arn="arn:aws:s3:::b"), instance("a.c")]
    assert regions_in(known) == {"eu-west-1"}
