"""Where providers come from, and the configuration that says so to Terraform."""

import subprocess
from pathlib import Path

import pytest

from bookstore_ops.errors import ConfigurationError
from bookstore_ops.terraform.providers import ProviderSource, find_providers, locked_version
from bookstore_ops.workspace import Workspace
from tests.unit.support import environ, lock_file, make_workspace, mirror

OWN_INSTALLATION = 'provider_installation {\n  direct {\n    exclude = ["a/b"]\n  }\n}\n'
REQUIRES_AWS = (
    'terraform {\n  required_providers {\n    aws = { source = "hashicorp/aws" }\n  }\n}\n'
)


@pytest.fixture(autouse=True)
def no_system_mirrors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This machine's own mirrors take no part; ``/opt`` is a directory of the test."""
    prefix = tmp_path / "opt"
    monkeypatch.setattr("bookstore_ops.terraform.providers._SYSTEM_PREFIXES", (str(prefix),))
    return prefix


@pytest.fixture
def home(tmp_path: Path) -> Path:
    made = tmp_path / "home"
    made.mkdir()
    return made


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "workspace")


def find(
    workspace: Workspace, home: Path, *, version: str | None = None, **more: str
) -> ProviderSource:
    """Find providers with ``home``, data directories of nobody, and a lock on ``version``."""
    lock = workspace.environment_root("dev") / ".terraform.lock.hcl"
    if version:
        lock_file(lock, version)
    variables = environ(XDG_DATA_DIRS=str(home / "none")) | {"HOME": str(home)} | more
    return find_providers(workspace, variables, lock_file=lock, platform="linux_amd64")


def written(source: ProviderSource) -> str:
    assert source.config_file is not None
    return source.config_file.read_text()


def init(source: ProviderSource, root: Path, home: Path) -> str:
    """What the real Terraform says to the configuration."""
    (root / "main.tf").write_text(REQUIRES_AWS)
    done = subprocess.run(
        ["terraform", "init", "-no-color"],
        cwd=root,
        env=environ(TF_CLI_CONFIG_FILE=str(source.config_file)) | {"HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


class TestOperatorsOwnConfiguration:
    @pytest.mark.parametrize("name", [".terraformrc", ".terraform.d/ours.tfrc"])
    def test_its_provider_installation_wins_over_what_is_discovered(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path, name: str
    ) -> None:
        mirror(no_system_mirrors / "mirror")
        (home / ".terraform.d").mkdir()
        (home / name).write_text(OWN_INSTALLATION)
        found = find(workspace, home)
        assert found == ProviderSource(None, None, "provider_installation in your own config")

    def test_one_that_is_named_replaces_all_others(self, workspace: Workspace, home: Path) -> None:
        (home / ".terraformrc").write_text("# not read")
        named = home / "named.tfrc"
        named.write_text(OWN_INSTALLATION)
        assert find(workspace, home, TF_CLI_CONFIG_FILE=str(named)).config_file == named

    def test_one_in_json_wins_whole(self, workspace: Workspace, home: Path) -> None:
        named = home / "named.tfrc.json"
        named.write_text('{"provider_installation": {"direct": [{}]}}')
        assert find(workspace, home, TF_CLI_CONFIG_FILE=str(named)).config_file == named

    def test_one_that_is_named_and_missing_is_mended(
        self, workspace: Workspace, home: Path
    ) -> None:
        (home / ".terraformrc").write_text('credentials "x.io" {}\n')
        found = find(workspace, home, TF_CLI_CONFIG_FILE=str(home / "missing"))
        assert found.config_file == workspace.data / "terraform.tfrc"
        assert 'credentials "x.io" {}' in written(found)

    def test_everything_else_in_it_is_kept_under_a_mirror(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path
    ) -> None:
        mirror(no_system_mirrors / "mirror")
        (home / ".terraformrc").write_text('credentials "x.io" {\n  token = "t"\n}\n')
        text = written(find(workspace, home))
        assert text.startswith('credentials "x.io" {\n  token = "t"\n}\n')
        assert "filesystem_mirror" in text

    def test_a_commented_provider_installation_is_none(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path
    ) -> None:
        mirror(no_system_mirrors / "mirror")
        (home / ".terraformrc").write_text("# provider_installation {}\n")
        assert find(workspace, home).mirror == no_system_mirrors / "mirror"


class TestNamedMirror:
    def test_it_is_used(self, workspace: Workspace, home: Path, tmp_path: Path) -> None:
        named = mirror(tmp_path / "named")
        found = find(workspace, home, BSOPS_PROVIDER_MIRROR=str(named))
        assert (found.mirror, found.origin) == (named, f"mirror {named}")

    def test_a_home_directory_in_its_name_is_expanded(
        self, workspace: Workspace, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(home))
        mirror(home / "plugins")
        assert find(workspace, home, BSOPS_PROVIDER_MIRROR="~/plugins").mirror == home / "plugins"

    def test_it_comes_before_the_operators_own_installation(
        self, workspace: Workspace, home: Path, tmp_path: Path
    ) -> None:
        (home / ".terraformrc").write_text(f"disable_checkpoint = true\n{OWN_INSTALLATION}# end\n")
        named = mirror(tmp_path / "named")
        text = written(find(workspace, home, BSOPS_PROVIDER_MIRROR=str(named)))
        assert text.count("provider_installation") == 1
        assert text.startswith("disable_checkpoint = true\n")
        assert "a/b" not in text
        assert "# end" in text

    def test_terraform_accepts_what_comes_of_it(
        self, workspace: Workspace, home: Path, tmp_path: Path
    ) -> None:
        (home / ".terraformrc").write_text(OWN_INSTALLATION)
        named = mirror(tmp_path / "named", version="5.99.0")
        found = find(workspace, home, BSOPS_PROVIDER_MIRROR=str(named))
        said = init(found, workspace.environment_root("dev"), home)
        assert "Installed hashicorp/aws v5.99.0" in said
        assert "problems with the CLI configuration" not in said

    def test_a_directory_that_holds_no_provider_is_a_mistake(
        self, workspace: Workspace, home: Path, tmp_path: Path
    ) -> None:
        with pytest.raises(ConfigurationError, match="is no provider mirror") as raised:
            find(workspace, home, BSOPS_PROVIDER_MIRROR=str(tmp_path))
        assert "unset BSOPS_PROVIDER_MIRROR" in str(raised.value.next_step)


class TestDiscovery:
    def test_a_mirror_one_level_under_a_system_prefix_is_found(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path
    ) -> None:
        found = find(workspace, home)
        assert (found.mirror, found.origin) == (None, "registry")
        held = mirror(no_system_mirrors / "mirror")
        assert find(workspace, home).mirror == held

    @pytest.mark.parametrize(
        ("held", "platform", "locked", "counts"),
        [
            ("5.100.0", "linux_amd64", "5.100.0", True),
            ("5.100.0", "linux_amd64", None, True),
            ("5.99.0", "linux_amd64", "5.100.0", False),
            ("5.100.0", "darwin_arm64", "5.100.0", False),
            ("5.100.0", "darwin_arm64", None, False),
        ],
    )
    @pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "packed"])
    def test_it_counts_only_with_the_locked_version_for_this_platform(  # noqa: PLR0917
        self,
        workspace: Workspace,
        home: Path,
        no_system_mirrors: Path,
        held: str,
        platform: str,
        locked: str | None,
        counts: bool,
        packed: bool,
    ) -> None:
        if packed:
            directory = no_system_mirrors / "m/registry.terraform.io/hashicorp/aws"
            directory.mkdir(parents=True)
            (directory / "index.json").write_text("{}")
            (directory / f"terraform-provider-aws_{held}_{platform}.zip").write_bytes(b"PK")
        else:
            mirror(no_system_mirrors / "m", version=held, platform=platform)
        found = find(workspace, home, version=locked)
        assert found.mirror == (no_system_mirrors / "m" if counts else None)

    @pytest.mark.parametrize(
        "place",
        [".terraform.d/plugins", ".local/share/terraform/plugins", "xdg/terraform/plugins"],
    )
    def test_terraforms_implied_directories_need_no_configuration(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path, place: str
    ) -> None:
        mirror(no_system_mirrors / "mirror")
        mirror(home / place)
        found = find(workspace, home, XDG_DATA_DIRS=str(home / "xdg"))
        assert found == ProviderSource(None, None, "Terraform's implied mirror directories")

    def test_the_registry_stays_in_reach_for_all_the_mirror_lacks(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path
    ) -> None:
        mirror(no_system_mirrors / "mirror")
        text = written(find(workspace, home))
        assert 'direct {\n    exclude = ["registry.terraform.io/hashicorp/aws"]' in text

    def test_terraform_installs_from_what_was_found(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path
    ) -> None:
        mirror(no_system_mirrors / "mirror", version="5.98.0")
        said = init(find(workspace, home), workspace.environment_root("dev"), home)
        assert "Installed hashicorp/aws v5.98.0" in said


class TestWrittenConfiguration:
    def test_only_its_owner_can_read_it(self, workspace: Workspace, home: Path) -> None:
        found = find(workspace, home)
        assert found.config_file is not None
        assert found.config_file.stat().st_mode & 0o777 == 0o600

    def test_it_is_not_written_again_while_it_holds(self, workspace: Workspace, home: Path) -> None:
        first = find(workspace, home).config_file
        assert first is not None
        before = first.stat().st_ino
        find(workspace, home)
        assert first.stat().st_ino == before

    def test_it_follows_what_changes(
        self, workspace: Workspace, home: Path, no_system_mirrors: Path
    ) -> None:
        before = written(find(workspace, home))
        mirror(no_system_mirrors / "mirror")
        assert written(find(workspace, home)) != before

    def test_without_a_mirror_the_provider_is_downloaded_once_for_all(
        self, workspace: Workspace, home: Path
    ) -> None:
        cache = home / ".cache/bsops/providers"
        assert f'plugin_cache_dir = "{cache}"' in written(find(workspace, home))
        assert cache.is_dir()

    def test_the_plugin_cache_goes_where_caches_go(
        self, workspace: Workspace, home: Path, tmp_path: Path
    ) -> None:
        text = written(find(workspace, home, XDG_CACHE_HOME=str(tmp_path / "cache")))
        assert f'plugin_cache_dir = "{tmp_path}/cache/bsops/providers"' in text

    def test_the_operators_own_plugin_cache_is_kept(self, workspace: Workspace, home: Path) -> None:
        (home / ".terraformrc").write_text('plugin_cache_dir = "/own"\n')
        assert written(find(workspace, home)) == 'plugin_cache_dir = "/own"\n'

    def test_a_plugin_cache_in_the_environment_is_kept(
        self, workspace: Workspace, home: Path
    ) -> None:
        assert "plugin_cache_dir" not in written(find(workspace, home, TF_PLUGIN_CACHE_DIR="/own"))

    def test_a_home_that_cannot_be_written_is_done_without(
        self, workspace: Workspace, home: Path
    ) -> None:
        (home / ".cache").write_text("a file in the directory's place")
        assert "plugin_cache_dir" not in written(find(workspace, home))


class TestLockedVersion:
    @pytest.mark.parametrize(
        ("text", "version"),
        [
            ("", None),
            ('provider "registry.terraform.io/hashicorp/random" {\n  version = "3.0"\n}\n', None),
            ('provider "registry.terraform.io/hashicorp/aws" {\n  constraints = "5"\n}\n', None),
            (
                'provider "registry.terraform.io/hashicorp/random" {\n  version = "3.0"\n}\n\n'
                'provider "registry.terraform.io/hashicorp/aws" {\n'
                '  version     = "5.100.0"\n  constraints = "~> 5.80"\n}\n',
                "5.100.0",
            ),
        ],
    )
    def test_is_that_of_the_aws_provider(
        self, tmp_path: Path, text: str, version: str | None
    ) -> None:
        (tmp_path / "lock").write_text(text)
        assert locked_version(tmp_path / "lock") == version

    def test_is_none_without_a_lock_file(self, tmp_path: Path) -> None:
        assert locked_version(tmp_path / "lock") is None
