"""Everything that is wrong with a page, beyond what keeps it from being read."""

import re
from collections.abc import Callable, Iterator, Sequence

from bookstore_ops.runbooks.alarms import Alarm, known
from bookstore_ops.runbooks.blocks import LANGUAGES, NO_UNDO, Block
from bookstore_ops.runbooks.commands import mentioned, read_call
from bookstore_ops.runbooks.effects import changes, words
from bookstore_ops.runbooks.findings import Finding
from bookstore_ops.runbooks.page import Page
from bookstore_ops.runbooks.schema import BUILT_IN, FrontMatter
from bookstore_ops.runbooks.values import references

# What is wrong with a command line of bsops, without running it; None where nothing is.
CheckCommand = Callable[[Sequence[str]], str | None]

# Names that a shell text gives values to itself.
_ASSIGNED = re.compile(
    r"(?:^|[\s;(])(?:for\s+|read\s+(?:-\w+\s+)*|local\s+)?([a-z][a-z0-9_]*)(?==|\s+in\s|$|\s*;)",
    re.M,
)
_PYTHON_VALUE = re.compile(r"""values(?:\[|\.get\()\s*["'](\w+)["']""")
_BSOPS_IN_SHELL = re.compile(r"^\s*bsops\s", re.MULTILINE)


def lint(page: Page, alarms: Sequence[Alarm], check_command: CheckCommand) -> list[Finding]:
    """All findings of a page, by line."""
    found = list(page.findings)
    if page.front is not None:
        found += _headings(page, page.front)
        found += _alarms(page, page.front, alarms)
        found += _values(page, page.front)
    found += _undos(page)
    for block in page.blocks:
        found += _block(block, check_command)
        if block.language == "aws" and page.front is not None and not page.front.aws:
            found.append(
                Finding(
                    line=block.line,
                    what=f"{block.name} calls AWS, and the page says that it needs none",
                    fix="take aws: false out of the front matter",
                )
            )
    found += [
        Finding(
            line=line,
            what=f"this {language} block is only shown",
            fix="write {name=…} behind the language to let it run, or use ```console",
            warning=True,
        )
        for line, language in page.shown_only
        if language in LANGUAGES
    ]
    return sorted(found, key=lambda finding: (finding.line, finding.warning))


def _headings(page: Page, front: FrontMatter) -> Iterator[Finding]:
    if page.heading != front.title:
        yield Finding(
            line=1,
            what=f"the page's heading is {page.heading or 'missing'!r}, its title {front.title!r}",
            fix=f"write: # {front.title}",
        )
    if not page.sequence:
        yield Finding(
            line=1,
            what="the page has no step that runs",
            fix="put a block with {name=…} below a ## heading",
        )


def _alarms(page: Page, front: FrontMatter, alarms: Sequence[Alarm]) -> Iterator[Finding]:
    for alarm in front.alarms:
        if not known(alarm, alarms):
            yield Finding(
                line=_line(page, alarm),
                what=f"the tree has no alarm {alarm}",
                fix="write its key in modules/cloudwatch, with * for what differs: *-tasks",
            )


def _line(page: Page, word: str) -> int:
    rows = enumerate(page.text.splitlines(), start=1)
    return next((number for number, row in rows if word in row), 1)


def _used(block: Block) -> set[str]:
    """The values that a block asks for, as far as its text tells."""
    used = mentioned(block)
    if block.language == "python":
        used = set(_PYTHON_VALUE.findall(block.text))
    if block.language == "bash":
        # Comments name things; single quotes keep the shell from looking.
        code = re.sub(r"'[^']*'|(?m:(?:^|\s)#.*$)", "", block.text)
        used = references(code) - set(_ASSIGNED.findall(code))
    used |= references(block.question or "")
    return used | (block.when.names if block.when else set())


def _values(page: Page, front: FrontMatter) -> Iterator[Finding]:
    given = {*front.parameters, *BUILT_IN}
    captured = {c.name for block in page.blocks for c in block.captures}
    everywhere: set[str] = set()
    for block in page.blocks:
        used = _used(block)
        everywhere |= used
        for name in sorted(used - given):
            late = name in captured
            yield Finding(
                line=block.line,
                what=f"{block.name} uses {name}, "
                + ("which is captured only later" if late else "which nothing gives"),
                fix="move the block that captures it above this one"
                if late
                else f"add {name} to the parameters, or capture it in an earlier block",
            )
        for capture in block.captures:
            if capture.name in front.parameters or capture.name in BUILT_IN:
                yield Finding(
                    line=block.line,
                    what=f"{block.name} captures {capture.name}, which is a parameter already",
                    fix="give the capture another name",
                )
        if not block.manual:
            given |= {capture.name for capture in block.captures}
    for name in sorted(set(front.parameters) - everywhere):
        yield Finding(
            line=_line(page, f"{name}:"),
            what=f"nothing uses the parameter {name}",
            fix="use it, or take it out",
            warning=True,
        )
    for block in page.blocks:
        for capture in block.captures:
            if capture.name not in everywhere:
                yield Finding(
                    line=block.line,
                    what=f"nothing uses what {block.name} captures as {capture.name}",
                    fix="use it, or take the capture out",
                    warning=True,
                )


def _undos(page: Page) -> Iterator[Finding]:
    undoing = page.undoing
    for block in page.blocks:
        if block.undo and block.undo != NO_UNDO and page.block(block.undo) is None:
            yield Finding(
                line=block.line,
                what=f"{block.name} is undone by {block.undo}, which is not there",
                fix=f"add a block {{name={block.undo}}}, or write undo=none",
            )
        if block.undo == block.name:
            yield Finding(
                line=block.line,
                what=f"{block.name} undoes itself",
                fix="name another block, or write undo=none",
            )
        if block.name in undoing or not changes(block):
            continue
        if not block.undo:
            yield Finding(
                line=block.line,
                what=f"{block.name} changes something and says nothing of how to undo it",
                fix="add undo=BLOCK, or undo=none where nothing can; or reads if it only looks",
            )
        if block.undo == NO_UNDO and not (block.confirm or block.danger):
            yield Finding(
                line=block.line,
                what=f"{block.name} cannot be undone and asks nobody",
                fix="add confirm, or danger",
            )


def _block(block: Block, check_command: CheckCommand) -> Iterator[Finding]:
    def wrong(what: str, fix: str) -> Finding:
        return Finding(line=block.line, what=f"{block.name} {what}", fix=fix)

    if block.manual and (block.captures or block.expects or block.retry or block.within):
        yield wrong("is manual, and has what only a command has", "take it out, or take manual out")
    if block.within is not None and not block.expects:
        yield wrong("has within, and expects nothing", 'add expect="…"')
    if block.manual:
        return
    paths = [*(each.json for each in block.expects), *(each.json for each in block.captures)]
    for path in paths:
        if path and path.problem:
            yield wrong(f"asks for {path.problem}", "see https://jmespath.org/specification.html")
    if block.language == "aws":
        yield from _call(block)
    if block.language == "bash" and _BSOPS_IN_SHELL.search(block.text):
        yield wrong("runs bsops in a shell", "use a bsops block: it finds its own credentials")
    if block.language == "bsops":
        yield from _command(block, check_command)


def _command(block: Block, check_command: CheckCommand) -> Iterator[Finding]:
    command = words(block.text)
    lines = block.text.replace("\\\n", " ").strip().splitlines()
    if len(lines) != 1 or command[:1] != ["bsops"]:
        yield Finding(
            line=block.line,
            what=f"{block.name} is not one command of bsops",
            fix="write one line that begins with bsops",
        )
        return
    problem = check_command(command[1:])
    if problem:
        yield Finding(line=block.line + 1, what=problem, fix="bsops --help lists the commands")


def _call(block: Block) -> Iterator[Finding]:
    call = read_call(block.text)
    if call is None:
        yield Finding(
            line=block.line + 1,
            what=f"{block.name} is no call of AWS",
            fix="write service, operation, parameters and maybe region as YAML",
        )
        return
    from botocore import xform_name
    from botocore.exceptions import UnknownServiceError
    from botocore.session import Session

    try:
        model = Session().get_service_model(call.service)
    except UnknownServiceError:
        yield Finding(
            line=block.line + 1,
            what=f"AWS has no service {call.service}",
            fix="write the name that boto3 uses: ecs, dynamodb, …",
        )
        return
    operations = {xform_name(name): name for name in model.operation_names}
    if call.operation not in operations:
        yield Finding(
            line=block.line + 1,
            what=f"{call.service} has no operation {call.operation}",
            fix="write the name that boto3 uses: describe_services, …",
        )
        return
    shape = model.operation_model(operations[call.operation]).input_shape
    members, required = (set(shape.members), shape.required_members) if shape else (set(), [])
    for parameter in sorted(set(call.parameters) - members):
        yield Finding(
            line=block.line + 1,
            what=f"{call.service}.{call.operation} has no parameter {parameter}",
            fix=f"use one of: {', '.join(sorted(members))}",
        )
    for parameter in required:
        if parameter not in call.parameters:
            yield Finding(
                line=block.line + 1,
                what=f"{call.service}.{call.operation} needs {parameter}",
                fix=f"add {parameter} to the parameters",
            )
