import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pexpect
import pytest

from bookstore_ops.ui.live_view import changing, reading
from bookstore_ops.ui.watch import LiveWatch
from tests.unit.ui.support import Run, Screens, screens

ROOT = Path(__file__).parents[3]
DB = "module.bookstore.module.rds.aws_db_instance.this"


def watch(s: Screens, verb: str, total: int | None = None) -> LiveWatch:
    return LiveWatch(s.terminal, verb=verb, environment="dev", total=total)


def test_a_log_says_each_resource_as_it_ends() -> None:
    s, run = screens(), Run()
    with watch(s, "apply") as live:
        run.starts("aws_vpc.this")
        live.update(run.progress)
        run.wait(12)
        run.ends("aws_vpc.this")
        live.update(run.progress)
        live.update(run.progress)
    assert s.err == "applying dev\ndone   create aws_vpc.this  12s\n"


def test_both_halves_of_a_replacement_are_said() -> None:
    s, run = screens(), Run()
    with watch(s, "apply") as live:
        for action in ("delete", "create"):
            run.starts("aws_vpc.this", action)
            run.ends("aws_vpc.this", action)
            live.update(run.progress)
    assert s.err.splitlines()[1:] == [
        "done   delete aws_vpc.this  0s",
        "done   create aws_vpc.this  0s",
    ]


def test_a_failure_waits_for_the_message_that_follows_it() -> None:
    s, run = screens(), Run()
    with watch(s, "apply") as live:
        run.starts("aws_vpc.this")
        run.fails("aws_vpc.this")
        live.update(run.progress)
        run.explains("aws_vpc.this", "VpcLimitExceeded")
        live.update(run.progress)
    assert s.err == "applying dev\nFAILED create aws_vpc.this  0s: VpcLimitExceeded\n"


def test_a_failure_without_a_message_is_said_at_the_end() -> None:
    s, run = screens(), Run()
    with watch(s, "apply") as live:
        run.starts("aws_vpc.this")
        run.fails("aws_vpc.this")
        live.update(run.progress)
    assert s.err == "applying dev\nFAILED create aws_vpc.this  0s\n"


def test_a_log_hears_every_thirty_seconds_that_a_plan_goes_on() -> None:
    s, run = screens(), Run()
    with watch(s, "plan") as live:
        run.reads("aws_vpc.this")
        run.has_read("aws_vpc.this")
        run.reads(DB)
        for _ in range(65):
            live.update(run.progress)
            run.wait(1)
    assert s.err.splitlines() == [
        "planning dev",
        f"still planning dev: 1 read, 30s, slowest {DB} 30s",
        f"still planning dev: 1 read, 1m00s, slowest {DB} 1m00s",
    ]


def test_a_log_hears_how_far_an_apply_is() -> None:
    s, run = screens(), Run()
    with watch(s, "apply", total=5) as live:
        run.starts(DB)
        live.update(run.progress)
        run.wait(31)
        live.update(run.progress)
    assert s.err.splitlines()[1:] == [
        f"still applying dev: 0 done, 1 running, 4 to go, 31s, slowest {DB} 31s"
    ]


def test_reads_are_said_with_verbose_only() -> None:
    calm, verbose = screens(), screens(verbose=True)
    for s in (calm, verbose):
        run = Run()
        with watch(s, "plan") as live:
            run.reads(DB)
            run.wait(2)
            run.has_read(DB)
            live.update(run.progress)
    assert calm.err == "planning dev\n"
    assert verbose.err == f"planning dev\nread   {DB}  2s\n"


def test_quiet_leaves_notices_only() -> None:
    s, run = screens(quiet=True), Run()
    with watch(s, "apply") as live:
        run.starts("aws_vpc.this")
        run.ends("aws_vpc.this")
        live.update(run.progress)
        live.notice("waiting for the state lock")
    assert s.err == "waiting for the state lock\n"


def test_commands_that_only_look_announce_nothing() -> None:
    s = screens()
    with watch(s, "output") as live:
        live.update(Run().progress)
    assert s.err == ""


def test_what_ends_at_once_draws_nothing() -> None:
    s, run = screens(tty=True), Run()
    with watch(s, "plan") as live:
        run.wait(0.2)
        live.update(run.progress)
    assert s.err == ""


def test_a_plan_under_way_names_what_it_waits_for() -> None:
    run = Run()
    for address in ("aws_vpc.this", DB, "aws_sns_topic.fast"):
        run.reads(address)
    run.has_read("aws_vpc.this")
    run.wait(8)
    run.reads("aws_sqs_queue.just_begun")
    run.has_read("aws_sns_topic.fast")
    screen = reading(run.progress, "planning dev", 79, 10)
    assert str(screen) == (
        "planning dev  8s  2 read\n"
        "  waiting for module.bookstore.module.rds.aws_db_instance.this  8s"
    )


def test_an_apply_under_way_shows_failures_then_what_runs_then_what_ended_last() -> None:
    run = Run()
    for name in ("a", "b", "c", "d"):
        run.starts(f"aws_x.{name}")
        run.wait(1)
    for name in ("a", "b"):
        run.ends(f"aws_x.{name}")
        run.wait(1)
    run.fails("aws_x.c")
    screen = changing(run.progress, "applying dev", 9, 60, 10)
    assert str(screen) == (
        "applying dev  6s\n"
        "2 done, 1 running, 1 failed, 5 to go\n"
        "FAIL +   aws_x.c  4s\n"
        "run  +   aws_x.d  3s\n"
        "done +   aws_x.b  4s\n"
        "done +   aws_x.a  4s"
    )


@pytest.mark.parametrize(("width", "height"), [(39, 5), (79, 12), (199, 40), (20, 3), (10, 1)])
def test_an_apply_under_way_fits_the_screen(width: int, height: int) -> None:
    run = Run()
    for number in range(100):
        run.starts(f"module.bookstore.module.ecs.aws_ecs_service.service_{number}")
    lines = str(changing(run.progress, "applying dev", 100, width, height)).splitlines()
    assert len(lines) <= max(height, 2)
    assert all(len(row) <= max(width, 21) for row in lines)


def test_a_narrow_screen_keeps_the_resource_rather_than_its_modules() -> None:
    run = Run()
    run.starts(DB)
    screen = changing(run.progress, "applying dev", 1, 39, 10)
    assert str(screen).splitlines()[-1] == "run  +   …aws_db_instance.this  0s"


LIVE = """
    import time
    from bookstore_ops.ui.terminal import Terminal
    from bookstore_ops.ui.watch import LiveWatch
    from tests.unit.ui.support import Run
    terminal, run = Terminal(sandbox=True), Run()
    with LiveWatch(terminal, verb="apply", environment="dev", total=40) as live:
        for number in range(40):
            run.starts(f"module.bookstore.module.ecs.aws_ecs_service.service_{number}")
            run.wait(1)
            live.update(run.progress)
            if number == 20:
                live.notice("interrupted: waiting for Terraform")
            time.sleep(0.05)
    terminal.result("the end")
    terminal.close()
"""


def on_a_terminal(script: str) -> "pexpect.spawn[str]":
    return pexpect.spawn(
        sys.executable,
        ["-c", dedent(script)],
        cwd=str(ROOT),
        encoding="utf-8",
        timeout=20,
        dimensions=(12, 80),
    )


def test_a_terminal_is_redrawn_in_place_and_left_clean() -> None:
    child = on_a_terminal(LIVE)
    child.expect_exact("SANDBOX  applying dev")
    child.expect_exact("interrupted: waiting for Terraform")
    child.expect_exact("0 done, 40 running, 0 to go")
    child.expect_exact("\x1b[2Kthe end")


def test_a_terminal_that_changes_its_size_does_not_end_the_run() -> None:
    child = on_a_terminal(LIVE)
    child.expect_exact("SANDBOX  applying dev")
    for rows, columns in ((8, 40), (3, 20), (50, 200)):
        child.setwinsize(rows, columns)
        child.expect_exact("applying dev")
    child.expect_exact("the end")


def test_a_terminal_that_is_closed_does_not_end_the_run(tmp_path: Path) -> None:
    witness = tmp_path / "witness"
    script = dedent(LIVE) + f"open({str(witness)!r}, 'w').write('whole')\n"
    ours, theirs = os.openpty()
    child = subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.read(ours, 100)
    os.close(ours)
    assert (child.wait(timeout=20), witness.read_text()) == (0, "whole")
