"""Each check of the workspace fails for its own reason."""

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bookstore_ops.preflight.check import Status
from bookstore_ops.preflight.runner import Job, Result, make, mend
from bookstore_ops.terraform.binary import Binary
from tests.unit.preflight.support import Ground, check, once
from tests.unit.support import program


def _mended(well: Ground, code: str) -> Result:
    (result,) = mend([make(Job(check(code), well.context))])
    return result


class TestGit:
    @pytest.fixture
    def committed(self, well: Ground) -> Ground:
        """The workspace is a repository, all of it committed."""
        settings = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        for words in (("init", "-q"), ("add", "."), (*settings, "commit", "-qm", "all")):
            subprocess.run(["git", *words], cwd=well.context.workspace.root, check=True)
        return well

    def test_none_is_skipped(self, well: Ground) -> None:
        assert well.at("BS201").status is Status.SKIPPED

    def test_committed_is_well(self, committed: Ground) -> None:
        assert committed.at("BS201").status is Status.OK

    @pytest.mark.parametrize("name", ["main.tf", "new.tf"])
    def test_changed_or_new_is_a_warning_with_names(self, committed: Ground, name: str) -> None:
        (committed.context.root / name).write_text("# changed\n")
        found = committed.at("BS201")
        assert found.status is Status.WARNING
        assert f"environments/dev/{name}" in found.what

    def test_without_git_it_is_unknown(self, well: Ground, tmp_path: Path) -> None:
        well.environ["PATH"] = str(tmp_path)
        assert well.at("BS201").status is Status.UNKNOWN


class TestTree:
    @pytest.fixture
    def shipped(self, well: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A tree that is shipped, the same as the workspace's."""
        template = tmp_path / "template"
        shutil.copytree(well.context.workspace.root, template)
        monkeypatch.setattr("bookstore_ops.preflight.files.template", lambda: template)
        return template / "infrastructure"

    @pytest.mark.usefixtures("shipped")
    def test_as_it_is_shipped_is_well(self, well: Ground) -> None:
        (well.context.root / "terraform.tfvars").write_text("size = 2\n")
        (well.context.root / "backend.tf").write_text("# the operator's\n")
        assert well.at("BS202").status is Status.OK

    @pytest.mark.usefixtures("shipped")
    @pytest.mark.parametrize("change", ["edited", "added", "removed"])
    def test_what_differs_is_named(self, well: Ground, change: str) -> None:
        path = well.context.root / ("added.tf" if change == "added" else "main.tf")
        if change == "removed":
            path.unlink()
        else:
            path.write_text("# mine\n")
        found = well.at("BS202")
        assert found.status is Status.WARNING
        assert path.name in found.what

    def test_in_a_checkout_it_is_skipped(
        self, well: Ground, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        root = well.context.workspace.root
        monkeypatch.setattr("bookstore_ops.preflight.files.template", lambda: root)
        assert well.at("BS202").status is Status.SKIPPED


class TestFormat:
    def _at(self, well: Ground, tmp_path: Path, script: str) -> Ground:
        path = program(tmp_path / "terraform", f"#!/bin/sh\n{script}\n")
        found = Binary((str(path),), "PATH", "1.11.4", "linux_amd64")
        return Ground(replace(well.context, binary=once(found)), well.environ)

    def test_of_all_files_is_well(self, well: Ground, tmp_path: Path) -> None:
        assert self._at(well, tmp_path, "exit 0").at("BS203").status is Status.OK

    def test_what_differs_is_named(self, well: Ground, tmp_path: Path) -> None:
        found = self._at(well, tmp_path, "echo modules/a.tf; exit 3").at("BS203")
        assert found.status is Status.WARNING
        assert "modules/a.tf" in found.what

    def test_a_file_that_cannot_be_parsed_is_an_error(self, well: Ground, tmp_path: Path) -> None:
        found = self._at(well, tmp_path, "echo 'Error: Invalid' >&2; exit 2").at("BS203")
        assert found.status is Status.ERROR
        assert "Error: Invalid" in str(found.why)

    def test_fix_says_what_it_formatted(self, well: Ground, tmp_path: Path) -> None:
        done = tmp_path / "done"
        script = f"test -e {done} && exit 0; echo modules/a.tf; exit 3"
        path = well.context.workspace.tree / "modules/a.tf"

        def format_tree() -> list[Path]:
            done.touch()
            return [path]

        there = self._at(well, tmp_path, script)
        probes = there.probing(format_tree=format_tree)
        result = _mended(Ground(replace(there.context, probes=probes)), "BS203")
        assert result.outcome.status is Status.OK
        assert result.fixed == ("formatted infrastructure/aws/modules/a.tf",)


class TestOwnDirectory:
    def test_none_is_skipped(self, well: Ground) -> None:
        assert well.at("BS204").status is Status.SKIPPED

    def test_open_to_others_is_a_warning_that_fix_mends(self, well: Ground) -> None:
        data = well.context.workspace.make_data_directory("plans").parent
        journal = data / "journal.jsonl"
        journal.touch(mode=0o600)
        assert well.at("BS204").status is Status.OK
        journal.chmod(0o644)
        (data / "plans").chmod(0o755)
        found = well.at("BS204")
        assert found.status is Status.WARNING
        assert ".bsops/journal.jsonl" in found.what
        result = _mended(well, "BS204")
        assert result.outcome.status is Status.OK
        assert ".bsops/plans: mode 0755 is now 0700" in result.fixed
        assert journal.stat().st_mode & 0o777 == 0o600


class TestJournal:
    def test_none_is_well(self, well: Ground) -> None:
        assert well.at("BS205").status is Status.OK

    def test_a_damaged_line_is_a_warning(self, well: Ground) -> None:
        well.context.workspace.make_data_directory()
        well.context.workspace.journal.write_text('{"event": "sta\n')
        found = well.at("BS205")
        assert found.status is Status.WARNING
        assert "1 line that cannot be read" in found.what

    def test_one_that_cannot_be_opened_is_an_error(self, well: Ground) -> None:
        well.context.workspace.journal.mkdir(parents=True)
        assert well.at("BS205").status is Status.ERROR


class TestCaches:
    def test_none_is_well(self, well: Ground) -> None:
        assert well.at("BS206").status is Status.OK

    def test_damaged_ones_are_an_error_and_fix_removes_them(self, well: Ground) -> None:
        terraform = well.context.root / ".terraform"
        link = terraform / "providers/registry.terraform.io/hashicorp/aws/5.100.0/linux_amd64"
        link.parent.mkdir(parents=True)
        link.symlink_to("/nowhere")
        (terraform / "terraform.tfstate").write_text("{")
        (terraform / "bsops-fingerprint").write_text("abc")
        found = well.at("BS206")
        assert found.status is Status.ERROR
        assert "terraform.tfstate" in found.what
        result = _mended(well, "BS206")
        assert result.outcome.status is Status.OK
        assert len(result.fixed) == 2
        assert not link.is_symlink()
        assert not (terraform / "bsops-fingerprint").exists()
