"""A Python block in its process: what it gets, what it prints, and what goes wrong in a line."""

import json
import subprocess
import sys

REFUSED = """\
import sys

from botocore.exceptions import ClientError

print("before")


def ask():
    raise ClientError({"Error": {"Code": "NoSuchEntity", "Message": "no user u"}}, "ListKeys")


ask()
"""


def run(text: str, **values: object) -> tuple[int, str, str]:
    """Exit code, output and errors of a block."""
    argv = [sys.executable, "-P", "-m", "bookstore_ops.runbooks.program", text]
    done = subprocess.run(
        argv, input=json.dumps(values), capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_it_gets_values_and_nothing_of_ours() -> None:
    assert run("print(values['n'] + 1, __name__, len(__import__('sys').argv))", n=1) == (
        0,
        "2 __main__ 1\n",
        "",
    )


def test_what_aws_refuses_is_said_in_its_words() -> None:
    said = "An error occurred (NoSuchEntity) when calling the ListKeys operation: no user u"
    assert run(REFUSED) == (1, "before\n", f"line 9 of the block: {said}\n")


def test_what_else_goes_wrong_names_its_kind_and_its_line() -> None:
    assert run("\n(one,) = []") == (
        1,
        "",
        "line 2 of the block: ValueError: not enough values to unpack (expected 1, got 0)\n",
    )
    assert run("x = (") == (1, "", "line 1 of the block is no Python: '(' was never closed\n")


def test_what_it_exits_with_stands() -> None:
    assert run("import sys; sys.exit(3)") == (3, "", "")
    assert run("import sys; sys.exit('give another one')") == (1, "", "give another one\n")
