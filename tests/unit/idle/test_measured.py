"""What the state knows and CloudWatch measures: idle, in use, or nobody can tell."""

import pytest

from bookstore_ops.idle.model import Verdict
from tests.unit.backups.warehouse import ACCOUNT, ELSEWHERE, REGION
from tests.unit.idle.estate import DAYS, Estate


def gateway(estate: Estate, name: str, zone: str = "a") -> None:
    estate.warehouse.know("aws_nat_gateway", "vpc.this", {"id": name}, f"{REGION}{zone}")


def sent(estate: Estate, name: str, value: float, days: int = DAYS) -> None:
    metric = "BytesOutToDestination"
    estate.measured("AWS/NATGateway", metric, value, days=days, NatGatewayId=name)


def test_a_gateway_that_sends_nothing_is_idle_and_one_that_does_is_not(estate: Estate) -> None:
    gateway(estate, "nat-1", "a")
    gateway(estate, "nat-2", "b")
    sent(estate, "nat-1", 0)
    sent(estate, "nat-2", 512)
    assert estate.verdicts("NAT gateway") == {"nat-1": Verdict.IDLE, "nat-2": Verdict.USED}
    found = estate.one("NAT gateway", "nat-1")
    assert found.address == f'module.bookstore.module.vpc.aws_nat_gateway.this["{REGION}a"]'
    assert found.amount == "0 bytes sent out in 14 d"
    assert found.mend == (
        "bsops tfvars set dev network.single_nat_gateway true; then bsops apply dev"
    )


def test_a_single_gateway_has_no_value_that_takes_it_away(estate: Estate) -> None:
    gateway(estate, "nat-1")
    sent(estate, "nat-1", 0)
    assert "bsops destroy dev" in estate.one("NAT gateway", "nat-1").mend


@pytest.mark.parametrize("days", [0, DAYS - 1])
def test_a_gateway_of_which_days_are_lacking_is_unknown(estate: Estate, days: int) -> None:
    gateway(estate, "nat-1")
    sent(estate, "nat-1", 0, days=days)
    found = estate.one("NAT gateway", "nat-1")
    assert found.verdict is Verdict.UNKNOWN
    assert "CloudWatch lacks days of BytesOutToDestination" in found.why
    assert not found.mend


def test_more_days_look_further_back(estate: Estate) -> None:
    gateway(estate, "nat-1")
    sent(estate, "nat-1", 0, days=7)
    assert estate.verdicts("NAT gateway", days=7) == {"nat-1": Verdict.IDLE}
    assert estate.verdicts("NAT gateway", days=8) == {"nat-1": Verdict.UNKNOWN}


def balancer(estate: Estate, name: str = "bookstore-dev", kind: str = "application") -> str:
    ec2 = estate.aws("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    made = estate.aws("elbv2").create_load_balancer(Name=name, Type=kind, Subnets=subnets)
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


@pytest.mark.parametrize(
    ("kind", "namespace", "metric"),
    [
        ("application", "AWS/ApplicationELB", "RequestCount"),
        ("network", "AWS/NetworkELB", "NewFlowCount"),
    ],
)
def test_a_balancer_that_reports_nothing_had_no_requests(
    estate: Estate, kind: str, namespace: str, metric: str
) -> None:
    arn = balancer(estate, kind=kind)
    estate.warehouse.know("aws_lb", "alb.this", {"arn": arn})
    assert estate.verdicts("load balancer") == {"bookstore-dev": Verdict.IDLE}
    where = arn.partition(":loadbalancer/")[2]
    estate.measured(namespace, metric, 1, days=1, LoadBalancer=where)
    assert estate.verdicts("load balancer") == {"bookstore-dev": Verdict.USED}


def test_a_young_balancer_is_unknown(estate: Estate) -> None:
    estate.warehouse.know("aws_lb", "alb.this", {"arn": balancer(estate)})
    found = [each for each in estate.look(days=120) if each.kind == "load balancer"]
    assert [each.verdict for each in found] == [Verdict.UNKNOWN]
    assert "too young: it was there for 99 of 120 days" in found[0].why


def test_a_balancer_of_somebody_else_is_never_named(estate: Estate) -> None:
    balancer(estate, "theirs")
    gone = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/bookstore-dev/1"
    estate.warehouse.know("aws_lb", "alb.this", {"arn": gone})
    assert estate.verdicts("load balancer") == {}


def test_a_database_without_connections_is_idle(estate: Estate) -> None:
    estate.warehouse.database()
    name = estate.warehouse.name
    estate.measured("AWS/RDS", "DatabaseConnections", 0, DBInstanceIdentifier=name)
    assert estate.verdicts("database") == {name: Verdict.IDLE}
    estate.measured("AWS/RDS", "DatabaseConnections", 3, days=1, DBInstanceIdentifier=name)
    assert estate.verdicts("database") == {name: Verdict.USED}


def test_a_reader_without_connections_is_a_value_of_the_tree(estate: Estate) -> None:
    reader = {"identifier": "reader", "replicate_source_db": estate.warehouse.name}
    estate.warehouse.know("aws_db_instance", "rds.replica", reader, "one")
    estate.measured("AWS/RDS", "DatabaseConnections", 0, DBInstanceIdentifier="reader")
    assert "database.read_replicas" in estate.one("database", "reader").mend


def caching(estate: Estate, value: float) -> None:
    for metric in ("CacheHits", "CacheMisses", "SetTypeCmds"):
        for node in ("n-001", "n-002"):
            estate.measured("AWS/ElastiCache", metric, value, CacheClusterId=node)


def cache(estate: Estate, *nodes: str) -> None:
    estate.warehouse.know(
        "aws_elasticache_replication_group",
        "redis.this",
        {"replication_group_id": "cache", "member_clusters": list(nodes)},
    )


def test_a_cache_whose_keys_nobody_reads_or_writes_is_idle(estate: Estate) -> None:
    cache(estate, "n-001", "n-002")
    caching(estate, 0)
    assert estate.verdicts("cache") == {"cache": Verdict.IDLE}
    estate.measured("AWS/ElastiCache", "SetTypeCmds", 1, days=1, CacheClusterId="n-002")
    assert estate.verdicts("cache") == {"cache": Verdict.USED}


def test_a_cache_without_nodes_is_unknown(estate: Estate) -> None:
    cache(estate)
    assert estate.verdicts("cache") == {"cache": Verdict.UNKNOWN}


@pytest.mark.parametrize(
    ("searched", "verdict"), [(0, Verdict.IDLE), (0.5, Verdict.USED), (None, Verdict.UNKNOWN)]
)
def test_a_search_domain_is_idle_without_searches_and_writes(
    estate: Estate, searched: float | None, verdict: Verdict
) -> None:
    name = estate.warehouse.domain()
    estate.measured("AWS/ES", "IndexingRate", 0, DomainName=name, ClientId=ACCOUNT)
    if searched is not None:
        estate.measured("AWS/ES", "SearchRate", searched, DomainName=name, ClientId=ACCOUNT)
    assert estate.verdicts("search domain") == {estate.warehouse.name: verdict}


def test_what_is_in_the_other_region_is_not_looked_at(estate: Estate) -> None:
    arn = f"arn:aws:rds:{ELSEWHERE}:{ACCOUNT}:db:copy"
    known = {"identifier": "copy", "arn": arn}
    estate.warehouse.know("aws_db_instance", "rds.copy", known)
    assert estate.verdicts("database") == {}
