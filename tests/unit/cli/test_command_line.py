"""The command line itself: help, usage errors, exit codes, JSON, bugs."""

import json
import os
import re
import signal
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from bookstore_ops import __version__
from bookstore_ops.cli.backup import COMMANDS as BACKUP_COMMANDS
from bookstore_ops.cli.dr import COMMANDS as DR_COMMANDS
from bookstore_ops.cli.flags import COMMANDS as FLAG_COMMANDS
from bookstore_ops.cli.main import COMMANDS, MODULES, main
from bookstore_ops.cli.policy import COMMANDS as POLICY_COMMANDS
from bookstore_ops.cli.release import COMMANDS as RELEASE_COMMANDS
from bookstore_ops.cli.runbook import COMMANDS as RUNBOOK_COMMANDS
from bookstore_ops.cli.state import COMMANDS as STATE_COMMANDS
from bookstore_ops.cli.tfvars import COMMANDS as TFVARS_COMMANDS
from bookstore_ops.exit_codes import ExitCode
from tests.unit.support import make_workspace

GROUPS = {
    "backup": [name for _, name, _ in BACKUP_COMMANDS],
    "config": ["show"],
    "policy": [name for _, name, _ in POLICY_COMMANDS],
    "dr": [name for _, name, _ in DR_COMMANDS],
    "flags": [name for _, name, _ in FLAG_COMMANDS],
    "release": [name for _, name, _ in RELEASE_COMMANDS],
    "runbook": [name for _, name, _ in RUNBOOK_COMMANDS],
    "sandbox": ["start", "status", "reset", "push", "stop"],
    "state": [name for _, name, _ in STATE_COMMANDS],
    "support": ["bundle"],
    "tfvars": [name for _, name, _ in TFVARS_COMMANDS],
}
LEAVES = [[name] for name in COMMANDS if name not in GROUPS] + [
    [group, name] for group, names in GROUPS.items() for name in names
]


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working directory is a workspace of two environments."""
    make_workspace(tmp_path / "workspace", "dev", "prod")
    monkeypatch.chdir(tmp_path / "workspace")
    monkeypatch.setenv("HOME", str(tmp_path))


class TestHelp:
    @pytest.mark.parametrize("name", COMMANDS)
    def test_each_line_of_the_help_is_the_commands_own(self, name: str) -> None:
        own = MODULES.get(name, name)
        module = import_module(f"bookstore_ops.cli.{own}")
        function = getattr(module, f"_{name}" if name in GROUPS else own)
        assert COMMANDS[name] == str(function.__doc__).splitlines()[0]

    @pytest.mark.parametrize("flag", ["--help", "-h"])
    def test_it_lists_every_command(self, capsys: pytest.CaptureFixture[str], flag: str) -> None:
        assert main([flag]) == ExitCode.DONE
        out = capsys.readouterr().out
        assert [name for name in COMMANDS if not re.search(rf"^  {name} ", out, re.M)] == []
        assert "bsops plan dev --sandbox" in out

    @pytest.mark.parametrize("words", LEAVES, ids=" ".join)
    def test_each_commands_holds_an_example_that_can_be_typed(
        self, capsys: pytest.CaptureFixture[str], words: list[str]
    ) -> None:
        assert main([*words, "--help"]) == ExitCode.DONE
        shown = " ".join(capsys.readouterr().out.split())
        assert f"bsops {' '.join(words)} " in shown.partition("Example: ")[2] + " "
        for option in ("--sandbox", "--workspace", "--json", "--quiet", "--verbose"):
            assert option in shown

    @pytest.mark.parametrize("words", [[], ["config"], ["sandbox"]])
    def test_no_command_prints_help(
        self, capsys: pytest.CaptureFixture[str], words: list[str]
    ) -> None:
        assert main(words) == ExitCode.DONE
        shown = capsys.readouterr()
        assert shown.out.startswith("Usage: bsops")
        assert shown.err == ""

    def test_the_version_is_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["--version"]) == ExitCode.DONE
        assert capsys.readouterr().out == f"bsops {__version__}\n"

    def test_only_the_command_that_was_typed_is_loaded(self) -> None:
        script = (
            "import sys; from bookstore_ops.cli.main import main; main(['--help'])\n"
            "print([m for m in sys.modules if m.split('.')[0] in {'boto3', 'rich', 'moto'}])"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]"

    @pytest.mark.parametrize("words", [["history", "--last", "3"], ["runbook", "list", "--quiet"]])
    def test_options_are_read_without_loading_pydantic(self, words: list[str]) -> None:
        script = (
            f"import sys; from bookstore_ops.cli.main import main; main({words})\n"
            "print([m for m in sys.modules if m.split('.')[0] == 'pydantic'])"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == "[]"


class TestUsageErrors:
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["plna"], "Did you mean 'plan'?"),
            (["plan", "--zzz"], "No such option: --zzz"),
            (["plan", "--taget", "x"], "--target"),
            (["plan", "dev", "extra"], "extra"),
            (["plan", "--parallelism", "0"], "--parallelism"),
            (["plan", "--parallelism", "many"], "--parallelism"),
            (["history", "--last", "0"], "0 is less than 1"),
            (["runbook", "report", "x", "--format", "pdf"], "'md', 'html', 'jsonl'"),
            (["new"], "DIR"),
            (["sandbox", "strat"], "strat"),
        ],
    )
    def test_exit_64_and_say_what_is_wrong(
        self, capsys: pytest.CaptureFixture[str], words: list[str], said: str
    ) -> None:
        assert main(words) == ExitCode.USAGE
        shown = capsys.readouterr()
        assert said in shown.err
        assert re.search(r"^next: bsops.* --help$", shown.err, re.M)
        assert shown.out == ""

    def test_no_environment_named_and_nobody_to_ask(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["config", "show"]) == ExitCode.USAGE
        assert "name one, e.g. dev, or set BSOPS_ENV" in capsys.readouterr().err


class TestErrors:
    @pytest.mark.parametrize(
        ("words", "code"),
        [
            (["plan", "--json", "--zzz"], ExitCode.USAGE),
            (["plna", "--json"], ExitCode.USAGE),
            (["config", "show", "prd", "--json"], ExitCode.CONFIGURATION),
            (["envs", "--json", "--workspace", "/nowhere"], ExitCode.CONFIGURATION),
            (["version", "--json", "--workspace", "/nowhere"], ExitCode.CONFIGURATION),
            (
                ["config", "show", "dev", "--json", "--terraform-bin", "/no/tf"],
                ExitCode.ENVIRONMENT,
            ),
        ],
    )
    def test_in_json_are_one_document(
        self, capsys: pytest.CaptureFixture[str], words: list[str], code: ExitCode
    ) -> None:
        assert main(words) == code
        document = json.loads(capsys.readouterr().out)
        assert document["schema"] == "bsops.error/1"
        assert document["exit_code"] == code
        assert document["what"]
        assert document["next"]

    def test_for_people_are_told_on_standard_error(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main(["config", "show", "prd"]) == ExitCode.CONFIGURATION
        shown = capsys.readouterr()
        assert shown.out == ""
        assert shown.err.splitlines()[0] == "Error: there is no environment 'prd'"

    def test_never_show_a_traceback(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["config", "show", "prd"])
        assert "Traceback" not in capsys.readouterr().err

    def test_of_one_run_do_not_colour_the_next(self, capsys: pytest.CaptureFixture[str]) -> None:
        main(["config", "show", "prd", "--json"])
        capsys.readouterr()
        main(["plna"])
        assert capsys.readouterr().out == ""


class TestBugs:
    @pytest.fixture
    def report(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> str:
        """The report of a command that fails as none should."""

        def fail(*_: object, **__: object) -> None:
            password = "hunter2"
            raise ZeroDivisionError(len(password), "api_token=hunter4")

        monkeypatch.setattr("bookstore_ops.operations.overview.overview", fail)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        monkeypatch.setattr(sys, "argv", ["bsops", "envs", "--var", "password=hunter3"])
        assert main(["envs"]) == ExitCode.BUG
        shown = capsys.readouterr().err
        assert "this is a bug in bsops: ZeroDivisionError" in shown
        assert "Traceback" not in shown
        (path,) = tmp_path.glob("bsops-report-*.txt")
        assert str(path) in shown.replace("\n      ", "")
        assert "next: bsops support bundle" in shown
        return path.read_text()

    def test_are_reported_in_a_file_with_a_traceback(self, report: str) -> None:
        assert "Traceback (most recent call last)" in report
        assert f"bsops {__version__}, Python 3." in report
        assert "ZeroDivisionError: (7, " in report
        assert "bsops support bundle" in report

    def test_are_reported_without_values(self, report: str) -> None:
        assert "hunter" not in report
        assert "arguments: envs --var password=***" in report
        assert "'password':" not in report

    def test_are_told_even_where_no_file_can_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def fail(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("bookstore_ops.operations.overview.overview", fail)
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
        assert main(["envs"]) == ExitCode.BUG
        assert "this is a bug in bsops" in capsys.readouterr().err


class TestSignals:
    @pytest.mark.parametrize(
        ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
    )
    def test_end_a_command_with_their_own_status(
        self,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        number: signal.Signals,
        code: int,
    ) -> None:
        def interrupt(*_: object, **__: object) -> None:
            os.kill(os.getpid(), number)

        monkeypatch.setattr("bookstore_ops.operations.overview.overview", interrupt)
        assert main(["envs"]) == code
        assert "interrupted; nothing was under way" in capsys.readouterr().err

    def test_of_a_lost_terminal_are_ignored_under_nohup(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hang_up(*_: object, **__: object) -> list[object]:
            os.kill(os.getpid(), signal.SIGHUP)
            return []

        monkeypatch.setattr("bookstore_ops.operations.overview.overview", hang_up)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        assert main(["envs"]) == ExitCode.DONE


class TestCompletion:
    @pytest.mark.parametrize(
        ("typed", "offered"),
        [("plan ", {"dev", "prod"}), ("plan p", {"prod"}), ("appl", {"apply"})],
    )
    def test_offers_what_can_follow(self, typed: str, offered: set[str]) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "bookstore_ops"],
            env={
                **os.environ,
                "_BSOPS_COMPLETE": "complete_bash",
                "COMP_WORDS": f"bsops {typed}",
                "COMP_CWORD": str(len(typed.split(" "))),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert set(done.stdout.split()) == offered

    def test_offers_nothing_outside_a_workspace(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        from bookstore_ops.cli.common import complete_environment

        monkeypatch.chdir(tmp_path)
        assert complete_environment("d") == []


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_stream_that_was_closed_is_no_bug(closed: str, tmp_path: Path) -> None:
    make_workspace(tmp_path)
    done = subprocess.run(
        ["/bin/sh", "-c", f"'{sys.executable}' -m bookstore_ops envs {closed}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
