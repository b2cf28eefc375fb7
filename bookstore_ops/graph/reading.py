"""From the text of ``terraform graph -type=plan`` to resources and what they need.

Terraform writes one statement a line, names quoted as Go quotes them, so no parser of the whole
DOT language is needed (pydot takes 17 seconds for the shipped tree; this takes a tenth of one).
The plain ``terraform graph`` of 1.7 and later has resources only, but 1.6.6 knows no such thing:
the full graph is the same from 1.6.6 to 1.15, and what is no resource is bridged over here.
"""

import re
from collections.abc import Mapping, Sequence

from bookstore_ops.graph.model import Graph, Node

_NAME = r'"\[root\] ((?:[^"\\]|\\.)*)"'
_EDGE = re.compile(rf"\s*{_NAME} -> {_NAME}(.*)$")
_VERTEX = re.compile(rf'\s*{_NAME} \[label = "((?:[^"\\]|\\.)*)", shape = "box"\]$')
# Drawn for cycles only: it marks a cycle, and may point the wrong way.
_MARK = 'color = "red"'
_PHASE = re.compile(r" \((?:expand|close|validation|destroy|orphan)\)$")


def read_edges(text: str) -> tuple[dict[str, set[str]], set[str]]:
    """Every vertex with what it needs, and which of them are resources."""
    needs: dict[str, set[str]] = {}
    resources: set[str] = set()
    for line in text.splitlines():
        edge = _EDGE.match(line)
        if edge:
            if _MARK not in edge[3]:
                needs.setdefault(_unquoted(edge[1]), set()).add(_unquoted(edge[2]))
            continue
        vertex = _VERTEX.match(line)
        if vertex:
            resources.add(_unquoted(vertex[1]))
            needs.setdefault(_unquoted(vertex[1]), set())
    return needs, resources


def bridge(needs: Mapping[str, set[str]], resources: set[str]) -> Graph:
    """The resources alone: what one needs by way of values, outputs and modules it needs itself.

    ``needs`` has no cycle.
    """
    reached: dict[str, frozenset[str]] = {}

    def behind(start: str) -> frozenset[str]:
        # Chains of modules are deeper than Python's stack likes: a stack of its own.
        stack = [start]
        while stack:
            name = stack[-1]
            missing = [
                other
                for other in needs.get(name, ())
                if other not in resources and other not in reached
            ]
            if missing:
                stack += missing
                continue
            stack.pop()
            found: set[str] = set()
            for other in needs.get(name, ()):
                found |= {other} if other in resources else reached[other]
            reached[name] = frozenset(found)
        return reached[start]

    return Graph(
        {
            Node(readable(name)): frozenset(
                Node(readable(other)) for other in behind(name) if other != name
            )
            for name in sorted(resources)
        }
    )


def cycle_members(said: Sequence[str]) -> list[str]:
    """The members of the cycle that Terraform complains of, each needing the next; or none.

    Read where no graph was printed: up to 1.6 a cycle ends the command.
    """
    text = " ".join(line.strip("│ ") for line in said)
    found = re.search(r"Error: Cycle: (.*?)(?:\s{2,}|╵|$)", text)
    # Terraform lists what is needed before who needs it.
    return [readable(name) for name in reversed(found[1].strip().split(", "))] if found else []


def readable(name: str) -> str:
    """A vertex as the configuration calls it."""
    return _PHASE.sub("", name)


def _unquoted(text: str) -> str:
    return text.replace('\\"', '"').replace("\\\\", "\\")
