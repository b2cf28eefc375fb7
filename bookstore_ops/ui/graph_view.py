"""The dependency graph as a tree of text, and as a document."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from bookstore_ops.graph.picture import by_type, common_module, draw, module_label
from bookstore_ops.graph.svg import render_svg
from bookstore_ops.graph.text_formats import render_dot, render_mermaid
from bookstore_ops.ui.text import Line, Screen, Span, line, plural

if TYPE_CHECKING:
    from pathlib import Path

    from bookstore_ops.graph.model import Graph, Node
    from bookstore_ops.operations.graphing import Dependencies
    from bookstore_ops.ui.terminal import Terminal

_DRAWN = {"svg": render_svg, "dot": render_dot, "mermaid": render_mermaid}
_GAP = "  "


def show_dependencies(
    terminal: "Terminal", found: "Dependencies", environment: str, kind: str, out: "Path | None"
) -> None:
    """Print the graph as ``kind`` says, or write it to the file ``out``."""
    content = rendered(found, environment, kind, width=terminal.width, verbose=terminal.verbose)
    if out is None:
        # A picture goes to other programs: every character of it counts.
        terminal.result(content if isinstance(content, Screen) else Screen(_rows(content)))
    else:
        from bookstore_ops.files import write_atomically

        write_atomically(out, str(content).rstrip("\n") + "\n")
        drawn = plural(len(found.shown.nodes), "resource")
        terminal.result(f"Wrote {out}: {drawn} in {plural(len(found.shown.modules), 'module')}")
    terminal.document("bsops.graph/1", document(found, environment))


def rendered(
    found: "Dependencies", environment: str, kind: str, *, width: int, verbose: bool = False
) -> Screen | str:
    """The graph as text to read, or in the language of a picture."""
    if kind in _DRAWN:
        return _DRAWN[kind](draw(found.shown, environment, found.chosen))
    if found.chosen:
        return _around(found)
    return _tree(found.whole, environment, width, verbose=verbose)


def document(found: "Dependencies", environment: str) -> dict[str, object]:
    """The graph for ``--json``: nodes, edges, and both again by module."""
    shown = found.shown
    return {
        "environment": environment,
        "resource": [node.address for node in found.chosen] or None,
        "nodes": [
            {
                "address": node.address,
                "module": node.module or None,
                "type": node.type,
                "data": node.is_data,
            }
            for node in shown.nodes
        ],
        "edges": [{"from": node.address, "to": other.address} for node, other in shown.edges],
        "modules": [
            {
                "address": module or None,
                "resources": len(nodes),
                "needs": [
                    {"address": other or None, "dependencies": count}
                    for other, count in sorted(shown.module_needs[module].items())
                ],
            }
            for module, nodes in shown.modules.items()
        ],
    }


def _rows(text: str) -> list[Line]:
    return [line(row) for row in text.rstrip("\n").split("\n")]


def _tree(graph: "Graph", environment: str, width: int, *, verbose: bool) -> Screen:
    """Modules within modules, each with its size and the modules it needs."""
    screen = Screen()
    edges = sum(map(len, graph.module_needs.values()))
    screen.add(Span(f"What needs what in {environment}", "bold"))
    screen.add()
    above = common_module(list(graph.modules))
    children = _children(graph)
    labels = dict(_labels(children, above))
    name_width = max((len(label) for label in labels.values()), default=0)
    for module, label in labels.items():
        nodes = graph.modules.get(module, [])
        count = f"{len(nodes):>4}" if nodes else " " * 4
        head = f"{label:{name_width}}{_GAP}{count}"
        needs = [module_label(other, above) for other in sorted(graph.module_needs.get(module, {}))]
        rows = list(_wrapped(needs, width - len(head) - len(_GAP) - 6))
        screen.add(
            Span(f"{label:{name_width}}", "bold"),
            Span(f"{_GAP}{count}", "dim"),
            Span(f"{_GAP}needs " if needs else "", "dim"),
            rows[0],
        )
        for row in rows[1:]:
            screen.add(" " * (len(head) + len(_GAP) + 6) + row)
        if verbose:
            bar = _bar(label)
            for kind, number in by_type(nodes):
                screen.add(Span(f"{bar}    {number:>3} {kind}", "dim"))
    screen.add()
    resources = plural(len(graph.nodes), "resource")
    screen.add(
        Span(
            f"{resources} and data sources in {plural(len(graph.modules), 'module')}, "
            f"edges: {len(graph.edges)}, between modules: {edges}",
            "bold",
        )
    )
    return screen


def _children(graph: "Graph") -> dict[str, list[str]]:
    """Each module's inner modules, those included that hold only modules."""
    every = set()
    for module in graph.modules:
        parts = module.split(".") if module else []
        every |= {".".join(parts[:end]) for end in range(2, len(parts) + 1, 2)}
    children: dict[str, list[str]] = {"": []}
    for module in sorted(every):
        parent = ".".join(module.split(".")[:-2])
        children.setdefault(parent, []).append(module)
        children.setdefault(module, [])
    return children


def _labels(children: Mapping[str, list[str]], above: str) -> Iterator[tuple[str, str]]:
    """Every module with its branch of the tree, top down."""

    def walk(module: str, indent: str) -> Iterator[tuple[str, str]]:
        inner = children[module]
        for index, child in enumerate(inner):
            last = index == len(inner) - 1
            name = child.removeprefix(f"{module}.").removeprefix("module.")
            yield child, f"{indent}{'└── ' if last else '├── '}{name}"
            yield from walk(child, indent + ("    " if last else "│   "))

    if above:
        yield above, above
        yield from walk(above, "")
    else:
        yield "", "(root)"
        yield from walk("", "")


def _bar(label: str) -> str:
    return (
        label[: len(label) - len(label.lstrip("│ ├└─"))]
        .replace("├── ", "│   ")
        .replace("└── ", "    ")
    )


def _wrapped(words: list[str], width: int) -> Iterator[str]:
    """``a, b, c`` in lines of at most ``width``."""
    row = ""
    for index, word in enumerate(words):
        piece = word + ("," if index < len(words) - 1 else "")
        if row and len(row) + 1 + len(piece) > width:
            yield row
            row = ""
        row = f"{row} {piece}" if row else piece
    yield row


def _around(found: "Dependencies") -> Screen:
    """What the chosen resources need and who needs them, each once, at its fewest steps."""
    chosen = list(found.chosen)
    screen = Screen()
    name = chosen[0].address if len(chosen) == 1 else chosen[0].module
    size = "" if len(chosen) == 1 else f"  {plural(len(chosen), 'resource')}"
    screen.add(Span(name, "bold"), Span(size, "dim"))
    whole = found.whole
    for title, edges, none in (
        ("needs", whole.needs, "needs nothing else of the tree"),
        ("is needed by", whole.needed_by, "nothing else of the tree needs it"),
    ):
        screen.add()
        every = whole.reach(chosen, edges, None)
        if not every:
            screen.add(none)
            continue
        direct = sum(steps == 1 for steps in every.values())
        screen.add(Span(f"{title} {direct}", "bold"), Span(f", {len(every)} in all", "dim"))
        near = whole.reach(chosen, edges, found.depth)
        screen.extend(_branches(chosen, edges, near, set(), ""))
    return screen


def _branches(
    starts: "Sequence[Node]",
    edges: "Mapping[Node, frozenset[Node]]",
    steps: "Mapping[Node, int]",
    shown: set["Node"],
    indent: str,
) -> Iterator[Line]:
    """The resources one step on from ``starts``, each with its own further steps."""
    here = steps.get(starts[0], 0) + 1
    following = sorted({n for s in starts for n in edges[s] if steps.get(n) == here} - shown)
    shown.update(following)
    for index, node in enumerate(following):
        last = index == len(following) - 1
        yield line(Span(f"{indent}{'└── ' if last else '├── '}", "dim"), node.address)
        yield from _branches([node], edges, steps, shown, indent + ("    " if last else "│   "))
