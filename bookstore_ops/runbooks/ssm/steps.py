"""The steps of an exported document, one kind of block each.

https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
"""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any

import msgspec

from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import Call, mentioned, read_call
from bookstore_ops.runbooks.conditions import Capture, Condition, Expect
from bookstore_ops.runbooks.ssm.names import Given, referring, referring_in, step_name
from bookstore_ops.runbooks.values import references

Step = dict[str, Any]

RUNTIME = "python3.11"
# AWS ends a script after ten minutes, and an approval's message after so many characters.
_SCRIPT_SECONDS = 600
_WITHIN_SECONDS = 540
_MESSAGE_CHARACTERS = 4096
_PLAIN_PATH = re.compile(r"[A-Za-z]\w*(\[\d+\])?(\.[A-Za-z]\w*(\[\d+\])?)*")
_TYPES = {"string": "String", "integer": "Integer", "long": "Integer", "boolean": "Boolean"}


def approval(name: str, message: str, given: Mapping[str, Given]) -> Step:
    """A person says that it is done, or that the next step may run."""
    message = message.replace("{{", "{ {")
    unknown = {each: Given(f"({each})") for each in references(message) - set(given)}
    shown = referring(message, {**unknown, **given})
    return {
        "name": name,
        "action": "aws:approve",
        "onFailure": "Abort",
        "inputs": {
            "Approvers": "{{ Approvers }}",
            "MinRequiredApprovals": 1,
            "Message": shown[:_MESSAGE_CHARACTERS],
        },
    }


def condition(block: Block, when: Condition, given: Mapping[str, Given], after: str) -> list[Step]:
    """Whether the block's step runs; if not, the automation goes on with the step ``after``."""
    asking = step_name(block.name, "when_")
    terms = [msgspec.to_builtins(term) for term in when.terms]
    script = _script(asking, "decide", {"when": terms}, _only(when.names, given))
    script["outputs"] = [_output("holds")]
    branch = {
        "name": step_name(block.name, "if_"),
        "action": "aws:branch",
        "inputs": {
            "Choices": [
                {
                    "NextStep": step_name(block.name),
                    "Variable": f"{{{{ {asking}.holds }}}}",
                    "StringEquals": "true",
                }
            ],
            "Default": after,
        },
    }
    return [script, branch]


def call_steps(block: Block, given: Mapping[str, Given]) -> tuple[list[Step], dict[str, Given]]:
    """A call of AWS: as such where that says all that the block says, else in a script."""
    call = read_call(block.text)
    assert call is not None  # noqa: S101  (lint has seen it)
    name = step_name(block.name)
    outputs = _selected(call, block.captures)
    used = mentioned(block)
    if outputs is None or block.expects or call.region or not all(given[n].typed for n in used):
        payload = {"call": msgspec.to_builtins(call)}
        return _judging(block, name, "run_call", payload, _only(used, given))
    step = {
        "name": name,
        "action": "aws:executeAwsApi",
        **_patience(block),
        "inputs": {
            "Service": call.service,
            "Api": _operation(call),
            **dict(referring_in(call.parameters, given)),  # type: ignore[call-overload]
        },
    }
    if outputs:
        step["outputs"] = outputs
    return [step], {o["Name"]: Given(f"{{{{ {name}.{o['Name']} }}}}") for o in outputs}


def _operation(call: Call) -> str:
    from botocore import xform_name

    names = _model(call.service).operation_names
    return next(str(each) for each in names if xform_name(each) == call.operation)


@cache
def _model(service: str) -> Any:
    from botocore.session import Session

    return Session().get_service_model(service)


def _selected(call: Call, captures: Sequence[Capture]) -> list[dict[str, str]] | None:
    """The captures as outputs; None where AWS has no form for one, or answers in pages."""
    shape = _model(call.service).operation_model(_operation(call)).output_shape
    if captures and _operation(call) in _in_pages(call.service):
        return None
    found = []
    for capture in captures:
        path = capture.json.path if capture.json else ""
        kind = _type(shape, path) if _PLAIN_PATH.fullmatch(path) else None
        if kind is None:
            return None
        found.append({"Name": capture.name, "Selector": f"$.{path}", "Type": kind})
    return found


@cache
def _in_pages(service: str) -> frozenset[str]:
    """The operations of a service whose answers come in pages."""
    from botocore.exceptions import UnknownServiceError
    from botocore.session import Session

    try:
        return frozenset(
            Session()
            .get_component("data_loader")
            .load_service_model(service, "paginators-1")["pagination"]
        )
    except UnknownServiceError:
        return frozenset()


def _type(shape: Any, path: str) -> str | None:
    """The type of what a plain path finds in an answer; None for what has no simple one."""
    for word in re.findall(r"[A-Za-z]\w*|\[\d+\]", path):
        if word.startswith("["):
            shape = shape.member if shape.type_name == "list" else None
        else:
            shape = shape.members.get(word) if shape.type_name == "structure" else None
        if shape is None:
            return None
    if shape.type_name == "list" and shape.member.type_name == "string":
        return "StringList"
    return _TYPES.get(shape.type_name)


def python_steps(block: Block, given: Mapping[str, Given]) -> tuple[list[Step], dict[str, Given]]:
    """A Python block: in a script."""
    name, payload = step_name(block.name), {"block": block.text}
    return _judging(block, name, "run_block", payload, given)


def shell_steps(block: Block, given: Mapping[str, Given]) -> tuple[list[Step], dict[str, Given]]:
    """A bash block: on the instances that the automation is given; values arrive quoted."""
    name = step_name(block.name)
    used = sorted(mentioned(block) & set(given))
    steps: list[Step] = []
    commands = ["#!/bin/bash", "set -eu -o pipefail"]
    if used:
        exporting = _script(f"{name}_values", "export_lines", {}, _only(used, given))
        exporting["outputs"] = [_output("lines")]
        steps.append(exporting)
        commands.append(f"{{{{ {name}_values.lines }}}}")
    steps.append(
        {
            "name": name,
            "action": "aws:runCommand",
            **_patience(block),
            "inputs": {
                "DocumentName": "AWS-RunShellScript",
                "InstanceIds": "{{ InstanceIds }}",
                "Parameters": {
                    "commands": [*commands, *block.text.rstrip("\n").splitlines()],
                    "executionTimeout": str(ceil(block.timeout)),
                },
            },
        }
    )
    looks = [each for each in block.expects if each.pattern or each.json]
    if not looks and not block.captures:
        return steps, {}
    payload = {"output": f"{{{{ {name}.Output }}}}"}
    more, captured = _judging(block, f"{name}_output", "look_at", payload, {})
    return [*steps, *more], captured


def _judging(
    block: Block,
    name: str,
    handler: str,
    payload: dict[str, Any],
    given: Mapping[str, Given],
) -> tuple[list[Step], dict[str, Given]]:
    """A script that runs something and judges what it says, as bsops does."""
    within = min(block.within or 0, _WITHIN_SECONDS)
    payload = {
        **payload,
        "expects": [_expect(each) for each in block.expects],
        "captures": [_capture(each) for each in block.captures],
        "within": within,
        "every": block.every,
    }
    step = _script(name, handler, payload, given)
    step |= _patience(block, again=ceil((block.within or 0) / _WITHIN_SECONDS))
    step["timeoutSeconds"] = int(min(_SCRIPT_SECONDS, within + block.timeout))
    names = [each.name for each in block.captures]
    if names:
        step["outputs"] = [_output(n) for each in names for n in (each, f"{each}_json")]
    return [step], {
        each: Given(f"{{{{ {name}.{each} }}}}", False, f"{{{{ {name}.{each}_json }}}}")
        for each in names
    }


def _only(names: Iterable[str], given: Mapping[str, Given]) -> dict[str, Given]:
    return {name: given[name] for name in names}


def _script(
    name: str,
    handler: str,
    payload: dict[str, Any],
    given: Mapping[str, Given],
) -> Step:
    return {
        "name": name,
        "action": "aws:executeScript",
        "inputs": {
            "Runtime": RUNTIME,
            "Handler": handler,
            "InputPayload": {**payload, "values": {n: given[n].payload for n in sorted(given)}},
            "Script": source_of(handler),
        },
    }


@cache
def source_of(handler: str) -> str:
    """A handler with all that it uses, and without what only readers need: 64 KB is all."""
    tree = ast.parse(Path(__file__).with_name("handler.py").read_text(encoding="utf-8"))
    nodes = [_bared(node) for node in tree.body[1:]]
    wanted, found = [handler], {handler}
    while wanted:
        used = _used(nodes, wanted.pop()) - found
        wanted += used
        found |= used
    kept = [node for node in nodes if _defines(node) & found]
    return ast.unparse(ast.Module(kept, []))


def _bared(node: ast.stmt) -> ast.stmt:
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
        node.body = node.body[1:] or [ast.Pass()]
    if isinstance(node, ast.FunctionDef):
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
    return node


def _defines(node: ast.stmt) -> set[str]:
    match node:
        case ast.Import(names=names) | ast.ImportFrom(names=names):
            return {each.name for each in names}
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()


def _used(nodes: Sequence[ast.stmt], name: str) -> set[str]:
    known = set().union(*map(_defines, nodes))
    inside = [each for node in nodes if name in _defines(node) for each in ast.walk(node)]
    return {each.id for each in inside if isinstance(each, ast.Name)} & known


def _output(name: str) -> dict[str, str]:
    return {"Name": name, "Selector": f"$.Payload.{name}", "Type": "String"}


def _patience(block: Block, again: int = 1) -> dict[str, int]:
    attempts = max(block.retry + 1, again)
    return {
        "timeoutSeconds": ceil(block.timeout),
        **({"maxAttempts": attempts} if attempts > 1 else {}),
    }


def _expect(expect: Expect) -> dict[str, Any]:
    found: dict[str, Any] = {"codes": list(expect.codes)} if expect.codes else {}
    if expect.pattern:
        found |= {"pattern": expect.pattern.pattern, "absent": expect.absent}
    if expect.json:
        found |= msgspec.structs.asdict(expect.json)
    return found


def _capture(capture: Capture) -> dict[str, Any]:
    found: dict[str, Any] = {"name": capture.name}
    if capture.pattern:
        found["pattern"] = capture.pattern.pattern
    if capture.json:
        found["path"] = capture.json.path
    return found
