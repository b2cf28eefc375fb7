"""What a script step of an exported document runs; its source goes into each, so it stays short.

It runs at AWS, where there is no bsops: it imports only what the runtime of ``aws:executeScript``
has, and says of blocks, values, expectations and captures the same as bsops does.
"""

import contextlib
import io
import json
import operator
import re
import shlex
import time
from collections.abc import Callable
from datetime import date
from typing import Any

SIGNS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le}
SIGNS |= {">": operator.gt, ">=": operator.ge}
REFERENCE = re.compile(r"\$(?:(\$)|([a-z][a-z0-9_]*)|\{([a-z][a-z0-9_]*)\})")


class NotHeld(Exception):
    """What was expected is not so."""


def require(held: bool, what: str) -> None:
    """Stop where it is not so."""
    if not held:
        raise NotHeld(what)


def run_call(events: dict[str, Any], _context: object) -> dict[str, Any]:
    """A step that calls AWS."""
    return patiently(events, lambda values: (0, call(fill(events["call"], values))))


def run_block(events: dict[str, Any], _context: object) -> dict[str, Any]:
    """A step that runs a Python block."""
    return patiently(events, lambda values: run(events["block"], values))


def look_at(events: dict[str, Any], _context: object) -> dict[str, Any]:
    """A step that looks at what another one printed."""
    return patiently(events, lambda _values: (0, events["output"]))


def decide(events: dict[str, Any], _context: object) -> dict[str, Any]:
    """A step that says whether another one runs."""
    values = given(events)
    return {"holds": str(all(holds(term, values) for term in events["when"])).lower()}


def export_lines(events: dict[str, Any], _context: object) -> dict[str, Any]:
    """A step that gives values to a shell, as data."""
    values = given(events)
    return {"lines": "\n".join(f"export {n}={shlex.quote(text(values[n]))}" for n in values)}


def given(events: dict[str, Any]) -> dict[str, Any]:
    """The values of the step."""
    pairs = events["values"].items()
    return {n: json.loads(v["json"]) if isinstance(v, dict) else v for n, v in pairs}


def patiently(
    events: dict[str, Any], produce: Callable[[dict[str, Any]], tuple[int, str]]
) -> dict[str, Any]:
    """Again and again until the expectations hold, or the time is over."""
    values = given(events)
    deadline = time.monotonic() + events["within"]
    while True:
        try:
            return judge(events, *produce(values))
        except NotHeld:
            if time.monotonic() >= deadline:
                raise
        time.sleep(events["every"])


def judge(events: dict[str, Any], code: int, output: str) -> dict[str, Any]:
    """The captures, each as text and as JSON, if all is as expected."""
    codes = [e["codes"] for e in events["expects"] if "codes" in e] or [[0]]
    require(all(code in each for each in codes), f"exit {code}")
    for expect in events["expects"]:
        check(expect, output)
    found = {each["name"]: take(each, output) for each in events["captures"]}
    as_json = {f"{n}_json": json.dumps(v) for n, v in found.items()}
    return {n: text(v) for n, v in found.items()} | as_json


def run(block: str, values: dict[str, Any]) -> tuple[int, str]:
    """A Python block: how it exits and what it prints."""
    printed, code = io.StringIO(), 0
    with contextlib.redirect_stdout(printed):
        try:
            program = compile(block, "<block>", "exec")
            exec(program, {"__name__": "__main__", "values": values})  # noqa: S102  (the page's own)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return code, printed.getvalue()


def call(asked: dict[str, Any]) -> str:
    """A call of AWS, all pages of its answer."""
    import boto3

    client = boto3.client(asked["service"], region_name=asked.get("region"))
    name, parameters = asked["operation"], asked["parameters"]
    if client.can_paginate(name):
        answer = client.get_paginator(name).paginate(**parameters).build_full_result()
    else:
        answer = getattr(client, name)(**parameters)
    answer.pop("ResponseMetadata", None)
    return json.dumps(answer, default=plain)


def plain(value: Any) -> str:
    """A date, or what else JSON has no form for."""
    return value.isoformat() if isinstance(value, date) else str(value)


def fill(document: Any, values: dict[str, Any]) -> Any:
    """A document with values in its texts; a text that is one reference takes its type."""
    if isinstance(document, dict):
        return {key: fill(item, values) for key, item in document.items()}
    if isinstance(document, list):
        return [fill(item, values) for item in document]
    if not isinstance(document, str):
        return document
    alone = REFERENCE.fullmatch(document)
    if alone and not alone[1]:
        return values[alone[2] or alone[3]]
    return REFERENCE.sub(lambda m: "$" if m[1] else text(values[m[2] or m[3]]), document)


def text(value: Any) -> str:
    """A value as text."""
    return value if isinstance(value, str) else json.dumps(value)


def check(expect: dict[str, Any], output: str) -> None:
    """Hold the output against an expectation."""
    if "pattern" in expect:
        found = re.search(expect["pattern"], output, re.M) is not None
        require(found != expect["absent"], expect["pattern"])
    if "path" in expect:
        value = find(expect["path"], output)
        held = SIGNS[expect["sign"]](value, expect["wanted"]) if expect["sign"] else bool(value)
        require(bool(held), f"{expect['path']} is {value!r}")


def take(capture: dict[str, Any], output: str) -> Any:
    """The value that a capture takes from the output."""
    if "path" in capture:
        value = find(capture["path"], output)
        require(value is not None, capture["path"])
        return value
    if "pattern" in capture:
        found = re.search(capture["pattern"], output, re.M)
        require(found is not None, capture["pattern"])
        return found and (found[1] if found.re.groups else found[0])
    return output.rstrip("\r\n")


def find(path: str, output: str) -> Any:
    """What a JMESPath expression finds."""
    import jmespath

    return jmespath.search(path, json.loads(output))


def holds(term: dict[str, Any], values: dict[str, Any]) -> bool:
    """Whether a part of a condition is true."""
    value = values.get(term["name"])
    said = "" if value is None else text(value)
    if term["sign"] == "~":
        return re.search(term["wanted"], said) is not None
    if term["sign"]:
        return bool((said == term["wanted"]) == (term["sign"] == "=="))
    return bool((value not in (None, "", False, 0, "false", "0", [], {})) != term["negated"])
