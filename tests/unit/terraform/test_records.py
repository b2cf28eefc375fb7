"""Saved plans: what each was made from, whether it still holds, and that it is applied once."""

import json
import multiprocessing
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bookstore_ops.errors import BsopsError, ConfigurationError, Refused
from bookstore_ops.terraform.events import Planned, Resource
from bookstore_ops.terraform.records import (
    Now,
    PlanRecord,
    SavedPlan,
    differences,
    discard_plans,
    file_sha256,
    give_back,
    latest_saved_plan,
    planned_state,
    read_saved_plan,
    record_path,
    save_record,
    take,
    tree_sha256,
    values_sha256,
)
from bookstore_ops.terraform.state import StateSummary
from tests.unit.support import environ


def ago(**time: float) -> str:
    return (datetime.now(UTC) - timedelta(**time)).isoformat(timespec="seconds")


def save(plan: Path, **changes: Any) -> SavedPlan:
    """A plan file of a few bytes, with a record that fits it but for ``changes``."""
    plan.parent.mkdir(exist_ok=True)
    if not plan.exists():
        plan.write_bytes(b"plan")
    values: dict[str, Any] = {
        "environment": "dev",
        "sandbox": None,
        "plan_sha256": file_sha256(plan),
        "tree_sha256": "tree",
        "values_sha256": "values",
        "lineage": "abc",
        "serial": 7,
        "account_id": "111111111111",
        "region": "eu-west-1",
        "terraform_version": "1.11.4",
        "provider_version": "5.100.0",
        "created": ago(minutes=1),
        "created_by": "ann@laptop",
        "ttl_seconds": 3600,
        "destroy": False,
        "refresh_only": False,
        "value_files": [],
        "changes": [Planned(Resource("aws_x.y"), "create")],
    }
    return save_record(plan, PlanRecord(**(values | changes)))


def now(**changes: Any) -> Now:
    """The world as it was when the plan of :func:`save` was made, but for ``changes``."""
    values: dict[str, Any] = {
        "environment": "dev",
        "sandbox": None,
        "tree_sha256": "tree",
        "values_sha256": "values",
        "state": StateSummary("abc", 7),
        "account_id": "111111111111",
        "region": "eu-west-1",
        "terraform_version": "1.11.4",
        "provider_version": "5.100.0",
    }
    return Now(**(values | changes))


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    return tmp_path / "plans" / "20261122T120000.tfplan"


class TestDifferences:
    def test_there_are_none_while_nothing_changed(self, plan: Path) -> None:
        assert differences(save(plan), now()) == []

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"environment": "prod"}, "environment: planned dev, now prod"),
            ({"sandbox": "s1"}, "sandbox: planned none, now s1"),
            ({"account_id": "2" * 12}, f"account: planned {'1' * 12}, now {'2' * 12}"),
            ({"region": "us-east-1"}, "region: planned eu-west-1, now us-east-1"),
            ({"terraform_version": "1.9.0"}, "Terraform version: planned 1.11.4, now 1.9.0"),
            ({"provider_version": None}, "AWS provider version: planned 5.100.0, now None"),
            ({"tree_sha256": "x"}, "tree: infrastructure/aws was edited since"),
            ({"values_sha256": "x"}, "values: terraform.tfvars or a variable was edited since"),
            ({"state": StateSummary("x", 7)}, "state lineage: planned abc, now x"),
            ({"state": None}, "state lineage: planned abc, now no state"),
            ({"state": StateSummary("abc", 8)}, "state serial: planned on 7, now 8"),
        ],
    )
    def test_each_field_that_differs_is_named(
        self, plan: Path, changes: dict[str, Any], said: str
    ) -> None:
        assert differences(save(plan), now(**changes)) == [said]

    def test_all_of_them_are_named_at_once(self, plan: Path) -> None:
        found = differences(save(plan), now(region="x", tree_sha256="x", state=None))
        assert [each.partition(":")[0] for each in found] == ["region", "tree", "state lineage"]

    def test_a_plan_file_that_was_tampered_with_is_named(self, plan: Path) -> None:
        saved = save(plan)
        plan.write_bytes(b"another plan")
        assert differences(saved, now()) == ["plan file: its sha256 is not the recorded one"]

    def test_a_plan_older_than_its_time_to_live_says_both(self, plan: Path) -> None:
        saved = save(plan, created=ago(hours=2))
        assert differences(saved, now()) == [
            "age: 120 minutes, and its time-to-live (plan_ttl) is 60"
        ]

    def test_a_plan_from_the_future_is_refused(self, plan: Path) -> None:
        saved = save(plan, created=ago(minutes=-90))
        assert differences(saved, now()) == ["age: it was made 90 minutes from now (clock?)"]

    def test_a_plan_made_without_a_state_holds_while_there_is_none(self, plan: Path) -> None:
        saved = save(plan, lineage="", serial=0)
        assert differences(saved, now(state=None)) == []

    def test_a_plan_made_without_a_state_does_not_hold_once_there_is_one(self, plan: Path) -> None:
        saved = save(plan, lineage="", serial=0)
        assert differences(saved, now(state=StateSummary("abc", 1))) == [
            "state serial: planned on 0, now 1"
        ]


class TestReading:
    def test_a_record_is_read_as_it_was_saved(self, plan: Path) -> None:
        saved = save(plan)
        assert read_saved_plan(plan) == saved
        assert saved.name == "20261122T120000"

    def test_only_the_owner_can_read_plan_and_record(self, plan: Path) -> None:
        save(plan)
        modes = {path.stat().st_mode & 0o777 for path in (plan, record_path(plan))}
        assert modes == {0o600}

    def test_a_plan_that_does_not_exist_is_named(self, plan: Path) -> None:
        with pytest.raises(ConfigurationError, match="there is no saved plan"):
            read_saved_plan(plan)

    def test_a_plan_without_its_record_cannot_be_applied(self, plan: Path) -> None:
        plan.parent.mkdir()
        plan.write_bytes(b"made by hand")
        with pytest.raises(ConfigurationError, match="No such file"):
            read_saved_plan(plan)

    def test_a_record_without_its_plan_is_no_plan(self, plan: Path) -> None:
        save(plan)
        plan.unlink()
        with pytest.raises(ConfigurationError, match="there is no saved plan"):
            read_saved_plan(plan)

    @pytest.mark.parametrize(
        "damage",
        [
            pytest.param(lambda _: "", id="empty"),
            pytest.param(lambda _: "{", id="torn"),
            pytest.param(lambda _: "[]", id="another shape"),
            pytest.param(lambda text: text.replace('"serial": 7', '"serial": "x"'), id="a type"),
            pytest.param(lambda text: text.replace('"region"', '"where"'), id="a field missing"),
            pytest.param(
                lambda text: json.dumps(json.loads(text) | {"created": "yesterday"}), id="no time"
            ),
            pytest.param(
                lambda text: json.dumps(json.loads(text) | {"created": "2026-01-01T00:00:00"}),
                id="a time nowhere",
            ),
        ],
    )
    def test_a_record_that_cannot_be_read_asks_for_a_new_plan(
        self, plan: Path, damage: Callable[[str], str]
    ) -> None:
        save(plan)
        record = record_path(plan)
        record.write_text(damage(record.read_text()))
        with pytest.raises(ConfigurationError, match="cannot be read") as raised:
            read_saved_plan(plan)
        assert raised.value.next_step == "bsops plan makes anew"

    def test_fields_of_a_later_version_are_passed_over(self, plan: Path) -> None:
        saved = save(plan)
        record = record_path(plan)
        record.write_text(json.dumps(json.loads(record.read_text()) | {"later": 1}))
        assert read_saved_plan(plan) == saved


class TestLatest:
    def test_there_is_none_in_an_empty_directory(self, tmp_path: Path) -> None:
        assert latest_saved_plan(tmp_path) is None
        assert latest_saved_plan(tmp_path / "missing") is None

    def test_it_is_the_newest_that_was_not_applied(self, tmp_path: Path) -> None:
        plans = [save(tmp_path / f"2026112{day}T120000.tfplan") for day in (1, 3, 2)]
        assert latest_saved_plan(tmp_path) == plans[1]
        take(plans[1])
        assert latest_saved_plan(tmp_path) == plans[2]

    def test_a_plan_still_being_made_does_not_count(self, tmp_path: Path) -> None:
        saved = save(tmp_path / "1.tfplan")
        (tmp_path / "2.tfplan").write_bytes(b"")
        assert latest_saved_plan(tmp_path) == saved


class TestTaking:
    def test_a_plan_can_be_taken_once(self, plan: Path) -> None:
        saved = save(plan)
        take(saved)
        with pytest.raises(Refused, match="is being applied already"):
            take(saved)

    def test_a_plan_that_was_taken_was_applied(self, plan: Path) -> None:
        take(save(plan))
        with pytest.raises(Refused, match="was applied already"):
            read_saved_plan(plan)

    def test_a_plan_that_was_given_back_can_be_taken_again(self, plan: Path) -> None:
        saved = save(plan)
        take(saved)
        give_back(saved)
        assert latest_saved_plan(plan.parent) == saved
        take(saved)

    def test_of_two_processes_exactly_one_gets_it(self, plan: Path) -> None:
        saved = save(plan)
        context = multiprocessing.get_context("fork")
        for _ in range(20):
            barrier = context.Barrier(2)
            taken: multiprocessing.Queue[bool] = context.Queue()

            def claim(barrier: Any = barrier, taken: "multiprocessing.Queue[bool]" = taken) -> None:
                barrier.wait()
                try:
                    take(saved)
                except Refused:
                    taken.put(False)
                else:
                    taken.put(True)

            processes = [context.Process(target=claim) for _ in range(2)]
            for process in processes:
                process.start()
            found = sorted(taken.get(timeout=5) for _ in processes)
            for process in processes:
                process.join()
            assert found == [False, True]
            give_back(saved)

    def test_plans_made_before_an_apply_are_history(self, tmp_path: Path) -> None:
        applied, other = save(tmp_path / "1.tfplan"), save(tmp_path / "2.tfplan")
        take(applied)
        discard_plans(tmp_path)
        assert latest_saved_plan(tmp_path) is None
        for saved in (applied, other):
            with pytest.raises(BsopsError):
                read_saved_plan(saved.path)


class TestDigests:
    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        for name in (
            "main.tf",
            "modules/a/main.tf",
            "modules/a/policy.json",
            "environments/dev/main.tf",
            "environments/dev/.terraform.lock.hcl",
            "environments/prod/main.tf",
        ):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(name)
        return tmp_path

    def digest(self, tree: Path) -> str:
        return tree_sha256(tree, tree / "environments" / "dev")

    @pytest.mark.parametrize(
        "name",
        [
            "main.tf",
            "new.tf",
            "new.tf.json",
            "modules/a/main.tf",
            "modules/a/policy.json",
            "modules/a/template.tftpl",
            "environments/dev/main.tf",
            "environments/dev/.terraform.lock.hcl",
        ],
    )
    def test_the_trees_changes_with_all_the_root_can_use(self, tree: Path, name: str) -> None:
        before = self.digest(tree)
        (tree / name).write_text("edited")
        assert self.digest(tree) != before

    def test_the_trees_changes_when_a_file_moves(self, tree: Path) -> None:
        before = self.digest(tree)
        (tree / "main.tf").rename(tree / "other.tf")
        assert self.digest(tree) != before

    @pytest.mark.parametrize(
        "name",
        [
            "README.md",
            "environments/prod/main.tf",
            "environments/dev/terraform.tfvars",
            "environments/dev/.terraform/modules/x.tf",
            "environments/dev/.bsops/x.json",
        ],
    )
    def test_the_trees_stays_with_what_it_cannot(self, tree: Path, name: str) -> None:
        before = self.digest(tree)
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).write_text("edited")
        assert self.digest(tree) == before

    def test_that_of_the_values_changes_with_content_and_order(self, tmp_path: Path) -> None:
        one, two = tmp_path / "1", tmp_path / "2"
        one.write_text("a = 1")
        two.write_text("a = 2")
        digests = {values_sha256(files) for files in ([], [one], [two], [one, two], [two, one])}
        assert len(digests) == 5


def test_a_real_plan_carries_the_state_it_was_made_on(tmp_path: Path) -> None:
    def terraform(*arguments: str) -> None:
        subprocess.run(
            ["terraform", *arguments],
            cwd=tmp_path,
            env=environ(),
            check=True,
            stdout=subprocess.DEVNULL,
        )

    (tmp_path / "main.tf").write_text('resource "terraform_data" "one" {}\n')
    terraform("plan", "-out=first.tfplan")
    assert planned_state(tmp_path / "first.tfplan").serial == 0
    terraform("apply", "first.tfplan")
    terraform("plan", "-destroy", "-out=second.tfplan")
    state = json.loads((tmp_path / "terraform.tfstate").read_text())
    found = planned_state(tmp_path / "second.tfplan")
    assert (found.lineage, found.serial) == (state["lineage"], state["serial"])
    assert found.addresses == {"terraform_data.one"}


def test_a_record_is_plain_json(plan: Path) -> None:
    save(plan)
    document = msgspec.json.decode(record_path(plan).read_bytes())
    assert document["changes"][0]["resource"]["addr"] == "aws_x.y"
