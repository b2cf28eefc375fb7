"""Whether a block only looks."""

import pytest

from bookstore_ops.cli.command_check import command_checker
from bookstore_ops.runbooks import effects
from tests.unit.runbooks.support import block_of


@pytest.mark.parametrize(
    ("info", "text", "changes"),
    [
        ("bash {name=a}", "ls\n", True),
        ("bash {name=a reads}", "ls\n", False),
        ("python {name=a}", "1\n", True),
        ("aws {name=a}", "service: ecs\noperation: describe_services\n", False),
        ("aws {name=a}", "service: ecs\noperation: update_service\n", True),
        ("aws {name=a}", "service: ssm\noperation: getaway\n", True),
        ("aws {name=a}", "nothing\n", True),
        ("bsops {name=a}", "bsops lock $environment\n", False),
        ("bsops {name=a}", "bsops drift $environment\n", False),
        ("bsops {name=a}", "bsops drift $environment --accept\n", True),
        ("bsops {name=a}", "bsops timeouts dev --set=a=1m\n", True),
        ("bsops {name=a}", "bsops state list dev\n", False),
        ("bsops {name=a}", "bsops state rm dev x\n", True),
        ("bsops {name=a}", "bsops apply dev\n", True),
        ("text {name=a manual}", "Do.\n", False),
    ],
)
def test_what_a_block_does(info: str, text: str, changes: bool) -> None:
    assert effects.changes(block_of(info, text)) is changes


def test_the_commands_that_only_look_exist() -> None:
    check = command_checker()
    for names in effects.READING_COMMANDS:
        problem = check([*names, "--help-me"])
        assert problem is not None
        assert "No such option" in problem
