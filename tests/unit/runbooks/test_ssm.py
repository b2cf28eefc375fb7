"""Pages as Automation documents: what AWS takes, and what each step does there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bookstore_ops.cli.command_check import command_checker
from bookstore_ops.errors import ConfigurationError
from bookstore_ops.operations.runbooks.exporting import export_page
from bookstore_ops.runbooks.library import names
from bookstore_ops.runbooks.page import Page
from bookstore_ops.runbooks.ssm.document import MOST_BYTES, Exported, export
from bookstore_ops.runbooks.ssm.names import step_name
from bookstore_ops.workspace import Workspace
from tests.unit.runbooks.support import page_of, step, text_of

REPOSITORY = Path(__file__).resolve().parents[3]
SHIPPED = names(Workspace(REPOSITORY))
REFERENCE = re.compile(r"\{\{\s*([\w:]+)(?:\.(\w+))?\s*\}\}")
STEP_NAME = "^[a-zA-Z0-9_]{3,128}$"
TYPES = ["String", "StringList", "Integer", "Boolean", "StringMap", "MapList"]


def obj(required: list[str], properties: dict[str, Any], *, more: bool = False) -> dict[str, Any]:
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": more,
    }


TEXT: dict[str, Any] = {"type": "string", "minLength": 1}
OUTPUT = obj(
    ["Name", "Selector", "Type"],
    {"Name": {"pattern": r"^\w+$"}, "Selector": {"pattern": r"^\$\."}, "Type": {"enum": TYPES}},
)
# The actions that are used, with their inputs:
# https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-actions.html
INPUTS = {
    "aws:approve": obj(
        ["Approvers"],
        {
            "Approvers": TEXT,
            "MinRequiredApprovals": {"const": 1},
            "Message": {**TEXT, "maxLength": 4096},
        },
    ),
    "aws:branch": obj(
        ["Choices", "Default"],
        {
            "Default": {"pattern": STEP_NAME},
            "Choices": {
                "type": "array",
                "minItems": 1,
                "items": obj(
                    ["NextStep", "Variable", "StringEquals"],
                    {"NextStep": {"pattern": STEP_NAME}, "Variable": TEXT, "StringEquals": TEXT},
                ),
            },
        },
    ),
    "aws:executeAwsApi": obj(["Service", "Api"], {"Service": TEXT, "Api": TEXT}, more=True),
    "aws:executeScript": obj(
        ["Runtime", "Handler", "Script", "InputPayload"],
        {
            "Runtime": {"enum": ["python3.11"]},
            "Handler": {"pattern": "^[a-z_]+$"},
            "Script": TEXT,
            "InputPayload": {"type": "object"},
        },
    ),
    "aws:runCommand": obj(
        ["DocumentName", "InstanceIds", "Parameters"],
        {
            "DocumentName": {"const": "AWS-RunShellScript"},
            "InstanceIds": TEXT,
            "Parameters": obj(
                ["commands"],
                {
                    "commands": {"type": "array", "items": {"type": "string"}},
                    "executionTimeout": {"pattern": "^[0-9]+$"},
                },
            ),
        },
    ),
    "aws:sleep": obj(["Duration"], {"Duration": {"pattern": "^PT"}}),
}
STEP = {
    **obj(
        ["name", "action", "inputs"],
        {
            "name": {"pattern": STEP_NAME},
            "action": {"enum": list(INPUTS)},
            "description": TEXT,
            "inputs": {},
            "outputs": {"type": "array", "items": OUTPUT, "minItems": 1},
            "maxAttempts": {"type": "integer", "minimum": 2},
            "timeoutSeconds": {"type": "integer", "minimum": 1},
            "onFailure": {"pattern": "^(Abort|Continue|step:.*)$"},
            "isEnd": {"const": True},
        },
    ),
    "allOf": [
        {
            "if": {"properties": {"action": {"const": action}}},
            "then": {"properties": {"inputs": inputs}},
        }
        for action, inputs in INPUTS.items()
    ],
}
PARAMETER = obj(
    ["type", "description"],
    {
        "type": {"enum": TYPES},
        "description": TEXT,
        "default": {},
        "allowedValues": {"type": "array", "minItems": 1},
        "allowedPattern": {"format": "regex"},
        "minChars": {"type": "integer"},
        "maxChars": {"type": "integer"},
    },
)
SCHEMA = obj(
    ["schemaVersion", "mainSteps"],
    {
        "schemaVersion": {"const": "0.3"},
        "description": TEXT,
        "assumeRole": {"const": "{{ AutomationAssumeRole }}"},
        "parameters": {
            "additionalProperties": PARAMETER,
            "propertyNames": {"pattern": "^[A-Z]\\w+$"},
        },
        "mainSteps": {"type": "array", "items": STEP, "minItems": 1},
        "outputs": {"type": "array", "items": {"pattern": r"^\w+\.\w+$"}},
    },
)
TYPED_DEFAULTS = {"String": str, "Integer": int, "Boolean": bool}


def check(exported: Exported) -> dict[str, Any]:
    """The document, read again from what is written; all that AWS would look at is as it wants."""
    text = exported.text(as_json=False)
    assert len(text.encode()) < MOST_BYTES
    document: dict[str, Any] = yaml.safe_load(text)
    assert document == json.loads(exported.text(as_json=True))
    jsonschema.validate(document, SCHEMA)
    main = document["mainSteps"]
    order = [each["name"] for each in main]
    assert len(set(order)) == len(order)
    assert [each["name"] for each in main if each.get("isEnd")] == order[-1:]
    for name, parameter in document["parameters"].items():
        if "default" in parameter:
            assert isinstance(parameter["default"], TYPED_DEFAULTS[parameter["type"]]), name
    gives: dict[str, set[str]] = {}
    for each in main:
        for found in REFERENCE.finditer(json.dumps({**each, "Script": ""})):
            owner, output = found.groups()
            if output:
                # Only what an earlier step gives; a command's own output is there by itself.
                assert output in gives[owner] | {"Output"}, found[0]
            else:
                assert owner in document["parameters"] or owner.startswith("global:"), found[0]
        if each["action"] == "aws:branch":
            targets = [each["inputs"]["Default"], each["inputs"]["Choices"][0]["NextStep"]]
            later = order[order.index(each["name"]) + 1 :]
            assert [target for target in targets if target not in later] == []
        if each["action"] == "aws:executeScript":
            compile(each["inputs"]["Script"], each["name"], "exec")
            assert f"def {each['inputs']['Handler']}(" in each["inputs"]["Script"]
        gives[each["name"]] = {output["Name"] for output in each.get("outputs", [])}
    return document


def exported(page: Page) -> Exported:
    assert page.front
    assert page.findings == ()
    return export(page, page.front)


def one(page: Page, name: str) -> dict[str, Any]:
    """The step of that name."""
    return next(each for each in check(exported(page))["mainSteps"] if each["name"] == name)


@pytest.fixture(scope="module")
def ssm() -> Iterator[Any]:
    import boto3
    from moto import mock_aws

    with mock_aws():
        yield boto3.client(
            "ssm",
            region_name="eu-west-1",
            aws_access_key_id="x",
            aws_secret_access_key="x",
        )


@pytest.mark.parametrize("name", SHIPPED)
def test_every_page_is_a_document_that_aws_takes(ssm: Any, name: str) -> None:
    made = export_page(Workspace(REPOSITORY), name, command_checker())
    document = check(made)
    for form, text in (("YAML", made.text(as_json=False)), ("JSON", made.text(as_json=True))):
        answer = ssm.create_document(
            Name=f"{name}-{form}", Content=text, DocumentType="Automation", DocumentFormat=form
        )["DocumentDescription"]
        assert answer["SchemaVersion"] == "0.3"
        found = {each["Name"] for each in answer["Parameters"]}
        assert found == set(document["parameters"])
    # Each block is a step, or is named.
    page = Workspace(REPOSITORY).runbooks / f"{name}.md"
    found_steps = {each["name"] for each in document["mainSteps"]}
    named = {each.name for each in made.left_out}
    blocks = re.findall(r"^ *```\w+ \{name=([\w-]+)", page.read_text(), re.M)
    assert blocks
    assert [b for b in blocks if step_name(b) not in found_steps and b not in named] == []


FRONT = """\
parameters:
  min_tasks: {description: How many., type: integer, min: 1, default: 2}
  share: {description: How much., type: number, default: 0.5}
  way: {description: How., choices: [a, b], pattern: "[ab]"}
  sure: {description: Sure., type: boolean, default: true}
  api_token: {description: It.}
"""
USES_GOT = step("bash {name=two}", 'echo "$got"\n')
DESCRIBE = """\
service: rds
operation: stop_db_instance
parameters: {DBInstanceIdentifier: "db-$way"}
"""


def test_parameters_keep_their_types_and_rules() -> None:
    made = exported(page_of(step("python {name=all}", "print(values)\n"), FRONT))
    parameters = check(made)["parameters"]
    assert parameters["MinTasks"] == {"type": "Integer", "description": "How many.", "default": 2}
    assert parameters["Share"]["default"] == "0.5"
    assert parameters["Way"]["allowedValues"] == ["a", "b"]
    assert parameters["Way"]["allowedPattern"] == "^(?:[ab])$"
    assert parameters["Sure"]["default"] is True
    assert {each.name for each in made.left_out} == {"min_tasks", "api_token"}
    assert "ApiToken" not in parameters


def test_a_call_is_one_and_its_captures_are_outputs() -> None:
    body = step(
        "aws {name=stop timeout=30s retry=2 capture='state json DBInstance.MultiAZ'}", DESCRIBE
    )
    body += step("text {name=ask manual}", "Is it $state, $$5?\n")
    page = page_of(body, "parameters:\n  way: {description: How.}\n")
    made = one(page, "stop")
    assert made["action"] == "aws:executeAwsApi"
    assert made["inputs"] == {
        "Service": "rds",
        "Api": "StopDBInstance",
        "DBInstanceIdentifier": "db-{{ Way }}",
    }
    assert (made["maxAttempts"], made["timeoutSeconds"]) == (3, 30)
    assert made["outputs"] == [
        {"Name": "state", "Selector": "$.DBInstance.MultiAZ", "Type": "Boolean"}
    ]
    assert "Is it {{ stop.state }}, $5?" in one(page, "ask")["inputs"]["Message"]


@pytest.mark.parametrize(
    "info",
    [
        "capture='n json length(DBInstance.DBParameterGroups)'",
        "capture='n json DBInstance.Endpoint'",
        "expect='json DBInstance.MultiAZ == true'",
        "within=1m expect='json DBInstance'",
    ],
)
def test_what_aws_has_no_form_for_is_a_script(info: str) -> None:
    text = DESCRIBE.replace("db-$way", "db")
    assert one(page_of(step(f"aws {{name=stop {info}}}", text)), "stop")["action"] == (
        "aws:executeScript"
    )


def test_an_answer_in_pages_is_looked_at_as_a_whole() -> None:
    text = "service: rds\noperation: describe_db_instances\n"
    body = step("aws {name=look capture='id json DBInstances[0].DBInstanceIdentifier'}", text)
    assert one(page_of(body), "look")["action"] == "aws:executeScript"
    assert one(page_of(step("aws {name=look}", text)), "look")["action"] == "aws:executeAwsApi"


def test_what_is_confirmed_is_approved_first() -> None:
    body = step(
        "aws {name=stop confirm='Stop db-$environment?'}", DESCRIBE.replace("way", "region")
    )
    main = check(exported(page_of(body)))["mainSteps"]
    assert [each["name"] for each in main] == ["approve_stop", "stop"]
    assert main[0]["inputs"]["Message"] == "Stop db-{{ Environment }}?"
    assert main[1]["inputs"]["DBInstanceIdentifier"] == "db-{{ global:REGION }}"


def test_a_shell_gets_values_as_data_and_its_output_is_judged() -> None:
    body = step("bash {name=a capture='n ~ (\\d+)'}", 'echo "$way"\n')
    page = page_of(body, "parameters:\n  way: {description: How.}\n")
    main = check(exported(page))["mainSteps"]
    assert [(each["name"], each["action"]) for each in main] == [
        ("step_a_values", "aws:executeScript"),
        ("step_a", "aws:runCommand"),
        ("step_a_output", "aws:executeScript"),
    ]
    commands = main[1]["inputs"]["Parameters"]["commands"]
    assert commands == [
        "#!/bin/bash",
        "set -eu -o pipefail",
        "{{ step_a_values.lines }}",
        'echo "$way"',
    ]
    assert main[2]["inputs"]["InputPayload"]["output"] == "{{ step_a.Output }}"


@pytest.mark.parametrize(
    ("body", "block", "why"),
    [
        (step("bsops {name=see}", "bsops lock dev\n"), "see", "AWS has no bsops"),
        (step("bash {name=see}", "echo '{{ x }}'\n"), "see", "has {{"),
        (step("bash {name=see capture=api_token}", "echo x\n"), "see", "captures a secret"),
        (
            step("bsops {name=one capture=got}", "bsops lock dev\n")
            + step("bash {name=two}", 'echo "$got"\n'),
            "two",
            "it needs got: it is captured by a step that is done by hand",
        ),
        (
            step("bash {name=one when=region capture=got}", "echo x\n")
            + step("bash {name=two}", 'echo "$got"\n'),
            "two",
            "it is captured only if region",
        ),
    ],
)
def test_what_cannot_be_exported_is_an_approval_and_is_named(
    body: str, block: str, why: str
) -> None:
    page = page_of(body)
    made = one(page, block)
    assert made["action"] == "aws:approve"
    (left_out,) = [each for each in exported(page).left_out if each.name == block]
    assert why in left_out.why
    assert why in made["inputs"]["Message"] or "{ {" in made["inputs"]["Message"]


def test_a_page_that_lint_has_something_against_is_not_exported(tmp_path: Path) -> None:
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks/try.md").write_text(text_of(step("bash {name=a}")))
    with pytest.raises(ConfigurationError, match="says nothing of how to undo it"):
        export_page(Workspace(tmp_path), "try", command_checker())


def run(made: dict[str, Any], values: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A script step as AWS would run it: its own source, nothing of bsops."""
    space: dict[str, Any] = {}
    inputs = made["inputs"]
    exec(inputs["Script"], space)  # noqa: S102  (it is what is tested)
    payload = {**inputs["InputPayload"], **more, "values": values or {}}
    answer: dict[str, Any] = space[inputs["Handler"]](payload, None)
    return answer


class TestWhatTheScriptsDo:
    def test_a_python_block_has_values_and_gives_captures(self) -> None:
        body = step("python {name=sum capture='n ~ sum (\\d+)' expect='output ~ sum'}", SUM)
        page = page_of(body, "parameters:\n  list: {description: L.}\n")
        assert run(one(page, "sum"), {"list": {"json": "[1, 2]"}}) == {"n": "3", "n_json": '"3"'}

    def test_an_exit_that_is_not_expected_is_a_failure(self) -> None:
        page = page_of(step("python {name=exits}", "import sys; sys.exit(3)\n"))
        with pytest.raises(Exception, match="exit 3"):
            run(one(page, "exits"))
        page = page_of(step("python {name=exits expect='exit 3'}", "import sys; sys.exit(3)\n"))
        assert run(one(page, "exits")) == {}

    def test_expectations_are_waited_for(self) -> None:
        text = "values['seen'].append(1); print(len(values['seen']))\n"
        page = page_of(step("python {name=waits within=9s every=1s expect='output ~ 3'}", text))
        seen: list[int] = []
        assert run(one(page, "waits"), {"seen": seen}, every=0.01) == {}
        assert len(seen) == 3

    @pytest.mark.parametrize("value", ["$(touch x); `y`", "a'b\"c", "two\nlines", "-n"])
    def test_a_shell_reads_values_as_data(self, value: str, tmp_path: Path) -> None:
        import subprocess

        page = page_of(
            step("bash {name=say}", 'printf %s "$way"\n'), "parameters:\n  way: {description: W.}\n"
        )
        lines = run(one(page, "say_values"), {"way": value})["lines"]
        commands = one(page, "say")["inputs"]["Parameters"]["commands"]
        script = "\n".join(lines if "lines" in line else line for line in commands)
        done = subprocess.run(
            ["bash", "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        assert done.stdout == value
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        ("when", "value", "holds"),
        [
            ("way == a", "a", "true"),
            ("way != a", "a", "false"),
            ("way ~ ^a", "ab", "true"),
            ("not way", "", "true"),
            ("way", "false", "false"),
        ],
    )
    def test_conditions_are_bsopss_own(self, when: str, value: str, holds: str) -> None:
        page = page_of(
            step(f"bash {{name=may when='{when}'}}"), "parameters:\n  way: {description: W.}\n"
        )
        assert run(one(page, "when_may"), {"way": value}) == {"holds": holds}

    def test_a_call_reads_all_pages_and_fills_values_in(self, ssm: Any) -> None:
        for number in range(12):
            ssm.put_parameter(Name=f"/many/{number:02}", Value="x", Type="String")
        text = "service: ssm\noperation: get_parameters_by_path\nparameters: {Path: $way}\n"
        info = "aws {name=many capture='n json length(Parameters)' expect='json Parameters[11]'}"
        page = page_of(step(info, text), "parameters:\n  way: {description: W.}\n")
        made = one(page, "many")
        made["inputs"]["InputPayload"]["call"]["region"] = "eu-west-1"
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", "x")
            patch.setenv("AWS_SECRET_ACCESS_KEY", "x")
            assert run(made, {"way": "/many"}) == {"n": "12", "n_json": "12"}


SUM = "print('sum', sum(values['list']))\n"
