"""Policies that find something, fail, hang or die: each gets its answer, and takes nobody along."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.policies.catalogue import read_catalogue
from bookstore_ops.policies.findings import Verdict
from bookstore_ops.policies.runner import run_policies
from bookstore_ops.workspace import Workspace
from tests.unit.support import environment, make_workspace

PLAN: dict[str, Any] = {
    "bookstore": {"environment": "dev", "destroy": False, "stateful_types": ["aws_db_instance"]},
    "resource_changes": [
        {
            "address": "aws_db_instance.main",
            "type": "aws_db_instance",
            "name": "main",
            "change": {
                "actions": ["delete", "create"],
                "before": {"port": 1},
                "after": {"port": 2},
                "after_unknown": {"arn": True},
            },
        },
        {
            "address": "data.aws_region.here",
            "mode": "data",
            "type": "aws_region",
            "change": {"actions": ["read"]},
        },
        {
            "address": "aws_sqs_queue.old",
            "type": "aws_sqs_queue",
            "change": {"actions": ["delete"], "before": {"name": "old"}, "after": None},
        },
    ],
}

GOOD = "def check(plan):\n    for each in plan.resources:\n        yield each, 'is there'\n"


def ask(tmp_path: Path, *more: dict[str, Any], seconds: float = 20, **files: str) -> Verdict:
    """What policies in these files say of PLAN and ``more`` resources.

    A name that ends in _rego is one in Rego.
    """
    workspace = make_workspace(tmp_path)
    folder = workspace.environments / "policies"
    folder.mkdir()
    for name, text in files.items():
        file = f"{name.removesuffix('_rego')}.rego" if name.endswith("_rego") else f"{name}.py"
        (folder / file).write_text(text)
    plan = PLAN | {"resource_changes": [*PLAN["resource_changes"], *more]}
    return run_policies(read_catalogue(workspace), plan, seconds=seconds)


def found(verdict: Verdict) -> list[tuple[str, str, str]]:
    return [(each.policy, each.address, each.message) for each in verdict.findings]


def failures(verdict: Verdict) -> dict[str, str]:
    return {each.policy: each.why for each in verdict.failures}


class TestPython:
    def test_findings_name_the_policy_and_the_resource(self, tmp_path: Path) -> None:
        verdict = ask(tmp_path, a=GOOD, b="def check(plan):\n    yield 'x.y', 'by address'\n")
        assert found(verdict) == [
            ("a", "aws_db_instance.main", "is there"),
            ("a", "aws_sqs_queue.old", "is there"),
            ("b", "x.y", "by address"),
        ]
        assert verdict.policies == ["a", "b"]
        assert verdict.failures == []

    def test_a_policy_sees_what_the_plan_says(self, tmp_path: Path) -> None:
        verdict = ask(
            tmp_path,
            looks="""\
def check(plan):
    (queue,) = [each for each in plan.resources if each.type == "aws_sqs_queue"]
    (database,) = plan.of_type("aws_db_instance", "aws_sqs_queue")
    seen = (
        plan.environment, plan.destroy, queue.stays, queue.ends, dict(queue.after),
        database.stateful, database.ends, database.stays, database.is_unknown("arn"),
        database.is_unknown("port"), database.before["port"], database.after["port"],
    )
    yield database, repr(seen)
""",
        )
        assert found(verdict)[0][2] == repr(
            ("dev", False, False, True, {}, True, True, True, True, False, 1, 2)
        )

    def test_helpers_are_shared_and_are_no_policies(self, tmp_path: Path) -> None:
        uses = "from _words import WORD\n\ndef check(plan):\n    yield 'a.b', WORD\n"
        verdict = ask(tmp_path, _words="WORD = 'shared'\n", uses=uses)
        assert found(verdict) == [("uses", "a.b", "shared")]
        assert not list(tmp_path.rglob("__pycache__"))

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            (
                "def check(plan):\n    return 1 / 0\n",
                "ZeroDivisionError: division by zero (line 2)",
            ),
            ("def check(plan:\n", "SyntaxError: "),
            ("import nowhere\n", "ModuleNotFoundError: No module named 'nowhere' (line 1)"),
            ("x = 1\n", "it has no function check(plan)"),
            ("def check(plan):\n    return None\n", "it returned None"),
            ("def check(plan):\n    yield 1\n", "it gave 1"),
            ("def check():\n    yield\n", "TypeError: "),
            ("def check(plan):\n    raise SystemExit(0)\n", "SystemExit: 0 (line 2)"),
            ("import os\n\ndef check(plan):\n    os._exit(0)\n", "ended the process with code 0"),
            ("import os\n\ndef check(plan):\n    os.kill(os.getpid(), 9)\n", "by SIGKILL"),
            ("def check(plan):\n    return check(plan)\n", "RecursionError: "),
            ("\x00", "SyntaxError: "),
        ],
    )
    def test_one_that_fails_is_told_and_the_others_are_asked(
        self, tmp_path: Path, text: str, why: str
    ) -> None:
        verdict = ask(tmp_path, a=GOOD, bad=text, z=GOOD)
        assert why in failures(verdict)["bad"]
        assert list(failures(verdict)) == ["bad"]
        assert {each.policy for each in verdict.findings} == {"a", "z"}

    def test_one_that_hangs_is_stopped(self, tmp_path: Path) -> None:
        began = time.monotonic()
        verdict = ask(
            tmp_path,
            seconds=1.5,
            a=GOOD,
            hangs="def check(plan):\n    while True:\n        pass\n",
            z=GOOD,
        )
        assert failures(verdict) == {"hangs": "it did not end within 1.5 seconds"}
        assert {each.policy for each in verdict.findings} == {"a", "z"}
        assert time.monotonic() - began < 10

    def test_one_that_hangs_ends_though_bsops_was_killed(self, tmp_path: Path) -> None:
        path = tmp_path / "hangs.py"
        path.write_text("def check(plan):\n    while True:\n        pass\n")
        policy = {"name": "hangs", "path": str(path)}
        job = {"folder": str(tmp_path), "policies": [policy], "plan": PLAN, "seconds": 0.1}
        done = subprocess.run(
            [sys.executable, "-m", "bookstore_ops.policies.worker"],
            input=json.dumps(job),
            text=True,
            capture_output=True,
            timeout=30,
            check=False,
        )
        assert (done.returncode, done.stdout) == (-signal.SIGALRM, "")

    def test_what_it_prints_is_no_answer(self, tmp_path: Path) -> None:
        answer = json.dumps({"policy": "a", "findings": []})
        verdict = ask(tmp_path, a=f"print({answer!r})\n{GOOD}")
        assert len(verdict.findings) == 2

    def test_it_has_no_credentials(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
        text = "import os\n\ndef check(plan):\n    yield 'a.b', str(sorted(os.environ))\n"
        ((_, _, seen),) = found(ask(tmp_path, a=text))
        assert "AWS" not in seen
        assert "PATH" in seen


class TestRego:
    def test_findings_are_texts_or_objects(self, tmp_path: Path) -> None:
        verdict = ask(
            tmp_path,
            queues_rego="""\
package bookstore.queues

deny contains {"address": r.address, "msg": "goes"} if {
  some r in input.resource_changes
  r.change.actions == ["delete"]
}

warn contains "only a word" if input.bookstore.environment == "dev"
""",
        )
        assert verdict.failures == []
        assert found(verdict) == [
            ("queues", "aws_sqs_queue.old", "goes"),
            ("queues", "", "only a word"),
        ]
        assert [each.warns for each in verdict.findings] == [False, True]

    def test_strings_of_any_kind_come_and_go_as_they_are(self, tmp_path: Path) -> None:
        odd = 'a"b\\c\nd [\U0001f600] {"x": "é"}'
        verdict = ask(
            tmp_path,
            {"address": f'module.m["{odd}"].a.b', "change": {"after": {odd: odd}}},
            odd_rego="""\
package bookstore.odd

deny contains {"address": r.address, "msg": text} if {
  some r in input.resource_changes
  some key, text in r.change.after
  key == text
  contains(text, "a\\"b\\\\c\\nd")
}
""",
        )
        assert verdict.failures == []
        assert found(verdict) == [("odd", f'module.m["{odd}"].a.b', odd)]

    def test_without_a_finding_it_holds(self, tmp_path: Path) -> None:
        text = 'package a\n\ndeny contains "x" if input.bookstore.environment == "moon"\n'
        assert ask(tmp_path, a_rego=text) == ask(tmp_path / "again", a_rego=text)
        assert ask(tmp_path / "third", a_rego=text).findings == []

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("deny contains 1 if true\n", "it has no package"),
            ("package a\n\nallow := true\n", "it has no rule deny or warn"),
            ("package a\n\ndeny contains 1 if {\n", "unclosed"),
            ("package a\n\ndeny contains 1 if true\n", "deny must hold texts"),
            ('package a\n\ndeny := "x" if false\n', "deny is no set"),
            ('package a\n\ndeny contains "x" if 1 / 0 == 1\n', "deny could not be evaluated"),
        ],
    )
    def test_one_that_fails_is_told(self, tmp_path: Path, text: str, why: str) -> None:
        assert why in failures(ask(tmp_path, bad_rego=text))["bad"]

    def test_without_its_package_it_says_what_to_install(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        verdict = ask(tmp_path, a_rego="package a\n", b=GOOD)
        assert "pip install 'bookstore-ops[rego]'" in failures(verdict)["a"]
        assert {each.policy for each in verdict.findings} == {"b"}


class TestCatalogue:
    def test_the_digest_is_of_names_and_contents(self, tmp_path: Path) -> None:
        workspace = make_workspace(tmp_path)
        folder = workspace.environments / "policies"
        digests = {read_catalogue(workspace).sha256}
        folder.mkdir()
        for edit in (
            lambda: (folder / "a.py").write_text("1"),
            lambda: (folder / "a.py").write_text("2"),
            lambda: (folder / "a.py").rename(folder / "b.py"),
            lambda: (folder / "_helper.py").write_text(""),
        ):
            edit()
            digests.add(read_catalogue(workspace).sha256)
        assert len(digests) == 5
        (folder / "README.md").write_text("words")
        assert read_catalogue(workspace).sha256 in digests
        assert list(read_catalogue(workspace).policies) == ["b"]

    def test_two_of_one_name_are_a_mistake(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationError, match="two policies are named a"):
            ask(tmp_path, a=GOOD, a_rego="package a\n")

    @pytest.mark.parametrize("key", ["warn", "off", "exempt"])
    def test_settings_of_a_policy_that_does_not_exist_get_the_nearest_name(
        self, tmp_path: Path, key: str
    ) -> None:
        ask(tmp_path, required_tags=GOOD)
        exempt = {"policy": "required_tag", "reason": "x", "until": "2030-01-01"}
        named = [exempt] if key == "exempt" else ["required_tag"]
        with pytest.raises(ConfigurationError) as raised:
            read_catalogue(Workspace(tmp_path)).check_settings(environment(policies={key: named}))
        assert raised.value.next_step == "write required_tags instead"
        assert f"policies.{key}" in raised.value.what


@given(text=st.text(max_size=60))
@settings(max_examples=15, deadline=None)
def test_any_text_is_a_policy_that_answers_or_fails(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    verdict = ask(tmp_path_factory.mktemp("any"), a=text.encode(errors="replace").decode())
    assert verdict.findings or verdict.failures
