import sys
from pathlib import Path
from textwrap import dedent

import pexpect
import pytest

from bookstore_ops.errors import Refused
from tests.unit.ui.support import screens

ROOT = Path(__file__).parents[3]


def ask(call: str, *, before: str = "") -> "pexpect.spawn[str]":
    """A process on a terminal that asks and prints the answer."""
    script = f"""
        import time
        from bookstore_ops.ui.terminal import Terminal
        terminal = Terminal()
        {before}
        print("answer:", repr(terminal.{call}))
    """
    return pexpect.spawn(
        sys.executable, ["-c", dedent(script)], cwd=str(ROOT), encoding="utf-8", timeout=20
    )


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("y", "True"), ("YES", "True"), ("", "False"), ("n", "False"), ("yep", "False")],
)
def test_only_a_clear_yes_confirms(typed: str, answer: str) -> None:
    child = ask('confirm("Apply to dev?", flag="--yes")')
    child.expect_exact("Apply to dev? [y/N] ")
    child.sendline(typed)
    child.expect_exact(f"answer: {answer}")


def test_end_of_input_confirms_nothing() -> None:
    child = ask('confirm("Apply to dev?", flag="--yes")')
    child.expect_exact("[y/N] ")
    child.sendeof()
    child.expect_exact("answer: False")


@pytest.mark.parametrize(("typed", "answer"), [("prod", "True"), ("Prod", "False"), ("y", "False")])
def test_an_exact_word_is_asked_for_letter_by_letter(typed: str, answer: str) -> None:
    child = ask('ask_exact("This destroys 3 resources.", "prod", flag="--confirm prod")')
    child.expect_exact("Type prod to go on, anything else stops: ")
    child.sendline(typed)
    child.expect_exact(f"answer: {answer}")


@pytest.mark.parametrize(
    ("typed", "answer"), [("2", "'prod'"), ("prod", "'prod'"), ("3", "None"), ("", "None")]
)
def test_a_choice_is_made_by_number_or_by_name(typed: str, answer: str) -> None:
    child = ask('choose("Which environment?", ["dev", "prod"], flag="ENV")')
    child.expect_exact("1-2: ")
    child.sendline(typed)
    child.expect_exact(f"answer: {answer}")


def test_keys_pressed_before_the_question_do_not_answer_it() -> None:
    child = ask('confirm("Apply?", flag="--yes")', before='print("busy"); time.sleep(1)')
    child.expect_exact("busy")
    child.sendline("y")
    child.expect_exact("[y/N] ")
    child.sendline("n")
    child.expect_exact("answer: False")


def test_without_a_terminal_the_error_names_the_flag() -> None:
    with pytest.raises(Refused) as refused:
        screens().terminal.confirm("Apply to dev?", flag="--yes")
    assert str(refused.value) == (
        "this needs an answer, and there is no terminal to ask on\n"
        "why:  the question: Apply to dev?\n"
        "next: the same command with --yes"
    )


def test_without_a_terminal_a_choice_lists_its_options() -> None:
    with pytest.raises(Refused) as refused:
        screens().terminal.choose("Which environment?", ["dev", "prod"], flag="ENV")
    assert refused.value.why == "the question: Which environment? dev, prod"
