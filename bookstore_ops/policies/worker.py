"""The process that policies run in; see :mod:`bookstore_ops.policies.runner`.

Reads a job from standard input; writes a line of JSON for each policy, in their order. It may hang
or die in one: then that line is missing.
"""

import json
import math
import os
import re
import signal
import sys
import traceback
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from bookstore_ops.policies.interface import Plan, Resource

_LONGEST_MESSAGE = 1000


class _WrongPolicy(Exception):
    """A policy is not as policies are; ``args[0]`` says what is wrong."""


class _Job:
    """The plan, made ready once for each language."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    @cached_property
    def for_rego(self) -> Any:
        """The plan as regopy takes it: with strings as they stand between quotes in JSON.

        regopy 1.5 takes strings as they come for such, and writes them into its answer unescaped.
        """
        from regopy.interpreter import Input

        return Input(_escaped(self.document))


def _escaped(value: Any) -> Any:
    match value:
        case str():
            return json.dumps(value, ensure_ascii=False)[1:-1]
        case dict():
            return {_escaped(key): _escaped(each) for key, each in value.items()}
        case list():
            return [_escaped(each) for each in value]
    return value


def main() -> None:
    """Run every policy of the job, one after the other."""
    # What a policy prints must not get between the lines: it goes where nobody reads it.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.dont_write_bytecode = True
    job = json.load(sys.stdin)
    # Where bsops was killed nobody else ends a policy that hangs.
    signal.alarm(math.ceil(job["seconds"]) + 1)
    sys.path.append(job["folder"])
    plan = _Job(job["plan"])
    for policy in job["policies"]:
        name, path = policy["name"], Path(policy["path"])
        answer = {"policy": name, **_outcome(path, plan)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _outcome(path: Path, plan: _Job) -> dict[str, Any]:
    try:
        found = _rego(path, plan) if path.suffix == ".rego" else _python(path, plan)
        return {"findings": list(found)}
    except _WrongPolicy as wrong:
        return {"failed": str(wrong)}
    except BaseException as error:  # noqa: BLE001  (whatever a policy does, it is a result)
        why = f"{type(error).__name__}: {error}"[:_LONGEST_MESSAGE]
        return {"failed": why + _where(error, path)}


def _where(error: BaseException, path: Path) -> str:
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    return f" (line {lines[-1]})" if lines else ""


def _python(path: Path, plan: _Job) -> Iterator[dict[str, Any]]:
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102  (its purpose)
    check = getattr(module, "check", None)
    if not callable(check):
        raise _WrongPolicy("it has no function check(plan)")
    found = check(Plan(plan.document))
    if not isinstance(found, Iterable):
        raise _WrongPolicy(f"check(plan) must yield what it finds; it returned {found!r}")
    for each in found:
        yield _python_finding(each)


def _python_finding(found: object) -> dict[str, Any]:
    match found:
        case (Resource() as resource, str(message)):
            return _finding(resource.address, message)
        case (str(address), str(message)):
            return _finding(address, message)
    raise _WrongPolicy(
        f"check(plan) must yield a resource or an address, and a message; it gave {found!r}"[:200]
    )


def _finding(address: str, message: str, *, warns: bool = False) -> dict[str, Any]:
    return {"address": address, "message": message[:_LONGEST_MESSAGE], "warns": warns}


def _rego(path: Path, plan: _Job) -> Iterator[dict[str, Any]]:
    from regopy import Interpreter  # type: ignore[import-not-found, unused-ignore]

    text = path.read_text(encoding="utf-8-sig")
    package = re.search(r"^package\s+([\w.]+)", text, re.MULTILINE)
    if not package:
        raise _WrongPolicy("it has no package")
    rules = set(re.findall(r"^(deny|warn)\b", text, re.MULTILINE))
    if not rules:
        raise _WrongPolicy("it has no rule deny or warn")
    interpreter = Interpreter()
    interpreter.strict_built_in_errors = True
    interpreter.add_module(path.name, text)
    interpreter.set_input(plan.for_rego)
    for rule in sorted(rules):
        answer = interpreter.query(f"data.{package[1]}.{rule}")
        if not answer.ok():
            raise _WrongPolicy(f"{rule} could not be evaluated: {answer}")
        values = answer.results[0].expressions if answer.results else []
        if not values or not isinstance(values[0], list | dict):
            raise _WrongPolicy(f"{rule} is no set; write: {rule} contains message if {{ … }}")
        for each in values[0]:
            yield _rego_finding(each, rule)


def _rego_finding(found: object, rule: str) -> dict[str, Any]:
    warns = rule == "warn"
    match found:
        case str(message):
            return _finding("", message, warns=warns)
        case {"msg": str(message), **more}:
            return _finding(str(more.get("address", "")), message, warns=warns)
    raise _WrongPolicy(f"{rule} must hold texts, or objects with msg and address; it has {found!r}")


if __name__ == "__main__":
    main()
