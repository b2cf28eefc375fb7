"""What the state holds: resources and outputs."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from bookstore_ops.terraform.masking import MASK, mask, render

if TYPE_CHECKING:
    from bookstore_ops.operations.reading import Output, StateResource
    from bookstore_ops.ui.terminal import Terminal


def show_resources(
    terminal: "Terminal", environment: str, resources: Sequence["StateResource"]
) -> None:
    """The resources of a state, by address."""
    if not resources:
        terminal.result(f"The state of {environment} holds no resources.")
    else:
        rows = [(resource.address, "tainted" if resource.tainted else "") for resource in resources]
        terminal.table(("resource", ""), rows)
        kinds = Counter(resource.type for resource in resources)
        terminal.say(f"{len(resources)} resources of {len(kinds)} types")
    terminal.document(
        "bsops.show/1",
        {"environment": environment, "resources": msgspec.to_builtins(list(resources))},
    )


def show_outputs(
    terminal: "Terminal",
    environment: str,
    outputs: Mapping[str, "Output"],
    *,
    named: str | None,
    reveal: bool,
) -> None:
    """All outputs as a table, or the one ``named`` as its bare value, as scripts want it."""
    values = {
        name: output.value if reveal else mask(output.value, output.sensitive)
        for name, output in outputs.items()
    }
    if named is not None:
        value = values[named]
        terminal.result(value if isinstance(value, str) else render(value))
        if value == MASK:
            terminal.say(f"{named} is sensitive: --reveal prints it")
    elif not outputs:
        terminal.result(f"{environment} has no outputs; nothing is applied yet.")
    else:
        terminal.table(("output", "value"), [(name, render(v)) for name, v in values.items()])
    terminal.document(
        "bsops.output/1",
        {
            "environment": environment,
            "outputs": {
                name: {"value": values[name], "sensitive": output.sensitive, "type": output.type}
                for name, output in outputs.items()
            },
        },
    )
