"""Where the workspace is, and how a new one is written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bookstore_ops.environments import environment_names, load_environment
from bookstore_ops.errors import ConfigurationError, EnvironmentMissing, Refused
from bookstore_ops.workspace import Workspace, create_workspace, find_workspace
from tests.unit.support import make_workspace


class TestFinding:
    @pytest.mark.parametrize("below", ["", "infrastructure/aws", "environments", "a/b/c"])
    def test_the_workspace_is_found_from_anywhere_inside(self, tmp_path: Path, below: str) -> None:
        workspace = make_workspace(tmp_path)
        (tmp_path / below).mkdir(parents=True, exist_ok=True)
        assert find_workspace(start=tmp_path / below) == workspace

    def test_the_nearest_one_counts(self, tmp_path: Path) -> None:
        make_workspace(tmp_path)
        inner = make_workspace(tmp_path / "inner")
        assert find_workspace(start=inner.tree) == inner

    def test_the_search_begins_in_the_working_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        workspace = make_workspace(tmp_path)
        monkeypatch.chdir(workspace.tree)
        assert find_workspace() == workspace

    def test_a_link_to_a_workspace_leads_to_its_real_place(self, tmp_path: Path) -> None:
        workspace = make_workspace(tmp_path / "real")
        (tmp_path / "link").symlink_to("real")
        assert find_workspace(start=tmp_path / "link") == workspace
        assert find_workspace(tmp_path / "link") == workspace

    def test_one_that_is_named_is_not_searched_for(self, tmp_path: Path) -> None:
        make_workspace(tmp_path)
        named = make_workspace(tmp_path / "named")
        assert find_workspace(tmp_path / "named", start=tmp_path) == named

    def test_a_directory_named_that_is_none_is_refused_with_both_ways_out(
        self, tmp_path: Path
    ) -> None:
        make_workspace(tmp_path)
        (tmp_path / "other").mkdir()
        with pytest.raises(ConfigurationError, match="is not a bsops workspace") as raised:
            find_workspace(tmp_path / "other")
        assert "bsops new" in str(raised.value.next_step)
        assert "--workspace" in str(raised.value.next_step)

    def test_none_at_all_is_answered_with_the_command_that_writes_one(self, tmp_path: Path) -> None:
        (tmp_path / "environments").mkdir()
        with pytest.raises(ConfigurationError, match="no bsops workspace in") as raised:
            find_workspace(start=tmp_path)
        assert str(raised.value.next_step).startswith("bsops new")


class TestDataDirectory:
    def test_only_its_owner_can_read_it(self, tmp_path: Path) -> None:
        workspace = make_workspace(tmp_path)
        made = workspace.make_data_directory("plans", "dev")
        assert made == workspace.data / "plans" / "dev"
        modes = {path.stat().st_mode & 0o777 for path in (made, made.parent, workspace.data)}
        assert modes == {0o700}

    def test_it_can_be_asked_for_again(self, tmp_path: Path) -> None:
        workspace = make_workspace(tmp_path)
        assert workspace.make_data_directory() == workspace.make_data_directory()

    def test_a_file_in_its_place_is_named(self, tmp_path: Path) -> None:
        workspace = make_workspace(tmp_path)
        workspace.data.write_text("")
        with pytest.raises(EnvironmentMissing, match="cannot write"):
            workspace.make_data_directory("plans")

    def test_all_of_bsops_own_lies_in_it(self, tmp_path: Path) -> None:
        workspace = Workspace(tmp_path)
        assert {workspace.sandbox.parent, workspace.journal.parent} == {workspace.data}


class TestCreating:
    def test_a_new_workspace_is_found_and_has_the_three_environments(self, tmp_path: Path) -> None:
        create_workspace(tmp_path / "shop")
        workspace = find_workspace(start=tmp_path / "shop")
        assert environment_names(workspace) == ["dev", "staging", "prod"]
        assert load_environment(workspace, "prod").protected
        assert (workspace.tree / "main.tf").is_file()
        assert (workspace.root / "runbooks").is_dir()

    def test_missing_parents_are_made(self, tmp_path: Path) -> None:
        assert create_workspace(tmp_path / "a/b").root == tmp_path / "a/b"

    def test_git_is_told_what_is_not_to_be_committed(self, tmp_path: Path) -> None:
        workspace = create_workspace(tmp_path / "shop")
        ignored = (workspace.root / ".gitignore").read_text().splitlines()
        assert {".bsops/", ".terraform/", "*.tfstate", "*.tfplan"} <= set(ignored)

    def test_no_state_or_provider_is_copied(self, tmp_path: Path) -> None:
        workspace = create_workspace(tmp_path / "shop")
        assert not [*workspace.root.rglob(".terraform"), *workspace.root.rglob("*.tfstate*")]

    def test_others_may_read_it_as_any_checkout(self, tmp_path: Path) -> None:
        assert create_workspace(tmp_path / "shop").root.stat().st_mode & 0o777 == 0o755

    def test_an_empty_directory_is_filled(self, tmp_path: Path) -> None:
        (tmp_path / "shop").mkdir()
        create_workspace(tmp_path / "shop")
        assert [path.name for path in tmp_path.iterdir()] == ["shop"]

    def test_the_working_directory_itself_can_be_filled(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "shop").mkdir()
        monkeypatch.chdir(tmp_path / "shop")
        create_workspace(Path())
        # As the operator's shell sees it: through the directory it stands in.
        assert (Path("environments") / "dev.toml").is_file()
        assert find_workspace().root == tmp_path / "shop"

    @pytest.mark.parametrize("kind", ["directory with a file", "file"])
    def test_what_is_there_already_is_never_written_over(self, tmp_path: Path, kind: str) -> None:
        target = tmp_path / "shop"
        if kind == "file":
            target.write_text("mine")
        else:
            target.mkdir()
            (target / "mine").write_text("mine")
        with pytest.raises(Refused, match="is not empty"):
            create_workspace(target)
        assert [
            path.read_text() for path in [target, *tmp_path.rglob("mine")] if path.is_file()
        ] == ["mine"]

    def test_a_place_that_cannot_be_written_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(EnvironmentMissing, match="cannot write"):
            create_workspace(tmp_path / "file" / "shop")

    def test_a_copy_that_breaks_off_leaves_nothing(self, tmp_path: Path) -> None:
        script = (
            "import resource, sys; from pathlib import Path\n"
            "from bookstore_ops.workspace import create_workspace\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
            "try: create_workspace(Path('shop'))\n"
            "except Exception as error: sys.exit(type(error).__name__)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stderr.strip() == "EnvironmentMissing"
        assert list(tmp_path.iterdir()) == []

    def test_an_interrupted_copy_leaves_nothing(self, tmp_path: Path) -> None:
        script = (
            "import signal; from pathlib import Path\n"
            # A shell's background job starts with interrupts ignored.
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from bookstore_ops.workspace import create_workspace\n"
            "while True:\n"
            "  import shutil; create_workspace(Path('shop')); shutil.rmtree('shop')\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script], cwd=tmp_path, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 10
        while not any(path.name.startswith(".shop.") for path in tmp_path.iterdir()):
            assert time.monotonic() < deadline
        os.kill(process.pid, signal.SIGINT)
        process.wait(10)
        assert not [path for path in tmp_path.iterdir() if path.name.startswith(".shop.")]
