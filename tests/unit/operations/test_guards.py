"""What stands between a plan and its apply."""

from pathlib import Path

import pytest

from bookstore_ops.errors import Refused
from bookstore_ops.operations.confirmation import Confirmation
from bookstore_ops.operations.guards import (
    check_record,
    check_stateful,
    confirmation,
    destroyed_addresses,
)
from bookstore_ops.terraform.events import Planned, Resource
from bookstore_ops.terraform.records import SavedPlan
from tests.unit.support import environment
from tests.unit.terraform.test_records import now, save

TABLE = 'module.tables.aws_dynamodb_table.this["orders.v1"]'
DATABASE = "module.rds.aws_db_instance.this[0]"
QUEUE = "aws_sqs_queue.orders"


def saved(tmp_path: Path, *changes: tuple[str, str]) -> SavedPlan:
    planned = [Planned(Resource(address), action) for address, action in changes]
    return save(tmp_path / "1.tfplan", changes=planned)


class TestRecord:
    def test_a_plan_that_holds_passes(self, tmp_path: Path) -> None:
        check_record(saved(tmp_path), now(), "bsops plan dev")

    def test_one_that_does_not_is_refused_with_every_difference(self, tmp_path: Path) -> None:
        with pytest.raises(Refused, match="the saved plan 1 does not hold any more") as raised:
            check_record(saved(tmp_path), now(region="x", tree_sha256="x"), "bsops plan dev")
        assert raised.value.why == (
            "region: planned eu-west-1, now x\ntree: infrastructure/aws was edited since"
        )
        assert raised.value.next_step == "bsops plan dev"


class TestStateful:
    @pytest.mark.parametrize("action", ["create", "update", "read", "move", "remove"])
    def test_what_is_not_destroyed_needs_no_word(self, tmp_path: Path, action: str) -> None:
        check_stateful(saved(tmp_path, (DATABASE, action)), (), "bsops apply dev")

    def test_what_holds_no_data_needs_no_word(self, tmp_path: Path) -> None:
        check_stateful(saved(tmp_path, (QUEUE, "replace")), (), "bsops apply dev")

    @pytest.mark.parametrize("action", ["delete", "replace"])
    def test_each_that_holds_data_is_to_be_named(self, tmp_path: Path, action: str) -> None:
        plan = saved(tmp_path, (TABLE, action), (DATABASE, action), (QUEUE, action))
        with pytest.raises(Refused, match="this destroys or replaces 2 that hold data") as raised:
            check_stateful(plan, (), "bsops apply dev")
        assert raised.value.next_step == (
            f"bsops apply dev --allow-destroy '{DATABASE}' --allow-destroy '{TABLE}'"
        )

    def test_one_of_two_is_not_enough(self, tmp_path: Path) -> None:
        plan = saved(tmp_path, (TABLE, "delete"), (DATABASE, "delete"))
        with pytest.raises(Refused) as raised:
            check_stateful(plan, [TABLE], "bsops apply dev")
        assert raised.value.why == DATABASE

    def test_all_of_them_are(self, tmp_path: Path) -> None:
        plan = saved(tmp_path, (TABLE, "delete"), (DATABASE, "delete"))
        check_stateful(plan, [DATABASE, TABLE], "bsops apply dev")

    def test_one_that_is_not_destroyed_is_a_mistake(self, tmp_path: Path) -> None:
        plan = saved(tmp_path, (TABLE, "update"), (QUEUE, "delete"))
        with pytest.raises(Refused, match="names what this plan does not destroy") as raised:
            check_stateful(plan, [TABLE], "bsops apply dev")
        assert raised.value.why == f"it destroys {QUEUE}"

    def test_what_is_destroyed_is_listed_in_order(self, tmp_path: Path) -> None:
        plan = saved(tmp_path, ("b.b", "delete"), ("c.c", "create"), ("a.a", "replace"))
        assert destroyed_addresses(plan) == ["a.a", "b.b"]


class TestConfirmation:
    def test_dev_asks_for_a_plain_yes(self, tmp_path: Path) -> None:
        asked = confirmation(environment(), saved(tmp_path, (QUEUE, "create")), sandbox=False)
        assert asked == Confirmation("Apply to dev in account 111111111111 (1 changes)?", None)

    def test_prod_asks_for_its_name(self, tmp_path: Path) -> None:
        prod = environment(name="prod", protected=True)
        asked = confirmation(prod, saved(tmp_path, (QUEUE, "create")), sandbox=False)
        assert asked.words == "prod"

    def test_prod_asks_for_the_number_of_the_destroyed_as_well(self, tmp_path: Path) -> None:
        prod = environment(name="prod", protected=True)
        plan = saved(tmp_path, (QUEUE, "delete"), (TABLE, "replace"), ("a.b", "update"))
        asked = confirmation(prod, plan, sandbox=False)
        assert asked.words == "prod 2"
        assert "3 changes, 2 destroyed" in asked.question

    def test_the_sandbox_of_prod_asks_for_a_plain_yes(self, tmp_path: Path) -> None:
        prod = environment(name="prod", protected=True)
        asked = confirmation(prod, saved(tmp_path, (QUEUE, "delete")), sandbox=True)
        assert asked.words is None
        assert "the sandbox" in asked.question
