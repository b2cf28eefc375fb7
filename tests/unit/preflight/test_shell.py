"""The shell's variables and its completion, each looked at for its own reason."""

from dataclasses import replace
from pathlib import Path

import pytest

from bookstore_ops.cli.completion import install_completion
from bookstore_ops.preflight.check import Status
from bookstore_ops.preflight.runner import Job, Result, make, mend
from tests.unit.preflight.support import Ground, check
from tests.unit.support import environ, environment


class TestVariables:
    def test_of_no_meaning_are_well(self, well: Ground) -> None:
        harmless = environ(TF_INPUT="0", TF_PLUGIN_CACHE_DIR="/c", AWS_PROFILE="shop", TF_VAR_x="")
        assert well.at("BS108", environ=harmless).status is Status.OK

    @pytest.mark.parametrize(
        "name",
        [
            "TF_VAR_size",
            "TF_CLI_ARGS",
            "TF_CLI_ARGS_apply",
            "TF_LOG",
            "TF_LOG_PATH",
            "TF_WORKSPACE",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_S3",
        ],
    )
    def test_that_change_what_runs_are_named_without_their_values(
        self, well: Ground, name: str
    ) -> None:
        shell = environ(**{name: "hunter2"})
        found = well.at("BS108", environ=shell)
        assert (found.status, found.next_step) == (Status.WARNING, f"unset {name}")
        assert found.what == f"this shell would change what runs: {name}"
        guarded = well.at("BS108", environ=shell, environment=environment(protected=True))
        assert (guarded.status, guarded.next_step) == (Status.ERROR, f"unset {name}")
        assert "hunter2" not in f"{found}{guarded}"

    def test_all_are_unset_at_once(self, well: Ground) -> None:
        found = well.at("BS108", environ=environ(TF_VAR_a="1", TF_LOG="debug"))
        assert found.next_step == "unset TF_LOG TF_VAR_a"

    def test_the_sandbox_leaves_out_what_is_of_aws_and_refuses_nothing(self, well: Ground) -> None:
        guarded = environment(protected=True)
        aws = environ(AWS_ENDPOINT_URL="http://localhost")
        assert well.at("BS108", sandbox=True, environ=aws).status is Status.OK
        found = well.at("BS108", sandbox=True, environ=environ(TF_LOG="x"), environment=guarded)
        assert found.status is Status.WARNING

    def test_of_an_environment_whose_file_is_wrong_are_unknown(self, well: Ground) -> None:
        assert well.at("BS108", environment=None).status is Status.UNKNOWN


class TestCompletion:
    @pytest.fixture
    def home(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        directory = tmp_path / "home"
        directory.mkdir()
        monkeypatch.setenv("HOME", str(directory))
        return directory

    def _ground(self, well: Ground, home: Path, shell: str) -> Ground:
        probes = well.probing(install_completion=install_completion)
        own = environ(SHELL=f"/bin/{shell}") | {"HOME": str(home)}
        return Ground(replace(well.context, environ=own, probes=probes))

    def _mend(self, ground: Ground) -> Result:
        (result,) = mend([make(Job(check("BS109"), ground.context))])
        return result

    @pytest.mark.parametrize(
        ("shell", "script"),
        [
            ("bash", ".bash_completions/bsops.sh"),
            ("zsh", ".zfunc/_bsops"),
            ("fish", ".config/fish/completions/bsops.fish"),
        ],
    )
    def test_fix_installs_it_and_says_what_it_wrote(
        self, well: Ground, home: Path, shell: str, script: str
    ) -> None:
        there = self._ground(well, home, shell)
        missing = there.at("BS109")
        assert (missing.status, missing.what) == (
            Status.SKIPPED,
            f"{shell} does not complete bsops yet",
        )
        mended = self._mend(there)
        assert mended.outcome.status is Status.OK
        assert f"wrote {home / script}" in mended.fixed
        assert "_BSOPS_COMPLETE" in (home / script).read_text()
        assert self._mend(there).fixed == ()

    @pytest.mark.parametrize(("shell", "start"), [("bash", ".bashrc"), ("zsh", ".zshrc")])
    def test_what_is_changed_is_kept_as_it_was(
        self, well: Ground, home: Path, shell: str, start: str
    ) -> None:
        (home / start).write_text("alias ll='ls -l'\n")
        done = self._mend(self._ground(well, home, shell)).fixed
        kept = home / f"{start}.before-bsops"
        assert f"changed {home / start}; as it was: {kept}" in done
        assert kept.read_text() == "alias ll='ls -l'\n"
        assert (home / start).read_text().startswith("alias ll='ls -l'\n")

    def test_of_another_shell_there_is_none(self, well: Ground, home: Path) -> None:
        there = self._ground(well, home, "tcsh")
        assert there.at("BS109").status is Status.SKIPPED
        assert self._mend(there).fixed == ()
        assert list(home.iterdir()) == []

    def test_where_nobody_types_nothing_is_installed(self, well: Ground, home: Path) -> None:
        there = self._ground(well, home, "bash")
        nobody = Ground(replace(there.context, probes=well.context.probes))
        assert self._mend(nobody).outcome.why == "nobody types here"
        assert list(home.iterdir()) == []
