"""What blocks run: values arrive as they are, whatever they hold, and are never code."""

import json
import os
import shlex
from pathlib import Path

import pytest

from bookstore_ops.errors import Refused
from bookstore_ops.runbooks import process
from bookstore_ops.runbooks.blocks import Block
from bookstore_ops.runbooks.commands import Command, Places, make_command, quoted
from tests.unit.runbooks.support import block_of

# The canary: whoever runs a value as code makes this file.
NASTY = {
    "a command behind a semicolon": "x; touch canary",
    "rm behind a semicolon": "; rm -rf . ; touch canary",
    "a substitution": "$(touch canary)",
    "backticks": "`touch canary`",
    "a newline": "x\ntouch canary",
    "single quotes": "'; touch canary; '",
    "double quotes": '"; touch canary; "',
    "an and": "x && touch canary",
    "a pipe": "x | touch canary",
    "a glob": "*",
    "a reference": "$environment ${HOME} $$",
    "braces": "${environment:-$(touch canary)}",
    "a backslash": "\\",
    "Python": "'''+__import__('os').system('touch canary')+'''",
    "JSON": '", "operation": "delete_parameter", "x": "',
    "YAML": "x\noperation: delete_parameter",
    "an option": "--help",
    "a short option": "-rf",
    "letters": "é 漢 🙂",
}

PUT = """\
service: ssm
operation: put_parameter
parameters: {Name: /x, Value: $value, Type: String}
"""


def run(command: Command, directory: Path) -> tuple[int, bytes, bytes]:
    """Run a command to its end in that directory."""
    out, err = bytearray(), bytearray()
    done = process.run(
        command,
        cwd=directory,
        timeout=60,
        started=lambda _pid: None,
        on_output=lambda chunk, error: (err if error else out).extend(chunk),
        on_tick=lambda _seconds: None,
        notice=lambda _text: None,
    )
    return done.code, bytes(out), bytes(err)


def command_of(block: Block, value: object, directory: Path, **environ: str) -> Command:
    """What the block runs with ``value``."""
    own = {"PATH": os.environ["PATH"], "HOME": str(directory)}
    places = Places(directory, {**own, **environ}, own, {"BSOPS_WORKSPACE": str(directory)})
    values = {"value": value, "environment": "dev"}
    return make_command(block, values, places, known={"value", "other"}, secret=())


@pytest.fixture(params=list(NASTY.values()), ids=list(NASTY))
def nasty(request: pytest.FixtureRequest) -> str:
    """A value that must stay a value."""
    return str(request.param)


@pytest.fixture(autouse=True)
def no_canary(tmp_path: Path) -> object:
    """Nothing may have been run out of a value."""
    yield
    assert not (tmp_path / "canary").exists()


def test_bash_gets_it_as_a_variable(nasty: str, tmp_path: Path) -> None:
    block = block_of("bash {name=a reads}", 'printf %s "$value"\n')
    command = command_of(block, nasty, tmp_path)
    assert run(command, tmp_path) == (0, nasty.encode(), b"")
    assert block.text in command.argv


def test_python_gets_it_in_a_dictionary(nasty: str, tmp_path: Path) -> None:
    text = 'import sys; sys.stdout.buffer.write(values["value"].encode())\n'
    command = command_of(block_of("python {name=a reads}", text), nasty, tmp_path)
    assert run(command, tmp_path) == (0, nasty.encode(), b"")


def test_bsops_gets_it_in_one_word(nasty: str, tmp_path: Path) -> None:
    block = block_of("bsops {name=a}", "bsops unlock --force --reason=$value dev\n")
    command = command_of(block, nasty, tmp_path)
    assert command.argv[-2:] == (f"--reason={nasty}", "dev")
    if nasty.isprintable():
        shown = ["bsops", "unlock", "--force", f"--reason={nasty}", "dev"]
        assert shlex.split(command.shown) == shown


@pytest.mark.parametrize("kind", ["a newline", "double quotes", "an option"])
def test_bsops_itself_reads_it_as_a_name(kind: str, tmp_path: Path) -> None:
    nasty = NASTY[kind]
    (tmp_path / "environments").mkdir()
    (tmp_path / "infrastructure/aws").mkdir(parents=True)
    block = block_of("bsops {name=a}", "bsops runbook show $value\n")
    if nasty.startswith("-"):
        with pytest.raises(Refused, match="would be taken for an option"):
            command_of(block, nasty, tmp_path)
        return
    code, _, err = run(command_of(block, nasty, tmp_path), tmp_path)
    assert code == 64
    assert b"there is no runbook" in err


def test_aws_gets_it_in_a_parameter(nasty: str, tmp_path: Path) -> None:
    command = command_of(block_of("aws {name=a}", PUT), nasty, tmp_path)
    call = json.loads(command.stdin)
    assert (call["service"], call["operation"]) == ("ssm", "put_parameter")
    assert call["parameters"] == {"Name": "/x", "Value": nasty, "Type": "String"}


@pytest.mark.parametrize("kind", ["a newline", "JSON", "YAML", "letters"])
def test_aws_itself_gets_it_in_a_parameter(kind: str, tmp_path: Path, aws_server: str) -> None:
    nasty = NASTY[kind]
    name = f"/{tmp_path.name}"
    environ = {
        "AWS_ENDPOINT_URL": aws_server,
        "AWS_ACCESS_KEY_ID": "fake",
        "AWS_SECRET_ACCESS_KEY": "fake",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
    }
    put = command_of(block_of("aws {name=a}", PUT.replace("/x", name)), nasty, tmp_path, **environ)
    code, _, err = run(put, tmp_path)
    assert code == 0, err
    text = f"service: ssm\noperation: get_parameter\nparameters: {{Name: {name}}}\n"
    got = command_of(block_of("aws {name=a}", text), nasty, tmp_path, **environ)
    code, out, err = run(got, tmp_path)
    assert code == 0, err
    assert json.loads(out)["Parameter"]["Value"] == nasty


def test_aws_gets_numbers_as_numbers(tmp_path: Path) -> None:
    text = "service: ecs\noperation: update_service\nparameters: {desiredCount: $value}\n"
    command = command_of(block_of("aws {name=a}", text), 3, tmp_path)
    assert b'"desiredCount": 3' in command.stdin


def test_a_value_that_nothing_gave_is_no_variable_of_the_operators(tmp_path: Path) -> None:
    block = block_of("bash {name=a reads}", 'echo "${other:-none}"\n')
    command = command_of(block, "x", tmp_path, other="from the shell")
    assert run(command, tmp_path)[1] == b"none\n"


def test_an_unset_variable_an_error_and_a_failed_pipe_end_a_script(tmp_path: Path) -> None:
    for text in ('echo "$nothing"\n', "false\ntrue\n", "false | true\n"):
        command = command_of(block_of("bash {name=a reads}", text), "x", tmp_path)
        assert run(command, tmp_path)[0] != 0


def test_neither_bash_env_nor_functions_have_a_say(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("touch canary\n")
    block = block_of("bash {name=a reads}", "true\n")
    environ = {"BASH_ENV": str(tmp_path / "env"), "BASH_FUNC_true%%": "() { touch canary; }"}
    assert run(command_of(block, "x", tmp_path, **environ), tmp_path)[0] == 0


def test_a_missing_value_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="needs other, which is not known"):
        command_of(block_of("bsops {name=a}", "bsops lock $other\n"), "x", tmp_path)


def test_a_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    block = block_of("bash {name=a reads}", "sleep 60 & echo $!; wait\n")
    out = bytearray()
    done = process.run(
        command_of(block, "x", tmp_path),
        cwd=tmp_path,
        timeout=0.5,
        started=lambda _pid: None,
        on_output=lambda chunk, _error: out.extend(chunk),
        on_tick=lambda _seconds: None,
        notice=lambda _text: None,
    )
    assert done.timed_out
    assert done.seconds < 10
    import psutil

    assert not psutil.pid_exists(int(out)) or psutil.Process(int(out)).status() == "zombie"


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a b", "'a b'"), ("a\nb", r"$'a\nb'"), ("it's\t", r"$'it\'s\t'"), ("\x1b[2J", r"$'\x1b[2J'")],
)
def test_a_value_is_shown_as_one_would_type_it(text: str, shown: str) -> None:
    assert quoted(text) == shown
