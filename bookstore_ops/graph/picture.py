"""What of a graph is drawn, whatever the format: a card a module, or a card a resource."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bookstore_ops.graph.model import Graph, Node

# So many resources are drawn one by one; more are drawn by module.
MOST_RESOURCES = 60
_MOST_ROWS = 6


@dataclass(frozen=True)
class Card:
    """A box to draw: a module with a summary of its resources, or one resource.

    ``name`` is its full address, ``members`` all resources of a module, ``chosen`` what the
    picture is about.
    """

    name: str
    label: str
    count: str = ""
    rows: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True)
class Picture:
    """A title, remarks for its reader, the cards, and who needs whom how many times."""

    title: str
    notes: tuple[str, ...]
    cards: tuple[Card, ...]
    needs: Mapping[str, Mapping[str, int]]

    def describe(self, start: str, end: str) -> str:
        """An arrow in words."""
        count = self.needs.get(start, {}).get(end, 0)
        times = f" ({count} dependencies between resources)" if count > 1 else ""
        return f"{start} needs {end}{times}"


def draw(graph: Graph, environment: str, chosen: Sequence[Node] = ()) -> Picture:
    """The picture of ``graph``; ``chosen`` is what it was narrowed to."""
    if chosen and len(graph.nodes) <= MOST_RESOURCES:
        return _of_resources(graph, environment, chosen)
    return _of_modules(graph, environment, chosen)


def module_label(module: str, above: str) -> str:
    """A module's short name, without the module ``above`` that holds nearly all of them."""
    rest = module.removeprefix(above).removeprefix(".") if module != above else module
    return ".".join(part for part in rest.split(".") if part != "module") or "(root)"


def common_module(modules: Sequence[str]) -> str:
    """The module that holds all others, such as ``module.bookstore``; empty where none does."""
    tops = {".".join(module.split(".")[:2]) for module in modules if module}
    return tops.pop() if len(tops) == 1 else ""


def by_type(nodes: Sequence[Node]) -> list[tuple[str, int]]:
    """The types of resources with their numbers, the most frequent first; data sources apart."""
    counts = Counter(("data " if node.is_data else "") + node.type for node in nodes)
    return sorted(counts.items(), key=lambda item: (item[0].startswith("data "), -item[1], item[0]))


def _of_modules(graph: Graph, environment: str, chosen: Sequence[Node]) -> Picture:
    above = common_module(list(graph.modules))
    marked = {node.module for node in chosen}
    cards = []
    for module, nodes in graph.modules.items():
        types = by_type(nodes)
        shown = types if len(types) <= _MOST_ROWS else types[: _MOST_ROWS - 1]
        rows = [f"{count:>2} {kind}" for kind, count in shown]
        if len(types) > len(shown):
            rows.append(f"   … {len(types) - len(shown)} more types")
        cards.append(
            Card(
                module or "(root)",
                module_label(module, above),
                str(len(nodes)),
                tuple(rows),
                tuple(node.local for node in nodes),
                module in marked,
            )
        )
    needs = {
        module or "(root)": {other or "(root)": n for other, n in others.items()}
        for module, others in graph.module_needs.items()
    }
    notes = [
        f"{len(graph.nodes)} resources and data sources in {len(cards)} modules"
        + (f" of {above}" if above else "")
        + ". A resource with count or for_each counts once.",
        "An arrow points from who needs to what is needed: what stands right is made first. "
        "Two heads: each needs something of the other. Dashed: an arrow that closes a circle of "
        "modules.",
    ]
    return Picture(_title(environment, chosen), tuple(notes), tuple(cards), needs)


def _of_resources(graph: Graph, environment: str, chosen: Sequence[Node]) -> Picture:
    above = common_module(list(graph.modules))
    marked = set(chosen)
    cards = [
        Card(
            node.address,
            node.local,
            rows=(module_label(node.module, above),),
            chosen=node in marked,
        )
        for node in graph.nodes
    ]
    needs = {
        node.address: {other.address: 1 for other in sorted(others)}
        for node, others in sorted(graph.needs.items())
    }
    notes = [
        f"{len(cards)} resources and data sources"
        + (f"; modules stand within {above}" if above else ""),
        "An arrow points from who needs to what is needed: what stands right is made first.",
    ]
    return Picture(_title(environment, chosen), tuple(notes), tuple(cards), needs)


def _title(environment: str, chosen: Sequence[Node]) -> str:
    if not chosen:
        return f"{environment}: what needs what"
    about = chosen[0].address if len(chosen) == 1 else chosen[0].module
    return f"{environment}: around {about}"
