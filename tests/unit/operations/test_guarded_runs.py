"""Guards in whole runs: each refuses, is overridden with a reason, and leaves it in the journal."""

import json
import subprocess
import time
from datetime import UTC, datetime, timedelta

import pytest

from bookstore_ops.exit_codes import ExitCode
from bookstore_ops.journal import Ended
from bookstore_ops.ui.terminal import Terminal
from tests.unit.operations.conftest import Shell

WHY = ("--reason", "told to")

DENIES_TWO = """\
def check(plan):
    for each in plan.resources:
        if each.name == "two":
            yield each, "there must be one only"
"""


def said(bsops: Shell) -> str:
    return " ".join(bsops.err.split())


def ended(bsops: Shell) -> Ended:
    found = bsops.history[-1].ended
    assert found is not None
    return found


def allow(bsops: Shell, text: str, environment: str = "dev") -> None:
    """Add to the environment's file."""
    path = bsops.workspace.environments / f"{environment}.toml"
    path.write_text(f"{path.read_text()}\n{text}")


def policy(bsops: Shell, text: str = DENIES_TWO, name: str = "only_one") -> None:
    folder = bsops.workspace.environments / "policies"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(text)


def freeze_around_now(bsops: Shell, environment: str = "dev") -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    since, until = ((now + timedelta(days=days)).isoformat() for days in (-1, 1))
    allow(bsops, f'[[freeze]]\nfrom = {since}\nuntil = {until}\nreason = "the sale"\n', environment)


class TestDestroyLimits:
    def test_more_than_the_limit_wants_a_flag_and_a_reason(self, bsops: Shell) -> None:
        allow(bsops, "[destroy]\nmax = 1\n")
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        assert bsops("destroy", "dev", "--yes") == ExitCode.REFUSED
        assert "this plan destroys or replaces 2; dev allows 1 at a time" in said(bsops)
        assert "max = 1 under [destroy] in environments/dev.toml" in said(bsops)
        more = "--max-destroy 2 --reason 'WHY'"
        assert f"if all are meant: bsops destroy dev --yes {more}" in said(bsops)
        assert bsops("destroy", "dev", "--yes", "--max-destroy", "2") == ExitCode.USAGE
        assert "--max-destroy needs a reason" in said(bsops)
        assert bsops("destroy", "dev", "--yes", "--max-destroy", "1", *WHY) == ExitCode.REFUSED
        assert bsops("destroy", "dev", "--yes", "--max-destroy", "2", *WHY) == ExitCode.DONE
        assert ended(bsops).overrode == ["the destroy limit of dev: 2 of at most 1"]
        assert ended(bsops).reason == "told to"

    def test_a_replacement_counts(self, bsops: Shell) -> None:
        allow(bsops, "[destroy]\nmax = 0\n")
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        bsops.values("size = 2\n")
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "destroys or replaces 1; dev allows 0" in said(bsops)

    def test_up_to_the_limit_nothing_is_asked(self, bsops: Shell) -> None:
        allow(bsops, "[destroy]\nmax = 2\n")
        bsops("apply", "dev", "--yes")
        assert bsops("destroy", "dev", "--yes") == ExitCode.DONE
        assert (ended(bsops).overrode, ended(bsops).reason) == ([], None)

    def test_an_environment_that_may_not_be_destroyed_is_not(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        allow(bsops, "[destroy]\nallowed = false\n")
        words = ("destroy", "dev", "--yes", "--max-destroy", "9", *WHY)
        assert bsops(*words) == ExitCode.REFUSED
        assert "allowed = false under [destroy] in environments/dev.toml" in said(bsops)
        bsops("plan", "dev", "--destroy")
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "dev may not be destroyed" in said(bsops)


class TestFreeze:
    @pytest.mark.parametrize(
        "words",
        [
            ("apply", "dev", "--yes"),
            ("destroy", "dev", "--yes"),
            ("state", "rm", "dev", "terraform_data.one", "--yes"),
            ("state", "mv", "dev", "terraform_data.one", "terraform_data.uno", "--yes"),
        ],
        ids=lambda words: " ".join(words[:2]),
    )
    def test_what_changes_anything_waits_or_is_overridden(
        self, bsops: Shell, words: tuple[str, ...]
    ) -> None:
        bsops("apply", "dev", "--yes")
        freeze_around_now(bsops)
        bsops.values("size = 2\n")
        assert bsops(*words) == ExitCode.REFUSED
        assert "dev is frozen: the sale" in said(bsops)
        assert "[[freeze]] in environments/dev.toml" in said(bsops)
        assert "UTC" in said(bsops)
        assert bsops(*words, "--during-freeze") == ExitCode.USAGE
        assert bsops(*words, "--during-freeze", *WHY) == ExitCode.DONE
        assert ended(bsops).overrode == ["the freeze of dev: the sale"]

    def test_bootstrap_waits_too(self, bsops: Shell) -> None:
        freeze_around_now(bsops)
        assert bsops("bootstrap", "dev", "--yes") == ExitCode.REFUSED
        assert "dev is frozen: the sale" in said(bsops)
        assert bsops("bootstrap", "dev", "--plan") == ExitCode.DONE

    def test_a_plan_is_made_and_says_so(self, bsops: Shell) -> None:
        freeze_around_now(bsops)
        assert bsops("plan", "dev") == ExitCode.DONE
        assert "Warning: dev is frozen: the sale; until " in said(bsops)

    def test_before_terraform_starts(self, bsops: Shell) -> None:
        freeze_around_now(bsops)
        bsops("apply", "dev", "--yes")
        assert not (bsops.root() / ".terraform").exists()

    def test_one_that_begins_while_the_question_stands_open_counts(
        self, bsops: Shell, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        begins = now + timedelta(seconds=2)
        allow(
            bsops,
            f"[[freeze]]\nfrom = {begins.isoformat()}\n"
            f'until = {(now + timedelta(days=1)).isoformat()}\nreason = "late"\n',
        )

        def confirm(*_: object, **__: object) -> bool:
            time.sleep(max(0, (begins - datetime.now(UTC)).total_seconds()) + 0.1)
            return True

        monkeypatch.setattr(Terminal, "confirm", confirm)
        assert bsops("apply", "dev") == ExitCode.REFUSED
        assert "dev is frozen: late" in said(bsops)
        assert not (bsops.root() / "terraform.tfstate").exists()


class TestSource:
    def test_what_is_not_committed_is_not_applied(self, bsops: Shell) -> None:
        allow(bsops, "[source]\ncommitted = true\n")
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "git cannot tell whether the tree of dev may be used" in said(bsops)
        assert "the workspace is not in a git repository" in said(bsops)
        git(bsops, "init", "-q")
        assert bsops("plan", "dev") == ExitCode.DONE
        assert "an apply would be refused: the tree of dev holds what is not" in said(bsops)
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "[source] in environments/dev.toml" in said(bsops)
        assert bsops("apply", "dev", "--yes", "--allow-dirty") == ExitCode.USAGE
        assert bsops("apply", "dev", "--yes", "--allow-dirty", *WHY) == ExitCode.DONE
        assert ended(bsops).overrode == [
            "the source of dev: the tree of dev holds what is not committed"
        ]

    def test_what_only_takes_over_what_aws_says_needs_no_commit(self, bsops: Shell) -> None:
        bsops("apply", "dev", "--yes")
        with (bsops.root() / "main.tf").open("a") as main:
            main.write('output "new" {\n  value = 1\n}\n')
        assert bsops("plan", "dev", "--refresh-only") == ExitCode.DONE
        allow(bsops, "[source]\ncommitted = true\n")
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE


class TestPolicies:
    def test_a_plan_that_is_denied_is_not_applied(self, bsops: Shell) -> None:
        policy(bsops)
        assert bsops("plan", "dev") == ExitCode.DONE
        finding = "only_one: terraform_data.two: there must be one only"
        assert f"Warning: denied by {finding}" in said(bsops)
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert f"the policies of dev deny this plan why: {finding}" in said(bsops)
        assert not (bsops.root() / "terraform.tfstate").exists()

    def test_one_that_only_warns_does_not_stop_it(self, bsops: Shell) -> None:
        policy(bsops)
        allow(bsops, '[policies]\nwarn = ["only_one"]\n')
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        assert "Warning: policy only_one: terraform_data.two" in said(bsops)

    def test_one_that_is_off_says_nothing(self, bsops: Shell) -> None:
        policy(bsops)
        allow(bsops, '[policies]\noff = ["only_one"]\n')
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        assert "there must be one only" not in said(bsops)

    @pytest.mark.parametrize(
        ("until", "address", "code"),
        [
            ("2999-01-01", "terraform_data.two", ExitCode.DONE),
            ("2999-01-01", None, ExitCode.DONE),
            ("2999-01-01", "terraform_data.one", ExitCode.REFUSED),
            ("2020-01-01", "terraform_data.two", ExitCode.REFUSED),
        ],
    )
    def test_an_exemption_holds_for_its_address_until_its_day(
        self, bsops: Shell, until: str, address: str | None, code: ExitCode
    ) -> None:
        policy(bsops)
        bsops("plan", "dev")
        # It needs no new plan: what the policies found is in the plan's record.
        named = f'address = "{address}"\n' if address else ""
        allow(
            bsops,
            f'[[policies.exempt]]\npolicy = "only_one"\nreason = "soon"\nuntil = {until}\n{named}',
        )
        assert bsops("apply", "dev", "--yes") == code
        assert ("the exemption from only_one ended on" in said(bsops)) == (until < "2026")

    @pytest.mark.parametrize("when", ["before", "after"])
    def test_a_plan_without_details_is_judged_when_it_is_applied(
        self, bsops: Shell, when: str
    ) -> None:
        if when == "before":
            policy(bsops)
        assert bsops("plan", "dev", "--no-details") == ExitCode.DONE
        policy(bsops)
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "there must be one only" in said(bsops)

    def test_policies_edited_since_the_plan_want_a_new_one(self, bsops: Shell) -> None:
        policy(bsops, "def check(plan):\n    return ()\n")
        bsops("plan", "dev")
        policy(bsops)
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "policies: environments/policies was edited since" in said(bsops)

    def test_policies_that_are_new_since_the_plan_are_asked(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        policy(bsops)
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "there must be one only" in said(bsops)

    def test_one_that_fails_itself_is_a_refusal(self, bsops: Shell) -> None:
        policy(bsops, "def check(plan):\n    1 / 0\n", "broken")
        assert bsops("apply", "dev", "--yes") == ExitCode.REFUSED
        assert "the policy broken failed itself" in said(bsops)
        assert "ZeroDivisionError: division by zero (line 2)" in said(bsops)

    def test_one_that_only_warns_cannot_stop_by_failing(self, bsops: Shell) -> None:
        policy(bsops, "def check(plan):\n    1 / 0\n", "broken")
        allow(bsops, '[policies]\nwarn = ["broken"]\n')
        assert bsops("apply", "dev", "--yes") == ExitCode.DONE
        assert "Warning: policy broken: it failed itself: ZeroDivisionError" in said(bsops)

    def test_a_misspelt_policy_is_a_mistake_of_the_file(self, bsops: Shell) -> None:
        policy(bsops)
        allow(bsops, '[policies]\nwarn = ["onlyone"]\n')
        assert bsops("plan", "dev") == ExitCode.CONFIGURATION
        assert "write only_one instead" in said(bsops)
        assert not (bsops.root() / ".terraform").exists()

    def test_what_is_secret_is_masked_and_on_no_disk(self, bsops: Shell) -> None:
        policy(
            bsops,
            "def check(plan):\n    for each in plan.resources:\n"
            "        yield each, repr(dict(each.after))\n"
            "    yield '', str(plan.document['output_changes'])\n",
        )
        with (bsops.root() / "main.tf").open("a") as main:
            main.write(
                'resource "terraform_data" "three" {\n  input = sensitive("correct-horse")\n}\n'
            )
        bsops("plan", "dev")
        assert "(sensitive)" in said(bsops)
        assert "correct-horse" not in said(bsops)
        assert "hunter2" not in said(bsops)
        for path in bsops.workspace.data.rglob("*"):
            if path.is_file() and path.suffix != ".tfplan":
                assert b"correct-horse" not in path.read_bytes()

    def test_json_has_what_they_found(self, bsops: Shell) -> None:
        policy(bsops)
        document = bsops.document("plan", "dev")
        assert document["policies"]["denies"] is True
        (found,) = document["policies"]["denied"]
        assert (found["policy"], found["address"]) == ("only_one", "terraform_data.two")
        assert document["record"]["policies"]["policies"] == ["only_one"]


class TestPolicyCommand:
    def test_check_holds_a_saved_plan_against_the_policies_of_now(self, bsops: Shell) -> None:
        bsops("plan", "dev")
        policy(bsops)
        assert bsops("policy", "check", "dev") == ExitCode.REFUSED
        assert "there must be one only" in bsops.out
        policy(bsops, "def check(plan):\n    return ()\n")
        assert bsops("policy", "check", "dev", "--json") == ExitCode.DONE
        assert json.loads(bsops.out)["held"] == ["only_one"]

    def test_check_takes_terraforms_json(self, bsops: Shell) -> None:
        policy(bsops)
        file = bsops.workspace.root / "plan.json"
        change = {"address": "a.two", "name": "two", "change": {"actions": ["create"]}}
        file.write_text(json.dumps({"resource_changes": [change]}))
        assert bsops("policy", "check", "dev", "--plan", "plan.json") == ExitCode.REFUSED
        assert "a.two" in bsops.out

    @pytest.mark.parametrize("text", ["", "[]", '{"resource_changes": [1]}', "\xff", "[" * 9999])
    def test_check_of_what_is_no_plan_says_so(self, bsops: Shell, text: str) -> None:
        policy(bsops)
        (bsops.workspace.root / "plan.json").write_text(text, encoding="latin-1")
        assert bsops("policy", "check", "dev", "--plan", "plan.json") == ExitCode.CONFIGURATION
        assert "is not a plan in JSON" in said(bsops)

    def test_check_of_a_file_that_is_missing_says_so(self, bsops: Shell) -> None:
        policy(bsops)
        assert bsops("policy", "check", "dev", "--plan", "no.json") == ExitCode.CONFIGURATION
        assert "cannot read no.json" in said(bsops)

    def test_list_says_how_each_counts(self, bsops: Shell) -> None:
        assert bsops("policy", "list") == ExitCode.DONE
        assert "No policies" in bsops.out
        policy(bsops, f'"""There is one."""\n{DENIES_TWO}')
        allow(bsops, '[policies]\nwarn = ["only_one"]\n')
        (found,) = bsops.document("policy", "list")["policies"]
        assert found == {
            "name": "only_one",
            "language": "python",
            "says": "There is one.",
            "environments": {"dev": "warn", "prod": "deny"},
        }

    def test_test_wants_a_plan_it_is_against_and_one_it_lets_pass(self, bsops: Shell) -> None:
        policy(bsops)
        assert bsops("policy", "test") == ExitCode.FAILED
        assert "it has no fixture environments/policies/fixtures/only_one/fails*.json" in bsops.out
        folder = bsops.workspace.environments / "policies/fixtures/only_one"
        folder.mkdir(parents=True)
        two = {"address": "a.two", "name": "two", "change": {"actions": ["create"]}}
        (folder / "fails.json").write_text(json.dumps({"resource_changes": [two]}))
        (folder / "passes.json").write_text('{"resource_changes": []}')
        assert bsops("policy", "test", "only_one") == ExitCode.DONE
        (folder / "passes.json").write_text((folder / "fails.json").read_text())
        assert bsops("policy", "test") == ExitCode.FAILED
        assert "it must let this plan pass, but: there must be one only" in bsops.out
        (folder / "fails.json").write_text('{"resource_changes": []}')
        assert bsops("policy", "test") == ExitCode.FAILED
        assert "it must be against this plan, and has nothing to say" in bsops.out
        assert bsops("policy", "test", "onlyone") == ExitCode.CONFIGURATION
        assert "did you mean only_one?" in said(bsops)


@pytest.fixture
def holding_data(bsops: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """What the root makes holds data; two of it lie in a module."""
    monkeypatch.setattr("bookstore_ops.terraform.plan.STATEFUL_TYPES", {"terraform_data"})
    (bsops.root() / "inner").mkdir()
    (bsops.root() / "inner/main.tf").write_text(
        'resource "terraform_data" "kept" {\n  count = 2\n}\n'
    )
    (bsops.root() / "inner.tf").write_text('module "inner" {\n  source = "./inner"\n}\n')
    assert bsops("apply", "dev", "--yes") == ExitCode.DONE
    return bsops


class TestData:
    def test_is_not_forgotten_with_its_module(self, holding_data: Shell) -> None:
        bsops, module = holding_data, "module.inner"
        kept = [f"{module}.terraform_data.kept[{number}]" for number in (0, 1)]
        assert bsops("state", "rm", "dev", module, "--yes") == ExitCode.REFUSED
        assert "this would forget 2 that hold data" in said(bsops)
        assert f"bsops state rm dev {module} --yes '{kept[0]}' '{kept[1]}'" in said(bsops)
        assert bsops("state", "rm", "dev", module, kept[0], "--yes") == ExitCode.REFUSED
        assert bsops("state", "rm", "dev", module, *kept, "--yes") == ExitCode.DONE

    def test_is_forgotten_by_the_name_of_its_resource(self, holding_data: Shell) -> None:
        words = ("state", "rm", "dev", "module.inner.terraform_data.kept", "--yes")
        assert holding_data(*words) == ExitCode.DONE

    def test_of_a_protected_environment_is_destroyed_with_a_reason_only(
        self, holding_data: Shell
    ) -> None:
        bsops, name = holding_data, "terraform_data.two"
        policy_file = bsops.workspace.environments / "dev.toml"
        policy_file.write_text(f"protected = true\n{policy_file.read_text()}")
        bsops.values("size = 2\n")
        bsops("plan", "dev")
        words = ("apply", "dev", "--confirm", "dev 1", "--allow-destroy", name)
        assert bsops(*words) == ExitCode.USAGE
        assert "--allow-destroy needs a reason in dev" in said(bsops)
        assert bsops(*words, *WHY) == ExitCode.DONE
        assert ended(bsops).overrode == [f"the guard of data: {name}"]
        assert ended(bsops).reason == "told to"


class TestReasons:
    def test_history_shows_what_was_overridden_and_why(self, bsops: Shell) -> None:
        freeze_around_now(bsops)
        assert bsops("apply", "dev", "--yes", "--during-freeze", *WHY) == ExitCode.DONE
        bsops("history", "dev")
        shown = " ".join(bsops.out.split())
        assert "2 created; overrode the freeze of dev: the sale; because: told to" in shown
        (run,) = bsops.document("history", "dev")["runs"]
        assert (run["overrode"], run["reason"]) == (["the freeze of dev: the sale"], "told to")

    @pytest.mark.parametrize("reason", ["", "  "])
    def test_an_empty_one_is_none(self, bsops: Shell, reason: str) -> None:
        words = ("apply", "dev", "--yes", "--during-freeze", "--reason", reason)
        assert bsops(*words) == ExitCode.USAGE
        assert bsops.history == []


def git(bsops: Shell, *words: str) -> None:
    subprocess.run(["git", "-C", str(bsops.workspace.root), *words], check=True)
