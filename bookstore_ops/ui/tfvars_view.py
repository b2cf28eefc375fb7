"""The values of environments: what is wrong with them, what was changed."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bookstore_ops.tfvars.secrets import masked
from bookstore_ops.tfvars.types import Object
from bookstore_ops.tfvars.writing import dotted, literal
from bookstore_ops.ui.text import Screen, Span, plural, wrap

if TYPE_CHECKING:
    from bookstore_ops.operations.values.checking import Checked
    from bookstore_ops.operations.values.comparing import Difference, Explained, InForce
    from bookstore_ops.operations.values.editing import Change
    from bookstore_ops.operations.values.reading import Values
    from bookstore_ops.operations.values.scaffolding import Written
    from bookstore_ops.operations.values.syncing import Synced
    from bookstore_ops.tfvars.types import Attribute, Type
    from bookstore_ops.tfvars.variables import Variable
    from bookstore_ops.ui.terminal import Terminal


def show_findings(terminal: "Terminal", values: "Values", checked: "Checked") -> None:
    """Everything that is wrong: a line of what, a line of what to write."""
    screen = Screen()
    # In a log, a finding is one line that a program can look for.
    width = terminal.width if terminal.shows_results else sys.maxsize
    for finding in checked.findings:
        place = f"{values.shown(finding.path)}{f':{finding.line}' if finding.line else ''}"
        _hanging(screen, f"{place}: ", finding.what, width)
        _hanging(screen, "  write: ", finding.write, width)
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


def _hanging(screen: Screen, label: str, text: str, width: int) -> None:
    """A label and a text; what does not fit beside it hangs below."""
    indent = " " * (len(label) - len(label.lstrip()))
    first, *more = wrap(f"{label.strip()} {text}", width, f"{indent}    ")
    screen.add(Span(f"{indent}{label.strip()}", "bold"), first.strip().removeprefix(label.strip()))
    for row in more:
        screen.add(row)


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


def show_differences(
    terminal: "Terminal", left: str, right: str, differences: Sequence["Difference"]
) -> None:
    """One row a value that differs."""
    if differences:
        rows = [(dotted(d.key), _cell(d.left), _cell(d.right)) for d in differences]
        terminal.table(("value", left, right), rows, fold=True)
        count = f"{plural(len(differences), 'value')} differ{'s' if len(differences) == 1 else ''}"
        terminal.say(f"{count}, defaults merged", style="bold")
    else:
        terminal.result(f"{left} and {right} have the same values")
    terminal.document(
        "bsops.tfvars.diff/1",
        {
            "environments": [left, right],
            "differences": [
                {"key": dotted(d.key), "values": {left: d.left, right: d.right}}
                for d in differences
            ],
        },
    )


def _cell(value: Any) -> str:
    return "-" if value is None else literal(value)


def show_variables(terminal: "Terminal", variables: Mapping[str, "Variable"]) -> None:
    """Every variable of the tree in a line."""
    rows = [(v.name, _kind(v.type), _default(v), v.description) for v in variables.values()]
    terminal.table(("variable", "type", "default", "what it is"), rows)
    terminal.say("One of them in full:  bsops tfvars explain NAME")
    terminal.document(
        "bsops.tfvars.explain/1",
        {
            "variables": [
                {
                    "name": v.name,
                    "type": str(v.type),
                    "required": v.default is None,
                    "description": v.description,
                }
                for v in variables.values()
            ]
        },
    )


def _default(variable: "Variable") -> str:
    if variable.default is None:
        return "needed"
    value = variable.default_value
    return literal(masked((variable.name,), value, sensitive=variable.sensitive))


def _kind(kind: "Type") -> str:
    return "object" if isinstance(kind, Object) else str(kind)


def show_explained(terminal: "Terminal", explained: "Explained") -> None:
    """All about one variable."""
    variable = explained.variable
    default = "none: it must be given" if explained.required else literal(explained.default)
    rows = [("type", _kind(explained.attribute.type)), ("default", default)]
    screen = Screen()
    screen.add(Span(dotted(explained.key), "bold"))
    about = "what it is" if len(explained.key) == 1 else f"{explained.key[0]} is"
    rows += [(about, variable.description)] if variable.description else []
    for rule in variable.validations:
        rows += [("rule", " ".join(rule.condition.split())), ("  or else", rule.message)]
    rows += [("used in", use) for use in explained.used]
    rows += [(f"in {each.environment}", _in_force(each)) for each in explained.in_force]
    label = max(len(name) for name, _ in rows) + 4
    for number, (name, text) in enumerate(rows):
        repeated = number and rows[number - 1][0] == name == "used in"
        lines = wrap(text, max(terminal.width, 40), " " * label) or [""]
        first = lines[0].strip()
        screen.add(Span(f"  {'' if repeated else name}".ljust(label), "bold"), first)
        for line in lines[1:]:
            screen.add(line)
    if explained.members:
        screen.add()
        screen.add(Span("  It holds:", "bold"))
        width = max(map(len, explained.members)) + 2
        for name, member in explained.members.items():
            hang = " " * (width + 4)
            first, *more = wrap(_member(name, member), max(terminal.width, 40), hang)
            screen.add(f"    {name.ljust(width)}{first.strip()}")
            for line in more:
                screen.add(line)
    terminal.result(screen)
    terminal.document(
        "bsops.tfvars.explain/1",
        {
            "name": dotted(explained.key),
            "type": str(explained.attribute.type),
            "required": explained.required,
            "default": explained.default,
            "description": variable.description,
            "validations": [
                {"condition": " ".join(rule.condition.split()), "message": rule.message}
                for rule in variable.validations
            ],
            "used": explained.used,
            "values": {
                each.environment: {
                    "value": each.value,
                    "from": each.place or "default",
                    "problem": each.problem,
                }
                for each in explained.in_force
            },
        },
    )


def _member(name: str, member: "Attribute") -> str:
    kind = _kind(member.type)
    if not member.optional:
        return f"{kind}, needed"
    if member.default is None:
        return kind
    return f"{kind}, default {literal(masked((name,), member.default))}"


def _in_force(each: "InForce") -> str:
    if each.problem:
        return f"unknown: {each.problem}"
    return f"{literal(each.value)}   ({each.place or 'default'})"


def asker(terminal: "Terminal") -> Callable[[str, str], str]:
    """Asks for one value after the other."""

    def ask(name: str, description: str) -> str:
        words = f"{name}   ({description})" if description else name
        return terminal.ask(words, flag=f"--set {name}=VALUE")

    return ask


def show_written(terminal: "Terminal", environment: str, written: "Written", plan: str) -> None:
    """A file of values that was written anew."""
    terminal.result(
        f"wrote {written.file}: {plural(len(written.given), 'variable')} with a value, "
        f"{len(written.left)} left to their defaults"
    )
    if written.backup:
        terminal.result(f"the file before it: {written.backup}")
    terminal.say(f"Next:  {plan}", style="bold")
    terminal.document(
        "bsops.tfvars.new/1",
        {
            "environment": environment,
            "file": written.file,
            "backup": written.backup,
            "given": written.given,
            "defaults": written.left,
        },
    )


def show_synced(terminal: "Terminal", environment: str, synced: "Synced", *, groups: bool) -> None:
    """What is new in the tree, what is gone from it."""
    screen = Screen()
    if synced.new:
        screen.add(Span("New in the tree, not mentioned in the file:", "bold"))
        width = max(len(dotted(new.key)) for new in synced.new) + 2
        for new in synced.new:
            words = "needs a value" if new.needed else new.line.partition(" = ")[2]
            screen.add(f"  {dotted(new.key).ljust(width)}{words}")
    if synced.obsolete:
        screen.add(Span("In the file, and not in the tree:", "bold"))
        for finding in synced.obsolete:
            name = dotted(finding.key)
            screen.add(f"  {name}   ({synced.file}:{finding.line}; {finding.write})")
    if not synced.new and not synced.obsolete:
        screen.add(f"{environment}: the file mentions all that the tree has, and no more")
    if synced.written:
        screen.add(Span(f"Added to {synced.file} as comments", "bold"))
    terminal.result(screen)
    if synced.new and not synced.written:
        more = " --groups" if groups else ""
        terminal.say(f"Add them as comments:  bsops tfvars sync {environment}{more} --write")
    terminal.document(
        "bsops.tfvars.sync/1",
        {
            "environment": environment,
            "file": synced.file,
            "new": [{"key": dotted(n.key), "needed": n.needed} for n in synced.new],
            "obsolete": [
                {"key": dotted(f.key), "line": f.line, "write": f.write} for f in synced.obsolete
            ],
            "written": synced.written,
        },
    )
