"""The values of environments: what is wrong with them, what was changed."""

from typing import TYPE_CHECKING

from bookstore_ops.tfvars.writing import dotted, literal
from bookstore_ops.ui.text import Screen, Span, plural

if TYPE_CHECKING:
    from bookstore_ops.operations.values_checking import Checked
    from bookstore_ops.operations.values_editing import Change
    from bookstore_ops.operations.values_reading import Values
    from bookstore_ops.ui.terminal import Terminal


def show_findings(terminal: "Terminal", values: "Values", checked: "Checked") -> None:
    """Everything that is wrong: a line of what, a line of what to write."""
    screen = Screen()
    for finding in checked.findings:
        place = f"{values.shown(finding.path)}{f':{finding.line}' if finding.line else ''}"
        screen.add(Span(f"{place}: ", "bold"), finding.what)
        screen.add(Span("  write: ", "bold"), finding.write)
    if checked.findings:
        screen.add()
        count = plural(len(checked.findings), "finding")
        screen.add(Span(f"{values.environment}: {count} in its values", "bold"))
    else:
        screen.add(Span(f"{values.environment}: nothing is wrong with its values", "bold"))
    terminal.result(screen)
    if checked.unchecked:
        terminal.warn(f"the rules of variables were not checked: {checked.unchecked}")
    terminal.document(
        "bsops.tfvars.check/1",
        {
            "environment": values.environment,
            "files": [values.shown(path) for path in values.files],
            "rules_checked": checked.unchecked is None,
            "findings": [
                {
                    "kind": finding.kind,
                    "file": values.shown(finding.path),
                    "line": finding.line or None,
                    "key": dotted(finding.key),
                    "what": finding.what,
                    "write": finding.write,
                }
                for finding in checked.findings
            ],
        },
    )


def show_change(terminal: "Terminal", environment: str, change: "Change", plan: str) -> None:
    """One value as it was and as it is."""
    name = dotted(change.key)
    if not change.changed:
        terminal.result(f"{name} is {literal(change.after)} already: {change.file}:{change.line}")
    else:
        screen = Screen()
        screen.add(Span(f"{change.file}:{change.line}", "bold"))
        if not change.new:
            screen.add(Span(f"- {name} = {literal(change.before)}", "red"))
        screen.add(Span(f"+ {name} = {literal(change.after)}", "green"))
        terminal.result(screen)
        terminal.say(f"Next:  {plan}", style="bold")
    if change.secret:
        terminal.warn(
            f"{name} looks like {change.secret}: it belongs in AWS Secrets Manager, not in a file"
        )
    terminal.document(
        "bsops.tfvars.set/1",
        {
            "environment": environment,
            "file": change.file,
            "line": change.line,
            "key": name,
            "before": change.before,
            "after": change.after,
            "changed": change.changed,
        },
    )
