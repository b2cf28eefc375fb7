"""What a plan asks of quotas is what it adds to what is there."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pytest

from bookstore_ops.terraform.demand import ALL, NAT_GATEWAYS, read_demand, spot_tasks

MASTERS = {
    "instance_count": 3,
    "dedicated_master_count": 3,
    "dedicated_master_enabled": True,
}
CREATE, UPDATE, DELETE = ["create"], ["update"], ["delete"]
BOTH_AT_ONCE, ONE_BY_ONE = ["create", "delete"], ["delete", "create"]
ON_DEMAND = {"capacity_provider": "FARGATE", "base": 0, "weight": 1}
SPOT = {"capacity_provider": "FARGATE_SPOT", "base": 0, "weight": 1}


def change(
    kind: str,
    after: Mapping[str, Any] | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    actions: Sequence[str] = CREATE,
    **more: Any,
) -> dict[str, Any]:
    """One change of a plan, as `terraform show -json` tells it."""
    if after is None and actions == CREATE:
        after = {}
    return {
        "address": f"{kind}.this",
        "mode": "managed",
        "type": kind,
        "change": {"actions": actions, "before": before, "after": after},
        **more,
    }


def demand(*changes: Mapping[str, Any]) -> dict[str, float]:
    """What a plan of these asks for; what it asks nothing of is left out."""
    document = json.dumps({"format_version": "1.2", "resource_changes": changes}).encode()
    return {key: value for key, value in read_demand(document).items() if value}


def service(tasks: int, *strategy: Mapping[str, Any], module: str = "m", **more: Any) -> Any:
    values = {"desired_count": tasks, "capacity_provider_strategy": strategy, "launch_type": None}
    return change("aws_ecs_service", values, module_address=module, **more)


def tasks_of(cpu: int, module: str = "m") -> Any:
    return change("aws_ecs_task_definition", {"cpu": str(cpu)}, module_address=module)


def test_a_plan_that_makes_nothing_asks_for_nothing_and_says_so() -> None:
    asked = read_demand(b'{"resource_changes": []}')
    # What is counted zone by zone has no zones here.
    assert asked == dict.fromkeys(set(ALL) - {NAT_GATEWAYS}, 0.0)


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("aws_eip", "elastic_ips"),
        ("aws_security_group", "security_groups"),
        ("aws_cloudwatch_log_group", "log_groups"),
    ],
)
def test_each_that_is_made_is_one(kind: str, key: str) -> None:
    there = change(kind, {}, before={}, actions=["no-op"])
    gone = change(kind, before={}, actions=DELETE)
    looked_up = change(kind, {}, mode="data")
    assert demand(change(kind), change(kind), there, gone, looked_up) == {key: 2}


def test_one_that_is_made_before_the_old_goes_is_one_more() -> None:
    assert demand(change("aws_eip", {}, before={}, actions=ONE_BY_ONE)) == {}
    assert demand(change("aws_eip", {}, before={}, actions=BOTH_AT_ONCE)) == {"elastic_ips": 1}


def test_a_vpc_brings_a_security_group() -> None:
    assert demand(change("aws_vpc")) == {"vpcs": 1, "security_groups": 1}


def test_nat_gateways_count_in_their_zone() -> None:
    made = [change("aws_nat_gateway", index=zone) for zone in ("eu-west-1a", "eu-west-1b")]
    asked = demand(*made, change("aws_nat_gateway", index=0))
    assert asked == {
        "nat_gateways:eu-west-1a": 1,
        "nat_gateways:eu-west-1b": 1,
        "nat_gateways:": 1,
        "network_interfaces": 3,
    }


class TestDatabases:
    def _asked(self, *changes: Mapping[str, Any]) -> dict[str, float]:
        found = demand(*changes)
        found.pop("network_interfaces", None)
        return found

    def test_a_replica_has_the_storage_of_its_source(self) -> None:
        primary = change("aws_db_instance", {"identifier": "db", "allocated_storage": 200})
        reader = {"identifier": "db-reader", "replicate_source_db": "db"}
        made = self._asked(primary, change("aws_db_instance", reader))
        assert made == {"db_instances": 2, "db_storage_gib": 400}

    def test_one_that_grows_asks_for_the_difference(self) -> None:
        small, large = ({"identifier": "db", "allocated_storage": n} for n in (20, 50))
        grows = change("aws_db_instance", large, before=small, actions=UPDATE)
        assert self._asked(grows) == {"db_storage_gib": 30}

    def test_storage_that_nothing_tells_is_not_zero(self) -> None:
        reader = change("aws_db_instance", {"identifier": "r", "replicate_source_db": "elsewhere"})
        document = json.dumps({"resource_changes": [reader]}).encode()
        asked = read_demand(document)
        assert "db_storage_gib" not in asked
        assert asked["db_instances"] == 1


class TestFargate:
    def _vcpus(self, *changes: Mapping[str, Any]) -> dict[str, float]:
        return {key: value for key, value in demand(*changes).items() if "fargate" in key}

    def test_tasks_times_the_cpu_of_the_definition_beside(self) -> None:
        other = (tasks_of(4096, "other"), service(1, ON_DEMAND, module="other"))
        asked = self._vcpus(tasks_of(512), service(3, ON_DEMAND), *other)
        assert asked == {"fargate_vcpu": 1.5 + 4}

    def test_on_spot_counts_there(self) -> None:
        assert self._vcpus(tasks_of(256), service(3, SPOT)) == {"fargate_spot_vcpu": 0.75}

    def test_on_instances_of_ones_own_does_not_count(self) -> None:
        own = service(3)
        own["change"]["after"]["launch_type"] = "EC2"
        assert demand(tasks_of(256), own) == {}

    def test_more_tasks_ask_for_the_difference(self) -> None:
        before = {"desired_count": 2, "capacity_provider_strategy": [ON_DEMAND]}
        stays = tasks_of(1024)
        stays["change"].update(actions=["no-op"], before={"cpu": "1024"})
        grown = service(5, ON_DEMAND, before=before, actions=UPDATE)
        assert self._vcpus(stays, grown) == {"fargate_vcpu": 3}

    def test_a_definition_that_is_not_beside_is_not_guessed(self) -> None:
        document = json.dumps({"resource_changes": [service(3, ON_DEMAND)]}).encode()
        asked = read_demand(document)
        assert "fargate_vcpu" not in asked
        assert asked["fargate_spot_vcpu"] == 0

    @pytest.mark.parametrize(("cpu", "vcpus"), [("1 vCPU", 2), (".25 vcpu", 0.5), ("512", 1)])
    def test_cpu_is_told_in_units_or_in_vcpus(self, cpu: str, vcpus: float) -> None:
        definition = change("aws_ecs_task_definition", {"cpu": cpu}, module_address="m")
        assert self._vcpus(definition, service(2, ON_DEMAND)) == {"fargate_vcpu": vcpus}

    @pytest.mark.parametrize(("cpu", "tasks"), [("much", 2), (None, 2), ("256", None)])
    def test_what_is_not_known_yet_is_not_zero(self, cpu: str | None, tasks: int | None) -> None:
        definition = change("aws_ecs_task_definition", {"cpu": cpu}, module_address="m")
        later = service(0, ON_DEMAND)
        later["change"]["after"]["desired_count"] = tasks
        document = json.dumps({"resource_changes": [definition, later]}).encode()
        assert "fargate_vcpu" not in read_demand(document)

    @pytest.mark.parametrize(
        ("tasks", "strategy", "spot"),
        [
            (4, [], 0),
            (4, [SPOT], 4),
            (4, [{**ON_DEMAND, "base": 2}, {**SPOT, "weight": 1}], 1),
            (2, [{**ON_DEMAND, "base": 2}, SPOT], 0),
            (8, [{**ON_DEMAND, "weight": 1}, {**SPOT, "weight": 3}], 6),
        ],
    )
    def test_the_base_comes_first_and_the_weights_share_the_rest(
        self, tasks: int, strategy: list[Mapping[str, Any]], spot: int
    ) -> None:
        assert spot_tasks(tasks, strategy) == spot


class TestNetworkInterfaces:
    ZONES = tuple(change("aws_subnet", {"availability_zone": f"eu-west-1{zone}"}) for zone in "aab")

    @pytest.mark.parametrize(
        ("made", "count"),
        [
            (change("aws_lb", {"subnets": ["a", "b", "c"]}), 3),
            (change("aws_lb", {}), 2),
            (change("aws_vpc_endpoint", {"vpc_endpoint_type": "Interface"}), 2),
            (change("aws_vpc_endpoint", {"vpc_endpoint_type": "Gateway"}), 0),
            (change("aws_elasticache_replication_group", {"num_cache_clusters": 3}), 3),
            (
                change(
                    "aws_elasticache_replication_group",
                    {"num_node_groups": 2, "replicas_per_node_group": 1},
                ),
                4,
            ),
            (
                change(
                    "aws_opensearch_domain",
                    {
                        "vpc_options": [{}],
                        "cluster_config": [MASTERS],
                    },
                ),
                6,
            ),
            (change("aws_lambda_function", {"vpc_config": []}), 0),
            (change("aws_lambda_function", {"vpc_config": [{"subnet_ids": ["a"]}]}), 1),
            (service(3, ON_DEMAND), 3),
        ],
    )
    def test_one_for_each_subnet_node_or_task(self, made: Mapping[str, Any], count: int) -> None:
        assert demand(*self.ZONES, made).get("network_interfaces", 0) == count

    def test_a_standby_has_one_of_its_own(self) -> None:
        database = {"identifier": "db", "allocated_storage": 1, "multi_az": True}
        assert demand(change("aws_db_instance", database))["network_interfaces"] == 2


def test_what_is_no_plan_is_refused() -> None:
    with pytest.raises(msgspec.MsgspecError):
        read_demand(b'{"resource_changes": {}}')
