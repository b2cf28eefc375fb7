"""Rehearsals of the pages about AWS: broken by boto3 in one sandbox, mended by bsops.

Names are those that the tree gives; one shop stands for all services. A page that leaves things
to a person is gone on with behind that block, as a person would.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.contract.test_lambda_settings import create
from tests.e2e.rehearsing import (
    create_database,
    go_on,
    instance,
    limits,
    measure,
    newest_run,
    once,
    opened_shop,
    run,
    take_back,
)
from tests.e2e.shop import Shop
from tests.e2e.test_releases import assert_at_rest, pushed, sides, start


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop, and all pages."""
    with opened_shop(tmp_path_factory.mktemp("library")) as opened:
        yield opened


def held(shop: Shop, queue: str) -> int:
    """How many messages a queue holds."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    sqs = shop.aws("sqs")
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(map(int, found.values()))


@pytest.mark.rehearses(
    "dead-letter-queue",
    broken="A consumer failed twelve messages until SQS gave them up",
    mended="All twelve processed, attributes kept, none left",
    not_here="Letters of event rules: no rule fails there",
)
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

    waits = run(shop.bench, "dead-letter-queue", queue="payments")
    assert (waits.code, "mend is done by hand" in waits.said) == (1, True), waits.err
    assert "PaymentFailed" in waits.out + waits.err
    assert held(shop, "bookstore-dev-payments-dead-letter") == len(bodies)

    with consumer(shop, url) as processed:
        done = go_on(shop.bench, "redrive")
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


@pytest.mark.rehearses(
    "service-unhealthy",
    broken="All tasks taken out of the load balancer",
    mended="Both are back in it, and healthy",
    not_here="Why a task stopped: none stops there",
)
def test_a_service_whose_tasks_lost_the_load_balancer_is_restarted(shop: Shop) -> None:
    elbv2, logs = shop.aws("elbv2"), shop.aws("logs")
    log_group = "/aws/ecs/bookstore-dev/catalog"
    logs.create_log_group(logGroupName=log_group)
    logs.create_log_stream(logGroupName=log_group, logStreamName="task/1")
    logs.put_log_events(
        logGroupName=log_group,
        logStreamName="task/1",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": "ERROR stuck in a lock"}],
    )
    group = shop.place["groups"][sides(shop)[0]]
    elbv2.deregister_targets(TargetGroupArn=group, Targets=targets(shop, group))
    assert targets(shop, group) == []

    done = run(shop.bench, "service-unhealthy", service="catalog")
    assert done.code == 0, done.err
    assert "ERROR stuck in a lock" in done.out + done.err
    assert len(targets(shop, group)) == 2


def targets(shop: Shop, group: str) -> list[dict[str, Any]]:
    """What the load balancer sends a group's requests to."""
    found = shop.aws("elbv2").describe_target_health(TargetGroupArn=group)
    return [each["Target"] for each in found["TargetHealthDescriptions"]]


@pytest.mark.rehearses(
    "scale-service",
    broken="Two tasks where five are needed",
    mended="Five run, between the new limits; undo gives the old ones back",
    not_here="Load, and autoscaling by it",
)
def test_a_service_with_too_few_tasks_is_scaled_and_scaled_back(shop: Shop) -> None:
    color = sides(shop)[0]
    assert shop.tasks()[color] == 2
    too_many = run(shop.bench, "scale-service", service="catalog", min_tasks=5, max_tasks=4)
    assert too_many.code == 1
    assert shop.tasks()[color] == 2

    done = run(shop.bench, "scale-service", service="catalog", min_tasks=5, max_tasks=9)
    assert done.code == 0, done.err
    assert shop.tasks()[color] == 5
    assert limits(shop) == (5, 9)

    back = take_back(shop.bench)
    assert back.code == 0, back.err
    assert limits(shop) == (2, 6)
    # Autoscaling would take the three away again; here nothing does.
    service = shop.place["services"][color]
    shop.aws("ecs").update_service(cluster="bookstore-dev", service=service, desiredCount=2)


@pytest.mark.rehearses(
    "bad-release",
    broken="An image released that raises its alarm",
    mended="The image before has all traffic, the alarm ended, the bad one sleeps",
    not_here="Functions: none run there",
)
def test_a_bad_release_gives_the_traffic_back_and_its_alarm_ends(shop: Shop) -> None:
    good, bad = pushed(shop), pushed(shop)
    assert start(shop, good).code == 0
    active, _ = sides(shop)
    image = shop.image(active)
    assert start(shop, bad).code == 0
    shop.raise_alarm()
    assert shop.image(sides(shop)[0]) != image
    with once(
        lambda: sides(shop)[0] == active,
        lambda: shop.raise_alarm(raised=False),
        shop,
        "elbv2",
        "cloudwatch",
    ):
        done = run(shop.bench, "bad-release", service="catalog")
    assert done.code == 0, done.err
    assert shop.image(active) == image
    assert_at_rest(shop, active)


@pytest.mark.rehearses(
    "canary-stuck",
    broken="A canary without requests, paused at 5 %",
    mended="Given up, the old image has all traffic; with nothing stuck, the page stops at once",
    not_here="`resume` and `promote` are tried with releases, not with this page",
)
def test_a_canary_that_waits_for_a_person_is_given_up(shop: Shop) -> None:
    old, new = sides(shop)
    paused = start(shop, pushed(shop), "--strategy", "canary")
    assert paused.code == 3
    assert shop.weights()[new] == 5
    done = run(shop.bench, "canary-stuck", service="catalog")
    assert done.code == 0, done.err
    assert_at_rest(shop, old)
    assert run(shop.bench, "canary-stuck", service="catalog").code == 1


@pytest.mark.rehearses(
    "secret-leaked",
    broken="A secret in use is known",
    mended="Another value is current, the tasks that use it are new, no value is in the record",
    not_here="The function that makes values; what a third party issues",
)
def test_a_leaked_secret_is_replaced_and_its_service_restarted(shop: Shop) -> None:
    secrets, elbv2 = shop.aws("secretsmanager"), shop.aws("elbv2")
    name = "bookstore-dev/order-links"
    secrets.create_secret(Name=name, SecretString="known-to-others")
    role = shop.aws("iam").create_role(RoleName="rotation", AssumeRolePolicyDocument="{}")["Role"]
    functions, rotation = shop.aws("lambda"), "bookstore-dev-secret-rotation"
    create(functions, rotation, role["Arn"])
    function = functions.get_function(FunctionName=rotation)["Configuration"]
    secrets.rotate_secret(
        SecretId=name,
        RotationLambdaARN=function["FunctionArn"],
        RotationRules={"AutomaticallyAfterDays": 30},
        RotateImmediately=False,
    )
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "known-to-others"
    vpc = shop.aws("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    group = elbv2.create_target_group(
        Name="bookstore-dev-orders-blue", Protocol="HTTP", Port=8080, VpcId=vpc, TargetType="ip"
    )["TargetGroups"][0]["TargetGroupArn"]
    shop.aws("ecs").create_service(
        cluster="bookstore-dev",
        serviceName="bookstore-dev-orders-blue",
        taskDefinition="bookstore-dev-catalog",
        desiredCount=2,
        loadBalancers=[
            {"targetGroupArn": group, "containerName": "catalog", "containerPort": 8080}
        ],
    )
    # New tasks make themselves known to the load balancer; what stands there now does not.
    elbv2.deregister_targets(TargetGroupArn=group, Targets=targets(shop, group))

    done = run(shop.bench, "secret-leaked", secret="order-links")
    assert done.code == 0, done.err
    current = secrets.get_secret_value(SecretId=name)["SecretString"]
    assert current != "known-to-others"
    assert len(targets(shop, group)) == 2
    record = shop.bench.run(
        "runbook", "report", newest_run(shop.bench)["run"], "--format", "jsonl"
    ).out
    for text in (done.out, done.err, record):
        assert "known-to-others" not in text
        assert current not in text


@pytest.mark.rehearses(
    "access-key-compromised",
    broken="A user's key works",
    mended="The key is inactive, its user denied everything; undo lets both in again",
    not_here="Whether AWS refuses the key; the trail",
)
def test_a_compromised_key_is_shut_out_and_can_be_let_in_again(shop: Shop) -> None:
    iam = shop.aws("iam")
    iam.create_user(UserName="deployer")
    key = iam.create_access_key(UserName="deployer")["AccessKey"]["AccessKeyId"]
    waits = run(shop.bench, "access-key-compromised", user="deployer", key_id=key)
    assert (waits.code, "investigate is done by hand" in waits.said) == (1, True), waits.err
    assert key_state(shop) == {key: "Inactive"}
    assert iam.list_user_policies(UserName="deployer")["PolicyNames"] == ["quarantine"]

    back = take_back(shop.bench)
    assert back.code == 0, back.err
    assert key_state(shop) == {key: "Active"}
    assert iam.list_user_policies(UserName="deployer")["PolicyNames"] == []


def key_state(shop: Shop) -> dict[str, str]:
    """Which keys the user has, and whether they open anything."""
    keys = shop.aws("iam").list_access_keys(UserName="deployer")["AccessKeyMetadata"]
    return {each["AccessKeyId"]: each["Status"] for each in keys}


@pytest.fixture(scope="module")
def database(shop: Shop) -> str:
    """The tree's database, with its standby."""
    create_database(shop)
    return "bookstore-dev"


@pytest.mark.rehearses(
    "database-failover",
    broken="The database stopped; then one that is available, and taken for silent",
    mended="It is started, and stays where it is; else the standby's zone becomes the primary's, "
    "and without `--allow` nothing happens",
    not_here="That connections break and come back; replicas that lag",
)
def test_a_database_that_is_silent_is_started_or_fails_over_to_its_standby(
    shop: Shop, database: str
) -> None:
    before = instance(shop, database)["AvailabilityZone"]
    shop.aws("rds").stop_db_instance(DBInstanceIdentifier=database)
    started = run(shop.bench, "database-failover")
    assert started.code == 0, started.err
    assert instance(shop, database)["DBInstanceStatus"] == "available"
    assert newest_run(shop.bench)["outcomes"]["failover"] == "skipped"

    waits = run(shop.bench, "database-failover")
    assert (waits.code, "--allow failover" in waits.said) == (1, True), waits.err
    assert instance(shop, database)["AvailabilityZone"] == before

    done = run(shop.bench, "database-failover", "--allow=failover")
    assert done.code == 0, done.err
    assert instance(shop, database)["AvailabilityZone"] != before
    assert newest_run(shop.bench)["outcomes"]["reboot"] == "skipped"


@pytest.mark.rehearses(
    "database-restore",
    broken="Nothing: a database holds no rows there",
    mended="A second one stands beside, same network and settings; undo deletes that one only",
    not_here="Rows, how long it takes, switching over",
)
def test_a_database_is_restored_beside_the_one_that_runs(shop: Shop, database: str) -> None:
    moment = datetime.now(UTC) - timedelta(hours=1)
    tomorrow = moment + timedelta(days=1)
    refused = run(shop.bench, "database-restore", moment=f"{tomorrow:%Y-%m-%dT%H:%M:%SZ}")
    assert (refused.code, "it must lie between" in refused.said) == (1, True), refused.err

    waits = run(shop.bench, "database-restore", moment=f"{moment:%Y-%m-%dT%H:%M:%SZ}")
    assert (waits.code, "copy is done by hand" in waits.said) == (1, True), waits.err
    kept, restored = instance(shop, database), instance(shop, f"{database}-restored")
    for place in ("DBSubnetGroup", "DBParameterGroups", "VpcSecurityGroups", "DBInstanceClass"):
        assert restored[place] == kept[place]
    assert restored["DbiResourceId"] != kept["DbiResourceId"]

    undone = take_back(shop.bench)
    assert undone.code == 0, undone.err
    left = shop.aws("rds").describe_db_instances()["DBInstances"]
    assert [each["DBInstanceIdentifier"] for each in left] == [database]


@pytest.mark.rehearses(
    "event-bus-failures",
    broken="A rule without its target while three events are published",
    mended="All three are in the queue once the target is back",
    not_here="Only this rule, only this period: all of the archive goes to all rules there",
)
def test_events_that_a_rule_did_not_deliver_are_replayed(shop: Shop) -> None:
    events, sqs, name = shop.aws("events"), shop.aws("sqs"), "bookstore-dev"
    url = sqs.create_queue(QueueName=f"{name}-search")["QueueUrl"]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    bus = events.create_event_bus(Name=name)["EventBusArn"]
    events.create_archive(ArchiveName=name, EventSourceArn=bus)
    rule = {"Name": f"{name}-search", "EventBusName": name}
    events.put_rule(**rule, EventPattern=json.dumps({"source": ["bookstore.reviews"]}))
    began = datetime.now(UTC)
    entry = {"Source": "bookstore.reviews", "DetailType": "ReviewPosted", "EventBusName": name}
    events.put_events(Entries=[{**entry, "Detail": json.dumps({"review": n})} for n in range(3)])
    assert held(shop, f"{name}-search") == 0

    period = {
        "since": f"{began - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}",
        "until": f"{began + timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}",
    }
    waits = run(shop.bench, "event-bus-failures", rule="search", **period)
    assert (waits.code, "mend is done by hand" in waits.said) == (1, True), waits.err
    events.put_targets(
        Rule=rule["Name"],
        EventBusName=name,
        Targets=[{"Id": "search", "Arn": queue["QueueArn"]}],
    )
    done = go_on(shop.bench, "ready")
    assert done.code == 0, done.err
    received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    reviews = [json.loads(each["Body"])["detail"]["review"] for each in received]
    assert sorted(reviews) == [0, 1, 2]


@pytest.mark.rehearses(
    "waf-under-attack",
    broken="An address may send 2000 requests",
    mended="It may send 300, nothing else differs; undo gives 2000 back",
    not_here="The attack: no request passes a firewall there",
)
def test_under_attack_the_firewall_lets_less_through_and_nothing_else_changes(shop: Shop) -> None:
    waf, name = shop.aws("wafv2"), "bookstore-dev"
    seen = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": name}
    rate = {"RateBasedStatement": {"Limit": 2000, "AggregateKeyType": "IP"}}
    managed = {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}
    made = waf.create_web_acl(
        Name=name,
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        VisibilityConfig=seen,
        Rules=[
            {
                "Name": "rate-per-ip",
                "Priority": 1,
                "Action": {"Block": {}},
                "Statement": rate,
                "VisibilityConfig": seen,
            },
            {
                "Name": "common",
                "Priority": 4,
                "OverrideAction": {"None": {}},
                "Statement": {"ManagedRuleGroupStatement": managed},
                "VisibilityConfig": seen,
            },
        ],
    )["Summary"]

    def acl() -> dict[str, Any]:
        which = {"Name": name, "Scope": "REGIONAL", "Id": made["Id"]}
        return dict(waf.get_web_acl(**which)["WebACL"])

    before = acl()
    done = run(shop.bench, "waf-under-attack", limit=300)
    assert done.code == 0, done.err
    lower = json.loads(json.dumps(before))
    lower["Rules"][0]["Statement"]["RateBasedStatement"]["Limit"] = 300
    assert acl() == lower
    assert take_back(shop.bench).code == 0
    assert acl() == before


@pytest.mark.rehearses(
    "redis-failover-or-memory",
    broken="A node whose metric says 97.5 % full",
    mended="All nodes are one size larger; undo gives the old size back",
    not_here="Keys that fill it, and a failover: no node fails there",
)
def test_a_redis_that_is_full_gets_larger_nodes(shop: Shop) -> None:
    cache, name = shop.aws("elasticache"), "bookstore-dev"
    cache.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription=name,
        Engine="redis",
        CacheNodeType="cache.t4g.micro",
        NumCacheClusters=2,
        AutomaticFailoverEnabled=True,
    )
    measure(
        shop,
        "AWS/ElastiCache",
        {"CacheClusterId": f"{name}-001"},
        DatabaseMemoryUsagePercentage=97.5,
    )
    done = run(shop.bench, "redis-failover-or-memory", node_type="cache.t4g.small")
    assert done.code == 0, done.err
    assert "DatabaseMemoryUsagePercentage 97.5" in " ".join((done.out + done.err).split())
    assert nodes(shop) == {"cache.t4g.small"}
    assert take_back(shop.bench).code == 0
    assert nodes(shop) == {"cache.t4g.micro"}


def nodes(shop: Shop) -> set[str]:
    """The sizes of Redis's nodes, as the group and each of its members have it."""
    cache = shop.aws("elasticache")
    (group,) = cache.describe_replication_groups(ReplicationGroupId="bookstore-dev")[
        "ReplicationGroups"
    ]
    members = [
        cache.describe_cache_clusters(CacheClusterId=each)["CacheClusters"][0]
        for each in group["MemberClusters"]
    ]
    return {each["CacheNodeType"] for each in (group, *members)}


@pytest.mark.rehearses(
    "certificate-expiring",
    broken="An imported certificate ends in five days",
    mended="It is found, and after a new one was imported none ends",
    not_here="Renewal by ACM itself",
)
def test_an_imported_certificate_that_ends_is_found_and_renewed(shop: Shop) -> None:
    acm = shop.aws("acm")
    old, new = certificate(days=5), certificate(days=300)
    arn = acm.import_certificate(**old)["CertificateArn"]
    waits = run(shop.bench, "certificate-expiring")
    assert (waits.code, "renew is done by hand" in waits.said) == (1, True), waits.err
    assert arn in waits.out + waits.err
    acm.import_certificate(CertificateArn=arn, **new)
    done = go_on(shop.bench, "over")
    assert done.code == 0, done.err
    assert run(shop.bench, "certificate-expiring").code == 0
    assert newest_run(shop.bench)["outcomes"]["renew"] == "skipped"


def certificate(*, days: int) -> dict[str, bytes]:
    """A certificate of our own with its key, valid that long."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "api.bookstore.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return {
        "Certificate": made.public_bytes(serialization.Encoding.PEM),
        "PrivateKey": key.private_bytes(serialization.Encoding.PEM, form, plain),
    }


@pytest.mark.rehearses(
    "api-5xx-or-latency",
    broken="Metrics say that one colour fails, its alarm is raised",
    mended="The colour is named; it is over once the alarm has ended, not before",
    not_here="Real requests; the pages it leads to are rehearsed on their own",
)
def test_of_requests_that_fail_it_is_found_which_service_and_colour_they_hit(shop: Shop) -> None:
    color = sides(shop)[0]
    shop.raise_alarm()
    shop.measure(color, requests=200, errors=50, seconds=1.5)
    waits = run(shop.bench, "api-5xx-or-latency")
    assert (waits.code, "mend is done by hand" in waits.said) == (1, True), waits.err
    said = " ".join((waits.out + waits.err).split())
    assert "1 alarms are raised" in said
    row = re.search(rf"catalog-{color} +(\d+) requests, +([\d.]+) % failed", said)
    assert row
    assert int(row[1]) >= 200
    assert float(row[2]) > 0
    shop.raise_alarm(raised=False)
    done = go_on(shop.bench, "over")
    assert done.code == 0, done.err


@pytest.mark.rehearses(
    "throttling",
    broken="The API's limits are those of the tree",
    mended="It lets more through; undo gives the old limits back",
    not_here="Requests that are turned away; tables and functions",
)
def test_an_api_that_turns_customers_away_lets_more_through(shop: Shop) -> None:
    gateway = shop.aws("apigateway")
    api = gateway.create_rest_api(name="bookstore-dev")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    where = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
    gateway.put_method(**where, authorizationType="NONE")
    gateway.put_integration(**where, type="MOCK")
    gateway.create_deployment(restApiId=api, stageName="v1")
    change_limits(shop, api, 500, 1000)

    done = run(shop.bench, "throttling", rate=800, burst=1600)
    assert done.code == 0, done.err
    assert api_limits(shop, api) == (800, 1600)
    assert take_back(shop.bench).code == 0
    assert api_limits(shop, api) == (500, 1000)


def change_limits(shop: Shop, api: str, rate: int, burst: int) -> None:
    """Give the API's stage the limits that the tree gives it."""
    limits = {"rateLimit": rate, "burstLimit": burst}
    shop.aws("apigateway").update_stage(
        restApiId=api,
        stageName="v1",
        patchOperations=[
            {"op": "replace", "path": f"/*/*/throttling/{name}", "value": str(value)}
            for name, value in limits.items()
        ],
    )


def api_limits(shop: Shop, api: str) -> tuple[float, int]:
    """How much the API's stage lets through."""
    stage = shop.aws("apigateway").get_stage(restApiId=api, stageName="v1")
    held = stage["methodSettings"]["*/*"]
    return held["throttlingRateLimit"], held["throttlingBurstLimit"]
