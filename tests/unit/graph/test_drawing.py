"""Pictures of graphs: nothing overlaps, nothing is missing, other programs can read them."""

import random
import re
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest

from bookstore_ops.graph.layout import Box, Layout, lay_out
from bookstore_ops.graph.model import Graph, Node
from bookstore_ops.graph.picture import MOST_RESOURCES, draw
from bookstore_ops.graph.svg import render_svg
from bookstore_ops.graph.text_formats import render_dot, render_mermaid

SVG = "{http://www.w3.org/2000/svg}"


def parse(svg: str) -> ET.Element:
    """The document of a picture."""
    return ET.fromstring(svg)  # noqa: S314  (written here)


def overlaps(one: Box, other: Box) -> bool:
    """Whether two boxes share ground."""
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def crossed(layout: Layout) -> list[tuple[str, str, str]]:
    """Every arrow that runs over a box where it is level."""
    found = []
    for arrow in layout.arrows:
        levels = zip(arrow.points[::2], arrow.points[1::2], strict=True)
        for (x1, y), (x2, _) in levels:
            left, right = sorted((x1, x2))
            found += [
                (arrow.start, arrow.end, box.name)
                for box in layout.boxes
                if left < box.x + box.width - 0.5
                and right > box.x + 0.5
                and box.y < y < box.y + box.height
            ]
    return found


def tangle(seed: int) -> tuple[dict[str, tuple[float, float]], dict[str, list[str]]]:
    """A random graph, circles included."""
    dice = random.Random(seed)  # noqa: S311  (no secret)
    names = [f"m{number:02}" for number in range(30)]
    sizes = {name: (dice.uniform(60, 300), dice.uniform(30, 120)) for name in names}
    return sizes, {name: dice.sample(names, dice.randint(0, 4)) for name in names}


@pytest.mark.parametrize("seed", range(12))
def test_no_box_lies_on_another_and_no_arrow_runs_over_one(seed: int) -> None:
    layout = lay_out(*tangle(seed))
    assert len(layout.boxes) == 30
    assert not [pair for pair in combinations(layout.boxes, 2) if overlaps(*pair)]
    assert not crossed(layout)
    assert all(b.x >= 0 and b.x + b.width <= layout.width + 0.1 for b in layout.boxes)
    assert all(0 <= y <= layout.height + 0.1 for a in layout.arrows for _, y in a.points)


@pytest.mark.parametrize("seed", range(12))
def test_every_need_is_an_arrow_or_follows_from_arrows(seed: int) -> None:
    sizes, needs = tangle(seed)
    layout = lay_out(sizes, needs)
    drawn: dict[str, set[str]] = {name: set() for name in sizes}
    for arrow in layout.arrows:
        assert arrow.end in needs[arrow.start]
        assert arrow.mutual == (arrow.start in needs[arrow.end])
        drawn[arrow.start].add(arrow.end)
        if arrow.mutual:
            drawn[arrow.end].add(arrow.start)
    for start in sizes:
        seen, waiting = {start}, [start]
        while waiting:
            new = drawn[waiting.pop()] - seen
            seen |= new
            waiting += new
        assert set(needs[start]) <= seen


def test_who_needs_stands_left_of_what_it_needs() -> None:
    layout = lay_out(dict.fromkeys("abc", (10, 10)), {"a": ["b", "c"], "b": ["c"]})
    x = {box.name: box.x for box in layout.boxes}
    assert x["a"] < x["b"] < x["c"]
    assert [(a.start, a.end) for a in layout.arrows] == [("a", "b"), ("b", "c")]
    assert layout.implied == 1


def test_an_empty_graph_can_be_drawn() -> None:
    parse(render_svg(draw(Graph({}), "dev")))


def graph(count: int = 3) -> Graph:
    """A service of ``count`` tasks on a database in a network, with names that need quoting."""
    vpc = Node("module.net<&>.aws_vpc.this")
    database = Node("module.db.aws_db_instance.main")
    tasks = [Node(f"module.app.aws_task.t{number}") for number in range(count)]
    return Graph(
        {
            vpc: frozenset(),
            database: frozenset({vpc}),
            **dict.fromkeys(tasks, frozenset({database})),
        }
    )


def test_the_svg_has_a_box_for_each_module_with_all_its_resources() -> None:
    root = parse(render_svg(draw(graph(), "dev")))
    boxes = {box.get("data-name"): box for box in root.iter(f"{SVG}g") if box.get("data-name")}
    assert set(boxes) == {"module.app", "module.db", "module.net<&>"}
    title = boxes["module.app"].find(f"{SVG}title")
    assert title is not None
    assert title.text == "module.app\naws_task.t0\naws_task.t1\naws_task.t2"
    words = " ".join(root.itertext())
    assert "module.app needs module.db (3 dependencies between resources)" in words
    assert "An arrow points from who needs to what is needed" in words


def test_every_text_stays_in_its_box() -> None:
    root = parse(render_svg(draw(graph(), "dev")))
    for box in (g for g in root.iter(f"{SVG}g") if g.get("data-name")):
        frame = box.find(f"{SVG}rect")
        assert frame is not None
        x, y, width, height = (float(frame.get(k, "")) for k in ("x", "y", "width", "height"))
        for text in box.iter(f"{SVG}text"):
            left, length = float(text.get("x", "")), float(text.get("textLength", ""))
            assert x < left
            assert left + length < x + width
            assert y < float(text.get("y", "")) < y + height


def test_few_resources_are_drawn_one_by_one_and_the_chosen_stands_out() -> None:
    whole = graph()
    picture = draw(whole, "dev", whole.find("aws_db_instance.main"))
    assert [card.name for card in picture.cards if card.chosen] == [
        "module.db.aws_db_instance.main"
    ]
    assert len(picture.cards) == 5
    crowd = graph(MOST_RESOURCES)
    assert len(draw(crowd, "dev", crowd.find("aws_db_instance.main")).cards) == 3


def test_dot_and_mermaid_name_every_card_and_edge() -> None:
    picture = draw(graph(), "dev")
    dot = render_dot(picture)
    assert '"module.app" -> "module.db" [label = "3"]' in dot
    assert '"module.db" -> "module.net<&>"' in dot
    mermaid = render_mermaid(picture)
    named = dict(re.findall(r'(n\d)\["([^<"]+)', mermaid))
    edges = {(named[a], named[b]) for a, b in re.findall(r"(n\d) --> (n\d)", mermaid)}
    assert edges == {("app", "db"), ("db", "net")}
