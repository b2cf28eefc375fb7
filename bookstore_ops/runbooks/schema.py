"""The front matter of a page: what it may say, and what is wrong with what it says."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from bookstore_ops.runbooks.findings import Finding

NonEmpty = Annotated[str, msgspec.Meta(min_length=1)]
Duration = Annotated[str, msgspec.Meta(pattern=r"^[1-9][0-9]*[smh]\Z")]
# Values reach programs as environment variables: these names are no program's and no proxy's.
ValueName = Annotated[str, msgspec.Meta(pattern=r"^(?!.*_proxy\Z)[a-z][a-z0-9_]*\Z")]
IamAction = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+:[A-Z][A-Za-z0-9]*\Z")]

# What every page knows without saying so.
BUILT_IN = ("environment", "region", "account_id")

_RULES = {
    "severity": "critical, high, medium or low",
    "estimated_time": "a number and a unit (s, m, h), e.g. 15m",
    "last_rehearsed": "a date, e.g. 2026-11-20",
    "parameters": "a mapping of names (lower-case letters, digits, _) to their descriptions",
    "permissions": "a list of IAM actions, e.g. [s3:GetObject, ecs:UpdateService]",
}


class Parameter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A value that the operator gives. Without ``default`` it has to be given.

    ``pattern`` must match all of the text. A ``secret`` is never shown and never written.
    """

    description: NonEmpty
    type: Literal["string", "integer", "number", "boolean"] = "string"
    default: str | int | float | bool | None = None
    choices: list[str | int | float] = []
    pattern: NonEmpty | None = None
    min: int | float | None = None
    max: int | float | None = None
    secret: bool = False


class FrontMatter(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a page says of itself.

    ``alarms`` are names of alarms without the platform's and environment's prefix, with ``*`` for
    what differs; ``symptoms`` are what an operator sees. ``permissions`` are the IAM actions and
    ``tools`` the programs that its blocks need. ``aws``: without it a run begins although AWS, or
    the sandbox's server, does not answer: that is what the page mends.
    """

    title: NonEmpty
    summary: NonEmpty
    severity: Literal["critical", "high", "medium", "low"]
    estimated_time: Duration
    owner: NonEmpty
    services: list[NonEmpty] = []
    alarms: list[NonEmpty] = []
    symptoms: list[NonEmpty] = []
    parameters: dict[ValueName, Parameter] = {}
    permissions: list[IamAction] = []
    tools: list[NonEmpty] = []
    aws: bool = True
    last_rehearsed: date | None = None


def read_front_matter(text: str, first_line: int) -> tuple[FrontMatter | None, list[Finding]]:
    """The front matter in ``text``, which begins in that line of its page, or what is wrong."""
    import yaml

    try:
        raw = yaml.load(text, Loader=yaml_loader())  # noqa: S506  (a safe loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        problem = getattr(error, "problem", None) or str(error)
        what = f"the front matter is no valid YAML: {problem}"
        return None, [Finding(line=line, what=what, fix="correct the YAML in this line")]
    if not isinstance(raw, dict):
        fix = "write keys and values: title, summary, severity, estimated_time, owner"
        return None, [Finding(line=first_line, what="the front matter holds no keys", fix=fix)]
    try:
        front = msgspec.convert(raw, FrontMatter)
    except msgspec.ValidationError as error:
        return None, [_in_parameters(raw, text, first_line) or _explain(text, first_line, error)]
    return front, _check_parameters(front, text, first_line)


def _in_parameters(raw: dict[str, Any], text: str, first_line: int) -> Finding | None:
    """What is wrong in a parameter: of a mapping's values msgspec does not say which."""
    parameters = raw.get("parameters")
    for name, each in parameters.items() if isinstance(parameters, dict) else ():
        try:
            msgspec.convert({name: each}, dict[ValueName, Parameter])
        except msgspec.ValidationError as error:
            return _explain(text, first_line, error, ("parameters", str(name)))
    return None


def yaml_loader() -> Any:
    """The loader of YAML: plain data only."""
    import yaml

    # The C loader reads the same YAML; some builds come without.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _explain(
    text: str, first_line: int, error: msgspec.ValidationError, above: tuple[str, ...] = ()
) -> Finding:
    problem, _, at = str(error).partition(" - at `")
    if "key in" in str(error):
        problem = "a name has lower-case letters, digits and _, and begins with a letter"
    path = re.sub(r"\[[^\]]*\]", "", at.rstrip("`").removeprefix("$"))
    keys = [*above, *(key for key in path.split(".") if key)]
    missing = re.fullmatch(r"Object missing required field `(\w+)`", problem)
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", problem)
    place = ".".join(keys)
    line = _line_of(text, first_line, keys)
    if missing:
        name = ".".join(filter(None, (place, missing[1])))
        return Finding(line=line, what=f"the front matter lacks {name}", fix=_add(missing[1]))
    if unknown:
        line = _line_of(text, first_line, [*keys, unknown[1]])
        known = Parameter if keys else FrontMatter
        names = ", ".join(field.name for field in msgspec.structs.fields(known))
        what = f"the front matter has an unknown key {unknown[1]}"
        return Finding(line=line, what=what, fix=f"use one of: {names}")
    rule = _RULES.get(keys[0] if keys else "", "")
    expected = problem.replace("`", "")
    return Finding(
        line=line,
        what=f"wrong value for {place or 'the front matter'}: {expected}",
        fix=f"write {rule}" if rule and len(keys) < 3 else f"correct {place}",
    )


def _add(name: str) -> str:
    rule = _RULES.get(name)
    return f"add {name}: {rule}" if rule else f"add {name}: some words"


def _line_of(text: str, first_line: int, keys: Sequence[str]) -> int:
    """The line of a key, or of the nearest one above it that is there."""
    line, depth, rows = first_line, -1, list(enumerate(text.splitlines()))
    for key in keys:
        for number, row in rows:
            found = re.match(rf"(\s*){re.escape(key)}\s*:", row)
            if found and number + first_line >= line and len(found[1]) > depth:
                line, depth = number + first_line, len(found[1])
                break
    return line


def _check_parameters(front: FrontMatter, text: str, first_line: int) -> list[Finding]:
    from bookstore_ops.runbooks.values import parameter_problem

    found = []
    for name, parameter in front.parameters.items():
        problem = parameter_problem(parameter)
        if name in BUILT_IN:
            problem = f"every page knows {name} already"
        if problem:
            line = _line_of(text, first_line, ("parameters", name))
            what = f"parameter {name}: {problem}"
            found.append(Finding(line=line, what=what, fix=f"correct parameters.{name}"))
    return found
