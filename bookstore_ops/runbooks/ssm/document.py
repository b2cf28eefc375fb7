"""The whole document of a page, and what of the page it does not hold.

https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html
"""

import json
from dataclasses import dataclass, field
from typing import Any

from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import mentioned
from bookstore_ops.runbooks.page import Page
from bookstore_ops.runbooks.parameters import is_secret
from bookstore_ops.runbooks.schema import FrontMatter, Parameter
from bookstore_ops.runbooks.ssm import steps
from bookstore_ops.runbooks.ssm.names import GLOBALS, Given, parameter_names, step_name

# What AWS takes in a document: https://docs.aws.amazon.com/general/latest/gr/ssm.html
MOST_BYTES = 64 * 1024
_END = "end_of_runbook"
_TYPES = {"string": "String", "integer": "Integer", "number": "String", "boolean": "Boolean"}


@dataclass(frozen=True)
class LeftOut:
    """A block or a parameter that the document holds as an approval, in part or not at all."""

    name: str
    why: str


@dataclass
class Exported:
    """A document, and what of the page it does not hold."""

    document: dict[str, Any]
    left_out: list[LeftOut] = field(default_factory=list)

    def text(self, *, as_json: bool) -> str:
        """The document as it is written."""
        if as_json:
            return json.dumps(self.document, indent=2, ensure_ascii=False) + "\n"
        import yaml

        return yaml.dump(
            self.document, Dumper=_dumper(), sort_keys=False, allow_unicode=True, width=100
        )


def _dumper() -> Any:
    import yaml

    class Literal(yaml.SafeDumper):
        """Texts of several lines as they are."""

    def text(dumper: Any, value: str) -> Any:
        style = "|" if "\n" in value else None
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)

    Literal.add_representer(str, text)
    return Literal


def export(page: Page, front: FrontMatter) -> Exported:
    """The Automation document of a page that lint has nothing against."""
    return _Export(page, front).made()


class _Export:
    def __init__(self, page: Page, front: FrontMatter) -> None:
        self._page = page
        self._front = front
        self._left_out: list[LeftOut] = []
        self._parameters: dict[str, Any] = {}
        self._given: dict[str, Given] = {n: Given(reference) for n, reference in GLOBALS.items()}
        # Values that no step of the document gives, with the reason.
        self._lacking: dict[str, str] = {}
        self._groups: list[tuple[Block, list[steps.Step]]] = []

    def made(self) -> Exported:
        self._take_parameters()
        for step, block in self._page.sequence:
            self._groups.append((block, self._of(block, step.title)))
        for block in self._page.blocks:
            if block.name in self._page.undoing:
                self._leave_out(block.name, "it undoes another, and Automation does not undo")
        main = self._linked()
        uses_instances = any(step["action"] == "aws:runCommand" for step in main)
        outputs = [
            f"{step['name']}.{output['Name']}"
            for step in main
            for output in step.get("outputs", [])
            if not output["Name"].endswith("_json") and output["Name"] not in {"holds", "lines"}
        ]
        document: dict[str, Any] = {
            "schemaVersion": "0.3",
            "description": f"{self._front.title}: {self._front.summary}",
            "assumeRole": "{{ AutomationAssumeRole }}",
            "parameters": {**self._own(main, instances=uses_instances), **self._parameters},
            "mainSteps": main,
            **({"outputs": outputs} if outputs else {}),
        }
        return Exported(document, self._left_out)

    def _own(self, main: list[steps.Step], *, instances: bool) -> dict[str, Any]:
        own: dict[str, Any] = {
            "AutomationAssumeRole": {
                "type": "String",
                "description": f"Role that may {', '.join(self._front.permissions) or 'do this'}.",
            }
        }
        if any(step["action"] == "aws:approve" for step in main):
            own["Approvers"] = {
                "type": "StringList",
                "description": "Who may approve: names or ARNs of IAM users and roles.",
            }
        if instances:
            own["InstanceIds"] = {
                "type": "StringList",
                "description": "Where shell commands run: a managed instance.",
            }
        return own

    def _take_parameters(self) -> None:
        taken = dict(self._front.parameters)
        environment = Parameter(description="The environment, as bsops names it.")
        names = parameter_names(["environment", *taken])
        for name, parameter in {"environment": environment, **taken}.items():
            if is_secret(name, parameter):
                self._lack(name, "it is a secret, and AWS keeps parameters in the open")
                continue
            reference = f"{{{{ {names[name]} }}}}"
            number = parameter.type == "number"
            self._given[name] = Given(reference, not number, reference if number else None)
            self._parameters[names[name]] = self._parameter(name, parameter)

    def _parameter(self, name: str, parameter: Parameter) -> dict[str, Any]:
        made: dict[str, Any] = {
            "type": _TYPES[parameter.type],
            "description": parameter.description,
        }
        text = made["type"] == "String"
        if parameter.default is not None:
            made["default"] = str(parameter.default) if text else parameter.default
        if parameter.choices:
            made["allowedValues"] = [str(c) if text else c for c in parameter.choices]
        if parameter.pattern and text:
            made["allowedPattern"] = f"^(?:{parameter.pattern})$"
        elif parameter.type == "number":
            made["allowedPattern"] = r"^[-+]?[0-9]+(\.[0-9]+)?$"
        bounds = {"minChars": parameter.min, "maxChars": parameter.max}
        bounds = {key: bound for key, bound in bounds.items() if bound is not None}
        if parameter.type == "string":
            made |= bounds
        elif bounds:
            self._leave_out(name, f"its bounds are not checked ({parameter.min}, {parameter.max})")
        return made

    def _of(self, block: Block, title: str) -> list[steps.Step]:
        name = step_name(block.name)
        why = self._obstacle(block)
        if block.manual or why:
            message = block.text if block.manual else f"Do this by hand ({why}):\n\n{block.text}"
            unless = ""
            if block.when and block.when.names & set(self._lacking):
                unless = f"Only if {block.when.text}. "
            if not block.manual:
                self._leave_out(block.name, f"{why}: it is an approval of what is done by hand")
            self._lack_captures(block, "it is captured by a step that is done by hand")
            return self._when(
                block,
                [
                    self._described(
                        steps.approval(name, f"{title}. {unless}{message}", self._given), title
                    )
                ],
            )
        makers = {
            "aws": steps.call_steps,
            "python": steps.python_steps,
            "bash": steps.shell_steps,
        }
        made, captured = makers[block.language](block, self._given)
        self._given |= captured
        if block.when:
            self._lack_captures(block, f"it is captured only if {block.when.text}")
        if block.confirm or block.danger:
            question = block.question or f"Run {block.name}?"
            made.insert(0, steps.approval(step_name(block.name, "approve_"), question, self._given))
        self._described(made[0], title)
        return self._when(block, made)

    def _described(self, step: steps.Step, title: str) -> steps.Step:
        inputs = step.pop("inputs")
        step["description"] = title
        step["inputs"] = inputs
        return step

    def _when(self, block: Block, made: list[steps.Step]) -> list[steps.Step]:
        if block.when is None or block.when.names & set(self._lacking) - set(self._given):
            return made
        asked = steps.condition(block, block.when, self._given, _END)
        asked[1]["inputs"]["Choices"][0]["NextStep"] = made[0]["name"]
        return [*asked, *made]

    def _obstacle(self, block: Block) -> str | None:
        """Why the document cannot hold what a block does; None where it can."""
        if block.manual:
            return None
        if block.language == "bsops":
            return "AWS has no bsops"
        if block.secret_names:
            return "it captures a secret, and AWS keeps outputs in the open"
        if "{{" in block.text:
            return "its text has {{, which AWS would take for a reference"
        used = mentioned(block) | (block.when.names if block.when else set())
        if block.language == "python":
            used |= {name for name in self._lacking if name in block.text}
        for name in sorted(used & set(self._lacking)):
            return f"it needs {name}: {self._lacking[name]}"
        return None

    def _lack(self, name: str, why: str) -> None:
        self._lacking[name] = why
        self._given.pop(name, None)
        self._leave_out(name, why)

    def _lack_captures(self, block: Block, why: str) -> None:
        for capture in block.captures:
            self._lacking[capture.name] = why
            self._given.pop(capture.name, None)

    def _leave_out(self, name: str, why: str) -> None:
        self._left_out.append(LeftOut(name, why))

    def _linked(self) -> list[steps.Step]:
        """All steps in their order; a condition that does not hold leads behind its block."""
        main: list[steps.Step] = []
        to_the_end = False
        firsts = [made[0]["name"] for _, made in self._groups]
        for position, (_, made) in enumerate(self._groups):
            behind = firsts[position + 1] if position + 1 < len(firsts) else _END
            for step in made:
                if step["action"] == "aws:branch":
                    step["inputs"]["Default"] = behind
                    to_the_end |= behind == _END
            main += made
        if to_the_end:
            inputs = {"Duration": "PT1S"}
            main.append({"name": _END, "action": "aws:sleep", "inputs": inputs})
        main[-1]["isEnd"] = True
        return main
