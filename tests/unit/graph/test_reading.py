"""From Terraform's DOT to resources and what they need."""

import pytest

from bookstore_ops.errors import UsageError
from bookstore_ops.graph.model import Graph, find_cycle
from bookstore_ops.graph.reading import bridge, cycle_members, read_edges

DOT = r"""
digraph {
	compound = "true"
	subgraph "root" {
		"[root] aws_vpc.this (expand)" [label = "aws_vpc.this", shape = "box"]
		"[root] module.db.aws_db_instance.main (expand)" [label = "module.db.aws_db_instance.main", shape = "box"]
		"[root] module.db.data.aws_region.now (expand)" [label = "module.db.data.aws_region.now", shape = "box"]
		"[root] module.app.aws_ecs_service.this (expand)" [label = "module.app.aws_ecs_service.this", shape = "box"]
		"[root] provider[\"registry.terraform.io/hashicorp/aws\"]" [label = "provider[\"registry.terraform.io/hashicorp/aws\"]", shape = "diamond"]
		"[root] var.size" [label = "var.size", shape = "note"]
		"[root] aws_vpc.this (expand)" -> "[root] provider[\"registry.terraform.io/hashicorp/aws\"]"
		"[root] aws_vpc.this (expand)" -> "[root] var.size"
		"[root] module.db.var.network (expand)" -> "[root] aws_vpc.this (expand)"
		"[root] module.db.aws_db_instance.main (expand)" -> "[root] module.db.var.network (expand)"
		"[root] module.db.aws_db_instance.main (expand)" -> "[root] module.db.data.aws_region.now (expand)"
		"[root] module.db (close)" -> "[root] module.db.aws_db_instance.main (expand)"
		"[root] module.app.aws_ecs_service.this (expand)" -> "[root] module.db (close)"
		"[root] root" -> "[root] module.app.aws_ecs_service.this (expand)"
	}
}
"""  # noqa: E501  (as Terraform writes it)

CIRCLE = r"""
		"[root] t.a (expand)" [label = "t.a", shape = "box"]
		"[root] t.b (expand)" [label = "t.b", shape = "box"]
		"[root] t.a (expand)" -> "[root] local.x (expand)"
		"[root] local.x (expand)" -> "[root] t.b (expand)"
		"[root] t.b (expand)" -> "[root] t.a (expand)"
		"[root] t.a (expand)" -> "[root] t.b (expand)" [color = "red", penwidth = "2.0"]
		"[root] t.c (expand)" -> "[root] t.a (expand)"
"""


@pytest.fixture
def graph() -> Graph:
    """The four resources of DOT."""
    return bridge(*read_edges(DOT))


def pairs(graph: Graph) -> set[tuple[str, str]]:
    """Every edge by its addresses."""
    return {(one.address, other.address) for one, other in graph.edges}


def test_values_outputs_and_modules_are_bridged_over(graph: Graph) -> None:
    assert pairs(graph) == {
        ("module.db.aws_db_instance.main", "aws_vpc.this"),
        ("module.db.aws_db_instance.main", "module.db.data.aws_region.now"),
        ("module.app.aws_ecs_service.this", "module.db.aws_db_instance.main"),
    }


def test_a_resource_knows_its_module_type_and_kind(graph: Graph) -> None:
    region = graph.find("data.aws_region.now")[0]
    assert (region.module, region.type, region.local, region.is_data) == (
        "module.db",
        "aws_region",
        "data.aws_region.now",
        True,
    )
    assert list(graph.modules) == ["", "module.app", "module.db"]
    assert graph.module_needs["module.db"] == {"": 1}


def test_surroundings_reach_both_ways_as_far_as_asked(graph: Graph) -> None:
    chosen = graph.find("aws_vpc.this")
    assert {n.address for n in graph.around(chosen, 1).nodes} == {
        "aws_vpc.this",
        "module.db.aws_db_instance.main",
    }
    assert len(graph.around(chosen, 2).nodes) == 3


def test_a_resource_is_found_by_address_end_instance_and_module(graph: Graph) -> None:
    for name in ("module.db.aws_db_instance.main", "aws_db_instance.main", 'aws_db_instance.main["x.y"]'):  # fmt: skip # noqa: E501
        assert [n.address for n in graph.find(name)] == ["module.db.aws_db_instance.main"]
    assert len(graph.find("module.db")) == 2


def test_an_unknown_resource_offers_the_nearest(graph: Graph) -> None:
    with pytest.raises(UsageError, match=r"did you mean --resource aws_db_instance\.main") as error:
        graph.find("aws_db_instance.mian")
    assert "4 in 3 modules" in str(error.value)


def test_an_end_that_several_share_is_no_name(graph: Graph) -> None:
    text = DOT.replace("module.db.data.aws_region.now", "module.app.aws_db_instance.main")
    with pytest.raises(UsageError, match=r"2 resources are called aws_db_instance\.main"):
        bridge(*read_edges(text)).find("aws_db_instance.main")


def test_a_cycle_is_told_in_order_and_not_by_the_marks_of_terraform() -> None:
    needs, _ = read_edges(CIRCLE)
    assert find_cycle(needs) == ["local.x (expand)", "t.b (expand)", "t.a (expand)"]
    assert find_cycle(read_edges(DOT)[0]) == []


def test_a_cycle_that_ends_the_command_is_read_from_its_complaint() -> None:
    said = [
        "╷",
        "│ Error: Cycle: t.a (expand), local.x (expand), t.c (expand), t.b (expand)",
        "│ ",
        "╵",
    ]
    assert cycle_members(said) == ["t.b", "t.c", "local.x", "t.a"]
    assert cycle_members(["│ Error: Unsupported argument"]) == []
