"""The dependency graph of an environment's configuration."""

from dataclasses import dataclass

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.graph.model import Graph, Node, find_cycle
from bookstore_ops.graph.reading import bridge, cycle_members, read_edges, readable
from bookstore_ops.operations.reading import validate
from bookstore_ops.operations.session import Session
from bookstore_ops.terraform.process import Watch


@dataclass(frozen=True)
class Dependencies:
    """The graph of an environment, and what it was narrowed to: ``chosen`` and its surroundings.

    ``whole`` is everything, ``shown`` the part within ``depth`` steps of ``chosen``.
    """

    whole: Graph
    shown: Graph
    chosen: tuple[Node, ...] = ()
    depth: int = 1


def read_dependencies(
    session: Session, watch: Watch, resource: str | None = None, depth: int = 1
) -> Dependencies:
    """What the configuration says of who needs whom; ``resource`` narrows it to ``depth`` steps.

    Raises:
        ConfigurationError: the configuration is not valid, or its resources need each other.
        UsageError: there is no such resource.
        BsopsError: Terraform cannot draw it.
    """
    session.initialise(watch)
    run, document = session.terraform.graph(watch)
    if run.exit.signal_number is not None:
        raise session.failure(run, "the graph cannot be read")
    needs, resources = read_edges(document.decode(errors="replace"))
    # 1.7 and later print a graph with a cycle; 1.6.6 names the cycle and prints nothing.
    cycle = [readable(name) for name in find_cycle(needs)] or cycle_members(run.strays)
    if cycle:
        raise _cycle(session, cycle)
    if not run.succeeded:
        # Terraform says here in words what `validate` says in JSON.
        validate(session, watch)
        raise session.failure(run, "the graph cannot be read")
    graph = bridge(needs, resources)
    if resource is None:
        return Dependencies(graph, graph)
    chosen = graph.find(resource)
    return Dependencies(graph, graph.around(chosen, depth), tuple(chosen), depth)


def _cycle(session: Session, members: list[str]) -> ConfigurationError:
    steps = [f"{members[0]}"]
    steps += [f"  needs {member}" for member in members[1:]]
    steps.append(f"  needs {members[0]}, which closes the circle")
    return ConfigurationError(
        f"the configuration of {session.environment.name} goes in a circle of {len(members)}",
        why="\n".join(steps),
        next_step="remove one of these references, then: " + session.command_line("graph"),
    )
