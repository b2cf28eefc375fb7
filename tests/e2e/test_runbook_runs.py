"""Runs of runbooks: to the end, stopped, killed, resumed, undone, and what is kept of them."""

import json
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import psutil
import pytest

from bookstore_ops.sandbox import lifecycle
from tests.e2e.workspaces import BSOPS, Bench, Finished, Running, make_bench, wait_until
from tests.unit.runbooks.support import step, text_of


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A workspace whose sandbox runs already; each test writes a page of its own."""
    made = make_bench(tmp_path_factory.mktemp("runbooks"))
    assert made.run("sandbox", "start").code == 0
    yield made
    lifecycle.stop(made.workspace)


def write_page(bench: Bench, name: str, body: str, front: str = "") -> Path:
    """Lay a page into the workspace."""
    pages = bench.root / "runbooks"
    pages.mkdir(exist_ok=True)
    path = pages / f"{name}.md"
    path.write_text(text_of(body, front))
    return path


def start(bench: Bench, name: str, *more: str) -> Finished:
    """Run a page in the sandbox, where nobody can be asked."""
    return bench.run("runbook", "run", name, "dev", "--sandbox", "--yes", *more)


def run_of(bench: Bench, name: str) -> str:
    """The newest run of a page."""
    found = bench.run("runbook", "history", "--json").json["runs"]
    return str([each["run"] for each in found if each["runbook"] == name][-1])


def report(bench: Bench, run: str) -> dict[str, Any]:
    """The transcript as a document."""
    return bench.run("runbook", "report", run, "--json").json


def outcomes(bench: Bench, run: str) -> list[tuple[str, str]]:
    """Each block that ended, with what came of it."""
    return [(entry["block"], entry["outcome"]) for entry in report(bench, run)["entries"]]


def directory(bench: Bench, run: str) -> Path:
    """Where a run is kept."""
    return bench.root / ".bsops/runbooks" / run


def is_gone(pid: int) -> bool:
    """Whether a process has ended, waited for or not."""
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


class TestToTheEnd:
    def test_every_language_gets_values_and_gives_captures(self, shared: Bench) -> None:
        body = (
            step("bash {name=say reads capture=said}", 'echo "$word"\n')
            + step("aws {name=who capture='account json Account'}", IDENTITY)
            + step(
                "python {name=sum reads capture='n ~ (\\d+)'}", 'print("n", values["count"] + 1)\n'
            )
            + step(
                "bsops {name=lock expect='json length(locks) == 0'}",
                "bsops lock --json $environment\n",
            )
            + step("bash {name=all reads}", 'echo "<$said|$account|$n|$region>"\n')
        )
        write_page(shared, "languages", body, PARAMETERS)
        done = start(
            shared, "languages", "--param", "word=$(touch canary); x", "--param", "count=2"
        )
        assert done.code == 0, done.err
        assert "<$(touch canary); x|111111111111|3|eu-west-1>" in done.err
        assert not (shared.root / "canary").exists()
        told = report(shared, run_of(shared, "languages"))
        assert told["ending"] == "done"
        assert told["run"]["sandbox"] is True
        assert [entry["outcome"] for entry in told["entries"]] == ["done"] * 5
        assert told["entries"][-1]["shown"].startswith("account=111111111111\nn=3\n")
        (entry,) = shared.run("history", "dev", "--last", "1", "--json").json["runs"]
        assert (entry["command"], entry["outcome"]) == ("runbook run", "done")
        assert "count=***" in entry["arguments"]

    def test_expectations_are_waited_for_and_attempts_made_again(self, shared: Bench) -> None:
        count = "echo x >> tries-$0; wc -l < tries-$0\n".replace("$0", "a")
        body = step("bash {name=wait reads within=20s every=1s expect='output ~ 3'}", count)
        body += step("bash {name=again reads retry=3 every=1s}", "mkdir again-b || rm again-c\n")
        (shared.root / "again-b").mkdir()
        write_page(shared, "patience", body)
        done = start(shared, "patience")
        assert done.code == 1
        wait, again = report(shared, run_of(shared, "patience"))["entries"]
        assert (wait["outcome"], wait["attempt"]) == ("done", 3)
        assert (again["outcome"], again["attempt"]) == ("failed", 4)

    def test_a_dry_run_looks_and_changes_nothing(self, shared: Bench) -> None:
        body = (
            step("bash {name=look reads capture=found}", "echo it\n")
            + step("bash {name=make undo=none confirm capture=made}", "touch made; echo made\n")
            + step("bash {name=later reads}", 'echo "$made"\n')
            + step("bash {name=maybe reads when='found == that'}")
            + step("text {name=hand manual}", "Do it.\n")
        )
        write_page(shared, "dry", body)
        before = len(list((shared.root / ".bsops").glob("runbooks/*")))
        done = shared.run("runbook", "run", "dry", "dev", "--sandbox", "--dry-run", "--json")
        assert done.code == 0, done.err
        assert [block["verdict"] for block in done.json["blocks"]] == [
            "looked",
            "would-run",
            "cannot-know",
            "would-skip",
            "by-hand",
        ]
        assert "made is captured by a step that did not run" in done.json["blocks"][2]["why"]
        assert not (shared.root / "made").exists()
        assert len(list((shared.root / ".bsops").glob("runbooks/*"))) == before

    def test_json_is_a_stream_of_events(self, shared: Bench) -> None:
        write_page(shared, "stream", step("bash {name=a reads}"))
        done = start(shared, "stream", "--json")
        events = [json.loads(line) for line in done.out.splitlines()]
        assert {event["schema"] for event in events} == {"bsops.runbook.event/1"}
        assert [event["event"] for event in events][-2:] == ["ended", "closed"]

    def test_from_and_only(self, shared: Bench) -> None:
        body = "".join(step(f"bash {{name=s{n} reads}}", title=f"Step {n}") for n in range(3))
        write_page(shared, "some", body)
        for flag, ran in (("--from", ["s1", "s2"]), ("--only", ["s1"])):
            assert start(shared, "some", flag, "step-1").code == 0
            assert [name for name, _ in outcomes(shared, run_of(shared, "some"))] == ran
        assert start(shared, "some", "--only", "s9").code == 64


LOCK = "bsops lock --json $environment\n"
IDENTITY = "service: sts\noperation: get_caller_identity\n"
PARAMETERS = """\
parameters:
  word: {description: Any text.}
  count: {description: How many., type: integer, min: 1}
"""


class TestBeforeTheFirstStep:
    def test_a_value_that_is_wrong_missing_or_unknown_is_told(self, shared: Bench) -> None:
        write_page(shared, "values", step("bash {name=a reads}"), PARAMETERS)
        for given, said in (
            ((), "the parameter word is missing"),
            (("--param", "word=x", "--param", "count=many"), "of type integer"),
            (("--param", "word=x", "--param", "count=0"), "at least 1"),
            (("--param", "wrod=x"), "did you mean word?"),
            (("--param", "word"), "has no value"),
        ):
            done = start(shared, "values", *given)
            assert (done.code, said in done.said) == (64, True), done.err

    def test_a_page_that_is_broken_is_not_run(self, shared: Bench) -> None:
        path = write_page(shared, "broken", step("bash {name=a colour=red}"))
        done = start(shared, "broken")
        assert done.code == 6
        assert f"{path}:13: there is no attribute colour" in done.said

    def test_without_a_terminal_it_needs_yes(self, shared: Bench) -> None:
        write_page(shared, "asking", step("bash {name=a reads}"))
        done = shared.run("runbook", "run", "asking", "dev", "--sandbox")
        assert done.code == 3
        assert "--yes" in done.said

    def test_a_missing_tool_is_told(self, shared: Bench) -> None:
        write_page(shared, "tool", step("bash {name=a reads}"), "tools: [no-such-tool]\n")
        done = start(shared, "tool")
        assert done.code == 7
        assert "needs no-such-tool" in done.said

    def test_guards_are_those_of_every_command(self, shared: Bench) -> None:
        write_page(shared, "guarded", step("bash {name=a reads}"))
        words = ("runbook", "run", "guarded")
        assert shared.run(*words, "prod", "--yes").code == 3
        environ = {"AWS_EC2_METADATA_DISABLED": "true"}
        stray = {**environ, "TF_VAR_size": "9"}
        refused = shared.run(*words, "prod", "--confirm", "prod", env=stray)
        assert (refused.code, "TF_VAR_size" in refused.said) == (3, True)
        assert shared.run(*words, "dev", "--yes", env=environ).code == 5


class TestFailures:
    def test_one_ends_the_run_which_is_resumed_with_its_values(self, shared: Bench) -> None:
        body = (
            step("bash {name=first reads capture=kept}", "echo x >> first-ran; echo value\n")
            + step("bash {name=fail reads}", '[ -e "go-$kept" ]\n')
            + step("bash {name=last reads}", 'echo "kept: $kept"\n')
        )
        write_page(shared, "fails", body)
        done = start(shared, "fails")
        run = run_of(shared, "fails")
        assert done.code == 1
        assert f"next: bsops runbook resume {run}" in done.err
        assert "fail: it exited with 1" in done.said
        (shared.root / "go-value").touch()
        again = shared.run("runbook", "resume", run, "--yes")
        assert again.code == 0, again.err
        assert "kept: value" in again.err
        assert (shared.root / "first-ran").read_text() == "x\n"
        assert outcomes(shared, run) == [
            ("first", "done"),
            ("fail", "failed"),
            ("fail", "done"),
            ("last", "done"),
        ]

    def test_what_a_person_must_do_leaves_the_run_waiting(self, shared: Bench) -> None:
        body = step("text {name=hand manual}", "Ask $environment.\n")
        body += step("bash {name=gone danger undo=none}", "true\n")
        write_page(shared, "waits", body)
        done = start(shared, "waits")
        assert (done.code, "waits for a person" in done.said) == (1, True)
        assert "Ask dev." in done.err
        danger = start(shared, "waits", "--only", "gone")
        assert (danger.code, "--allow gone" in danger.said) == (1, True)
        assert start(shared, "waits", "--only", "gone", "--allow", "gone").code == 0

    def test_a_hanging_step_is_stopped_with_all_it_started(self, shared: Bench) -> None:
        text = "sleep 300 & echo $! > hanging; wait\n"
        write_page(shared, "hangs", step("bash {name=hang reads timeout=1s}", text))
        done = start(shared, "hangs")
        assert (done.code, "stopped after 1s (timeout)" in done.said) == (1, True)
        assert is_gone(int((shared.root / "hanging").read_text()))

    def test_a_step_that_fails_half_way_is_undone_and_a_failed_undo_tried_again(
        self, shared: Bench
    ) -> None:
        body = (
            step("bash {name=one undo=not-one}", "touch one\n")
            + step("bash {name=not-one}", "rm one\n")
            + step("bash {name=two undo=not-two}", "touch half; false\n")
            + step("bash {name=not-two}", "[ -e may-undo ] && rm -f half\n")
        )
        write_page(shared, "half", body)
        assert start(shared, "half").code == 1
        run = run_of(shared, "half")
        failed = shared.run("runbook", "undo", run, "--yes")
        assert (failed.code, "the undo of two failed" in failed.said) == (1, True)
        assert (shared.root / "one").exists()
        (shared.root / "may-undo").touch()
        undone = shared.run("runbook", "undo", run, "--yes")
        assert undone.code == 0, undone.err
        assert not (shared.root / "half").exists()
        assert not (shared.root / "one").exists()
        assert outcomes(shared, run)[-2:] == [("not-two", "undone"), ("not-one", "undone")]
        assert report(shared, run)["ending"] == "undone"

    def test_an_undo_by_hand_is_a_persons_and_no_script(self, shared: Bench) -> None:
        body = step("bash {name=do undo=by-hand}", "true\n")
        body += step("text {name=by-hand manual}", "touch by-a-script\n")
        write_page(shared, "manual-undo", body)
        assert start(shared, "manual-undo").code == 0
        run = run_of(shared, "manual-undo")
        left = shared.run("runbook", "undo", run, "--yes")
        assert (left.code, "by-hand is done by hand" in left.said) == (1, True)
        assert not (shared.root / "by-a-script").exists()
        child = at_a_terminal(shared, "runbook", "undo", run)
        answer(
            child,
            (r"Undo it\? \[y/N\] ", "y"),
            (r"How did it go\?[\s\S]*?1-4: ", "done"),
            ("A note for the record", "was easy"),
        )
        child.expect(": undone")
        assert outcomes(shared, run)[-1] == ("by-hand", "undone")


class TestMuchAndStrange:
    def test_output_of_100_mb_is_cut_and_needs_no_memory(self, shared: Bench) -> None:
        text = "head -c 100000000 <(yes); echo; echo the end\n"
        write_page(shared, "much", step("bash {name=much reads}", text))
        running = shared.start("runbook", "run", "much", "dev", "--sandbox", "--yes", "--quiet")
        most = 0
        process = psutil.Process(running.process.pid)
        while running.process.poll() is None:
            try:
                most = max(most, process.memory_info().rss)
            except psutil.Error:
                break
            time.sleep(0.02)
        assert running.finish().code == 0
        assert most < 200 * 1024 * 1024
        run = run_of(shared, "much")
        (entry,) = report(shared, run)["entries"]
        assert entry["output_bytes"] == 100_000_009
        assert "bytes were left out here" in entry["text"]
        assert entry["text"].endswith("the end")
        kept = sum(path.stat().st_size for path in directory(shared, run).rglob("*.*"))
        assert kept < 1024 * 1024

    def test_binary_output_is_neither_shown_nor_kept(self, shared: Bench) -> None:
        text = "printf 'a\\0\\033[2Jb\\377'\n"
        write_page(shared, "binary", step("bash {name=a reads}", text))
        done = start(shared, "binary")
        assert (done.code, "[binary output: not shown]" in done.err) == (0, True)
        assert "\x1b" not in done.err
        write_page(shared, "binary", step("bash {name=a reads capture=x}", text))
        assert "NUL" in start(shared, "binary").err

    def test_secrets_are_nowhere(self, shared: Bench) -> None:
        secret = "s3cr3t'&\" value"
        body = (
            step("bash {name=print undo=none confirm}", 'echo "it is $word"; cat password-file\n')
            + step("bash {name=take reads capture=api_token}", "cat token-file\n")
            + step("bash {name=use reads}", 'grep -F "$api_token" token-file\n')
            + step("bash {name=copy reads capture=copy}", 'echo "<$word>"\n')
            + step("bash {name=fail reads}", 'echo "$copy" > copied; [ -e go-on ]\n')
        )
        front = "parameters:\n  word: {description: It., secret: true}\n"
        write_page(shared, "secret", body, front)
        (shared.root / "token-file").write_text("tok-12345\n")
        (shared.root / "password-file").write_text("password: zyx1\n")
        done = start(shared, "secret", "--param", f"word={secret}")
        assert done.code == 1
        assert (shared.root / "copied").read_text() == f"<{secret}>\n"
        run = run_of(shared, "secret")
        (shared.root / "go-on").touch()
        missing = shared.run("runbook", "resume", run, "--yes")
        assert (missing.code, "the parameter word is missing" in missing.said) == (64, True)
        again = shared.run("runbook", "resume", run, "--yes", "--param", f"word={secret}")
        assert again.code == 0, again.err
        # What was captured and is secret was not kept: its block ran again.
        assert [name for name, _ in outcomes(shared, run)][-3:] == ["take", "copy", "fail"]
        texts = [done.out, done.err, again.out, again.err]
        texts += [shared.run("runbook", "report", run, "--format", f).out for f in ("md", "html")]
        files = [path for path in (shared.root / ".bsops").rglob("*") if path.is_file()]
        texts += [path.read_text(errors="replace") for path in files if "sandbox" not in path.parts]
        (shared.root / "copied").unlink()
        for hidden in ("s3cr3t", "tok-12345", "zyx1"):
            assert [text for text in texts if hidden in text] == []


def begin(bench: Bench, name: str, mark: str) -> Running:
    """A run under way, whose step has made the file ``mark``."""
    running = bench.start("runbook", "run", name, "dev", "--sandbox", "--yes")
    wait_until(lambda: (bench.root / mark).exists() or running.process.poll() is not None)
    assert running.process.poll() is None, running.process.communicate()
    return running


def kill(running: Running) -> None:
    """SIGKILL to bsops alone."""
    running.process.kill()
    running.process.communicate()


class TestKilled:
    def test_a_step_that_only_looks_runs_again_with_the_values_kept(self, shared: Bench) -> None:
        body = step("bash {name=first reads capture=kept}", "echo x >> k1; echo value\n")
        body += step(
            "bash {name=slow reads}", 'echo $$ > k2; [ -e k3 ] || sleep 300; echo "<$kept>"\n'
        )
        write_page(shared, "killed", body)
        running = begin(shared, "killed", "k2")
        kill(running)
        run = run_of(shared, "killed")
        child = int((shared.root / "k2").read_text())
        wait_until(lambda: is_gone(child), 20)
        states = {
            r["run"]: r["state"] for r in shared.run("runbook", "history", "--json").json["runs"]
        }
        assert states[run] == "killed"
        (shared.root / "k3").touch()
        done = shared.run("runbook", "resume", run, "--yes")
        assert done.code == 0, done.err
        assert "<value>" in done.err
        assert (shared.root / "k1").read_text() == "x\n"
        assert outcomes(shared, run) == [("first", "done"), ("slow", "failed"), ("slow", "done")]

    def test_a_step_that_changes_something_is_in_doubt(self, shared: Bench) -> None:
        body = step("bash {name=work undo=none confirm}", "echo x >> d1; [ -e d2 ] || sleep 300\n")
        body += step("bash {name=after reads}")
        write_page(shared, "doubt", body)
        kill(begin(shared, "doubt", "d1"))
        run = run_of(shared, "doubt")
        refused = shared.run("runbook", "resume", run, "--yes")
        assert (refused.code, f"bsops runbook resume {run} --from work" in refused.said) == (
            3,
            True,
        )
        assert (shared.root / "d1").read_text() == "x\n"
        (shared.root / "d2").touch()
        assert shared.run("runbook", "resume", run, "--yes", "--from", "work").code == 0
        assert (shared.root / "d1").read_text() == "x\nx\n"

    def test_between_two_writes_nothing_is_lost(self, shared: Bench) -> None:
        write_page(
            shared, "torn", step("bash {name=a reads}") + step("bash {name=b reads}", "[ -e t1 ]\n")
        )
        start(shared, "torn")
        run = run_of(shared, "torn")
        with (directory(shared, run) / "events.jsonl").open("a") as handle:
            handle.write('{"event":"ended","time":"2026-')
        (shared.root / "t1").touch()
        assert shared.run("runbook", "resume", run, "--yes").code == 0
        assert outcomes(shared, run) == [("a", "done"), ("b", "failed"), ("b", "done")]

    @pytest.mark.parametrize(
        ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
    )
    def test_a_signal_stops_the_step_and_the_run_can_be_resumed(
        self, shared: Bench, number: signal.Signals, code: int
    ) -> None:
        mark = f"signal-{code}"
        text = f"echo $$ > {mark}; [ -e {mark}-go ] || sleep 300\n"
        write_page(shared, mark, step("bash {name=slow reads}", text))
        running = begin(shared, mark, mark)
        running.signal(number)
        done = running.finish(30)
        assert (done.code, "bsops runbook resume" in done.err) == (code, True)
        assert is_gone(int((shared.root / mark).read_text()))
        (shared.root / f"{mark}-go").touch()
        assert shared.run("runbook", "resume", run_of(shared, mark), "--yes").code == 0


class TestTwoPeople:
    def test_one_leads_a_run_and_the_other_is_told_who(self, shared: Bench) -> None:
        write_page(shared, "led", step("bash {name=slow reads}", "touch l1; sleep 300\n"))
        running = begin(shared, "led", "l1")
        run = run_of(shared, "led")
        for verb in ("resume", "undo"):
            told = shared.run("runbook", verb, run, "--yes")
            assert (told.code, f"pid {running.process.pid}" in told.said) == (4, True)
        same = shared.run("runbook", "run", "led", "dev", "--sandbox")
        assert f"led is running on dev already: {run}" in same.said
        running.signal(signal.SIGTERM)
        assert running.finish(30).code == 143

    def test_a_page_edited_meanwhile_is_told(self, shared: Bench) -> None:
        page = step("bash {name=a reads}") + step("bash {name=b reads}", "false\n")
        write_page(shared, "edited", page)
        start(shared, "edited")
        run = run_of(shared, "edited")
        write_page(
            shared,
            "edited",
            step("bash {name=a reads}", "echo more\n")
            + step("bash {name=b reads}", "true\n")
            + step("bash {name=c reads}"),
        )
        done = shared.run("runbook", "resume", run, "--yes")
        assert done.code == 0, done.err
        assert "The page was edited since the run stopped: 3 differences" in done.said
        for line in ("a differs (it ran already, as it was)", "b differs", "c is new"):
            assert line in done.said
        assert [name for name, _ in outcomes(shared, run)] == ["a", "b", "b", "c"]

    def test_a_journal_that_cannot_be_written_keeps_anything_from_running(
        self, bench: Bench
    ) -> None:
        write_page(bench, "journal", step("bash {name=a reads}", "touch ran\n"))
        assert bench.run("sandbox", "start").code == 0
        (bench.root / ".bsops/runbooks").write_text("in the way")
        done = start(bench, "journal")
        assert (done.code, "cannot write" in done.said) == (7, True)
        assert not (bench.root / "ran").exists()


class TestReports:
    def test_are_written_in_three_forms_for_their_owner_only(self, shared: Bench) -> None:
        text = 'echo "<script>alert(1)</script> | ```"\n'
        write_page(shared, "told", step("bash {name=a reads}", text))
        start(shared, "told")
        run = run_of(shared, "told")
        for form in ("md", "html", "jsonl"):
            path = shared.root / f"report.{form}"
            words = ("runbook", "report", run, "--format", form, "--out", str(path))
            assert shared.run(*words).code == 0
            assert path.stat().st_mode & 0o777 == 0o600
        html = (shared.root / "report.html").read_text()
        assert "<script" not in html
        assert not re.search(r"""(src|href)=["']?(https?:|//)""", html)
        lines = (shared.root / "report.jsonl").read_text().splitlines()
        assert [json.loads(line)["event"] for line in lines][:2] == ["begun", "taken"]
        assert "````text" in (shared.root / "report.md").read_text()


def at_a_terminal(bench: Bench, *words: str) -> Any:
    """A bsops that somebody sits in front of."""
    return pexpect.spawn(
        str(BSOPS),
        list(words),
        cwd=str(bench.root),
        env={**bench.env(), "TERM": "dumb"},
        encoding="utf-8",
        timeout=60,
        dimensions=(40, 120),
    )


def answer(child: Any, *dialogue: tuple[str, str]) -> None:
    """Wait for each question, and answer it."""
    for question, said in dialogue:
        child.expect(question)
        child.sendline(said)


class TestAtATerminal:
    def test_everything_is_asked_and_failures_offer_a_choice(self, shared: Bench) -> None:
        body = (
            step("bash {name=sure confirm='Make $word?' undo=back}", 'touch "made-$word"\n')
            + step("bash {name=back}", 'rm "made-$word"; touch undone\n')
            + step("bash {name=grave danger undo=none}", "touch grave\n")
            + step("bash {name=fails reads}", "[ -e repaired ]\n")
            + step("text {name=hand manual}", "Look at $word.\n")
            + step("bash {name=never reads}", "false\n", title="The last")
        )
        front = (
            "parameters:\n  word: {description: A word., default: it}\n"
            "  n: {description: N., type: integer}\n"
        )
        write_page(shared, "asked", body, front)
        child = at_a_terminal(shared, "runbook", "run", "asked", "dev", "--sandbox")
        answer(
            child,
            (r"word: A word. \(else it\): ", ""),
            (r"n: N. \(integer\): ", "3"),
            (r"2 steps on dev, in the sandbox. Begin\? \[y/N\] ", "y"),
            (r"Make it\? \[y/N\] ", "y"),
            (r"Type dev to go on", "dev"),
            (r"What now\?[\s\S]*?1-4: ", "undo"),
            (r"Undo back to which\?[\s\S]*?1-\d: ", "sure"),
            (r"Undo sure so\? \[y/N\] ", "y"),
            (r"Make it\? \[y/N\] ", "y"),
        )
        assert (shared.root / "undone").exists()
        (shared.root / "repaired").touch()
        answer(
            child,
            (r"Type dev to go on", "dev"),
            (r"Look at it[\s\S]*?How did it go\?[\s\S]*?1-4: ", "done"),
            (r"A note for the record", "looked well"),
            (r"never: it exited with 1. What now\?[\s\S]*?1-4: ", "skip"),
            (r"Why is it skipped: ", "known since Monday"),
        )
        child.expect(": done")
        child.wait()
        assert child.exitstatus == 0
        run = run_of(shared, "asked")
        told = report(shared, run)
        notes = {entry["block"]: entry["note"] for entry in told["entries"]}
        assert (notes["hand"], notes["never"]) == ("looked well", "known since Monday")
        assert [entry["outcome"] for entry in told["entries"]][-2:] == ["failed", "skipped"]

    def test_a_secret_is_not_shown_while_it_is_typed(self, shared: Bench) -> None:
        front = "parameters:\n  word: {description: It., secret: true}\n"
        write_page(shared, "typed", step("bash {name=a reads}", 'echo "${#word}"\n'), front)
        child = at_a_terminal(shared, "runbook", "run", "typed", "dev", "--sandbox", "--yes")
        answer(child, ("word: It.: ", "hunter2!"))
        child.expect("8")
        child.expect(": done")
        assert "hunter2!" not in child.before

    def test_a_person_decides_what_nobody_saw_the_end_of(self, shared: Bench) -> None:
        body = step("bash {name=work undo=none confirm}", "echo x >> p1; sleep 300\n")
        write_page(shared, "decided", body + step("bash {name=after reads}"))
        kill(begin(shared, "decided", "p1"))
        run = run_of(shared, "decided")
        for said, code in (("stop", 1), ("take it as done", 0)):
            child = at_a_terminal(shared, "runbook", "resume", run, "--yes")
            answer(child, (r"work may have done its work[\s\S]*?1-3: ", said))
            child.expect(pexpect.EOF)
            child.close()
            assert child.exitstatus == code
        assert (shared.root / "p1").read_text() == "x\n"
        assert outcomes(shared, run) == [("work", "done"), ("after", "done")]

    def test_no_answer_at_all_stops_the_run(self, shared: Bench) -> None:
        write_page(shared, "mute", step("bash {name=a reads}", "false\n"))
        child = at_a_terminal(shared, "runbook", "run", "mute", "dev", "--sandbox", "--yes")
        for _ in range(5):
            child.expect("1-4: ")
            child.sendeof()
        child.expect("no answer to: a: it exited with 1")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 1

    def test_stop_leaves_it_to_be_resumed_and_a_no_begins_nothing(self, shared: Bench) -> None:
        write_page(shared, "stopped", step("bash {name=a reads}", "[ -e s1 ]\n"))
        child = at_a_terminal(shared, "runbook", "run", "stopped", "dev", "--sandbox")
        answer(child, (r"Begin\? \[y/N\] ", "n"))
        child.expect("the runbook was not begun")
        child.wait()
        assert child.exitstatus == 3
        child = at_a_terminal(shared, "runbook", "run", "stopped", "dev", "--sandbox", "--yes")
        answer(child, (r"What now\?[\s\S]*?1-4: ", "stop"))
        child.expect("bsops runbook resume")
        child.wait()
        assert child.exitstatus == 1
        (shared.root / "s1").touch()
        child = at_a_terminal(shared, "runbook", "resume", run_of(shared, "stopped"))
        answer(child, (r"Go on\? \[y/N\] ", "y"))
        child.expect(": done")
