"""Each quota is held against what the account uses and what the waiting plan makes."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bookstore_ops.aws.session import Access, client, open_access
from bookstore_ops.preflight import usage
from bookstore_ops.preflight.catalogue import CHECKS
from bookstore_ops.preflight.check import Group, Once, Outcome, Status
from bookstore_ops.preflight.context import Aws
from tests.unit.preflight.support import Ground, once
from tests.unit.preflight.test_aws import ACCOUNT, denied, identity, in_aws
from tests.unit.support import environ, environment

SERVICES = dict.fromkeys(("sts", "ec2", "ecs", "rds", "logs"), "eu-central-1")


class Quotas:
    """Service Quotas: what was granted, what every account has, and what goes wrong first."""

    def __init__(
        self,
        granted: float | None = None,
        default: float | None = None,
        *,
        adjustable: bool = True,
        first: Exception | None = None,
    ) -> None:
        self._granted, self._default = granted, default
        self._adjustable = adjustable
        self._first = [first] if first else []

    def get_service_quota(self, **_: str) -> Any:
        if self._first:
            raise self._first.pop()
        return self._answer(self._granted)

    def get_aws_default_service_quota(self, **_: str) -> Any:
        return self._answer(self._default)

    def _answer(self, value: float | None) -> Any:
        if value is None:
            raise denied("NoSuchResourceException")
        return {"Quota": {"Value": value, "Adjustable": self._adjustable}}


class Denied:
    """A client that may do nothing."""

    def __getattr__(self, _: str) -> Callable[..., Any]:
        def call(*_: Any, **__: Any) -> Any:
            raise denied()

        return call


class Pages:
    """A client whose operations give the pages named, paginated or not."""

    def __init__(self, **pages: list[dict[str, Any]]) -> None:
        self._pages = pages

    def get_paginator(self, operation: str) -> Any:
        class Paginator:
            def paginate(self, **_: Any) -> list[dict[str, Any]]:
                return pages

        pages = self._pages[operation]
        return Paginator()

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        return lambda **_: self._pages[operation][0]


def vpcs(number: int) -> Pages:
    """An account with so many VPCs, on pages of two."""
    each = [{"VpcId": f"vpc-{n}"} for n in range(number)]
    return Pages(describe_vpcs=[{"Vpcs": each[n : n + 2]} for n in range(0, number, 2)])


def asked(
    well: Ground,
    code: str,
    quotas: Any,
    wanted: Mapping[str, float] | None,
    **clients: Any,
) -> Outcome:
    """What the check finds where the account answers so."""
    known: dict[str, Any] = {"service-quotas": quotas, **clients}
    return in_aws(well, clients=known, demand=once(wanted)).at(code)


class TestVpcs:
    def _at(self, well: Ground, used: int, wanted: Mapping[str, float] | None, **more: Any) -> Any:
        quotas = more.pop("quotas", None) or Quotas(5)
        return asked(well, "BS651", quotas, wanted, ec2=vpcs(used), **more)

    def test_that_fit_are_well(self, well: Ground) -> None:
        found = self._at(well, 3, {"vpcs": 1.0})
        assert (found.status, found.what) == (Status.OK, "VPCs: 3 of 5 used, 1 more planned")
        assert self._at(well, 4, {"vpcs": 0.0}).what == "VPCs: 4 of 5 used, no more planned"

    def test_that_nearly_fill_it_are_a_warning(self, well: Ground) -> None:
        found = self._at(well, 4, {"vpcs": 1.0})
        assert (found.status, found.why) == (Status.WARNING, "0 would be left")

    def test_that_do_not_fit_are_an_error_with_the_request_to_make(self, well: Ground) -> None:
        found = self._at(well, 5, {"vpcs": 2.0})
        assert (found.status, found.what) == (Status.ERROR, "VPCs: 5 of 5 used, 2 more planned")
        assert found.next_step == (
            "aws service-quotas request-service-quota-increase --service-code vpc "
            "--quota-code L-F678F1CE --desired-value 9 --region eu-west-1"
        )

    def test_without_a_plan_only_use_is_known(self, well: Ground) -> None:
        found = self._at(well, 3, None)
        assert (found.status, found.what) == (Status.SKIPPED, "VPCs: 3 of 5 used")
        assert found.why == "what is to come is known after: bsops plan dev"
        assert self._at(well, 5, None).status is Status.WARNING

    def test_a_plan_that_does_not_tell_is_no_zero(self, well: Ground) -> None:
        found = self._at(well, 3, {"elastic_ips": 1.0})
        assert (found.status, found.why) == (
            Status.SKIPPED,
            "the plan that waits does not tell what it takes",
        )

    def test_a_quota_that_was_never_raised_is_the_default(self, well: Ground) -> None:
        found = self._at(well, 3, {"vpcs": 1.0}, quotas=Quotas(None, 10))
        assert found.what.startswith("VPCs: 3 of 10 used")

    def test_a_quota_that_cannot_be_raised_asks_for_no_request(self, well: Ground) -> None:
        found = self._at(well, 5, {"vpcs": 1.0}, quotas=Quotas(5, adjustable=False))
        assert found.next_step == "free some: AWS does not raise L-F678F1CE"

    def test_asked_too_often_it_asks_again(
        self, well: Ground, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bookstore_ops.preflight.quotas._AGAIN_AFTER", 0.0)
        busy = Quotas(5, first=denied("TooManyRequestsException"))
        assert self._at(well, 3, {"vpcs": 1.0}, quotas=busy).status is Status.OK

    def test_a_quota_that_may_not_be_read_is_unknown(self, well: Ground) -> None:
        found = self._at(well, 3, {"vpcs": 1.0}, quotas=Denied())
        assert found.status is Status.UNKNOWN
        assert found.what == "VPCs: 3 used, of how many is not known"
        assert "servicequotas:GetServiceQuota" in str(found.next_step)

    def test_without_credentials_nothing_is_asked(self, well: Ground) -> None:
        from bookstore_ops.errors import CredentialsError

        found = in_aws(well, answer=CredentialsError("no")).at("BS651")
        assert (found.status, found.why) == (Status.UNKNOWN, "see BS401 and BS402")


@pytest.mark.parametrize(
    ("code", "service", "action"),
    [
        ("BS651", "ec2", "ec2:DescribeVpcs"),
        ("BS652", "ec2", "ec2:DescribeAddresses"),
        ("BS653", "ec2", "ec2:DescribeNatGateways"),
        ("BS654", "ec2", "ec2:DescribeNetworkInterfaces"),
        ("BS655", "ec2", "ec2:DescribeSecurityGroups"),
        ("BS656", "ecs", "ecs:ListTasks"),
        ("BS657", "rds", "rds:DescribeDBInstances"),
        ("BS658", "logs", "logs:DescribeLogGroups"),
    ],
)
def test_use_that_may_not_be_counted_is_unknown_and_names_the_permission(
    well: Ground, code: str, service: str, action: str
) -> None:
    found = asked(well, code, Quotas(5), {}, **{service: Denied()})
    assert found.status is Status.UNKNOWN
    assert action in str(found.next_step)


NAT: dict[str, Any] = {
    "describe_nat_gateways": [
        {"NatGateways": [{"SubnetId": "s-a"}, {"SubnetId": "s-b"}]},
        {"NatGateways": [{"SubnetId": "s-b"}, {"SubnetId": None}]},
    ],
    "describe_subnets": [
        {"Subnets": [{"SubnetId": f"s-{z}", "AvailabilityZone": f"eu-west-1{z}"} for z in "ab"]}
    ],
}
TASKS: dict[str, Any] = {
    "list_clusters": [{"clusterArns": ["one"]}],
    "list_tasks": [{"taskArns": ["t"] * 5}],
    "describe_tasks": [
        {
            "tasks": [
                {"cpu": "512", "launchType": "FARGATE", "capacityProviderName": "FARGATE"},
                {"cpu": "512", "launchType": "FARGATE"},
                {"cpu": "1024", "launchType": "FARGATE", "capacityProviderName": "FARGATE_SPOT"},
                {"cpu": "4096", "launchType": "EC2"},
                {"cpu": "4096", "launchType": "EC2", "capacityProviderName": "my-instances"},
            ]
        }
    ],
}
DATABASES: dict[str, Any] = {
    "describe_db_instances": [
        {"DBInstances": [{"Engine": "postgres", "AllocatedStorage": 90}]},
        {"DBInstances": [{"Engine": "aurora-postgresql", "AllocatedStorage": 1}]},
    ]
}


@pytest.mark.parametrize(
    ("code", "clients", "wanted", "said"),
    [
        (
            "BS652",
            {"ec2": Pages(describe_addresses=[{"Addresses": [{}] * 4}])},
            {"elastic_ips": 3.0},
            "elastic IPs: 4 of 5 used, 3 more planned",
        ),
        (
            "BS653",
            {"ec2": Pages(**NAT)},
            {"nat_gateways:eu-west-1a": 2.0, "nat_gateways:eu-west-1b": 4.0},
            "NAT gateways in eu-west-1b: 2 of 5 used, 4 more planned",
        ),
        (
            # Where a gateway goes nobody knows: it may be the zone that is full.
            "BS653",
            {"ec2": Pages(**NAT)},
            {"nat_gateways:": 4.0},
            "NAT gateways in eu-west-1b: 2 of 5 used, 4 more planned",
        ),
        (
            "BS654",
            {"ec2": Pages(describe_network_interfaces=[{"NetworkInterfaces": [{}] * 4990}])},
            {"network_interfaces": 79.0},
            "network interfaces: 4,990 of 5,000 used, 79 more planned",
        ),
        (
            "BS655",
            {"ec2": Pages(describe_security_groups=[{"SecurityGroups": [{}] * 99}])},
            {"security_groups": 7.0},
            "security groups: 99 of 100 used, 7 more planned",
        ),
        (
            "BS656",
            {"ecs": Pages(**TASKS)},
            {"fargate_vcpu": 23.0, "fargate_spot_vcpu": 2.25},
            "vCPUs on Fargate: 1 of 6 used, 23 more planned",
        ),
        (
            "BS656",
            {"ecs": Pages(**TASKS)},
            {"fargate_vcpu": 1.0, "fargate_spot_vcpu": 5.25},
            "vCPUs on Fargate Spot: 1 of 6 used, 5.25 more planned",
        ),
        (
            "BS657",
            {"rds": Pages(**DATABASES)},
            {"db_instances": 2.0, "db_storage_gib": 400.0},
            "GiB of DB storage: 90 of 100 used, 400 more planned",
        ),
        (
            "BS657",
            {"rds": Pages(**DATABASES)},
            {"db_instances": 99.0, "db_storage_gib": 0.0},
            "DB instances: 2 of 100 used, 99 more planned",
        ),
        (
            "BS658",
            {"logs": Pages(describe_log_groups=[{"logGroups": [{}] * 50}] * 2)},
            {"log_groups": 35.0},
            "log groups: 100 of 120 used, 35 more planned",
        ),
    ],
)
def test_what_does_not_fit_is_an_error_with_its_figures(
    well: Ground,
    code: str,
    clients: dict[str, Any],
    wanted: dict[str, float],
    said: str,
) -> None:
    limit = float(said.rsplit(" of ", maxsplit=1)[-1].split(maxsplit=1)[0].replace(",", ""))
    found = asked(well, code, Quotas(limit), wanted, **clients)
    assert (found.status, found.what) == (Status.ERROR, said)
    assert "request-service-quota-increase" in str(found.next_step)
    assert asked(well, code, Quotas(limit * 1000), wanted, **clients).status is Status.OK


def test_two_quotas_that_do_not_fit_are_asked_for_at_once(well: Ground) -> None:
    wanted = {"fargate_vcpu": 23.0, "fargate_spot_vcpu": 12.0}
    found = asked(well, "BS656", Quotas(6), wanted, ecs=Pages(**TASKS))
    assert found.what == (
        "vCPUs on Fargate: 1 of 6 used, 23 more planned; "
        "vCPUs on Fargate Spot: 1 of 6 used, 12 more planned"
    )
    first, second = str(found.next_step).split(" && ")
    assert "L-3032A538 --desired-value 30" in first
    assert "L-36FBB829 --desired-value 17" in second


def test_in_the_sandbox_a_quota_that_moto_lacks_is_skipped(well: Ground) -> None:
    there = in_aws(
        well,
        clients={"service-quotas": Quotas(None), "ec2": vpcs(1)},
        demand=once({"vpcs": 1.0}),
    )
    found = there.at("BS651", sandbox=True)
    assert (found.status, found.what) == (Status.SKIPPED, "VPCs: 1 used, and moto has no quota")


class TestUse:
    """Counted by the real calls, against moto, in a region that no other test uses."""

    @pytest.fixture
    def access(self, aws_server: str) -> Access:
        variables = environ(
            AWS_ENDPOINT_URL=aws_server,
            AWS_ACCESS_KEY_ID="fake",
            AWS_SECRET_ACCESS_KEY="fake",
            NO_PROXY="127.0.0.1",
        )
        policy = environment(account_id=ACCOUNT, region="eu-central-1")
        found = open_access(policy, variables, "doctor", SERVICES)
        # moto makes a region's defaults at its first request, which may outlast doctor's patience.
        client("ec2", policy.region, found.environ).describe_vpcs()
        return found

    def test_network(self, access: Access) -> None:
        aws, ec2 = Aws(access, None, once(identity())), access.clients["ec2"]
        before = {
            count: count(aws) for count in (usage.vpcs, usage.elastic_ips, usage.security_groups)
        }
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        zone = "eu-central-1b"
        subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone=zone)
        subnet_id = subnet["Subnet"]["SubnetId"]
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        interfaces = usage.network_interfaces(aws)["network_interfaces"]
        ec2.create_nat_gateway(SubnetId=subnet_id, AllocationId=address)
        ec2.create_network_interface(SubnetId=subnet_id)
        for count, key in (
            (usage.vpcs, "vpcs"),
            (usage.elastic_ips, "elastic_ips"),
            (usage.security_groups, "security_groups"),
        ):
            assert count(aws)[key] == before[count][key] + 1
        assert usage.nat_gateways(aws) == {f"nat_gateways:{zone}": 1}
        assert usage.network_interfaces(aws)["network_interfaces"] > interfaces

    def test_databases_and_log_groups(self, access: Access) -> None:
        aws = Aws(access, None, once(identity()))
        access.clients["rds"].create_db_instance(
            DBInstanceIdentifier="one",
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
        )
        assert usage.databases(aws) == {"db_instances": 1, "db_storage_gib": 20}
        for number in range(60):  # more than a page
            access.clients["logs"].create_log_group(logGroupName=f"/doctor/{number}")
        assert usage.log_groups(aws) == {"log_groups": 60}

    def test_tasks(self, access: Access) -> None:
        aws, ecs = Aws(access, None, once(identity())), access.clients["ecs"]
        assert usage.fargate(aws) == {"fargate_vcpu": 0, "fargate_spot_vcpu": 0}
        ecs.create_cluster(clusterName="doctor")
        # A cluster without tasks is asked for none: DescribeTasks takes no empty list.
        assert usage.fargate(aws) == {"fargate_vcpu": 0, "fargate_spot_vcpu": 0}


def test_each_has_time_for_more_than_one_call() -> None:
    assert all(check.deadline > 10 for check in CHECKS if check.group is Group.QUOTAS)


def test_the_plan_is_looked_for_once(well: Ground) -> None:
    looks: list[int] = []

    def look() -> dict[str, float]:
        looks.append(1)
        return {"vpcs": 1.0}

    clients = {"service-quotas": Quotas(5), "ec2": vpcs(1)}
    there = in_aws(well, clients=clients, demand=Once(look))
    assert there.at("BS651").status is there.at("BS651").status is Status.OK
    assert looks == [1]
