import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[3]


def run(script: str, **environ: str) -> "subprocess.CompletedProcess[bytes]":
    """A real process with real pipes."""
    return subprocess.run(
        [sys.executable, "-c", dedent(script)],
        cwd=ROOT,
        env={**os.environ, **environ},
        capture_output=True,
        check=False,
        timeout=60,
    )


def without_reader(script: str, *, closed: str) -> "subprocess.CompletedProcess[bytes]":
    """A process one of whose outputs is a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [sys.executable, "-c", dedent(script)],
            cwd=ROOT,
            stdout=writing if closed == "stdout" else subprocess.PIPE,
            stderr=writing if closed == "stderr" else subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writing)


GOES_ON = """
    import sys
    from bookstore_ops.ui.terminal import Terminal
    terminal = Terminal(json={json})
    for number in range(20_000):
        terminal.{call}
    print("went on to the end", file={witness})
    terminal.close()
"""


@pytest.mark.parametrize("call", ['result("x" * 80)', 'table(["A"], [["x"]])'])
def test_a_reader_of_results_that_leaves_ends_neither_the_run_nor_in_a_complaint(call: str) -> None:
    script = GOES_ON.format(json=False, call=call, witness="sys.stderr").replace("20_000", "500")
    done = without_reader(script, closed="stdout")
    assert (done.returncode, done.stderr) == (0, b"went on to the end\n")


def test_a_reader_of_json_that_leaves_does_neither() -> None:
    script = GOES_ON.format(json=True, call='line("a/1", {})', witness="sys.stderr")
    done = without_reader(script.replace("20_000", "500"), closed="stdout")
    assert (done.returncode, done.stderr) == (0, b"went on to the end\n")


def test_a_reader_of_chatter_that_leaves_does_neither() -> None:
    script = GOES_ON.format(json=False, call='say("x" * 80, style="bold")', witness="sys.stdout")
    done = without_reader(script.replace("20_000", "500"), closed="stderr")
    assert (done.returncode, done.stdout) == (0, b"went on to the end\n")


def test_head_gets_its_line_and_the_run_ends_well() -> None:
    script = GOES_ON.format(json=False, call='result("x" * 80)', witness="sys.stderr")
    command = 'set -o pipefail; "$0" -c "$1" | head -1'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable, dedent(script)],
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        b"x" * 80 + b"\n",
        b"went on to the end\n",
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_results_lost_on_a_full_disk_are_not_lost_silently() -> None:
    script = """
        from bookstore_ops.ui.terminal import Terminal
        terminal = Terminal(stdout=open("/dev/full", "w"))
        terminal.result("a plan")
        terminal.close()
        print(terminal.output_lost.strerror)
    """
    done = run(script)
    assert done.stderr == b"Warning: output was lost: No space left on device\n"
    assert done.stdout == b"No space left on device\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_a_terminal_without_utf8_gets_plain_signs(encoding: str) -> None:
    script = """
        from bookstore_ops.ui.terminal import Terminal
        Terminal().result("a … │ b")
    """
    assert run(script, PYTHONIOENCODING=encoding).stdout == b"a ~ | b\n"


def test_letters_a_terminal_lacks_are_escaped() -> None:
    script = """
        from bookstore_ops.ui.terminal import Terminal
        Terminal().result("tag Owner: 井上")
    """
    done = run(script, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout) == (0, b"tag Owner: \\u4e95\\u4e0a\n")


def test_colour_on_a_terminal_without_utf8_gets_plain_signs_too() -> None:
    script = """
        from bookstore_ops.ui.terminal import Terminal
        Terminal().say("井 …", style="bold")
    """
    done = run(script, PYTHONIOENCODING="ascii", FORCE_COLOR="1", NO_COLOR="", TERM="xterm")
    assert done.stderr == b"\x1b[1m\\u4e95 ~\x1b[0m\n"


def test_json_is_valid_in_any_encoding() -> None:
    script = """
        from bookstore_ops.ui.terminal import Terminal
        Terminal(json=True).line("a/1", {"owner": "井上"})
    """
    expected = b'{"schema": "a/1", "sandbox": false, "owner": "\\u4e95\\u4e0a"}\n'
    assert run(script, PYTHONIOENCODING="ascii").stdout == expected


def test_starting_up_imports_no_rich() -> None:
    script = """
        import sys
        from bookstore_ops.ui.terminal import Terminal
        Terminal().result("1.2.3")
        print(sorted({name.split(".")[0] for name in sys.modules} & {"rich", "msgspec", "json"}))
    """
    assert run(script).stdout == b"1.2.3\n[]\n"
