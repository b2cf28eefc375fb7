"""Which resource needs which, as the configuration says; instances are one node together."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from bookstore_ops.errors import UsageError
from bookstore_ops.terraform.addresses import without_keys


@dataclass(frozen=True, order=True)
class Node:
    """A resource or data source of the configuration, without the keys of its instances."""

    address: str

    @property
    def module(self) -> str:
        """The module it stands in; empty in the root."""
        return self.address[: -len(self.local) - 1]

    @property
    def local(self) -> str:
        """Its address within its module: ``data.aws_region.current``."""
        parts = self.address.split(".")
        return ".".join(parts[-3:] if parts[-3:-2] == ["data"] else parts[-2:])

    @property
    def type(self) -> str:
        """``aws_db_instance``."""
        return self.address.split(".")[-2]

    @property
    def is_data(self) -> bool:
        """Whether it is only read."""
        return self.local.startswith("data.")


@dataclass(frozen=True)
class Graph:
    """The resources of a tree; ``needs`` maps each to those it depends on, itself never."""

    needs: Mapping[Node, frozenset[Node]]

    @cached_property
    def nodes(self) -> list[Node]:
        """Every resource, by address."""
        return sorted(self.needs)

    @cached_property
    def edges(self) -> list[tuple[Node, Node]]:
        """Every dependency: who needs, what is needed."""
        return sorted((node, other) for node, others in self.needs.items() for other in others)

    @cached_property
    def needed_by(self) -> dict[Node, frozenset[Node]]:
        """The same edges the other way round."""
        found: dict[Node, set[Node]] = {node: set() for node in self.needs}
        for node, other in self.edges:
            found[other].add(node)
        return {node: frozenset(others) for node, others in found.items()}

    @cached_property
    def modules(self) -> dict[str, list[Node]]:
        """The resources of each module that has any, by the module's address."""
        found: dict[str, list[Node]] = {}
        for node in self.nodes:
            found.setdefault(node.module, []).append(node)
        return dict(sorted(found.items()))

    @cached_property
    def module_needs(self) -> dict[str, dict[str, int]]:
        """For each module, those it needs, with the number of dependencies between resources."""
        found: dict[str, dict[str, int]] = {module: {} for module in self.modules}
        for node, other in self.edges:
            if node.module != other.module:
                counts = found[node.module]
                counts[other.module] = counts.get(other.module, 0) + 1
        return found

    def find(self, named: str) -> list[Node]:
        """The resource named, by its address or an end of it; all of a module for a module's.

        Keys of instances are passed over.

        Raises:
            UsageError: nothing is called so, or several resources are.
        """
        wanted = without_keys(named.strip())
        if wanted in self.modules or any(m.startswith(f"{wanted}.") for m in self.modules):
            return [n for n in self.nodes if f"{n.module}.".startswith(f"{wanted}.")]
        found = [n for n in self.nodes if n.address == wanted or n.address.endswith(f".{wanted}")]
        if len(found) == 1 or wanted in (node.address for node in found):
            return [next((n for n in found if n.address == wanted), found[0])]
        if found:
            raise UsageError(
                f"{len(found)} resources are called {named}",
                why="\n".join(node.address for node in found),
                next_step=f"name one in full, e.g. --resource {found[0].address}",
            )
        raise self._unknown(named, wanted)

    def reach(
        self, starts: Iterable[Node], edges: Mapping[Node, frozenset[Node]], depth: int | None
    ) -> dict[Node, int]:
        """What can be reached from ``starts`` along ``edges``, with its distance; not they."""
        distance = dict.fromkeys(starts, 0)
        waiting = deque(distance)
        while waiting:
            node = waiting.popleft()
            if depth is not None and distance[node] >= depth:
                continue
            for other in sorted(edges[node]):
                if other not in distance:
                    distance[other] = distance[node] + 1
                    waiting.append(other)
        return {node: steps for node, steps in distance.items() if steps}

    def around(self, starts: list[Node], depth: int | None) -> "Graph":
        """The part within ``depth`` steps of ``starts``, both ways."""
        kept = {
            *starts,
            *self.reach(starts, self.needs, depth),
            *self.reach(starts, self.needed_by, depth),
        }
        return Graph({node: self.needs[node] & kept for node in kept})

    def _unknown(self, named: str, wanted: str) -> UsageError:
        from difflib import get_close_matches

        # An end of an address is as good as the whole, so both kinds are compared.
        spellings = {n.address: n for n in self.nodes} | {n.local: n for n in self.nodes}
        close = get_close_matches(wanted, [*spellings, *self.modules], n=1, cutoff=0.5)
        return UsageError(
            f"the tree has no resource {named}",
            why=f"it has {len(self.nodes)} in {len(self.modules)} modules",
            next_step=f"did you mean --resource {close[0]}?"
            if close
            else "bsops graph --verbose lists them",
        )


def find_cycle(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """The members of a shortest cycle, each needing the next and the last the first; or none."""
    best: list[str] = []
    for start in sorted(edges):
        before: dict[str, str] = {}
        waiting = deque([start])
        while waiting and start not in before:
            name = waiting.popleft()
            for other in sorted(edges.get(name, ())):
                if other not in before:
                    before[other] = name
                    waiting.append(other)
        if start in before:
            path = [start]
            while (name := before[path[-1]]) != start:
                path.append(name)
            found = [path[0], *reversed(path[1:])]
            if not best or len(found) < len(best):
                best = found
    return best
