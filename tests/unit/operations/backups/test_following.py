"""Who still runs with what was told before, after an adopted store was told of."""

from bookstore_ops.operations.applying import ApplyResult
from bookstore_ops.operations.backups.following import unreleased
from bookstore_ops.terraform.ledger import Ledger
from bookstore_ops.terraform.progress import Progress, Step, StepState


def applied(*steps: tuple[str, str]) -> ApplyResult:
    done = tuple(Step(address, action, StepState.DONE, 0.0) for address, action in steps)
    return ApplyResult(Progress(), Ledger(done, (), (), ()), None)


def test_services_whose_tasks_are_described_anew_wait_for_a_release() -> None:
    service = 'module.bookstore.module.ecs_service["{}"]'.format
    result = applied(
        (f"{service('search')}.aws_ecs_task_definition.this", "create"),
        (f"{service('cart')}.aws_ecs_task_definition.this", "create"),
        (f"{service('users')}.aws_iam_role_policy.task", "update"),
        ('module.bookstore.module.cloudwatch.aws_cloudwatch_dashboard.this["overview"]', "update"),
    )
    assert unreleased(result) == ["cart", "search"]


def test_a_service_that_is_taken_away_waits_for_nothing() -> None:
    gone = 'module.bookstore.module.ecs_service["cart"].aws_ecs_task_definition.this'
    assert unreleased(applied((gone, "delete"))) == []
