"""Rehearsals of the pages about AWS: broken by boto3 in one sandbox, mended by bsops.

Names are those that the tree gives; one shop stands for all services. A page that leaves things
to a person is gone on with behind that block, as a person would.
"""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.shop import Shop, open_shop
from tests.e2e.workspaces import REPOSITORY, Finished, make_bench


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop, and all pages."""
    bench = make_bench(tmp_path_factory.mktemp("library"))
    shutil.copytree(REPOSITORY / "runbooks", bench.root / "runbooks")
    yield open_shop(bench)
    lifecycle.stop(bench.workspace)


def run(shop: Shop, page: str, *options: str, **parameters: object) -> Finished:
    """Run a page, everything agreed to."""
    given = [f"--param={name}={value}" for name, value in parameters.items()]
    words = ("runbook", "run", page, "dev", "--sandbox", "--yes", *given, *options)
    return shop.bench.run(*words, timeout=120)


def go_on(shop: Shop, block: str, *options: str) -> Finished:
    """Go on with the newest run, at that block: a person has done what stood before it."""
    newest = newest_run(shop)["run"]
    words = ("runbook", "resume", newest, "--yes", "--from", block, *options)
    return shop.bench.run(*words, timeout=120)


def newest_run(shop: Shop) -> dict[str, Any]:
    """What is kept of the newest run."""
    (newest,) = shop.bench.run("runbook", "history", "--last", "1", "--json").json["runs"]
    return dict(newest)


def held(shop: Shop, queue: str) -> int:
    """How many messages a queue holds."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = shop.aws("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


def test_dead_letters_are_sent_again_once_their_consumer_is_mended(shop: Shop) -> None:
    sqs = shop.aws("sqs")
    letters = sqs.create_queue(QueueName="bookstore-dev-payments-dead-letter")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=letters, AttributeNames=["QueueArn"])
    policy = {"deadLetterTargetArn": arn["Attributes"]["QueueArn"], "maxReceiveCount": 1}
    url = sqs.create_queue(
        QueueName="bookstore-dev-payments",
        Attributes={"VisibilityTimeout": "0", "RedrivePolicy": json.dumps(policy)},
    )["QueueUrl"]
    bodies = [json.dumps({"detail-type": "PaymentFailed", "detail": {"n": n}}) for n in range(12)]
    for body in bodies:
        sqs.send_message(
            QueueUrl=url,
            MessageBody=body,
            MessageAttributes={"trace": {"DataType": "String", "StringValue": "kept"}},
        )
    # The consumer takes each and fails: at the second time SQS gives it up.
    for _ in range(6):
        sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
    assert held(shop, "bookstore-dev-payments-dead-letter") == len(bodies)

    waits = run(shop, "dead-letter-queue", queue="payments")
    assert (waits.code, "mend is done by hand" in waits.said) == (1, True), waits.err
    assert "PaymentFailed" in waits.out + waits.err
    assert held(shop, "bookstore-dev-payments-dead-letter") == len(bodies)

    with consumer(shop, url) as processed:
        done = go_on(shop, "redrive")
    assert done.code == 0, done.err
    assert sorted(body for body, _ in processed) == sorted(bodies)
    assert {trace for _, trace in processed} == {"kept"}
    assert held(shop, "bookstore-dev-payments-dead-letter") == 0


@contextmanager
def consumer(shop: Shop, url: str) -> Iterator[list[tuple[str, str]]]:
    """Somebody who works from a queue; what was processed."""
    sqs = shop.aws("sqs")
    seen: list[tuple[str, str]] = []
    over = threading.Event()

    def work() -> None:
        while not over.wait(0.1):
            found = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                VisibilityTimeout=30,
                MessageAttributeNames=["All"],
            )
            for message in found.get("Messages", []):
                trace = message["MessageAttributes"]["trace"]["StringValue"]
                seen.append((message["Body"], trace))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
