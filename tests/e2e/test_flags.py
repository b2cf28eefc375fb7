"""Flags by the installed bsops: given to more and more customers, set back, and told of."""

import json
import os
import re
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby

import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.shop import Shop, open_shop
from tests.e2e.workspaces import Finished, make_bench, wait_until

_OFF = {"enabled": False, "percent": 0}
_DONE = {"enabled": True, "percent": 100}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop; each test begins with the flag off and nothing under way."""
    bench = make_bench(tmp_path_factory.mktemp("flags"))
    yield open_shop(bench)
    lifecycle.stop(bench.workspace)


@pytest.fixture
def shop(shared: Shop) -> Iterator[Shop]:
    """The shop at rest, with some customers before anything begins."""
    shared.measure("blue", requests=100)
    yield shared
    shared.raise_alarm(raised=False)
    shared.reset_flags()


def run(shop: Shop, command: str, *options: str, env: dict[str, str] | None = None) -> Finished:
    """`bsops flags … dev catalog beta` in the sandbox."""
    words = ("flags", command, "dev", "catalog", "beta", *options, "--sandbox")
    return shop.bench.run(*words, env=env, timeout=120)


def listed(shop: Shop) -> dict[str, object]:
    """The flag as `bsops flags list` has it."""
    done = shop.bench.run("flags", "list", "dev", "--sandbox", "--json")
    (beta,) = (flag for flag in done.json["flags"] if flag["name"] == "beta")
    assert isinstance(beta, dict)
    return beta


@contextmanager
def customers(shop: Shop, *, errors_at: float = 101) -> Iterator[list[float]]:
    """Requests all the time, a part of which fail from that share on; the shares over time."""
    seen: list[float] = []
    over = threading.Event()
    for name in ("appconfig", "cloudwatch"):
        shop.aws(name)  # in this thread: see aws.session

    def call() -> None:
        while not over.is_set():
            flag = shop.flag("beta")
            share = flag["percent"] if flag["enabled"] else 0
            seen.append(share)
            shop.measure("blue", requests=100, errors=20 if share >= errors_at else 0)
            over.wait(0.1)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def test_a_flag_is_set_for_everybody_within_what_it_may_be(shop: Shop) -> None:
    nobody = run(shop, "set", "on", "--yes")
    assert (nobody.code, shop.flag("beta")) == (3, _OFF)
    assert "beta would be on for nobody" in nobody.said
    set_ = run(shop, "set", "on", "percent=30", "--yes")
    assert (set_.code, shop.flag("beta")) == (0, {"enabled": True, "percent": 30})
    assert "who has it: 30 % of the customers" in set_.out
    assert shop.flag("banner") == {"enabled": True}
    wrong = run(shop, "set", "percent=300", "--yes")
    assert (wrong.code, shop.flag("beta")["percent"]) == (64, 30)
    assert "it is too large: number, minimum 0, maximum 100" in wrong.said
    unknown = shop.bench.run("flags", "set", "dev", "catalog", "bata", "on", "--yes", "--sandbox")
    assert unknown.code == 64
    assert "did you mean beta?" in unknown.said
    not_asked = run(shop, "set", "off")
    assert not_asked.code == 3
    assert "--yes" in not_asked.said
    shown = listed(shop)
    assert (shown["services"], shown["percent"], shown["rollout"]) == (["catalog"], 30, None)


def test_a_rollout_that_does_well_is_given_to_everybody_and_remembered(shop: Shop) -> None:
    with customers(shop) as shares:
        done = run(shop, "rollout", "--yes")
    assert done.code == 0, done.err
    assert [share for share, _ in groupby(shares)] == [0, 5, 25, 50, 100]
    assert shop.flag("beta") == _DONE
    run_ = shop.bench.run("history", "dev", "--last", "1", "--json").json["runs"][0]
    steps = [step["what"] for step in run_["steps"]]
    assert run_["command"] == "flags rollout"
    assert [step for step in steps if " is on for " in step] == [
        f"beta: beta is on for {share} %" for share in (5, 25, 50, 100)
    ]
    again = run(shop, "rollout", "--yes")
    assert again.code == 3
    assert "rolled out already" in again.said
    # Nobody counts the requests of a service that no load balancer sends any.
    blind = ("flags", "rollout", "dev", "inventory", "slow", "--yes", "--sandbox")
    assert "nothing would tell how inventory does" in shop.bench.run(*blind).said


def test_an_alarm_sets_it_back_and_no_rollout_begins_while_one_is_raised(shop: Shop) -> None:
    with customers(shop):
        process = shop.bench.start(
            "flags", "rollout", "dev", "catalog", "beta", "--yes", "--sandbox"
        )
        wait_until(lambda: shop.flag("beta")["enabled"])
        shop.raise_alarm()
        failed = process.finish()
    assert failed.code == 1
    assert "alarms are raised: bookstore-dev-catalog-5xx" in failed.said
    assert shop.flag("beta") == _OFF
    refused = run(shop, "rollout", "--yes")
    assert refused.code == 3
    assert "is not well" in refused.said


def test_too_few_customers_wait_for_a_person_who_may_pass_the_step(shop: Shop) -> None:
    settings = shop.bench.workspace.tree / "releases.toml"
    text = settings.read_text()
    settings.write_text(f"{text}steps = [50, 100]\nminimum_requests = 100000\n")
    try:
        paused = run(shop, "rollout", "--yes")
        assert paused.code == 3
        assert "inconclusive at 50 %" in paused.said
        busy = run(shop, "set", "off", "--yes")
        assert busy.code == 4
        assert "was left half-way" in busy.said
        promoted = run(shop, "promote", "--yes")
        assert promoted.code == 3
        assert "inconclusive at 100 %" in promoted.said
        assert run(shop, "promote", "--yes").code == 0
    finally:
        settings.write_text(text)
    assert shop.flag("beta") == _DONE


@pytest.mark.parametrize("way", ["resume", "abort"])
def test_a_killed_rollout_is_held_until_it_is_taken_up_or_given_up(shop: Shop, way: str) -> None:
    with customers(shop):
        process = shop.bench.start(
            "flags", "rollout", "dev", "catalog", "beta", "--yes", "--sandbox"
        )
        wait_until(lambda: shop.flag("beta")["enabled"])
        os.killpg(process.process.pid, signal.SIGSTOP)  # it lives, and comes no further
        second = run(shop, "rollout", "--yes")
        assert second.code == 4
        assert "is under way in dev" in second.said
        if way == "abort":
            blurred = shop.run("start", "dev", "catalog", "--image", "1.1.0", "--yes")
        else:
            other = ("flags", "rollout", "dev", "catalog", "slow", "--yes", "--sandbox")
            blurred = shop.bench.run(*other)
        assert blurred.code == 4
        assert "two changes of catalog at once could not be told apart" in blurred.said
        os.killpg(process.process.pid, signal.SIGKILL)
        process.process.wait()
        assert listed(shop)["holder"] == "dead"
        options = ("--yes",) if way == "abort" else ()
        ended = run(shop, way, *options)
    assert ended.code == 0, ended.err
    assert shop.flag("beta") == (_OFF if way == "abort" else _DONE)
    assert listed(shop)["astray"] is None


def test_ctrl_c_leaves_it_where_it_is_and_says_how_to_go_on(shop: Shop) -> None:
    with customers(shop):
        process = shop.bench.start(
            "flags", "rollout", "dev", "catalog", "beta", "--yes", "--sandbox"
        )
        wait_until(lambda: shop.flag("beta")["enabled"])
        process.signal(signal.SIGINT)
        left = process.finish()
    assert left.code == 130
    assert "bsops flags resume dev catalog beta --sandbox" in left.said
    assert listed(shop)["holder"] is None


class Chat:
    """A chat with a webhook at ``address``: what was posted is ``heard`` and gets ``status``."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.status = 200
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                chat.heard.append(json.loads(body)["text"])
                self.send_response(chat.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/services/s3cret-path"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def chat(shop: Shop) -> Iterator[Chat]:
    """A chat and a topic that are told, and a queue that hears the topic."""
    chat = Chat()
    topic = shop.aws("sns").create_topic(Name="releases")["TopicArn"]
    policy = shop.bench.workspace.environments / "dev.toml"
    text = policy.read_text()
    policy.write_text(f'{text}\n[notify]\nsns = "{topic}"\nwebhook_env = "CHAT"\n')
    yield chat
    policy.write_text(text)
    chat.close()


def heard_by_queue(shop: Shop, queue: str) -> list[str]:
    """What the topic sent to the queue, in no order."""
    found: list[str] = []
    while (
        messages := shop.aws("sqs")
        .receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        .get("Messages")
    ):
        for message in messages:
            found.append(json.loads(message["Body"])["Message"])
            shop.aws("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_start_steps_and_outcome_are_told_to_the_chat_and_the_topic(shop: Shop, chat: Chat) -> None:
    sqs = shop.aws("sqs")
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    topic = shop.aws("sns").create_topic(Name="releases")["TopicArn"]
    shop.aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    with customers(shop):
        done = run(shop, "rollout", "--steps", "50,100", "--yes", env={"CHAT": chat.address})
    assert done.code == 0, done.err
    said = [text.partition(": ")[2].rpartition(" (")[0] for text in chat.heard]
    assert said[0].startswith("rollout to 50 %, 100 %, by ")
    assert said[1:] == ["beta is on for 50 %", "beta is on for 100 %", "done"]
    assert all(text.startswith("[dev, sandbox] rollout of beta") for text in chat.heard)
    assert sorted(heard_by_queue(shop, queue)) == sorted(chat.heard)


def test_who_cannot_be_told_is_named_without_the_secret_and_the_rollout_goes_on(
    shop: Shop, chat: Chat
) -> None:
    chat.status = 500
    with customers(shop):
        done = run(shop, "rollout", "--steps", "100", "--yes", env={"CHAT": chat.address})
    assert done.code == 0, done.err
    assert "the webhook was not told (start): it answered 500" in done.said
    assert done.said.count("it answered 500") == 1
    journal = (shop.bench.root / ".bsops" / "journal.jsonl").read_text()
    assert "notification: the webhook was not told (outcome): it answered 500" in journal
    assert "s3cret" not in journal + done.err + done.out


# Last of all: CloudWatch counts by the minute, and its errors are those of what follows, too.
def test_a_rollout_that_does_not_is_set_back_and_what_others_set_stays(shop: Shop) -> None:
    with customers(shop, errors_at=25) as shares:
        process = shop.bench.start(
            *("flags", "rollout", "dev", "catalog", "beta", "--yes", "--sandbox", "--json")
        )
        wait_until(lambda: 5 in shares)
        other = ("flags", "set", "dev", "catalog", "banner", "off", "--yes", "--sandbox")
        assert shop.bench.run(*other).code == 0
        failed = process.finish()
    assert failed.code == 1
    rollout = failed.json["rollout"]
    assert (rollout["outcome"], rollout["enabled"], rollout["percent"]) == ("failed", False, 0)
    assert re.match(r"errors is [\d.]+, ", rollout["reason"])
    assert max(shares) == 25
    assert shop.flag("beta") == _OFF
    assert shop.flag("banner") == {"enabled": False}
